"""agent.calc.icalendar and lamp_year: a calendar file that phones read, by the rules of RFC 5545."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.calc.calendar import CALENDARS
from agent.calc.icalendar import CalendarEvent, calendar_file
from agent.calc.lamp_hours import LampHours, late_spans
from agent.calc.lamp_year import LampPlace, calendar_events, evenings
from agent.calc.sun_solver import Spot

STAMP = 1_795_000_000.0
PLACE = LampPlace(
    name="Garden, north; 花园小区",
    spot=Spot(22.55, 114.06),
    timezone="Asia/Shanghai",
    rule=LampHours(late=late_spans(("23:00", "05:00", 0.0))),
    calendar=CALENDARS["daily"],
)


def read(content: bytes) -> list[tuple[str, str]]:
    """Name and value of every line, as section 3.1 says; anything else is an error."""
    assert content.endswith(b"\r\n")
    raw = content[:-2].split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in raw)
    assert max(map(len, raw)) <= 75
    for line in raw:
        line.decode()  # no character is cut in two
    unfolded = content.replace(b"\r\n ", b"").decode()
    lines = [re.fullmatch(r"([A-Z-]+)(?:;[^:]*)?:(.*)", line) for line in unfolded.split("\r\n")[:-1]]
    assert all(lines)
    return [(line[1], line[2]) for line in lines if line]


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)


def test_a_week_of_lamps_is_a_calendar():
    lines = read(calendar_file(PLACE.name, calendar_events(PLACE, date(2026, 11, 22), 7), STAMP))
    assert lines[0] == ("BEGIN", "VCALENDAR")
    assert lines[-1] == ("END", "VCALENDAR")
    assert ("VERSION", "2.0") in lines
    assert [name for name, _ in lines].count("PRODID") == 1
    assert unescaped(dict(lines)["X-WR-CALNAME"]) == PLACE.name
    starts = [value for name, value in lines if name == "DTSTART"]
    assert len(starts) == 28  # on, curfew, its end, off
    assert starts == sorted(starts)
    assert starts[0] == "20261122T093837Z"
    assert len({value for name, value in lines if name == "UID"}) == 28
    stamp = datetime.fromtimestamp(STAMP, UTC).strftime("%Y%m%dT%H%M%SZ")
    assert {value for name, value in lines if name == "DTSTAMP"} == {stamp}
    inner = [value for name, value in lines if name in ("BEGIN", "END")][1:-1]
    assert inner == ["VEVENT"] * 56


def test_a_file_made_again_names_the_same_events():
    later = replace(PLACE, rule=replace(PLACE.rule, on_offset=-300.0))
    first, second = (
        [value for name, value in read(calendar_file(one.name, calendar_events(one, date(2026, 5, 1), 3), STAMP)) if name == "UID"]
        for one in (PLACE, later)
    )  # fmt: skip
    assert first == second


@given(st.text(max_size=300))
def test_any_text_comes_through_folded_and_escaped(text):
    lines = dict(read(calendar_file("x", [CalendarEvent("k", 0.0, 60.0, text, text)], STAMP)))
    plain = "".join(one for one in text.replace("\r\n", "\n") if one >= " " or one == "\n").replace(
        "\x7f", ""
    )
    plain = plain.encode(errors="replace").decode()
    assert unescaped(lines["SUMMARY"]) == plain


def test_the_hours_of_a_year_add_up():
    """Without a curfew lamps burn from sunset to sunrise: half the year, less refraction and the sun's disc."""
    year = list(evenings(replace(PLACE, rule=LampHours()), date(2026, 1, 1), 365))
    assert sum(one.hours for one in year) == pytest.approx(4332.0, abs=10.0)
    assert all(one.hours == pytest.approx(one.full) for one in year)
    with_curfew = list(evenings(PLACE, date(2026, 1, 1), 365))
    saved = sum(one.hours for one in year) - sum(one.hours for one in with_curfew)
    assert saved == pytest.approx(6.0 * 365, abs=1.0)


def test_polar_night_burns_through_and_polar_day_not_at_all():
    far = replace(PLACE, spot=Spot(69.65, 18.96), timezone="Europe/Oslo", rule=LampHours())
    (dark,) = evenings(far, date(2026, 12, 21), 1)
    (bright,) = evenings(far, date(2026, 6, 21), 1)
    assert (dark.hours, dark.before, len(dark.changes)) == (24.0, 100.0, 0)
    assert (bright.hours, len(bright.changes)) == (0.0, 0)
