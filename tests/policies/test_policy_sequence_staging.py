"""Guideline 36-2021 5.20.2 and 5.20.4 as tables: plant enable, part-load ratios, stages, and the change between them."""

from dataclasses import replace

import pytest

from policies.chiller_plant.capacity import Capacity, capacity_step, instant
from policies.chiller_plant.plant_enable import Asked, PlantEnable, plant_enable
from policies.chiller_plant.plant_layout import Compressor, read_layout
from policies.chiller_plant.rotation import Log
from policies.chiller_plant.sequence import PlantSequence
from policies.chiller_plant.stage_change import Change, Signs, Step, advanced, begin, demand_limits, water_of
from policies.chiller_plant.stage_rule import Situation, StageTimers, next_stage, timed
from policies.chiller_plant.stages import Stage, filled, grouped, nearest_stage, stage_table, usable
from policies.chiller_plant.staging_ratio import ratio_down, ratio_up, stage_class, variable_speed_ratio
from tests.policies.snapshots import machine, model

RULE = PlantSequence(name="plant")
PD, CS, VS = Compressor.POSITIVE_DISPLACEMENT, Compressor.CONSTANT_SPEED, Compressor.VARIABLE_SPEED


@pytest.mark.parametrize(
    ("enabled", "held", "quiet", "requests", "outdoor", "scheduled", "after"),
    [
        (False, 900.0, 0.0, 1.0, 20.0, True, True),
        (False, 800.0, 0.0, 1.0, 20.0, True, False),  # off for less than 15 min
        (False, 900.0, 0.0, 0.0, 20.0, True, False),  # nobody asks
        (False, 900.0, 0.0, 1.0, 4.3, True, False),  # not above the lockout
        (False, 900.0, 0.0, 1.0, 20.0, False, False),
        (False, 900.0, 0.0, None, None, True, True),  # nobody could ask: the schedule decides
        (True, 900.0, 170.0, 0.0, 20.0, True, False),  # 3 min without requests
        (True, 900.0, 100.0, 0.0, 20.0, True, True),
        (True, 700.0, 900.0, 0.0, 20.0, True, True),  # on for less than 15 min
        (True, 900.0, 0.0, 1.0, 3.7, True, False),  # 1 degF below the lockout
        (True, 900.0, 0.0, 1.0, 3.8, True, True),
        (True, 900.0, 0.0, 1.0, 20.0, False, False),
    ],
)
def test_plant_enable(enabled, held, quiet, requests, outdoor, scheduled, after):
    before = PlantEnable(enabled=enabled, held=held, quiet=quiet)
    now = plant_enable(
        RULE, before, 10.0, asked=Asked(requests=requests), outdoor=outdoor, scheduled=scheduled
    )
    assert now.enabled is after
    assert now.reason


def test_the_operators_switch_beats_requests_and_times():
    before = PlantEnable(enabled=True, held=10.0)
    off = plant_enable(
        RULE, before, 10.0, asked=Asked(requests=9.0), outdoor=30.0, scheduled=True, switch=False
    )
    assert not off.enabled
    on = plant_enable(RULE, off, 10.0, asked=Asked(requests=0.0), outdoor=30.0, scheduled=False, switch=True)
    assert on.enabled


def test_a_plant_found_running_is_served_until_somebody_has_asked_and_a_tank_may_call_it():
    found = PlantEnable(enabled=True, held=RULE.plant_time, adopted=True)

    def after(before, seconds, **asked):
        now = plant_enable(RULE, before, seconds, asked=Asked(**asked), outdoor=30.0, scheduled=True)
        return now.enabled, now.adopted

    assert after(found, RULE.request_time, requests=0.0, served=True) == (True, True)
    assert after(found, RULE.request_time, requests=0.0) == (False, False)
    assert after(found, 10.0, requests=9.0) == (True, False)
    asked = PlantEnable(enabled=True, held=RULE.plant_time)
    assert after(asked, RULE.request_time, requests=0.0, served=True) == (False, False)
    assert after(PlantEnable(), 10.0, requests=0.0, called=True) == (True, False)
    assert (
        plant_enable(
            RULE, PlantEnable(), 10.0, asked=Asked(requests=0.0, called=True), outdoor=30.0, scheduled=True
        ).reason
        == "enabled by a tank that is to be charged"
    )


@pytest.mark.parametrize(("lift", "ratio"), [(12.0, 0.36), (13.0, 0.51), (15.0, 0.81), (18.0, 1.26)])
def test_variable_speed_ratio_is_the_guidelines_line(lift, ratio):
    # E = 0.9 / (18 - 12) * (lift + 0.4 * 18 - 1.4 * 12), 5.20.4.14.c
    assert variable_speed_ratio(lift, 12.0, 18.0) == pytest.approx(ratio, abs=1e-9)


