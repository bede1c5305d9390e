"""Heat pumps against their published points, the ground against the line-source solution."""

from math import log, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.climates import load_climate
from hil.plant.ground import Ground, GroundDesign
from hil.plant.heat_pump import (
    AIR_MACHINE,
    GROUND_MACHINE,
    HeatPump,
    HeatPumpInputs,
    HeatPumpOutputs,
    HeatPumpTable,
    heat_pump_point,
)
from hil.plant.heating_plant import HeatingDesign, HeatingPlant
from hil.plant.load import Outdoors
from hil.plant.premises import Premises
from hil.plant.tank import TankDesign
from hil.plant.variables import Failing, Inputs, Outputs, Plant, Storing
from tests.hil.plant.central_cases import weather


@pytest.mark.parametrize(
    ("table", "source", "supply", "heating", "cop"),
    [
        # data sheets: A7/W35, A2/W35, A-7/W50 (EN 14511); B0/W35, B0/W55 (EN 255)
        (AIR_MACHINE, 7.0, 35.0, 9.4, 3.90),
        (AIR_MACHINE, 2.0, 35.0, 8.0, 3.30),
        (AIR_MACHINE, -7.0, 50.0, 6.1, 1.75),
        (GROUND_MACHINE, 0.0, 35.0, 16.29, 4.34),
        (GROUND_MACHINE, 0.0, 55.0, 17.17, 3.03),
    ],
)
def test_published_points(
    table: HeatPumpTable, source: float, supply: float, heating: float, cop: float
) -> None:
    point = heat_pump_point(table, 1e6, source, supply)
    assert point.heating == pytest.approx(heating, rel=0.002)
    assert point.heating / point.power == pytest.approx(cop, rel=0.005)
    assert not point.extrapolated


@given(
    table=st.sampled_from([AIR_MACHINE, GROUND_MACHINE]),
    source=st.floats(-15.0, 25.0),
    supply=st.floats(30.0, 60.0),
    wanted=st.floats(0.0, 30.0),
)
def test_heat_is_source_and_power_and_warmer_water_costs_more(
    table: HeatPumpTable, source: float, supply: float, wanted: float
) -> None:
    point = heat_pump_point(table, wanted, source, supply)
    assert point.heating == pytest.approx(point.source_heat + point.power)
    assert point.heating <= min(wanted, point.capacity) + 1e-9
    hotter = heat_pump_point(table, wanted, source, supply + 3.0)
    assert hotter.power >= point.power * min(hotter.heating / max(point.heating, 1e-9), 1.0) * 0.999


def test_half_load_by_cycling_costs_ten_per_cent_and_modulating_nothing() -> None:
    # EN 14825: factor CR / (0.9 CR + 0.1) at CR = 0.5 is 0.909
    full = heat_pump_point(GROUND_MACHINE, 1e6, 0.0, 35.0)
    half = heat_pump_point(GROUND_MACHINE, full.heating / 2.0, 0.0, 35.0)
    assert (half.heating / half.power) / (full.heating / full.power) == pytest.approx(0.909, rel=0.001)


def outs(air: float, hours: float, dt: float) -> list[HeatPumpOutputs]:
    machine = HeatPump(AIR_MACHINE)
    inputs = HeatPumpInputs(enable=True, setpoint=35.0, entering=28.0, flow=0.5, source=air)
    return [machine.step(dt, inputs) for _ in range(round(hours * 3600.0 / dt))]


@pytest.mark.parametrize("dt", [1.0, 60.0, 300.0])
def test_defrosts_come_and_go_around_the_mean_of_the_table(dt: float) -> None:
    rows = outs(0.0, 49.0, dt)  # sixty cycles of 49 minutes
    mean = sum(row.heating for row in rows) / len(rows)
    assert mean == pytest.approx(heat_pump_point(AIR_MACHINE, 1e6, 0.0, 35.0).heating, rel=0.005)
    assert any(row.defrost for row in rows)
    assert not any(row.defrost for row in outs(8.0, 5.0, dt))
    if dt == 1.0:
        assert min(row.heating for row in rows) < 0.0, "the water thaws the coil"


def test_a_start_takes_a_minute_and_no_flow_is_no_heat() -> None:
    machine = HeatPump(GROUND_MACHINE)
    inputs = HeatPumpInputs(enable=True, setpoint=40.0, entering=35.0, flow=0.6, source=8.0)
    first = machine.step(90.0, inputs)
    second = machine.step(90.0, inputs)
    assert first.heating == pytest.approx(second.heating / 3.0)
    assert machine.starts == 1
    assert second.leaving == pytest.approx(40.0)
    dry = machine.step(60.0, HeatPumpInputs(enable=True, setpoint=40.0, entering=35.0, flow=0.0, source=8.0))
    assert (dry.heating, dry.power, dry.running) == (0.0, 0.0, False)


def line_source(metre: float, radius: float, seconds: float, design: GroundDesign) -> float:
    """Fall of temperature by Kelvin's infinite line source: q / (4 pi k) E1(r2 / 4 a t), E1 by its series."""
    x = radius**2 * design.capacity / (4.0 * design.conductivity * seconds)
    e1 = -0.5772156649 - log(x)
    term = 1.0
    for place in range(1, 40):
        term *= -x / place
        e1 -= term / place
    return metre / (4.0 * pi * design.conductivity) * e1


