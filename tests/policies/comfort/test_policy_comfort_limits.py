"""policies.comfort.limits: bounds by season and weather, locked months, windows; and that nobody weaker crosses them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.core.command import Command, Priority
from agent.core.point import Access, Point, ValueKind
from agent.safety.arbiter import Arbiter
from policies.comfort.limits import Limits
from tests.policies.snapshots import Bench, bad, machine, model, snapshot

ROLES = ("enable", "zone_setpoint", "window_open")
SETPOINT, ENABLE = "z.zone_setpoint", "z.enable"


def when(month: int) -> float:
    return datetime(2025, month, 16, 12, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()


def bench(**parameters) -> Bench:
    area = model(machine("z", "zone", ROLES), machine("air", "weather", ("outdoor_dry_bulb",)), tick=60.0)
    values = {"z.window_open": False, "air.outdoor_dry_bulb": 30.0}
    return Bench(Limits(name="limits", **parameters), area, values)


# month, outdoors, low, high
ROWS = [
    (7, 30.0, 26.0, None),
    (7, 40.0, 26.0, None),
    (7, 40.5, 24.0, None),
    (7, bad(), 26.0, None),
    (4, 25.0, 26.0, None),
    (1, 0.0, None, 18.0),
]


@pytest.mark.parametrize(("month", "outdoors", "low", "high"), ROWS, ids=str)
def test_table(month, outdoors, low, high):
    one = bench()
    one.values["air.outdoor_dry_bulb"] = outdoors
    one.run(utc=when(month))
    wish = one.wishes[SETPOINT]
    assert (wish.value, wish.low, wish.high, wish.priority) == (None, low, high, Priority.COMFORT_LIMIT)
    assert ENABLE not in one.wishes


def test_the_heat_is_over_a_kelvin_lower():
    one = bench()
    lows = []
    for outdoors in (40.5, 39.5, 38.9, 39.5):
        one.values["air.outdoor_dry_bulb"] = outdoors
        one.run(utc=when(7))
        lows.append(one.wishes[SETPOINT].low)
    assert lows == [24.0, 24.0, 26.0, 26.0]


@pytest.mark.parametrize("month", range(1, 13))
def test_locked_months_keep_units_off(month):
    one = bench(locked_months=(3, 4, 5))
    one.run(utc=when(month))
    assert one.wishes[ENABLE].value is False if month in (3, 4, 5) else ENABLE not in one.wishes
    one.run(utc=when(month), utc_trusted=False)
    assert ENABLE not in one.wishes  # who does not know the month locks nothing


def test_where_units_bring_fresh_air_a_locked_month_is_a_set_point_out_of_reach():
    one = bench(locked_months=(4,), lock="set_point")
    one.run(utc=when(4))
    assert (one.wishes[SETPOINT].value, one.wishes[SETPOINT].low) == (
        32.0,
        32.0,
    )  # also where nobody else says one
    assert ENABLE not in one.wishes
    one.run(utc=when(6))
    assert (one.wishes[SETPOINT].value, one.wishes[SETPOINT].low) == (None, 26.0)


def test_an_open_window_locks_after_a_while_and_until_a_while_after():
    one = bench()
    seen = []
    for opened in (True, True, True, False, False, False, False, False, False):
        one.values["z.window_open"] = opened
        one.run(utc=when(7))
        seen.append(ENABLE in one.wishes)
    assert seen == [False, False, True, True, True, True, True, True, False]
    one.values["z.window_open"] = True
    one.run(utc=when(7))
    one.values["z.window_open"] = False
    one.run(utc=when(7))
    assert ENABLE not in one.wishes  # a minute is airing, not a waste
    one.values["z.window_open"] = bad()
    one.run(600.0, utc=when(7))
    assert ENABLE not in one.wishes


def claims(one: Bench, *others: Command):
    """What the arbiter makes of the limits and other wishes."""
    kinds = {SETPOINT: ValueKind.NUMBER, ENABLE: ValueKind.SWITCH}
    points = {
        id_: Point(id=id_, access=Access.READ_WRITE, kind=kinds.get(id_, ValueKind.NUMBER), unit="")
        for id_ in one.area.points
    }
    area = replace(one.area, points=points)
    arbiter = Arbiter(area, ())
    picture = snapshot(area, one.values, one.elapsed)
    everybody = (*one.wishes.values(), *others)
    heard = frozenset(command.source for command in everybody)
    return arbiter.decide(picture, everybody, heard, arbiter.initial_state(one.elapsed))[0]


@pytest.mark.parametrize(
    ("priority", "wanted", "set_to"),
    [
        (Priority.SCHEDULE, 22.0, 26.0),
        (Priority.OPTIMISER, 22.0, 26.0),
        (Priority.CLOUD, 22.0, 26.0),
        (Priority.DEMAND_LIMIT, 28.0, 28.0),
        (Priority.OPERATOR, 22.0, 22.0),  # a person may, with a reason and an end
    ],
)
def test_no_weaker_claim_crosses_a_limit(priority, wanted, set_to):
    one = bench()
    one.run(utc=when(7))
    wish = Command(point=SETPOINT, priority=priority, source="other", reason="r", value=wanted)
    decision = claims(one, wish)[SETPOINT]
    assert decision.value == set_to
    if set_to != wanted:
        assert "26" in decision.reason


@pytest.mark.parametrize(("priority", "runs"), [(Priority.CLOUD, False), (Priority.OPERATOR, True)])
def test_no_weaker_claim_starts_a_locked_unit(priority, runs):
    one = bench(locked_months=(4,))
    one.run(utc=when(4))
    wish = Command(point=ENABLE, priority=priority, source="other", reason="r", value=True)
    assert claims(one, wish)[ENABLE].value is runs


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"cooling_low_hot": 27.0}, "above"), ({"locked_months": (1,)}, "a month is in")],
)
def test_wrong_words_are_told(wrong, words):
    with pytest.raises(ValueError, match=words):
        Limits(name="limits", **wrong)
