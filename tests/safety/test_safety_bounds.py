"""Bounds, engineering limits and ramps: what is left of a wish."""

import pytest

from agent.core.decision import Stage
from agent.core.point import Limits, SafeEnd
from agent.core.reading import Quality
from agent.safety.span import Span
from tests.safety.rig import Rig, ask, number, switch

POINT = number("p.x", unit="%")


@pytest.mark.parametrize(
    ("why", "bounds", "value"),
    [
        ("a stronger bound clamps", [(9, {"high": 50})], 50),
        ("a bound of equal priority clamps", [(15, {"low": 90})], 90),
        ("a weaker bound does not", [(16, {"high": 50})], 80),
        ("the tighter of two of one priority", [(9, {"high": 50}), (9, {"high": 40})], 40),
        ("crossing: the stronger wins", [(9, {"low": 60}), (10, {"high": 30})], 60),
        ("crossing the other way", [(9, {"high": 30}), (10, {"low": 60})], 30),
        ("a weaker one inside a stronger span", [(9, {"low": 20, "high": 70}), (10, {"high": 40})], 40),
        ("three levels", [(8, {"low": 10, "high": 90}), (9, {"low": 85}), (10, {"high": 20})], 85),
        ("inside: untouched", [(9, {"low": 10, "high": 90})], 80),
    ],
)
def test_bounds(why, bounds, value):
    rig = Rig(points=[POINT])
    claims = [ask(POINT.id, None, level, f"s{i}", **ends) for i, (level, ends) in enumerate(bounds)]
    decision = rig.tick(ask(POINT.id, 80.0), *claims)[POINT.id]
    assert decision.value == value, why
    assert [one.stage for one in decision.limited_by] == ([] if value == 80 else [Stage.BOUND])


@pytest.mark.parametrize(("safe_end", "value"), [(SafeEnd.LOW, 30), (SafeEnd.HIGH, 60), (None, 30)])
def test_crossing_bounds_of_one_priority_take_the_safe_end(safe_end, value):
    point = number("p.x", safe_end=safe_end)
    rig = Rig(points=[point])
    low, high = ask(point.id, None, 9, "a", low=60), ask(point.id, None, 9, "b", high=30)
    assert rig.value(point.id, ask(point.id, 45.0), low, high) == value
    assert rig.value(point.id, ask(point.id, 100.0), high, low) == value


def test_a_bound_says_who_and_why():
    rig = Rig(points=[POINT])
    bound = ask(POINT.id, None, 9, "comfort", low=20, high=50, reason="glare")
    assert rig.tick(ask(POINT.id, 80.0), bound)[POINT.id].reason == (
        "50 % instead of 80 %: comfort (priority 9) allows at most 50 %: glare; wanted by sequence (priority 15)"
    )
    limited = rig.tick(ask(POINT.id, 5.0), bound)[POINT.id].limited_by
    assert limited[0].reason == "comfort (priority 9) allows at least 20 %: glare"
    assert (limited[0].by, limited[0].before, limited[0].after) == ("comfort", 5.0, 20)


def test_a_bound_without_a_reason_is_still_a_sentence():
    rig = Rig(points=[POINT])
    reason = rig.tick(ask(POINT.id, 80.0), ask(POINT.id, None, 9, "comfort", high=50))[POINT.id].reason
    assert "allows at most 50 %; wanted" in reason


@pytest.mark.parametrize(
    ("wanted", "ends", "value"),
    [
        (False, {"low": 1}, True),
        (True, {"high": 0}, False),
        (True, {"low": 1}, True),
        (False, {"high": 0}, False),
        (False, {"low": 0.3}, True),
        (True, {"high": 0.3}, False),
    ],
)
def test_bounds_of_a_switch_say_it_must_be_on_or_off(wanted, ends, value):
    lamp = switch("p.lamp")
    rig = Rig(points=[lamp])
    assert rig.value(lamp.id, ask(lamp.id, wanted), ask(lamp.id, None, 5, "escape", **ends)) is value


def test_text_has_no_span():
    assert Span().clamp("auto") == ("auto", None)


LIMITED = number("p.x", unit="%", limits=Limits(low=10, high=90, raise_rate=1.0, lower_rate=2.0))


@pytest.mark.parametrize(("wanted", "value"), [(5.0, 10), (95.0, 90), (50.0, 50)])
@pytest.mark.parametrize("priority", [1, 8, 15])
def test_engineering_limits_hold_for_everyone(wanted, value, priority):
    rig = Rig(points=[LIMITED])
    assert rig.value(LIMITED.id, ask(LIMITED.id, wanted, priority)) == value


def test_limits_hold_for_the_default_too():
    point = number("p.x", limits=Limits(high=90), relinquish_default=100)
    assert Rig(points=[point]).value(point.id) == 90


def test_a_limit_of_one_side_only():
    point = number("p.x", limits=Limits(low=10))
    assert Rig(points=[point]).value(point.id, ask(point.id, 5.0)) == 10


