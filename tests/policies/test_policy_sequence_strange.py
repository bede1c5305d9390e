"""Plants that nobody tuned anything on: unequal machines, cold condenser water, pumps at their end, a warm start."""

from dataclasses import replace

import pytest

from agent.core.decision import Decision
from policies.chiller_plant.chilled_water_reset import Reset, helped, liftable
from policies.chiller_plant.minimum_flow import WITH_PUMPS, MinimumFlow, Wanted, minimum_flow
from policies.chiller_plant.optimiser_wish import Wish, steered
from policies.chiller_plant.pi_loop import launched
from policies.chiller_plant.plant_layout import Compressor
from policies.chiller_plant.sequence import PlantSequence
from policies.chiller_plant.stage_change import Step, begin
from policies.chiller_plant.stage_rule import (
    FLED_FOR,
    HOPELESS_FOR,
    Situation,
    StageTimers,
    changed,
    emptied,
    failed,
    next_stage,
    timed,
)
from policies.chiller_plant.stages import Stage
from tests.policies.test_policy_sequence import bench, standing

RULE = PlantSequence(name="plant")
CS = Compressor.CONSTANT_SPEED
SIZES = (1055.0, 1407.0, 1758.0, 2461.0)  # four machines, no two alike


def stage(*counts):
    capacity = sum(size * n for size, n in zip(SIZES, counts, strict=True))
    return Stage(counts, capacity, 0.2 * capacity, CS)


OFF, A, B, C, D = (
    stage(0, 0, 0, 0),
    stage(1, 0, 0, 0),
    stage(0, 1, 0, 0),
    stage(0, 0, 1, 0),
    stage(0, 0, 0, 1),
)
AC, BC, BD, CD = stage(1, 0, 1, 0), stage(0, 1, 1, 0), stage(0, 1, 0, 1), stage(0, 0, 1, 1)
ABD, ALL = stage(1, 1, 0, 1), stage(1, 1, 1, 1)
TABLE = (OFF, A, B, C, D, AC, BC, BD, CD, ABD, ALL)


def situation(current, **changes):
    usual = {"stages": TABLE, "current": current, "available": True, "required": 700.0, "lift": None}
    return Situation(**(usual | {"warm": 0.0, "weak": 0.0} | changes))


@pytest.mark.parametrize(
    ("current", "above", "below"),
    [
        (A, B, None),  # a third more: one may go for another
        (C, D, A),  # B would bring a fifth: not worth a start
        (BD, ABD, D),  # CD brings a tenth: all that run stay
        (CD, ALL, BC),
        (AC, CD, C),  # BD would take two starts
    ],
)
def test_no_machine_stops_for_another_that_brings_little(current, above, below):
    at = situation(current)
    assert at.above is above
    assert at.below is below


def test_a_supply_too_warm_is_helped_by_more_machines_not_by_others():
    timers = StageTimers(counts=A.counts, held=1000.0, warm=901.0)
    stage_, reason = next_stage(RULE, timers, situation(A, required=1500.0, warm=2.0))
    assert stage_ is AC
    assert "over its set-point" in reason


def test_a_warm_plant_does_not_wait_with_one_small_machine():
    at = situation(A, required=600.0, present=6000.0, warm=9.0)  # `required` is still that of the start
    now = StageTimers(counts=A.counts)
    for second in range(0, int(HOPELESS_FOR), 10):
        assert next_stage(RULE, now, at)[0] is A, second
        now = timed(RULE, now, at, 10.0)
    ruled = next_stage(RULE, now, at)
    assert ruled[0] is ABD
    assert steered(Wish(("b",)), RULE, now, at, (("a",), ("b",), ("c",), ("d",)), ruled) == ruled
    enough = replace(at, present=1200.0)  # it is warm, and will do
    assert next_stage(RULE, timed(RULE, StageTimers(counts=A.counts), enough, 600.0), enough)[0] is A