@pytest.mark.parametrize(
    ("current", "other", "lift", "up", "down"),
    [
        (PD, PD, None, 0.80, 0.80),
        (CS, CS, 15.0, 0.90, 0.90),
        (PD, CS, 15.0, 0.90, 0.90),  # constant speed in the stage above; out of the table below
        (VS, VS, 12.0, 0.45, 0.45),  # clipped below
        (VS, VS, 13.0, 0.51, 0.51),
        (VS, VS, 18.0, 0.90, 0.90),  # clipped above
        (VS, PD, 13.0, 0.51, 0.80),
        (VS, VS, None, 0.90, 0.90),  # lift not measured
    ],
)
def test_staging_ratios_by_compressor(current, other, lift, up, down):
    assert ratio_up(RULE, current, other, lift) == pytest.approx(up)
    assert ratio_down(RULE, current, other, lift) == pytest.approx(down)


def test_the_class_of_a_stage():
    assert stage_class([PD, VS, CS]) is CS
    assert stage_class([PD, VS]) is VS
    assert stage_class([PD, PD]) is PD


def test_required_capacity_is_frozen_for_a_quarter_of_an_hour():
    assert instant(10.0, 12.0, 7.0, 7.0)[0] == pytest.approx(209.5)
    assert instant(10.0, 12.0, 30.0, 7.0)[0] is None  # supply warmer than return: not believed
    now = Capacity()
    for _ in range(60):
        now = capacity_step(now, 500.0, 10.0, changing=False, period=300.0)
    assert now.required == pytest.approx(500.0)
    now = capacity_step(replace(now, held=0.0), 900.0, 10.0, changing=True, period=300.0)
    for _ in range(88):
        now = capacity_step(now, 900.0, 10.0, changing=False, period=300.0)
    assert now.required == pytest.approx(500.0)
    for _ in range(3):
        now = capacity_step(now, 900.0, 10.0, changing=False, period=300.0)
    assert now.required == pytest.approx(900.0)


ONE, TWO, THREE = (Stage((n,), 1000.0 * n, 200.0 * n, CS) for n in (1, 2, 3))
OFF = Stage((0,), 0.0, 0.0, PD)


def situation(current=ONE, **changes):
    usual = {
        "stages": (OFF, ONE, TWO, THREE),
        "current": current,
        "available": True,
        "required": 700.0,
        "lift": None,
        "warm": 0.0,
        "weak": 0.0,
    }
    return Situation(**(usual | changes))


@pytest.mark.parametrize(
    ("current", "changes", "minutes", "after"),
    [
        (ONE, {"required": 940.0}, 40, ONE),  # above SPLR, not by the margin
        (ONE, {"required": 960.0}, 14, ONE),
        (ONE, {"required": 960.0}, 16, TWO),
        (ONE, {"required": 2900.0}, 16, TWO),
        (ONE, {"required": 3100.0}, 14, ONE),
        (ONE, {"required": 3100.0}, 16, THREE),  # two would be overloaded by half
        (ONE, {"required": 9000.0}, 16, THREE),
        (ONE, {"warm": 0.9}, 40, ONE),
        (ONE, {"warm": 1.1}, 14, ONE),
        (ONE, {"warm": 1.1}, 16, TWO),
        (ONE, {"warm": 1.1, "required": 390.0}, 40, ONE),  # two would run below their minimum
        (ONE, {"weak": 13.7}, 40, ONE),
        (ONE, {"weak": 13.9}, 16, TWO),
        (TWO, {"required": 890.0}, 14, TWO),
        (TWO, {"required": 890.0}, 16, ONE),
        (TWO, {"required": 910.0}, 40, TWO),
        (TWO, {"required": 890.0, "warm": 1.1}, 14, TWO),
        (TWO, {"required": None}, 40, TWO),
        (THREE, {"required": 2990.0}, 40, THREE),  # nothing above
        (ONE, {"required": 50.0}, 40, ONE),  # the lowest stage stays
        (OFF, {"economiser": True, "warm": 1.1}, 19, OFF),
        (OFF, {"economiser": True, "warm": 1.1}, 21, ONE),
        (OFF, {"economiser": True, "warm": 2.1}, 11, ONE),
        (ONE, {"economiser": True, "predicted": -1.1}, 16, OFF),
        (ONE, {"economiser": True, "predicted": -1.1, "fans_full": True}, 40, ONE),
    ],
)
def test_when_to_change_the_stage(current, changes, minutes, after):
    at = situation(current, **changes)
    now = StageTimers(counts=current.counts, held=3600.0)
    for _ in range(minutes * 6):
        now = timed(RULE, now, at, 10.0)
    stage, reason = next_stage(RULE, now, at)
    assert stage == after, reason