@pytest.mark.parametrize("days", [3.0, 30.0, 365.0])
def test_ground_follows_the_line_source(days: float) -> None:
    # valid for t > 5 r2 / a, three days here; rings of 24 against the exact solution: 3 %
    design = GroundDesign(boreholes=1, spacing=None, rings=24)
    ground = Ground(design)
    dt = 3600.0
    for _ in range(round(days * 24.0)):
        ground.step(dt, 4.0)  # 40 W/m
    wall = ground.brine(4.0, 0.0) + 40.0 * design.resistance
    expected = design.undisturbed - line_source(40.0, design.radius, days * 86_400.0, design)
    assert design.undisturbed - wall == pytest.approx(design.undisturbed - expected, rel=0.03)


@given(st.lists(st.tuples(st.floats(-60.0, 60.0), st.sampled_from([60.0, 3600.0, 86_400.0])), max_size=30))
def test_ground_loses_no_heat(moves: list[tuple[float, float]]) -> None:
    for spacing in (6.0, None):
        ground = Ground(GroundDesign(boreholes=10, spacing=spacing))
        taken = 0.0
        for heat, dt in moves:
            ground.step(dt, heat)
            taken += heat * dt / 3600.0
        assert ground.stored == pytest.approx(ground.inflow - taken, abs=1e-6)


def test_brine_comes_back_colder_the_more_is_taken() -> None:
    ground = Ground(GroundDesign(boreholes=10))
    idle, busy = ground.brine(0.0, 2.0), ground.brine(40.0, 2.0)
    assert idle == 18.0
    assert 18.0 - 40e3 / 1000.0 * 0.25 < busy < 18.0


def heating_plant(wanted: float) -> HeatingPlant:
    machines = (AIR_MACHINE.sized(10.0), GROUND_MACHINE.sized(4.0))
    tank = TankDesign(volume=8.0, height=3.0, cold=35.0, warm=45.0)
    return HeatingPlant(
        HeatingDesign(
            machines=machines, wanted=lambda _: wanted, tank=tank, ground=GroundDesign(boreholes=12)
        )
    )


def winter(plant: HeatingPlant, hours: float, inputs: Inputs, dt: float = 60.0) -> list[Outputs]:
    rows = []
    for turn in range(round(hours * 3600.0 / dt)):
        plant.step(dt, inputs, Outdoors(turn * dt, weather(0.0)))
        rows.append(plant.outputs())
    return rows


def test_a_heating_plant_holds_its_tank_by_itself_and_loses_no_heat() -> None:
    plant = heating_plant(60.0)
    before = plant.tank.stored
    rows = winter(plant, 24.0, {})
    balance = plant.balance
    assert plant.tank.stored - before == pytest.approx(
        balance.made - balance.delivered + balance.ambient, abs=1e-3
    )
    assert balance.delivered == pytest.approx(24.0 * 60.0, rel=0.01)
    assert all(38.0 < float(row["heating.tank_top_temp"]) < 52.0 for row in rows)
    assert 2.2 < balance.delivered / balance.electricity < 4.0
    assert 0.0 < float(rows[-1]["heat_pump_2.source_entering_temp"]) < 18.0


def test_who_runs_can_be_commanded() -> None:
    plant = heating_plant(40.0)
    rows = winter(plant, 6.0, {"heat_pump_1.enable": False})
    assert not any(row["heat_pump_1.status"] for row in rows)
    assert any(row["heat_pump_2.status"] for row in rows)


def test_a_minute_s_step_gives_the_heating_plant_the_same_energies() -> None:
    results = []
    for dt in (5.0, 60.0):
        plant = heating_plant(60.0)
        winter(plant, 24.0, {}, dt)
        results.append((plant.balance.delivered, plant.balance.made / plant.balance.electricity))
    assert results[1] == pytest.approx(results[0], rel=0.02)


def test_it_is_a_part_of_premises_whose_machines_break() -> None:
    house: Plant = Premises([heating_plant(60.0)], load_climate("beijing"), 0.0)
    variables = house.variables()
    assert {name for name, info in variables.items() if info.input} == {
        f"heat_pump_{unit}.{what}" for unit in (1, 2) for what in ("enable", "hot_water_setpoint")
    }
    assert isinstance(house, Storing)
    assert isinstance(house, Failing)
    assert {"heating_tank", "ground"} <= set(house.stored())
    rows = [house.step(60.0, {}) for _ in range(120)]
    assert set(rows[-1]) == set(variables)
    assert any(row["heat_pump_1.status"] for row in rows)
    house.fail("heat_pump_1.trip", 1.0)
    rows = [house.step(60.0, {}) for _ in range(120)]
    assert not any(row["heat_pump_1.status"] for row in rows[2:])
    assert (rows[-1]["heat_pump_1.alarm"], rows[-1]["heat_pump_1.available"]) == (True, False)
    house.mend("heat_pump_1.trip")
    assert any(house.step(60.0, {})["heat_pump_1.status"] for _ in range(120))
    with pytest.raises(KeyError):
        house.fail("heat_pump_9.trip", 1.0)
