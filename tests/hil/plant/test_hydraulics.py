"""Pumps, circuits and valves against closed forms and the laws they stand for."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.plant.hydraulics import Demand, solve
from hil.plant.load import BranchDesign
from hil.plant.pump import GRAVITY, PumpCurve
from hil.plant.valve import Valve

PUMP = PumpCurve(design_flow=50.0, design_head=30.0)
SMALL = PumpCurve(design_flow=30.0, design_head=28.0)
MACHINE = 50.0 / sqrt(60.0)


def system(flow: float, pressure: float) -> float:
    """Conductance that takes `flow` at `pressure`."""
    return flow / sqrt(pressure)


@pytest.mark.parametrize("dedicated", [True, False])
def test_two_pumps_meet_their_design_point(dedicated: bool) -> None:
    demand = Demand(conductance=system(100.0, 30.0 * GRAVITY - 60.0))
    flows = solve((PUMP, PUMP), (1.0, 1.0), (MACHINE, MACHINE), demand, dedicated=dedicated)
    assert flows.total == pytest.approx(100.0, rel=1e-9)
    assert flows.heads == pytest.approx((30.0, 30.0))
    power = PUMP.power(flows.pumps[0], flows.heads[0], 1.0)
    assert power == pytest.approx(50.0 * GRAVITY * 30.0 / 1e3 / 0.80 / 0.93 / 0.97, rel=1e-6)


@given(
    speeds=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
    valves=st.tuples(
        st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 1.0]), st.sampled_from([0.2, 1.0])
    ),
    take=st.floats(0.0, 20.0),
    static=st.sampled_from([0.0, 40.0]),
    charge=st.sampled_from([0.0, 25.0]),
    discharge=st.sampled_from([0.0, 25.0]),
    dedicated=st.booleans(),
)
def test_what_comes_in_goes_out_and_pressures_agree(
    speeds: tuple[float, ...],
    valves: tuple[float, ...],
    take: float,
    static: float,
    charge: float,
    discharge: float,
    dedicated: bool,
) -> None:
    pumps = (PUMP, PUMP, SMALL)
    machines = tuple(MACHINE * valve for valve in valves)
    demand = Demand(
        conductance=take,
        static=static,
        charge=charge,
        charge_conductance=3.0,
        discharge=discharge,
        discharge_pump=SMALL,
    )
    flows = solve(pumps, speeds, machines, demand, dedicated=dedicated)
    assert all(flow >= 0.0 for flow in (*flows.pumps, *flows.machines))
    if take > 0.0 or charge > 0.0:
        taken = demand.taken(flows.pressure)
        assert flows.total + demand.discharged(flows.pressure) == pytest.approx(taken, abs=1e-3)
    assert sum(flows.pumps) == pytest.approx(flows.total, abs=1e-3)
    for pump, speed, flow, head in zip(pumps, speeds, flows.pumps, flows.heads, strict=True):
        if flow > 1e-3:
            assert pump.head(flow, speed) == pytest.approx(head, abs=1e-4)
    if dedicated:
        for flow, head, machine in zip(flows.machines, flows.heads, machines, strict=True):
            if flow > 1e-3:
                assert head * GRAVITY - (flow / machine) ** 2 == pytest.approx(flows.pressure, abs=1e-3)


def test_different_pumps_on_one_header_see_one_head() -> None:
    demand = Demand(conductance=system(80.0, 200.0))
    flows = solve((PUMP, SMALL), (1.0, 0.95), (MACHINE, MACHINE), demand, dedicated=False)
    assert flows.heads[0] == pytest.approx(flows.heads[1])
    assert flows.pumps[0] > flows.pumps[1] > 0.0
    slow = solve((PUMP, SMALL), (1.0, 0.6), (MACHINE, MACHINE), demand, dedicated=False)
    assert slow.pumps[1] == 0.0, "its check valve stays shut"


def test_one_pump_of_two_runs_out_on_its_curve() -> None:
    demand = Demand(conductance=system(100.0, 30.0 * GRAVITY - 60.0))
    one = solve((PUMP, PUMP), (1.0, 0.0), (MACHINE, MACHINE), demand, dedicated=True)
    assert 50.0 < one.total < 75.0


def test_without_static_head_speed_counts_to_the_third_power_and_with_it_less() -> None:
    # affinity laws (Hydraulic Institute 14.3); the static head breaks them
    free = Demand(conductance=system(50.0, 30.0 * GRAVITY))
    lifted = Demand(conductance=system(50.0, 22.0 * GRAVITY), static=8.0 * GRAVITY)
    full, slow = (solve((PUMP,), (n,), (1e6,), free, dedicated=True) for n in (1.0, 0.7))
    assert slow.total / full.total == pytest.approx(0.7, rel=1e-4)
    powers = [PUMP.power(flows.total, flows.heads[0], n) for flows, n in ((full, 1.0), (slow, 0.7))]
    assert powers[1] / powers[0] == pytest.approx(0.7**3, rel=0.02)
    assert solve((PUMP,), (0.7,), (1e6,), lifted, dedicated=True).total < slow.total
    assert solve((PUMP,), (0.4,), (1e6,), lifted, dedicated=True).total == 0.0


def test_a_tank_pump_alone_feeds_the_load() -> None:
    demand = Demand(conductance=system(30.0, 200.0), discharge=30.0, discharge_pump=SMALL)
    flows = solve((PUMP, PUMP), (0.0, 0.0), (MACHINE, MACHINE), demand, dedicated=False)
    assert flows.total == 0.0
    assert demand.discharged(flows.pressure) == pytest.approx(30.0)
    assert flows.pressure == pytest.approx(200.0)


def test_a_pump_knows_the_speed_it_needs() -> None:
    speed = PUMP.speed(35.0, 20.0)
    assert PUMP.head(35.0, speed) == pytest.approx(20.0)
    assert PUMP.flow(20.0, speed) == pytest.approx(35.0)


@given(st.floats(0.0, 1.0), st.sampled_from([0.2, 0.5, 1.0]))
def test_an_equal_percentage_valve_and_its_inverse(opening: float, authority: float) -> None:
    branch = BranchDesign(name="ahu", flow=10.0, authority=authority)
    passage = branch.passage(opening)
    assert branch.opening(passage) == pytest.approx(opening, abs=2e-4)
    assert branch.passage(min(opening + 0.1, 1.0)) >= passage


def test_valve_passages_of_a_textbook() -> None:
    # inherent flow 50**(x - 1) at an authority of one; half authority: q = 1 / sqrt(0.5 + 0.5 / f**2)
    free = BranchDesign(name="ahu", flow=10.0, authority=1.0)
    assert free.passage(0.5) == pytest.approx(50.0**-0.5)
    half = BranchDesign(name="ahu", flow=10.0, authority=0.5)
    assert half.passage(0.5) == pytest.approx(1.0 / sqrt(0.5 + 0.5 * 50.0))


def test_a_valve_takes_its_stroke_and_sticks() -> None:
    valve = Valve("v.command", opening=0.0)
    for _ in range(30):
        valve.step(1.0, {"v.command": 100.0}, 0.0)
    assert valve.opening == pytest.approx(0.5)
    valve.stuck = True
    valve.step(60.0, {}, 0.0)
    assert valve.opening == pytest.approx(0.5)
    assert valve.wanted == 0.0


@pytest.mark.parametrize("speed", [0.5, 1.0])
def test_a_pump_against_a_shut_valve_churns(speed: float) -> None:
    # Gulich, Centrifugal Pumps, 4.1: a radial pump of low specific speed takes 0.3 to 0.5 of its power at shut-off
    pump = PumpCurve(design_flow=50.0, design_head=30.0)
    best = pump.power(50.0, 30.0, 1.0)
    shut = pump.power(0.0, pump.head(0.0, speed), speed)
    drive = 1.0 - 0.03 * (1.0 - speed)
    assert shut == pytest.approx(0.4 * best * speed**3 / drive, rel=1e-9)
    powers = [pump.power(flow, pump.head(flow, speed), speed) for flow in range(int(55 * speed))]
    assert powers == sorted(powers), "a radial pump draws more the more it moves"
    assert pump.power(0.0, 0.0, 0.0) == 0.0