@pytest.mark.parametrize(
    ("current", "present", "minutes", "after"),
    [
        (THREE, 590.0, 3, ONE),  # under 30 % of two
        (THREE, 590.0, 1, THREE),
        (THREE, 610.0, 3, THREE),
        (TWO, 290.0, 3, ONE),
        (ONE, 50.0, 3, ONE),
        (TWO, None, 3, TWO),
    ],
)
def test_when_the_coils_have_shut_nobody_waits(current, present, minutes, after):
    at = situation(current, required=1800.0, present=present)
    now = StageTimers(counts=current.counts, held=60.0)
    for _ in range(minutes * 6):
        now = timed(RULE, now, at, 10.0)
    stage, reason = next_stage(RULE, now, at)
    assert stage == after
    assert ("coils have shut" in reason) is (after != current)


def test_a_stage_lasts_a_quarter_of_an_hour():
    at = situation(required=990.0)
    now = StageTimers(counts=(1,), held=0.0, efficient=3600.0)
    assert next_stage(RULE, now, at)[0] == ONE
    assert next_stage(RULE, replace(now, held=900.0), at)[0] == TWO


def plant(*sizes, **settings):
    return read_layout(
        model(
            *(machine(f"ch{n}", "chiller", ("enable",), capacity=size) for n, size in enumerate(sizes, 1)),
            *settings.get("more", ()),
        )
    )


@pytest.mark.parametrize(
    ("sizes", "capacities"),
    [
        ((1000.0, 1000.0, 1000.0), [0, 1000, 2000, 3000]),
        ((500.0, 1000.0, 1000.0), [0, 500, 1000, 1500, 2000, 2500]),
        ((400.0, 600.0, 1000.0), [0, 400, 600, 1000, 1400, 1600, 2000]),  # the large one, not both small ones
    ],
)
def test_the_stage_table_comes_from_the_machines(sizes, capacities):
    layout = plant(*sizes)
    table = stage_table(layout.machines, grouped(layout.machines))
    assert [one.capacity for one in table] == capacities


def test_a_stage_that_is_not_there_is_passed_over():
    layout = plant(500.0, 1000.0)
    groups = grouped(layout.machines)
    table = stage_table(layout.machines, groups)
    without_small = usable(table, (0, 1))
    assert [one.capacity for one in without_small] == [0, 1000]
    assert nearest_stage(without_small, (1, 0), 500.0).capacity == 1000.0
    assert nearest_stage(without_small, (1, 1), 1500.0).capacity == 1000.0


def test_rotation_by_hours_and_never_against_a_guard():
    layout = plant(1000.0, 1000.0, 1000.0)
    groups = grouped(layout.machines)
    stage = stage_table(layout.machines, groups)[1]
    fresh = {f"ch{n}": Log(available=True, hours=hours, starts=0) for n, hours in ((1, 30), (2, 10), (3, 20))}
    assert filled(stage, groups, (), fresh) == ("ch2",)
    assert filled(stage, groups, ("ch1",), fresh) == ("ch1",)  # never only for the sake of hours
    assert filled(stage, groups, ("ch1", "ch3"), fresh) == ("ch3",)  # most hours stop first
    resting = fresh | {"ch2": replace(fresh["ch2"], rested=False)}
    assert filled(stage, groups, (), resting) == ("ch3",)
    held = fresh | {"ch1": replace(fresh["ch1"], movable=False)}
    assert filled(stage, groups, ("ch1", "ch3"), held) == ("ch1",)
    lost = fresh | {"ch2": replace(fresh["ch2"], available=False)}
    assert filled(stage, groups, (), lost) == ("ch3",)


SIZES = {"a": 1000.0, "b": 1000.0, "s": 500.0}
PROVEN = Signs(reduced=True, flow_reached=True, water=True, opened=True, running=True, stopped=True)


def steps(change, signs=PROVEN, tick=10.0):
    """Names of the steps a change goes through, with the seconds each one took."""
    taken = []
    for _ in range(1000):
        if not change.active:
            return taken
        if not taken or taken[-1][0] != change.step.name:
            taken.append((change.step.name, 0.0))
        change = advanced(RULE, change, signs, tick)
        taken[-1] = (taken[-1][0], taken[-1][1] + tick)
    return taken