@pytest.mark.parametrize(
    ("stage_", "required", "after", "expected"),
    [(C, 950.0, 60.0, True), (C, 800.0, 60.0, False), (C, 950.0, FLED_FOR, False), (AC, 950.0, 60.0, False)],
)
def test_a_stage_that_failed_is_not_tried_again_with_the_same_load(stage_, required, after, expected):
    at = situation(C, required=1000.0, weak=20.0)
    up = changed(RULE, StageTimers(counts=C.counts, weak=901.0), at, AC, "too weak")
    later = timed(RULE, up, situation(AC), after + 10.0)
    assert failed(later, situation(AC, required=required), stage_) is expected
    back = changed(RULE, later, situation(AC), D, "else")  # another change does not make it forget
    assert failed(back, situation(D, required=required), stage_) is expected


def test_neither_rule_nor_wish_goes_back_to_it():
    at = situation(AC, required=1000.0)
    now = StageTimers(counts=AC.counts, held=2000.0, low=2000.0, fled=1000.0, fled_capacity=C.capacity)
    assert next_stage(RULE, now, at)[0] is AC
    ruled = (AC, "stays")
    groups = (("a",), ("b",), ("c",), ("d",))
    assert steered(Wish(("c",)), RULE, now, at, groups, ruled) == ruled
    assert steered(Wish(("c",), strong=True), RULE, now, at, groups, ruled)[0] is C
    assert next_stage(RULE, replace(now, fled=0.0, fled_capacity=0.0), at)[0] is C


def test_coils_that_shut_stop_machines_and_start_none():
    now = StageTimers(counts=BD.counts, deserted=300.0)
    left = emptied(now, situation(BD, present=300.0))
    assert left is B  # the smallest machine would be enough, and does not run


def test_all_that_come_are_there_before_one_goes():
    sizes = dict(zip("abcd", SIZES, strict=True))
    first = begin(("a", "d"), ("b", "c"), {}, sizes)
    assert (first.starting, first.stopping) == ("a", ())
    second = begin(("a", "d"), ("b", "c", "a"), {}, sizes)
    assert (second.starting, second.stopping) == ("d", ("b",))


@pytest.mark.parametrize(
    ("hopeless", "step", "limited"), [(False, Step.REDUCE, True), (True, Step.MINIMUM_FLOW, False)]
)
def test_on_common_pumps_nobody_gives_way_where_nothing_can_be_disturbed(hopeless, step, limited):
    change = begin(("a", "b"), ("a",), {"a": 90.0}, {"a": 1.0, "b": 1.0}, shared=True, hopeless=hopeless)
    assert change.step is step
    assert change.smooth  # its valve still opens slowly
    assert bool(change.loads) is limited


@pytest.mark.parametrize(("head", "warmest"), [(0.0, 16.0), (0.25, 13.0), (0.5, 10.0), (1.0, 10.0)])
def test_the_supply_leaves_a_machine_its_lift(head, warmest):
    assert liftable(22.0, 12.0, head) == pytest.approx(warmest)


def test_pumps_at_their_end_ask_for_colder_water_first():
    now = helped(Reset(), 600.0, weak=True, at_end=False)
    assert now.colder == pytest.approx(1.0)
    assert helped(now, 600.0, weak=True, at_end=True) == now  # there is none
    assert helped(now, 600.0, weak=False, at_end=False).colder == pytest.approx(0.5)


def test_a_plant_that_is_served_when_we_come_goes_on_until_somebody_has_asked():
    one = standing(bench(tick=30.0), ("chiller_1",), 600.0)
    one.values |= {"loop.requests": 0.0, "loop.plant_requests": 0.0}
    one.run(1200.0)
    assert one.state.plant.enabled
    one.values["loop.plant_requests"] = 1.0
    one.run(60.0)
    one.values["loop.plant_requests"] = 0.0
    one.run(3600.0)
    assert not one.state.plant.enabled  # from now on requests alone decide


