"""Towers, plates and the stratified tank against their sources, and nothing lost in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.plant.exchanger import Exchanger
from hil.plant.tank import Tank, TankDesign
from hil.plant.tower import Merkel, Tower, TowerModel, saturated_enthalpy
from hil.plant.water import Node
from tests.hil.plant.central_cases import york_curve

MERKEL = Merkel.for_design(flow=100.0, entering=35.0, leaving=29.4, wet_bulb=25.6)
MODELS = st.sampled_from([york_curve(), MERKEL])


def tower(model: TowerModel) -> Tower:
    return Tower(model=model, design_flow=100.0, fan_power=30.0)


def test_york_correlation_meets_its_design_point() -> None:
    # YorkCalc design: wet bulb 25.6 degC, range 5.6 K, water and air at design -> approach 3.9 K
    assert york_curve().approach(25.6, 5.6, 1.0) == pytest.approx(3.9, abs=0.1)


def test_the_tower_agrees_with_the_correlation_it_inverts() -> None:
    out = tower(york_curve()).point(33.0, 100.0, 25.0, 0.8)
    assert out.leaving - 25.0 == pytest.approx(
        york_curve().approach(25.0, 33.0 - out.leaving, 1.25), abs=1e-6
    )


@pytest.mark.parametrize("wet_bulb", [5.0, 15.0, 20.0, 25.6])
@pytest.mark.parametrize("air", [0.3, 0.5, 0.7, 1.0])
def test_two_independent_models_of_one_duty_agree(wet_bulb: float, air: float) -> None:
    # a regression of a maker's data and a theory fitted to one point: half a kelvin over the whole field
    york, merkel = (model.leaving(35.0, wet_bulb, 1.0, air)[0] for model in (york_curve(), MERKEL))
    assert merkel == pytest.approx(york, abs=0.5)


def test_a_merkel_cell_meets_the_duty_it_was_made_for() -> None:
    assert MERKEL.leaving(35.0, 25.6, 1.0, 1.0)[0] == pytest.approx(29.4, abs=1e-3)
    with pytest.raises(ValueError, match="cannot cool"):
        Merkel.for_design(flow=100.0, entering=35.0, leaving=25.0, wet_bulb=25.6)


def test_enthalpy_of_saturated_air() -> None:
    # ASHRAE Handbook Fundamentals, table of moist air at 101.325 kPa: 20 degC 57.55, 30 degC 99.98 kJ/kg
    assert saturated_enthalpy(20.0) == pytest.approx(57.55, abs=0.4)
    assert saturated_enthalpy(30.0) == pytest.approx(99.98, abs=0.6)


@given(
    model=MODELS,
    wet=st.floats(5.0, 28.0),
    rise=st.floats(2.0, 15.0),
    fan=st.floats(0.0, 1.0),
    share=st.floats(0.3, 1.0),
    fouled=st.floats(0.0, 0.5),
)
def test_a_tower_never_cools_below_the_wet_bulb_and_more_air_never_harms(
    model: TowerModel, wet: float, rise: float, fan: float, share: float, fouled: float
) -> None:
    cell = tower(model)
    out = cell.point(wet + rise, 100.0 * share, wet, fan, fouled=fouled)
    assert wet < out.leaving <= wet + rise
    assert out.rejected == pytest.approx(100.0 * share * 4.187 * (wet + rise - out.leaving), abs=1e-6)
    assert out.fan_power == pytest.approx(30.0 * fan**3)
    more = cell.point(wet + rise, 100.0 * share, wet, min(fan + 0.2, 1.0), fouled=fouled)
    assert more.leaving <= out.leaving + 0.05


def test_dirt_in_the_fill_is_felt() -> None:
    clean, dirty = (tower(york_curve()).point(35.0, 100.0, 25.0, 1.0, fouled=f) for f in (0.0, 0.3))
    assert dirty.leaving > clean.leaving + 0.5


def test_plates_meet_their_approach() -> None:
    plates = Exchanger(warm_flow=60.0, cold_flow=80.0, approach=1.5, difference=8.0)
    heat = plates.heat(14.0, 60.0, 6.0, 80.0)
    assert 14.0 - heat / (60.0 * 4.187) == pytest.approx(6.0 + 1.5, abs=1e-6)


@given(warm=st.floats(0.0, 100.0), cold=st.floats(0.0, 100.0), difference=st.floats(-5.0, 20.0))
def test_plates_never_cross_temperatures(warm: float, cold: float, difference: float) -> None:
    plates = Exchanger(warm_flow=60.0, cold_flow=60.0)
    heat = plates.heat(10.0 + difference, warm, 10.0, cold)
    assert 0.0 <= heat <= min(warm, cold) * 4.187 * max(difference, 0.0) + 1e-9


def test_a_node_is_exact_for_any_step() -> None:
    one, many = Node(1000.0, 10.0), Node(1000.0, 10.0)
    left = one.through(120.0, 10.0, 20.0)
    lefts = [many.through(1.0, 10.0, 20.0) for _ in range(120)]
    assert one.temperature == pytest.approx(many.temperature, rel=1e-9)
    assert left == pytest.approx(sum(lefts) / 120.0, rel=1e-9)


TANK = TankDesign(volume=1000.0, cold=5.0, warm=13.0)
RATE = 1000e3 / (8.0 * 3600.0)  # l/s that fill it in eight hours


def fill(tank: Tank, flow: float, hours: float, entering: float, dt: float) -> float:
    """KWh of heat that went out at the other end, above what came in."""
    total = 0.0
    for _ in range(round(hours * 3600.0 / dt)):
        leaving, _ = tank.step(dt, flow, entering, 25.0)
        total += abs(flow) * 4.187 * (leaving - entering) * dt / 3600.0
    return total


def test_figure_of_merit_and_daily_gain_are_those_of_built_tanks() -> None:
    # ASHRAE Handbook, HVAC Applications, thermal storage: figure of merit 0.85 to 0.95, gain 1 to 2 % a day
    tank = Tank(TANK)
    fill(tank, RATE, 8.0, 5.0, 60.0)
    held = tank.cooling
    fill(tank, 0.0, 24.0, 5.0, 60.0)
    assert 0.01 < (held - tank.cooling) / TANK.capacity < 0.02
    merit = -fill(tank, -RATE, 8.0, 13.0, 60.0) / TANK.capacity
    assert 0.85 < merit < 0.96


def test_a_tank_gives_the_same_whatever_the_step() -> None:
    results = []
    for dt in (5.0, 60.0, 600.0):
        tank = Tank(TANK)
        out = fill(tank, RATE, 6.0, 5.0, dt)
        back = -fill(tank, -RATE, 4.0, 13.0, dt)
        results.append((out, back, tank.charge))
    assert results[1] == pytest.approx(results[0], rel=0.01)
    assert results[2] == pytest.approx(results[0], rel=0.01)


def test_a_standing_thermocline_spreads_as_diffusion_does() -> None:
    # two half-spaces: between them the temperature is erf-shaped; its slope falls as 1 / sqrt(pi D t)
    design = TankDesign(volume=1000.0, height=10.0, cold=5.0, warm=13.0, loss=0.0, mixing=60.0, parcels=100)
    tank = Tank(design, charged=0.5)
    fill(tank, 0.0, 24.0, 5.0, 60.0)
    slope = (tank.temperature(0.51) - tank.temperature(0.49)) / 0.2
    expected = 8.0 / (4.0 * 3.14159 * 60.0 * 1.39e-7 * 86_400.0) ** 0.5
    assert slope == pytest.approx(expected, rel=0.05)


@given(
    moves=st.lists(
        st.tuples(st.floats(-80.0, 80.0), st.floats(4.0, 14.0), st.sampled_from([1.0, 60.0, 900.0])),
        max_size=30,
    )
)
def test_a_tank_loses_neither_water_nor_heat(moves: list[tuple[float, float, float]]) -> None:
    tank = Tank(TANK, charged=0.5)
    before, moved = tank.stored, 0.0
    for flow, entering, dt in moves:
        leaving, gained = tank.step(dt, flow, entering, 25.0)
        moved += (abs(flow) * 4.187 * (entering - leaving) + gained) * dt / 3600.0
    assert tank.stored - before == pytest.approx(moved, abs=1e-6)
    assert tank.cooling == pytest.approx(TANK.volume * 1e3 * 4.187 * 13.0 / 3600.0 - tank.stored)
    assert 3.9 < tank.bottom < 25.0
