"""The sun where libraries stumble: dates around 00:00 UTC, the poles, changing clocks, a library that errs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent.calc import sun
from agent.calc.calendar_table import sun_table
from agent.calc.sun import HORIZON, SunEvent, current_night, sun_day
from agent.calc.sun_solver import Spot, crossings

YEAR = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
CHINA = [(29.65, 91.1), (39.47, 75.99), (52.97, 122.54), (22.55, 114.06), (45.8, 126.5)]


@pytest.fixture(autouse=True)
def _forget() -> None:
    sun.sun_day.cache_clear()
    sun._night.cache_clear()


def test_the_days_on_which_astral_raises_have_their_events() -> None:
    from astral import Observer
    from astral.sun import dawn, dusk, sunrise, sunset

    asked = {"dawn": dawn, "sunrise": sunrise, "sunset": sunset, "dusk": dusk}
    zone = ZoneInfo("Asia/Shanghai")
    raised = 0
    for latitude, longitude in CHINA:
        for day in YEAR:
            for name, function in asked.items():
                try:
                    function(Observer(latitude, longitude, 0.0), date=day, tzinfo=zone)
                except ValueError:
                    raised += 1
                    moment = getattr(sun_day(day, latitude, longitude, "Asia/Shanghai"), name)
                    assert moment is not None
                    assert moment.date() == day
    assert raised > 0, "astral has been mended: this workaround may go"


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "America/Los_Angeles", "Asia/Kathmandu"])
def test_every_event_of_a_year_lies_on_its_date_and_moves_by_minutes(zone: str) -> None:
    """A local place whatever the zone: 114 E seen in Los Angeles time has its sunrise in the afternoon."""
    before: dict[str, datetime] = {}
    for day in YEAR:
        found = sun_day(day, 31.2, 114.06, zone)
        for event in SunEvent:
            moment = getattr(found, event)
            assert moment is not None
            assert moment.date() == day
            last = before.get(event)
            assert last is None or abs(moment.timestamp() - last.timestamp() - 86400.0) < 180.0
            before[event] = moment


def test_order_and_offset_of_an_ordinary_day() -> None:
    found = sun_day(date(2026, 7, 1), 40.71, -74.01, "America/New_York")
    assert found.kind == "normal"
    times = [found.dawn, found.sunrise, found.sunset, found.dusk]
    assert times == sorted(times, key=lambda time: time or datetime.max.replace(tzinfo=UTC))
    assert found.sunrise is not None
    assert found.sunrise.utcoffset() == timedelta(hours=-4)
    winter = sun_day(date(2026, 12, 1), 40.71, -74.01, "America/New_York").sunrise
    assert winter is not None
    assert winter.utcoffset() == timedelta(hours=-5)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("Africa/Cairo", date(2026, 4, 24)),  # midnight itself does not exist
        ("Asia/Beirut", date(2026, 3, 29)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),  # half an hour
        ("Pacific/Apia", date(2011, 12, 30)),  # a date that never was
    ],
)
def test_days_on_which_the_clocks_change(zone: str, day: date) -> None:
    rows = sun_table(30.0, 31.0, zone, day - timedelta(days=1), 3)
    assert [row["date"] for row in rows] == [str(day + timedelta(days=number)) for number in (-1, 0, 1)]
    for row in (rows[0], rows[2]):
        assert all(row.values())


@pytest.mark.parametrize("latitude", [-90.0, -89.9, -78.0, -66.5, 0.0, 65.8, 67.0, 70.0, 83.0, 89.99, 90.0])
def test_the_kind_of_each_day_of_a_year(latitude: float) -> None:
    longitude = 18.96
    kinds = set()
    for day in YEAR[::3]:
        found = sun_day(day, latitude, longitude, "Europe/Oslo")
        start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Oslo")).timestamp()
        heights = [Spot(latitude, longitude).altitude(start + 300.0 * step) for step in range(289)]
        lowest, highest = min(heights), max(heights)
        assume_clear = abs(lowest - HORIZON) > 0.01 and abs(highest - HORIZON) > 0.01
        expected = "polar_day" if lowest > HORIZON else "polar_night" if highest < HORIZON else "normal"
        assert found.kind == expected or not assume_clear, f"{day}: {lowest:.3f}..{highest:.3f}"
        kinds.add(found.kind)
    assert (len(kinds) > 1) == (abs(latitude) > 65.7)


@settings(max_examples=300)
@given(
    day=st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    zone=st.sampled_from(["Asia/Shanghai", "UTC", "Pacific/Kiritimati", "America/St_Johns"]),
)
def test_no_exception_on_any_day_at_any_place(
    day: date, latitude: float, longitude: float, zone: str
) -> None:
    found = sun_day(day, latitude, longitude, zone)
    (row,) = sun_table(latitude, longitude, zone, day, 1)
    assert set(row) == {"date", "dawn", "sunrise", "sunset", "dusk"}
    assert (row["sunrise"] is None) == (found.sunrise is None)


@settings(max_examples=400)
@given(
    utc=st.floats(6.3e8, 2.5e9),
    latitude=st.floats(-84, 84),
    longitude=st.floats(-180, 180),
)
def test_dark_is_when_the_sun_is_below_the_horizon(utc: float, latitude: float, longitude: float) -> None:
    spot = Spot(latitude, longitude)
    height = spot.altitude(utc)
    assume(abs(height - HORIZON) > 0.05)
    assert (current_night(utc, spot) is not None) == (height < HORIZON)


@pytest.mark.parametrize(
    ("latitude", "day"),
    [(67.99, datetime(2026, 12, 9, tzinfo=UTC)), (68.2, datetime(2026, 12, 7, tzinfo=UTC))],
)
def test_a_sun_that_shows_for_minutes_around_a_polar_noon_is_seen(latitude: float, day: datetime) -> None:
    """True noon is 8 minutes from mean noon there: a night cut at mean noon would miss it."""
    spot = Spot(latitude, 20.0)
    noon = day.timestamp() + 43200.0 - 20.0 * 240.0
    shown = [minute for minute in range(-30, 31) if spot.altitude(noon + 60.0 * minute) > HORIZON]
    assert 3 < len(shown) < 20
    assert [minute for minute in range(-30, 31) if current_night(noon + 60.0 * minute, spot) is None] == shown


def test_offsets_move_the_edges_and_nothing_else() -> None:
    spot = Spot(22.55, 114.06)
    noon = datetime(2026, 11, 22, 4, 30, tzinfo=UTC).timestamp()
    plain = current_night(noon + 43200.0, spot)
    moved = current_night(noon + 43200.0, spot, on_offset=-600.0, off_offset=300.0)
    assert plain is not None
    assert moved is not None
    assert (moved.start, moved.end) == (plain.start - 600.0, plain.end + 300.0)
    assert current_night(noon, spot) is None


def test_when_astral_fails_altogether_our_own_solver_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with_astral = sun_day(date(2026, 7, 2), 39.47, 75.99, "Asia/Shanghai")
    sun.sun_day.cache_clear()

    def broken(*_: Any, **__: Any) -> datetime:
        raise ValueError("Unable to find a sunrise time on the date specified")

    monkeypatch.setattr("astral.sun.time_at_elevation", broken)
    own = sun_day(date(2026, 7, 2), 39.47, 75.99, "Asia/Shanghai")
    for event in SunEvent:
        assert abs((getattr(own, event) - getattr(with_astral, event)).total_seconds()) <= 6.0


def test_an_answer_of_astral_that_the_sun_contradicts_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = sun_day(date(2026, 7, 2), 39.47, 75.99, "Asia/Shanghai")
    sun.sun_day.cache_clear()
    from astral.sun import time_at_elevation

    monkeypatch.setattr(
        "astral.sun.time_at_elevation", lambda *a, **k: time_at_elevation(*a, **k) + timedelta(seconds=40)
    )
    found = sun_day(date(2026, 7, 2), 39.47, 75.99, "Asia/Shanghai")
    for event in SunEvent:
        assert abs((getattr(found, event) - getattr(expected, event)).total_seconds()) <= 6.0


def test_the_solver_finds_a_night_of_minutes() -> None:
    """66.6 N at the turn of the midnight sun: sunset and sunrise within the same hour."""
    spot = Spot(65.8, 20.0)
    start = datetime(2026, 6, 10, tzinfo=UTC).timestamp()
    down = list(crossings(spot, start, start + 20 * 86400.0, HORIZON, rising=False))
    up = list(crossings(spot, start, start + 20 * 86400.0, HORIZON, rising=True))
    nights = [
        later - earlier for earlier, later in zip(down, [one for one in up if one > down[0]], strict=False)
    ]
    assert len(nights) >= 3
    assert min(nights) < 2400.0


@pytest.mark.parametrize("place", [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0)])
def test_a_place_that_is_not_on_earth_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="not a place on earth"):
        sun_day(date(2026, 1, 1), *place, "UTC")


def test_an_unknown_zone_and_a_negative_table_are_refused() -> None:
    with pytest.raises(KeyError):
        sun_day(date(2026, 1, 1), 0.0, 0.0, "Mars/Olympus")
    with pytest.raises(ValueError, match="negative"):
        sun_table(0.0, 0.0, "UTC", date(2026, 1, 1), -1)
