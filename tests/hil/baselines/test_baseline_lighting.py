"""Lamps and switching clocks as they were: what each baseline commands, in a table."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from agent.core.equipment import Area, AreaModel, Authority, Equipment, Place
from agent.core.point import Access, Point, ValueKind
from agent.core.reading import Quality, Reading
from agent.core.snapshot import Snapshot
from hil.baselines.lighting_always import LightingAlways
from hil.baselines.lighting_human import LightingHuman
from hil.baselines.lighting_motion import LightingMotion
from hil.baselines.lighting_tide import LightingTide
from hil.baselines.lighting_timer import LightingTimer
from hil.baselines.switching_clock import human_times, seasonal_times, sun_times

SHENZHEN = Place(name="test", latitude=22.639, longitude=113.811, timezone="Asia/Shanghai")
ROLES = ("lamp_level", "lamp_switch", "presence")
GROUPS = {
    name: Equipment(
        id=name,
        kind="lamp_group",
        area="a",
        roles={role: f"{name}.{role}" for role in ROLES},
        next_to=beside,
    )
    for name, beside in (("one", ("two",)), ("two", ("one", "three")), ("three", ("two",)))
}
POINTS = {
    point: Point(id=point, kind=kind, access=access)
    for group in GROUPS.values()
    for (role, point), kind, access in zip(
        group.roles.items(),
        (ValueKind.NUMBER, ValueKind.SWITCH, ValueKind.SWITCH),
        (Access.READ_WRITE, Access.READ_WRITE, Access.READ),
        strict=True,
    )
}
MODEL = AreaModel(area=Area(id="a", tick=1.0), place=SHENZHEN, equipment=GROUPS, points=POINTS)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()


def picture(elapsed=0.0, seen=(), silent=(), at="2026-03-10 12:00", trusted=True):
    readings = {
        f"{name}.presence": Reading(name in seen, 0.0, elapsed, Quality.GOOD)
        for name in GROUPS
        if name not in silent
    }
    return Snapshot(
        model=MODEL,
        readings=readings,
        utc=utc(at),
        utc_trusted=trusted,
        elapsed=elapsed,
        authority=Authority.AGENT,
    )


def levels(commands, role="lamp_level"):
    return {c.point.partition(".")[0]: c.value for c in commands if c.point.endswith(role)}


def test_always_is_always():
    commands, _ = LightingAlways(name="x").decide(picture(), LightingAlways().initial_state())
    assert levels(commands) == {"one": 100.0, "two": 100.0, "three": 100.0}
    assert levels(commands, "lamp_switch") == {"one": True, "two": True, "three": True}


def follow(policy, *steps):
    state, found = policy.initial_state(), []
    for elapsed, seen in steps:
        commands, state = policy.decide(picture(elapsed, seen), state)
        found.append({name for name, level in levels(commands).items() if level == 100.0})
    return found


def test_motion_alone_knows_its_own_radar_only():
    lit = follow(LightingMotion(neighbours=False, hold=10.0), (0, ()), (1, {"one"}), (10.5, ()), (11.5, ()))
    assert lit == [set(), {"one"}, {"one"}, set()]


def test_motion_with_neighbours_lights_next_door_too():
    lit = follow(LightingMotion(hold=10.0), (0, {"one"}), (5, {"three"}), (10.5, ()), (15.5, ()))
    assert lit == [{"one", "two"}, {"one", "two", "three"}, {"two", "three"}, set()]


def test_a_silent_radar_lights_its_group():
    commands, _ = LightingMotion(neighbours=False).decide(
        picture(silent=("two",)), LightingMotion().initial_state()
    )
    assert levels(commands) == {"one": 10.0, "two": 100.0, "three": 10.0}


@pytest.mark.parametrize(
    ("at", "trusted", "level"),
    [
        ("2026-03-10 06:59:59", True, 25.0),
        ("2026-03-10 07:00", True, 50.0),
        ("2026-03-10 22:00", True, 25.0),
        ("2026-03-10 03:00", False, 50.0),
    ],
)
def test_the_tide_follows_the_clock(at, trusted, level):
    commands, _ = LightingTide().decide(picture(at=at, trusted=trusted), LightingTide().initial_state())
    assert set(levels(commands).values()) == {level}


def test_the_seasonal_clock_is_safe_on_every_day_and_moves_four_times_a_year():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    times = [seasonal_times(SHENZHEN, day, 4, 600.0) for day in days]
    for day, one in zip(days, times, strict=True):
        sun = sun_times(SHENZHEN, day)
        assert one.on <= sun.on, day
        assert one.off >= sun.off, day
        assert sun.on - one.on < 80 * 60, day
    changes = [day for day, one, before in zip(days[1:], times[1:], times[:-1], strict=True) if one != before]
    assert changes == [date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1), date(2026, 12, 1)]


def test_the_human_is_late_by_days_and_keeps_what_he_set():
    days = [date(2026, 9, 1) + timedelta(days=n) for n in range(60)]
    times = [human_times(SHENZHEN, day, 14, 3, 300.0) for day in days]
    runs = [n for n in range(1, 60) if times[n] != times[n - 1]]
    assert {b - a for a, b in pairwise(runs)} <= {14, 28}
    late = [one.on - sun_times(SHENZHEN, day).on for day, one in zip(days, times, strict=True)]
    assert max(late) > 300.0, "in autumn he lets the dark come before the light"


@pytest.mark.parametrize("policy", [LightingTimer(), LightingHuman()])
def test_clocks_burn_at_night_and_evening_lighting_ends(policy):
    evening = replace(policy, end=23.0, groups=("one",))
    for at, night, late in (
        ("2026-03-10 12:00", False, False),
        ("2026-03-10 21:00", True, True),
        ("2026-03-10 23:30", True, False),
        ("2026-03-11 03:00", True, False),
    ):
        commands, _ = policy.decide(picture(at=at), policy.initial_state())
        assert set(levels(commands, "lamp_switch").values()) == {night}
        commands, _ = evening.decide(picture(at=at), evening.initial_state())
        assert levels(commands, "lamp_switch") == {"one": late}
