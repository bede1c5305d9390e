"""Boilers and heaters, a heated building, and the heat between sources, tank, rooms and taps."""

import pytest

from hil.plant.chiller_curves import heat_rate
from hil.plant.heat_source import Fuel, HeatSource, SourceDesign
from hil.plant.heated_building import HeatedBuilding, HeatedBuildingDesign
from hil.plant.load import Outdoors
from hil.plant.variables import Storing
from hil.plant.weather import Weather
from hil.ready_site.ready_site import load_ready_site

JANUARY = 1_736_784_000.0  # 2025-01-14 00:00 in China


def test_no_heat_is_lost_between_sources_tank_rooms_and_taps():
    station = load_ready_site("heating_station").make_plant("policy", JANUARY, 1)
    assert isinstance(station, Storing)
    plant = station.parts[0]
    before = dict(station.stored())
    for _ in range(24 * 60):
        station.step(60.0, {"heat_pump_2.enable": False, "heater_1.enable": True})
    balance, now = plant.balance, station.stored()
    owed = sum(unit.owed for unit in plant.makers.units) / 3600.0
    held = now["heating_tank"] - before["heating_tank"]
    assert held == pytest.approx(balance.made - balance.delivered + balance.ambient, abs=1e-3)
    assert owed >= 0.0
    assert plant.building.delivered < balance.delivered  # the rest went to the taps
    assert 18.0 < plant.building.temperature < 22.0


def test_a_boiler_condenses_in_cold_water_and_cycles_at_little_load():
    boiler = HeatSource(SourceDesign(name="b", capacity=400.0))
    boiler.wanted, boiler.setpoint = True, 80.0
    used = {}
    for entering in (30.0, 60.0):
        for _ in range(5):
            heat = boiler.step(60.0, entering)
        used[entering] = heat / (boiler.fuel - 0.003 * 400.0)
    assert used == pytest.approx({30.0: 0.996, 60.0: 0.936}, rel=1e-6)  # directive 92/42/EEC
    heater = HeatSource(
        SourceDesign(name="h", capacity=100.0, fuel=Fuel.ELECTRICITY, efficiency=((0.0, 0.99),))
    )
    heater.wanted, heater.setpoint = True, 40.0
    for _ in range(3):
        heat = heater.step(60.0, 39.5)
    assert heat == pytest.approx(heat_rate(heater.design.flow) * 0.5)
    assert heater.power > heat / 0.99


def air(degrees):
    return Outdoors(JANUARY, Weather(degrees, -20.0, 50.0, 0.0, degrees))


def test_a_building_is_held_where_its_loss_meets_its_emitters():
    """Steady state by hand: at the design temperatures 990 kW go in, 900 are lost at 20 degC."""
    design = HeatedBuildingDesign(loss=900.0 / 27.6, air=80.0, mass=1200.0, coupling=120.0, emitters=990.0)
    building = HeatedBuilding(design)
    for _ in range(20 * 24 * 60):
        heat, _ = building.draw(50.0)
        building.absorb(60.0, heat, air(-7.6))
    assert heat == pytest.approx(900.0 / 27.6 * (building.temperature + 7.6), rel=0.01)
    assert 19.5 < building.temperature < 20.6
    for _ in range(10 * 24 * 60):
        heat, back = building.draw(32.0)
        building.absorb(60.0, heat, air(-7.6))
    assert building.temperature < 16.0  # too cold a water with all valves open
    assert building.opening == pytest.approx(1.0, abs=0.01)
    assert building.temperature < back < 30.0
