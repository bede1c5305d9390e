"""The heating station: arms that load, sizes that fit together, heat that is not lost, a winter day that ends well."""

from pathlib import Path

import pytest

from agent.core.errors import ConfigurationError
from hil.plant.chiller_curves import heat_rate
from hil.plant.heat_source import Fuel, HeatSource, SourceDesign
from hil.plant.heated_building import HeatedBuilding, HeatedBuildingDesign
from hil.plant.load import Outdoors
from hil.plant.variables import Failing, Storing
from hil.plant.weather import Weather
from hil.ready_site.heating import make_station
from hil.ready_site.ready_site import load_ready_site
from hil.scenario.load import load_scenario
from hil.scenario.run import run_on_sim
from hil.sites.heating_station.make_site import EQUIPMENT
from hil.wiring import automatic_wiring

STORIES = Path(__file__).parents[3] / "hil" / "scenarios"
JANUARY = 1_736_784_000.0  # 2025-01-14 00:00 in China


@pytest.fixture(scope="module")
def ready():
    return load_ready_site("heating_station")


@pytest.mark.parametrize("arm", ["weak", "competent", "policy"])
def test_every_arm_loads_and_every_role_finds_its_variable(ready, arm):
    variables = ready.make_plant(arm, JANUARY, 1).variables()
    assert not automatic_wiring(ready.site(arm), variables).missing
    assert {name.partition(".")[0] for name in variables} >= {
        *EQUIPMENT,
        "tank",
        "heating",
        "hot_water",
        "grid",
    }


def test_the_sources_carry_the_design_load_with_the_largest_one_missing(ready):
    """The boiler has a spare; the heat pumps alone carry three quarters."""
    plant = ready.make_plant("policy", JANUARY, 1).parts[0]
    pumps = 200.0 + 200.0 + 260.0
    others = sum(one.capacity for one in plant.design.sources)
    load = plant.building.design.loss * 27.6
    assert pumps + others - 600.0 > 0.8 * load
    assert 0.7 < pumps / load < 0.8


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"heat_pumps": [{"source": "aer", "capacity": "200 kW"}]}, "air"),
        ({"boreholes": None}, "boreholes"),
        ({"sources": {"boiler_1": {"fuel": "coal", "capacity": "1 MW"}}}, "fuel"),
        ({"tank": {"volumen": "80 m3"}}, "tank.volumen"),
        ({"climate": "atlantis"}, "atlantis"),
        ({"calendar": "mayan"}, "calendar"),
    ],
)
def test_a_wrong_size_is_named(ready, change, says):
    with pytest.raises(ConfigurationError, match=says):
        make_station({**ready.sizes, "factory": "", **change}, JANUARY, 1)


def test_no_heat_is_lost_between_sources_tank_rooms_and_taps(ready):
    station = ready.make_plant("policy", JANUARY, 1)
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


def test_sources_can_break_and_be_mended(ready):
    station = ready.make_plant("policy", JANUARY, 1)
    assert isinstance(station, Failing)
    station.fail("boiler_1.trip", 1.0)
    shown = station.step(60.0, {"boiler_1.enable": True})
    assert shown["boiler_1.alarm"]
    assert not shown["boiler_1.status"]
    station.mend("boiler_1.trip")
    assert [station.step(60.0, {"boiler_1.enable": True})["boiler_1.status"] for _ in range(3)][-1]


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


def test_the_story_of_a_winter_day_ends_well():
    outcome = run_on_sim(load_scenario(STORIES / "heating_winter_day.yaml"))
    assert [one.name for one in outcome.verdicts if not one.met] == []
