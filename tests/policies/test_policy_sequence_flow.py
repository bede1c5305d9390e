"""Minimum flow at ticks of a minute: it settles, coils that shut are met, our own doing is not taken for theirs; and the
set-point that counts is the one decided in this tick."""

from dataclasses import replace
from statistics import pstdev

import pytest

from policies.chiller_plant import minimum_flow as flows
from policies.chiller_plant import sequence
from policies.chiller_plant.chilled_pumps import FALL, Pumping, speed_loop, speed_of
from policies.chiller_plant.chilled_water_reset import Reset
from policies.chiller_plant.minimum_flow import WITH_PUMPS, MinimumFlow, Wanted, drawn, minimum_flow
from policies.chiller_plant.pi_loop import launched
from policies.chiller_plant.sequence import PlantSequence
from tests.policies.snapshots import machine, model
from tests.policies.test_policy_sequence import bench, standing

RULE = PlantSequence(name="plant", bypass_speed=0.0)
MINIMUM, OPEN, COILS = (
    84.0,
    5.3,
    8.6,
)  # l/s; l/s per root of kPa of the open bypass, of coils that draw little


def run(minutes, rule=RULE, *, low=0.0, coils=COILS, step=60.0, noise=0.0):
    """Two machines' pumps, coils at a fixed opening and the bypass as one circuit; (speed %, bypass %, flow) by tick.

    What is commanded acts until the next look, as on a plant that is looked at once a minute.
    """
    told = Wanted(target=MINIMUM, whole=MINIMUM, low=low, high=WITH_PUMPS)
    now = MinimumFlow(setpoint=MINIMUM, target=MINIMUM, loop=launched(max(low, 0.5)))
    pumps = Pumping(on=("a", "b"), loop=launched(0.4))
    speed, bypass, seen = 52.0, 50.0, []
    for tick in range(minutes):
        through = coils + OPEN * (bypass / 100.0 if low < 1.0 else 1.0)
        pressure = 400.0 * (speed / 100.0) ** 2 / (1.0 + (through / 14.0) ** 2)
        flow, wanted = through * pressure**0.5 * (1.0 + noise * (-1) ** tick), 34.5
        draw = drawn(coils * pressure**0.5, pressure, wanted)
        now = minimum_flow(rule, now, step, wanted=told, flow=flow, draw=draw, proven=True)
        loop, _ = speed_loop(
            rule, pumps, step, pressure, wanted, fall=0.0 if now.short else FALL, proven=True
        )
        pumps = replace(pumps, loop=loop)
        speed, bypass = speed_of(max(loop.output, now.pumps), rule.pump_speed_min), now.bypass
        seen.append((speed, bypass, flow))
    return seen


@pytest.mark.parametrize("low", [0.0, 1.0])
@pytest.mark.parametrize("coils", [1.0, 3.0, 6.0, 8.6, 14.0, 25.0])
@pytest.mark.parametrize("step", [10.0, 60.0])
@pytest.mark.parametrize("alone", [0.0, 75.0])
def test_pumps_and_bypass_settle(low, coils, step, alone):
    rule = replace(RULE, bypass_speed=alone)
    late = run(240, rule, low=low, coils=coils, step=step, noise=0.002)[-40:]
    speeds, openings, _ = zip(*late, strict=True)
    assert pstdev(speeds) < 1.0
    assert low == 1.0 or pstdev(openings) < 3.0


def test_a_third_of_that_for_the_pumps_would_not_settle(monkeypatch):
    monkeypatch.setattr(flows, "SPAN", 0.5)
    speeds, _, _ = zip(*run(240, coils=3.0)[-40:], strict=True)
    assert pstdev(speeds) > 2.0


@pytest.mark.parametrize(
    ("flow", "pressure", "wanted", "draw"),
    [
        (40.0, 36.0, 36.0, 40.0),
        (80.0, 144.0, 36.0, 40.0),  # twice the speed of ours, the same valves
        (20.0, 9.0, 36.0, 40.0),
        (40.0, None, 36.0, 40.0),
        (40.0, 1.0, 36.0, 40.0),  # too little to tell
        (None, 36.0, 36.0, None),
    ],
)
def test_what_the_coils_draw_is_told_by_their_valves(flow, pressure, wanted, draw):
    assert drawn(flow, pressure, wanted) == (None if draw is None else pytest.approx(draw))


def test_a_fall_that_is_our_own_is_not_met():
    told = Wanted(target=30.0, whole=60.0, low=0.0, high=WITH_PUMPS)
    now = MinimumFlow(setpoint=30.0, target=30.0, loop=launched(0.0), flow=60.0)
    ours = minimum_flow(RULE, now, 60.0, wanted=told, flow=45.0, draw=60.0, proven=True)
    theirs = minimum_flow(RULE, now, 60.0, wanted=told, flow=45.0, draw=45.0, proven=True)
    assert ours.ahead == 0.0
    assert theirs.ahead > 0.1
    assert theirs.pumps > ours.pumps