def test_stage_up_is_the_guidelines_sequence_of_events():
    assert steps(begin(["a", "b"], ["a"], {"a": 80.0}, SIZES)) == [
        ("REDUCE", 10.0), ("MINIMUM_FLOW", 360.0), ("CONDENSER_WATER", 10.0), ("HEAD_PRESSURE", 30.0),
        ("ISOLATION", 300.0), ("START", 10.0),
    ]  # fmt: skip


def test_stage_down_stops_then_closes_slowly():
    assert steps(begin(["a"], ["a", "b"], {}, SIZES)) == [("STOP", 10.0), ("CLOSE", 300.0)]


def test_a_swap_proves_the_small_machine_before_the_large_one_stops():
    names = [name for name, _ in steps(begin(["s"], ["a"], {"a": 40.0}, SIZES))]
    assert names[-4:] == ["START", "PROVE", "STOP", "CLOSE"]
    assert dict(steps(begin(["s"], ["a"], {"a": 40.0}, SIZES)))["PROVE"] == 300.0


def test_the_first_machine_disturbs_nobody():
    names = [name for name, _ in steps(begin(["a"], [], {}, SIZES))]
    assert names == ["CONDENSER_WATER", "HEAD_PRESSURE", "ISOLATION", "START"]


def test_where_supply_is_hopelessly_warm_nobody_gives_way_to_a_machine_with_a_pump_of_its_own():
    hopeless = begin(["a", "b"], ["a"], {"a": 80.0}, SIZES, shared=False, hopeless=True)
    assert [name for name, _ in steps(hopeless)] == ["CONDENSER_WATER", "HEAD_PRESSURE", "ISOLATION", "START"]
    assert demand_limits(RULE, hopeless, {}) == {}
    shared = begin(["a", "b"], ["a"], {"a": 80.0}, SIZES, shared=True, hopeless=True)
    swap = begin(["b"], ["a"], {"a": 80.0}, SIZES, shared=False, hopeless=True)
    assert shared.smooth
    assert swap.smooth


def test_demand_is_limited_until_the_new_machine_is_proven():
    change = begin(["a", "b"], ["a"], {"a": 80.0}, SIZES)
    assert demand_limits(RULE, change, {}) == {"a": 60.0}
    assert demand_limits(RULE, replace(change, step=Step.START), {}) == {"a": 60.0}
    assert demand_limits(RULE, Change(), {}) == {}
    down = replace(change, up=False)
    assert demand_limits(RULE, down, {"a": 70.0}) == {"a": 70.0}  # not below its minimum cycling load
    assert demand_limits(replace(RULE, demand_reduction=1.0), change, {}) == {}


def test_demand_and_flow_are_waited_for_and_not_for_ever():
    waits = steps(
        begin(["a", "b"], ["a"], {"a": 80.0}, SIZES), replace(PROVEN, reduced=False, flow_reached=False)
    )
    assert dict(waits)["REDUCE"] == 300.0
    assert dict(waits)["MINIMUM_FLOW"] == 660.0


def test_a_machine_that_does_not_prove_is_given_up():
    change = Change(step=Step.START, starting="b", smooth=True)
    for _ in range(30):
        change = advanced(RULE, change, replace(PROVEN, running=False), 10.0)
    assert change.failed == "b"
    held = Change(step=Step.START, starting="b")
    for _ in range(60):
        held = advanced(RULE, held, replace(PROVEN, running=False, waiting=True), 10.0)
    assert held.step is Step.START  # guards hold it: that time does not count


def test_a_running_machine_keeps_its_water_until_it_is_seen_to_stop():
    change = Change(step=Step.STOP, stopping=("b",), smooth=True)
    for _ in range(100):
        change = advanced(RULE, change, replace(PROVEN, stopped=False), 10.0)
    water = water_of(RULE, change, ["a"], "b")
    assert (water.enable, water.condenser, water.opening) == (False, True, 1.0)


def test_what_a_starting_machine_is_given_step_by_step():
    change = begin(["a", "b"], ["a"], {}, SIZES)
    given = {}
    for step in Step:
        water = water_of(RULE, replace(change, step=step, held=150.0), ["a"], "b")
        given[step.name] = (water.minimum, water.condenser, water.head, water.opening, water.enable)
    assert given["REDUCE"] == (False, False, False, 0.0, False)
    assert given["MINIMUM_FLOW"] == (True, False, False, 0.0, False)
    assert given["CONDENSER_WATER"] == (True, True, False, 0.0, False)
    assert given["HEAD_PRESSURE"] == (True, True, True, 0.0, False)
    assert given["ISOLATION"] == (True, True, True, 0.5, False)
    assert given["START"] == (True, True, True, 1.0, True)
