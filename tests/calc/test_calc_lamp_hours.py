"""agent.calc.lamp_hours: one rule, asked at an instant and through a year."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.calc.calendar import CALENDARS
from agent.calc.lamp_hours import LampHours, burning, late_spans, level_at, site_calendar, switchings
from agent.calc.sun import SunEvent
from agent.calc.sun_solver import Spot

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
SHENZHEN, BOSTON = Spot(22.55, 114.06), Spot(42.36, -71.06)
EVERY_DAY = CALENDARS["daily"]


def at(text: str, zone: str = SHANGHAI) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def told(rule, first, last, *, spot=SHENZHEN, zone=SHANGHAI, calendar=EVERY_DAY):
    return [
        (datetime.fromtimestamp(one.utc, ZoneInfo(zone)).strftime("%d %H:%M"), one.level)
        for one in switchings(rule, at(first, zone), at(last, zone), spot, zone, calendar)
    ]


def test_a_day_of_sun_dimming_and_curfew():
    late = late_spans(("00:30", "05:00", 0.0), dim=("22:30", "06:00", 40.0))
    assert told(LampHours(late=late), "2026-11-22 12:00", "2026-11-23 12:00") == [
        ("22 17:38", 100.0),
        ("22 22:30", 40.0),
        ("23 00:30", 0.0),
        ("23 05:00", 40.0),
        ("23 06:00", 100.0),
        ("23 06:41", 0.0),
    ]


def test_nights_before_the_kind_of_day_they_begin_on():
    """2026-10-10 is a Saturday that is worked; from 1 October seven days are off; a site has days of its own."""
    calendar = site_calendar("cn", ("2026-11-24",), ("2026-11-28",))
    rule = LampHours(late=late_spans(("22:00", "12:00", 0.0), ("23:30", "12:00", 0.0)))
    ends = {
        day: told(rule, f"{day} 20:00", f"{day} 23:59", calendar=calendar)[0][0][3:]
        for day in ("2026-10-05", "2026-10-10", "2026-10-11", "2026-11-23", "2026-11-24", "2026-11-28")
    }
    assert list(ends.values()) == ["23:30", "22:00", "23:30", "22:00", "23:30", "22:00"]


def test_no_curfew_in_nights_that_begin_on_a_day_off():
    rule = LampHours(late=late_spans(("23:00", "05:00", 0.0), ("none", "", 0.0)))
    weekly = CALENDARS["weekly"]
    friday = told(rule, "2026-11-20 12:00", "2026-11-21 12:00", calendar=weekly)
    saturday = told(rule, "2026-11-21 12:00", "2026-11-22 12:00", calendar=weekly)
    assert [level for _, level in friday] == [100.0, 0.0, 100.0, 0.0]
    assert [level for _, level in saturday] == [100.0, 0.0]


@pytest.mark.parametrize(
    ("day", "night", "hours"),
    [("2026-03-07", "2026-03-08", 2.0), ("2026-10-31", "2026-11-01", 4.0), ("2026-06-01", "2026-06-02", 3.0)],
)
def test_a_curfew_over_the_change_of_the_clocks_begins_and_ends_once(day, night, hours):
    """From 23:30 to 02:30 by the wall clock: an hour shorter in spring (02:30 is skipped), an hour longer in autumn."""
    rule = LampHours(late=late_spans(("23:30", "02:30", 0.0)))
    changes = list(
        switchings(
            rule, at(f"{day} 12:00", NEW_YORK), at(f"{night} 12:00", NEW_YORK), BOSTON, NEW_YORK, EVERY_DAY
        )
    )
    assert [one.level for one in changes] == [100.0, 0.0, 100.0, 0.0]
    assert (changes[2].utc - changes[1].utc) / 3600.0 == hours


def test_hours_that_the_clocks_repeat_make_no_second_curfew():
    """01:00 to 01:30 comes twice on 1 November."""
    rule = LampHours(late=late_spans(("01:00", "01:30", 0.0)))
    levels = told(rule, "2026-10-31 12:00", "2026-11-01 12:00", spot=BOSTON, zone=NEW_YORK)
    assert [level for _, level in levels] == [100.0, 0.0, 100.0, 0.0]


def test_hours_burnt():
    rule = LampHours(late=late_spans(("00:00", "04:00", 50.0)))
    start, end = at("2026-11-22 12:00"), at("2026-11-23 12:00")
    changes = list(switchings(rule, start, end, SHENZHEN, SHANGHAI, EVERY_DAY))
    hours, full = burning(changes, start, end, 0.0)
    assert hours == pytest.approx(13.05, abs=0.02)
    assert full == pytest.approx(hours - 2.0, abs=1e-6)


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ((("23:30", "", 0.0),), "curfew from '23:30' to ''"),
        ((("25:00", "05:00", 0.0),), "HH:MM"),
        ((("05:00", "05:00", 0.0),), "no length"),
        ((("", "", 0.0), ("23:00", "soon", 0.0)), "HH:MM"),
    ],
)
def test_hours_that_mean_nothing_are_refused(spans, words):
    with pytest.raises(ValueError, match=words):
        late_spans(*spans)


def test_a_calendar_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="cn, weekly"):
        site_calendar("mars")
    with pytest.raises(ValueError, match="2026"):
        site_calendar("cn", ("2026-13-01",))


@settings(max_examples=30, deadline=None)
@given(
    day=st.integers(0, 365 * 3),
    latitude=st.floats(-75, 75),
    longitude=st.floats(-180, 180),
    offset=st.floats(-3600, 3600),
    zone=st.sampled_from([SHANGHAI, NEW_YORK, "Europe/Oslo", "Australia/Lord_Howe"]),
)
def test_the_changes_of_a_day_are_the_levels_of_its_instants(day, latitude, longitude, offset, zone):
    """State as a function of time: whoever asks at any minute sees what the list of changes says."""
    spot, start = Spot(latitude, longitude), datetime(2026, 1, 1, tzinfo=UTC).timestamp() + day * 86400.0
    late = late_spans(("22:45", "01:45", 0.0), dim=("21:00", "05:30", 30.0))
    rule = LampHours(on_at=SunEvent.SUNSET, on_offset=offset, off_offset=-offset / 2, late=late)
    calendar = CALENDARS["cn"]
    changes = list(switchings(rule, start, start + 86400.0, spot, zone, calendar))
    level = level_at(rule, start, spot, zone, calendar)
    ahead = [one for one in changes if one.utc > start]
    for minute in range(0, 1440, 7):
        utc = start + 60.0 * minute
        while ahead and ahead[0].utc <= utc:
            level = ahead.pop(0).level
        assert level_at(rule, utc, spot, zone, calendar) == level