@pytest.mark.parametrize(
    ("speed", "setpoint", "draw", "pumps", "bypass"),
    [
        (0.0, 84.0, 10.0, 0.0, False),  # not told: as the guideline has it
        (84.0, 84.0, 200.0, 0.0, False),
        (84.0, 84.0, 84.0, 0.8, True),  # 84 % of speed, 20 % the slowest
        (84.0, 84.0, 0.0, 0.8, True),
        (84.0, 42.0, 42.0, 0.275, True),  # one of two machines: half of that speed
        (84.0, 84.0, 105.0, 0.4, False),  # halfway
    ],
)
def test_pumps_stay_as_fast_as_the_bypass_alone_needs(speed, setpoint, draw, pumps, bypass):
    rule = replace(RULE, bypass_speed=speed)
    told = Wanted(target=setpoint, whole=84.0, low=0.0, high=WITH_PUMPS)
    now = MinimumFlow(setpoint=setpoint, target=setpoint, loop=launched(0.0), flow=draw)
    now = minimum_flow(rule, now, 60.0, wanted=told, flow=200.0, draw=draw, proven=True)
    assert now.pumps == pytest.approx(pumps, abs=1e-6)
    assert (now.bypass == 100.0) is bypass


@pytest.mark.parametrize(
    ("turning", "bypass"),
    [
        (0.0, 100.0),  # not known
        (42.0, 100.0),  # half of all minimum flow at half the speed for all
        (84.0, 50.0),
        (100.0, 42.0),
    ],
)
def test_a_bypass_for_all_machines_opens_no_wider_than_one_of_them_needs(turning, bypass):
    rule = replace(RULE, bypass_speed=84.0)
    told = Wanted(target=42.0, whole=84.0, low=0.0, high=WITH_PUMPS, turning=turning)
    now = MinimumFlow(setpoint=42.0, target=42.0, loop=launched(0.0), flow=0.0)
    now = minimum_flow(rule, now, 60.0, wanted=told, flow=200.0, draw=0.0, proven=True)
    assert now.bypass == pytest.approx(bypass)


def test_pumps_are_fast_enough_for_the_next_machine_before_it_has_its_water():
    rule = replace(RULE, bypass_speed=84.0)
    told = Wanted(target=42.0, whole=84.0, low=1.0, high=WITH_PUMPS, coming=84.0)
    now = MinimumFlow(setpoint=42.0, target=42.0, loop=launched(1.0), flow=20.0)
    coming = minimum_flow(rule, now, 60.0, wanted=told, flow=42.0, draw=20.0, proven=True)
    assert coming.pumps == pytest.approx(0.8)
    alone = minimum_flow(
        rule, now, 60.0, wanted=replace(told, coming=42.0), flow=42.0, draw=20.0, proven=True
    )
    assert alone.pumps == pytest.approx(0.275)


def test_load_and_warmth_go_by_the_set_point_of_this_tick(monkeypatch):
    one = standing(bench(), ("chiller_1",), 500.0)
    one.run(10.0)
    due = Reset(value=1.0, running=5000.0, since=10_000.0)
    one.state = replace(one.state, reset=due, capacity=replace(one.state.capacity, held=5000.0))
    one.values["loop.requests"] = 0.0
    seen = {}
    for name in ("required", "staged"):
        step = getattr(sequence, name)
        monkeypatch.setattr(
            sequence,
            name,
            lambda picture, state, step=step, name=name, **more: (
                seen.update({name: state.setpoints}),
                step(picture, state, **more),
            )[1],
        )
    before = one.state.setpoints
    one.run(10.0)
    assert one.state.setpoints.supply > before.supply
    assert seen == {"required": one.state.setpoints, "staged": one.state.setpoints}


def test_the_economisers_water_goes_through_machines_whose_pumps_carry_it():
    """One machine runs beside it; half the design flow takes two of three pumps."""
    one = standing(bench(3), ("chiller_1",), 1500.0)
    more = model(machine("heat_exchanger", "economiser", ("enable", "status")))
    one.area = replace(
        one.area,
        equipment={**one.area.equipment, **more.equipment},
        points={**one.area.points, **more.points},
    )
    one.values["heat_exchanger.status"] = True
    one.run(10.0)
    assert one.state.economiser.on
    chilled = replace(one.state.chilled, on=("chilled_pump_1", "chilled_pump_2"))
    one.state = replace(one.state, chilled=chilled)
    wishes = one.run(10.0)
    for number, runs, carries in ((1, True, True), (2, False, True), (3, False, False)):
        assert wishes[f"chiller_{number}.enable"] is runs
        assert wishes[f"chilled_pump_{number}.enable"] is carries
        assert wishes[f"chiller_{number}.chilled_valve_command"] == 100.0 * carries