def test_a_value_ramps_up_and_down_at_its_rates():
    rig = Rig(points=[LIMITED])
    rig.tick(ask(LIMITED.id, 50.0))
    assert rig.value(LIMITED.id, ask(LIMITED.id, 80.0), after=5) == 55
    decision = rig.tick(ask(LIMITED.id, 80.0), after=10)[LIMITED.id]
    assert decision.value == 65
    assert decision.limited_by[0].stage is Stage.RAMP
    assert decision.limited_by[0].reason == "on its way to 80 % at 60 % a minute"
    assert rig.value(LIMITED.id, ask(LIMITED.id, 20.0), after=5) == 55
    assert rig.value(LIMITED.id, ask(LIMITED.id, 54.0), after=5) == 54


@pytest.mark.parametrize(
    ("priority", "safe_end", "target", "passes"),
    [
        (1, None, 80.0, True),
        (2, None, 20.0, True),
        (5, None, 80.0, False),
        (5, SafeEnd.HIGH, 80.0, True),
        (5, SafeEnd.HIGH, 20.0, False),
        (5, SafeEnd.LOW, 20.0, True),
        (5, SafeEnd.LOW, 80.0, False),
        (8, SafeEnd.HIGH, 80.0, False),
    ],
)
def test_who_passes_a_ramp(priority, safe_end, target, passes):
    point = number("p.x", limits=Limits(raise_rate=1.0, lower_rate=1.0), safe_end=safe_end)
    rig = Rig(points=[point])
    rig.tick(ask(point.id, 50.0))
    value = rig.value(point.id, ask(point.id, target, priority, reason="now"))
    assert (value == target) is passes


def test_a_ramp_does_not_apply_where_text_was():
    rig = Rig(points=[number("p.x", limits=Limits(raise_rate=1.0))])
    rig.see("p.x", "broken")
    assert rig.value("p.x", ask("p.x", 80.0, 5)) == 80.0


def test_a_life_safety_bound_is_reached_at_once_and_inside_the_limits():
    rig = Rig(points=[LIMITED])
    rig.tick(ask(LIMITED.id, 20.0))
    smoke = ask(LIMITED.id, None, 2, "smoke", low=100)
    assert rig.value(LIMITED.id, ask(LIMITED.id, 30.0), smoke) == 90


def test_a_weak_value_inside_life_safety_bounds_still_ramps_but_never_outside():
    rig = Rig(points=[number("p.x", limits=Limits(raise_rate=1.0))])
    rig.tick(ask("p.x", 20.0))
    smoke = ask("p.x", None, 2, "smoke", low=50, high=60)
    assert rig.value("p.x", ask("p.x", 55.0), smoke) == 50
    assert rig.value("p.x", ask("p.x", 55.0), smoke) == 51


def test_life_safety_bounds_beyond_the_limits_end_at_the_limits():
    rig = Rig(points=[LIMITED])
    rig.tick(ask(LIMITED.id, 20.0))
    assert rig.value(LIMITED.id, ask(LIMITED.id, 120.0), ask(LIMITED.id, None, 2, "smoke", low=100)) == 90


def test_a_bound_of_critical_service_passes_the_ramp_in_the_safe_direction():
    point = number("p.x", limits=Limits(raise_rate=1.0), safe_end=SafeEnd.HIGH)
    rig = Rig(points=[point])
    rig.tick(ask(point.id, 20.0))
    assert rig.value(point.id, ask(point.id, 20.0), ask(point.id, None, 9, "comfort", low=50)) == 21
    assert rig.value(point.id, ask(point.id, 20.0), ask(point.id, None, 5, "escape", low=50)) == 50


def test_a_rate_for_one_direction_leaves_the_other_free():
    rig = Rig(points=[number("p.x", limits=Limits(lower_rate=1.0))])
    rig.tick(ask("p.x", 50.0))
    assert rig.value("p.x", ask("p.x", 90.0)) == 90
    assert rig.value("p.x", ask("p.x", 0.0)) == 89


def test_a_ramp_starts_inside_the_limits_wherever_the_plant_was_found():
    rig = Rig(points=[LIMITED])
    rig.see(LIMITED.id, 200.0)
    assert rig.value(LIMITED.id, ask(LIMITED.id, 50.0)) == 90
    assert rig.value(LIMITED.id, ask(LIMITED.id, 50.0)) == 88


def test_taking_over_is_bumpless_the_ramp_starts_at_what_is_read():
    rig = Rig(points=[LIMITED])
    rig.see(LIMITED.id, 40.0)
    assert rig.value(LIMITED.id, ask(LIMITED.id, 80.0)) == 40
    assert rig.value(LIMITED.id, ask(LIMITED.id, 80.0)) == 41


def test_nothing_readable_or_text_means_no_ramp():
    for reading in ((None, Quality.BAD), ("broken", Quality.GOOD)):
        rig = Rig(points=[LIMITED])
        rig.see(LIMITED.id, *reading)
        assert rig.value(LIMITED.id, ask(LIMITED.id, 80.0)) == 80


def test_a_released_point_starts_its_ramp_anew():
    rig = Rig(points=[LIMITED])
    rig.tick(ask(LIMITED.id, 20.0))
    rig.tick(heard=["sequence"])
    assert rig.value(LIMITED.id, ask(LIMITED.id, 80.0)) == 80