@pytest.mark.parametrize(
    ("turning", "shared", "flow", "speed"),
    [
        (40.0, True, 30.0, 40.0 * 0.95 * 42.0 / 30.0),  # flow goes with speed
        (40.0, True, 40.0, 20.0),  # the loop's affair
        (40.0, True, 10.0, 60.0),  # half as much again at most
        (0.0, True, 10.0, 20.0),  # no speed to go by
    ],
)
def test_a_flow_much_too_small_is_met_at_once(turning, shared, flow, speed):
    rule = replace(RULE, bypass_speed=0.0)
    told = Wanted(target=42.0, whole=84.0, low=1.0, high=WITH_PUMPS, turning=turning, shared=shared)
    now = MinimumFlow(setpoint=42.0, target=42.0, loop=launched(1.0), flow=flow)
    now = minimum_flow(rule, now, 0.0, wanted=told, flow=flow, draw=flow, proven=True)
    assert 20.0 + 80.0 * now.push == pytest.approx(speed)
    later = minimum_flow(rule, now, 300.0, wanted=told, flow=60.0, draw=60.0, proven=True)
    assert later.push < 0.5 * now.push + 1e-9


def test_cold_condenser_water_keeps_the_supply_cold():
    one = standing(bench(bypass_speed=0.0), ("chiller_1",), 300.0)
    one.run(10.0)
    one.state = replace(
        one.state,
        reset=replace(one.state.reset, value=0.4),  # trim and respond would have it warm
        head={"chiller_1": launched(1.0)},  # fans and condenser water can do no more
    )
    one.values["chiller_1.condenser_leaving_temp"] = 20.0
    one.run(10.0)
    assert one.state.setpoints.supply == pytest.approx(8.0, abs=0.3)  # 12 K below


def rising(supply, seconds):
    """The set-point after so long under decisions that are carried out, in tenths, from 7 degC towards the warmest."""
    one = standing(bench(), ("chiller_1",), 300.0)
    one.run(10.0)
    one.state = replace(one.state, reset=replace(one.state.reset, value=0.5))
    for _ in range(int(seconds / 10.0)):
        point, wish = "chiller_1.chilled_water_setpoint", one.wishes["chiller_1.chilled_water_setpoint"]
        one.decisions[point] = Decision(point=point, value=wish.value, winner=wish)
        one.values["loop.chilled_water_supply_temp"] = supply(wish.value)
        one.run(10.0)
    return one.state.setpoints.supply


def test_the_set_point_rises_slowly_with_the_water_and_at_every_pace():
    assert rising(lambda wanted: wanted, 600.0) == pytest.approx(10.0, abs=0.2)  # 0.3 K a minute


def test_the_set_point_waits_for_water_that_lags():
    assert rising(lambda _: 7.0, 600.0) == pytest.approx(8.0, abs=0.2)


def test_weak_pumps_at_full_speed_make_the_supply_colder():
    one = standing(bench(), ("chiller_1",), 700.0)
    one.run(10.0)
    one.state = replace(
        one.state,
        reset=replace(one.state.reset, value=0.5),
        chilled=replace(one.state.chilled, loop=launched(1.0)),
        setpoints=replace(one.state.setpoints, supply=10.0),
    )
    one.values |= {"loop.differential_pressure": 30.0, "loop.chilled_water_supply_temp": 10.0}
    one.run(600.0)
    assert one.state.reset.colder == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize(
    ("tick", "own", "ours"), [(10.0, True, True), (60.0, True, False), (60.0, False, True)]
)
def test_who_looks_seldom_leaves_the_bypass_to_its_own_controller(tick, own, ours):
    one = standing(bench(tick=tick), ("chiller_1",), 300.0)
    valve = one.area.points["bypass.valve_command"]
    points = {**one.area.points, valve.id: replace(valve, has_device_timeout=own)}
    one.area = replace(one.area, points=points)
    assert ("bypass.valve_command" in one.run(2.0 * tick)) is ours
