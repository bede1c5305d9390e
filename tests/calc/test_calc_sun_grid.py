"""The sun against an independent ephemeris: JPL de421 through skyfield, sampled 1990-2050."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.calc.sun import sun_day
from agent.calc.sun_position import sun_altitude

CITIES = [
    ("Shenzhen", 22.55, 114.06, "Asia/Shanghai"),
    ("Lhasa", 29.65, 91.1, "Asia/Shanghai"),
    ("Kashgar", 39.47, 75.99, "Asia/Shanghai"),
    ("Mohe", 52.97, 122.54, "Asia/Shanghai"),
    ("Quito", -0.18, -78.47, "America/Guayaquil"),
    ("Sydney", -33.87, 151.21, "Australia/Sydney"),
    ("Berlin", 52.52, 13.4, "Europe/Berlin"),
    ("Helsinki", 59.99, 24.94, "Europe/Helsinki"),
    ("Kiritimati", 1.87, -157.4, "Pacific/Kiritimati"),
    ("Ushuaia", -54.8, -68.3, "America/Argentina/Ushuaia"),
    ("South 60", -60.0, 0.0, "UTC"),
    ("Kathmandu", 27.7, 85.3, "Asia/Kathmandu"),
]
DAYS = [date(1990, 1, 1) + timedelta(days=number) for number in range(0, 21900, 613)]


@cache
def ephemeris() -> tuple[Any, Any]:
    skyfield_data = pytest.importorskip("skyfield_data")
    from skyfield.api import Loader

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the leap second file of the data package grows old
        load = Loader(skyfield_data.get_skyfield_data_path())
        return load.timescale(builtin=True), load("de421.bsp")


def true_events(latitude: float, longitude: float, day: date, zone: str) -> dict[str, list[float]]:
    from skyfield import almanac
    from skyfield.api import wgs84

    timescale, planets = ephemeris()
    where = planets["earth"] + wgs84.latlon(latitude, longitude)
    tz = ZoneInfo(zone)
    start = datetime(day.year, day.month, day.day, tzinfo=tz)
    end = datetime.combine(day + timedelta(days=1), start.timetz())
    span = (
        timescale.from_datetime(start - timedelta(minutes=2)),
        timescale.from_datetime(end + timedelta(minutes=2)),
    )
    found: dict[str, list[float]] = {}
    for height, up, down in ((-0.8333, "sunrise", "sunset"), (-6.0, "dawn", "dusk")):
        rises, real = almanac.find_risings(where, planets["sun"], *span, horizon_degrees=height)
        found[up] = [t.utc_datetime().timestamp() for t, is_real in zip(rises, real, strict=True) if is_real]
        sets, real = almanac.find_settings(where, planets["sun"], *span, horizon_degrees=height)
        found[down] = [t.utc_datetime().timestamp() for t, is_real in zip(sets, real, strict=True) if is_real]
    return found


@pytest.mark.parametrize(("name", "latitude", "longitude", "zone"), CITIES)
def test_every_event_is_within_thirty_seconds_of_the_ephemeris(
    name: str, latitude: float, longitude: float, zone: str
) -> None:
    for day in DAYS:
        ours = sun_day(day, latitude, longitude, zone)
        for event, times in true_events(latitude, longitude, day, zone).items():
            moment: datetime | None = getattr(ours, event)
            if moment is None:
                inside = [t for t in times if _well_inside(t, day, zone)]
                assert not inside, f"{name} {day} {event} missed"
            else:
                off = min(abs(moment.timestamp() - t) for t in times)
                assert off <= 30.0, f"{name} {day} {event} is {off:.0f} s off"
                assert moment.date() == day


def _well_inside(utc: float, day: date, zone: str) -> bool:
    """Not within half a minute of the midnights, where either day may claim it."""
    return all(
        datetime.fromtimestamp(utc + shift, UTC).astimezone(ZoneInfo(zone)).date() == day
        for shift in (-30.0, 30.0)
    )


@pytest.mark.parametrize("latitude", [-75.0, -20.0, 30.0, 60.0])
def test_the_height_of_the_sun_is_within_a_hundredth_of_a_degree(latitude: float) -> None:
    from skyfield.api import wgs84

    timescale, planets = ephemeris()
    moments = [datetime(1990, 1, 1, tzinfo=UTC) + timedelta(days=41.37 * step) for step in range(530)]
    true = (planets["earth"] + wgs84.latlon(latitude, 77.7)).at(timescale.from_datetimes(moments))
    heights = true.observe(planets["sun"]).apparent().altaz()[0].degrees
    for moment, height in zip(moments, heights, strict=True):
        assert abs(sun_altitude(moment.timestamp(), latitude, 77.7) - height) < 0.01, moment
