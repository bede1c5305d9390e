"""A given load behind coils, and the small parts every plant has: make-up water, motors, motorised valves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.plant.drive import Drive
from hil.plant.load import BranchDesign
from hil.plant.profile_load import Emission, ProfileLoad
from hil.plant.valve import Valve
from hil.plant.variables import WATER_CP
from tests.hil.plant.central_cases import mean, outdoors, plant, run

USUAL = Emission()


def sliced(flow: float, units: float, slices: int = 4000) -> float:
    """Share of the largest possible heat that a counterflow exchanger cut into slices passes; the air stream is 1."""
    low, high = 0.0, 1.0  # of the air's leaving temperature; water comes in at 0, air at 1
    for _ in range(50):
        air = 0.5 * (low + high)
        water, first = 0.0, air
        for _ in range(slices):  # from the end where water enters and air leaves
            step = units / slices * (air - water)
            water, air = water + step / flow, air + step
        low, high = (first, high) if air < 1.0 else (low, first)
    return (1.0 - 0.5 * (low + high)) / min(flow, 1.0)


@pytest.mark.parametrize("flow", [0.25, 0.5, 1.5])
def test_a_coil_passes_what_a_counterflow_cut_in_slices_passes(flow: float) -> None:
    design = (USUAL.back - USUAL.supply) / (USUAL.air - USUAL.supply)
    whole = design / (1.0 - design)
    units = whole / (1.0 - USUAL.film + USUAL.film * flow**-0.8)  # UA over the air's stream
    heat = sliced(flow, units, 400) * min(flow, 1.0) / design
    assert USUAL.heat(flow, USUAL.supply) == pytest.approx(heat, rel=0.01)


def test_half_the_flow_carries_most_of_the_heat() -> None:
    # the textbook's curve of a chilled-water coil: half the flow still gives 65 to 85 % (ASHRAE Handbook, valve sizing)
    assert 0.65 < USUAL.heat(0.5, 7.0) < 0.85
    assert USUAL.heat(1.0, 7.0) == pytest.approx(1.0, abs=1e-3)
    assert USUAL.heat(1.0, 10.0) == pytest.approx(15.0 / 18.0, abs=1e-3)


@given(heat=st.floats(0.02, 1.2), supply=st.floats(5.0, 12.0))
def test_flow_and_heat_are_each_other_s_inverse(heat: float, supply: float) -> None:
    flow = USUAL.flow(heat, supply)
    if 0.0 < flow < 1.99:
        assert USUAL.heat(flow, supply) == pytest.approx(heat, rel=1e-6)


@given(
    wanted=st.lists(st.floats(0.0, 1500.0), min_size=3, max_size=40),
    supply=st.floats(5.0, 14.0),
    share=st.floats(0.0, 1.2),
    dt=st.sampled_from([1.0, 60.0]),
)
def test_what_was_wanted_was_delivered_or_is_still_wanted(
    wanted: list[float], supply: float, share: float, dt: float
) -> None:
    branches = [BranchDesign(name=f"ahu_{n}", flow=20.0) for n in (1, 2)]
    load = ProfileLoad(lambda utc: wanted[int(utc // dt) % len(wanted)], branches)
    asked = delivered = 0.0
    for turn in range(len(wanted)):
        asked += wanted[turn] * dt / 3600.0
        openings = load.openings(dt, {}, outdoors(turn * dt), [share * 20.0] * 2)
        assert all(0.0 <= one <= 1.0 for one in openings)
        heats = load.absorb(dt, supply, [one * share * 20.0 for one in openings])
        delivered += sum(heats) * dt / 3600.0
    assert load.behind == pytest.approx(asked - delivered, abs=1e-6)


def test_a_tower_drinks_what_the_rule_of_its_makers_says() -> None:
    # evaporation: 0.0008 of the flow for each degF of range (SPX, Cooling Tower Fundamentals, 2nd edition: make-up), that is
    # 0.00144 a K; blow-down at four cycles a third of it
    rows = run(plant(low=1200.0, high=1300.0), 2.0)[-30:]
    flow, cooled = mean(rows, "loop.condenser_flow"), 0.0
    cooled = mean(rows, "loop.condenser_return_temp") - mean(rows, "loop.condenser_entering_temp")
    assert mean(rows, "loop.makeup_flow") == pytest.approx(0.00144 * flow * cooled * 4.0 / 3.0, rel=0.05)


@pytest.mark.parametrize("dt", [0.1, 0.7, 5.0])
def test_a_drive_takes_its_time_whatever_the_step(dt: float) -> None:
    drive = Drive("p", running=False)
    for _ in range(round(5.0 / dt)):
        drive.step(dt, {"p.enable": True, "p.speed_command": 80.0})
    assert drive.speed == pytest.approx(50.0, abs=10.0 * dt)
    for _ in range(round(5.0 / dt)):
        drive.step(dt, {"p.enable": True, "p.speed_command": 80.0})
    assert (drive.speed, drive.starts) == (80.0, 1)


@pytest.mark.parametrize("dt", [0.1, 1.0, 15.0, 300.0])
def test_a_valve_takes_its_stroke_and_sticks_where_it_is(dt: float) -> None:
    valve = Valve("v", opening=0.0)
    for _ in range(max(round(30.0 / dt), 1)):
        valve.step(dt, {"v": 100.0}, 0.0)
    assert valve.opening == pytest.approx(min(max(0.5, dt / 60.0), 1.0), abs=0.01)
    valve.stuck = True
    before = valve.opening
    valve.step(dt, {"v": 0.0}, 0.0)
    assert (valve.opening, valve.wanted) == (before, 0.0)


def test_heat_and_water_of_a_given_load_agree() -> None:
    rows = run(plant(low=900.0, high=900.0), 3.0)[-30:]
    carried = mean(rows, "loop.chilled_water_flow") * WATER_CP
    carried *= mean(rows, "loop.chilled_water_return_temp") - mean(rows, "loop.chilled_water_supply_temp")
    assert carried == pytest.approx(900.0, rel=0.01)
