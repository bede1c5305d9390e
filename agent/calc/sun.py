"""The sun's day: dawn, sunrise, sunset and dusk at a place, and whether the lamps belong on.

Astral is asked first; its answer is kept when the sun then really stands at that height (sun_position) and the answer
lies on the day that was asked for. Where astral misses, our own solver decides. Astral's known faults are why:

* it raises ValueError on the day an event crosses 00:00 UTC (sffjunkie/astral 82, 86, 99): it is asked in UTC only, for
  the dates around;
* it gives the event of a neighbouring date (81): answers outside the wanted span are dropped;
* `elevation` means height above the surrounding horizon, never the map's altitude: it is always 0;
* it says "always above" in polar night (74): the kind of day comes from the sun's height;
* its two iterations and its refraction below the horizon cost up to minutes at high latitudes: an answer more than
  `_TOLERANCE` seconds off is replaced.

Definitions: USNO. Sunrise and sunset: centre at -0.8333 degrees (34' refraction and 16' radius) on a flat horizon;
civil dawn and dusk: centre at -6 degrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from math import floor
from typing import Literal
from zoneinfo import ZoneInfo

from agent.calc.skyline import FLAT, Skyline, behind_terrain
from agent.calc.sun_solver import Spot, crossings, seconds_off, turning_point

HORIZON = -0.8333
CIVIL = -6.0
_TOLERANCE = 5.0  # seconds an answer of astral may be off

DayKind = Literal["normal", "polar_day", "polar_night"]


class SunEvent(StrEnum):
    """The four moments of a day that people switch lamps by."""

    DAWN = "dawn"
    SUNRISE = "sunrise"
    SUNSET = "sunset"
    DUSK = "dusk"

    @property
    def rising(self) -> bool:
        return self in (SunEvent.DAWN, SunEvent.SUNRISE)

    @property
    def altitude(self) -> float:
        """Height of the sun's centre, degrees."""
        return HORIZON if self in (SunEvent.SUNRISE, SunEvent.SUNSET) else CIVIL


@dataclass(frozen=True, slots=True, kw_only=True)
class SunDay:
    """One calendar day of a place: aware local times of the events that fall on it, None where there is none."""

    date: date
    dawn: datetime | None
    sunrise: datetime | None
    sunset: datetime | None
    dusk: datetime | None
    kind: DayKind


@lru_cache(maxsize=1024)
def sun_day(day: date, latitude: float, longitude: float, timezone: str) -> SunDay:
    """The events between local midnight and local midnight.

    Of two of one sort on one date (short nights around midnight) the first rise and the last set count.
    Raises ValueError for a place that is not on earth, KeyError (ZoneInfoNotFoundError) for an unknown zone.
    """
    spot, zone = Spot(latitude, longitude), ZoneInfo(timezone)
    start, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    times = {event: _local(_on(spot, start, end, event), zone) for event in SunEvent}
    kind: DayKind = "normal"
    if times[SunEvent.SUNRISE] is None and times[SunEvent.SUNSET] is None:
        kind = "polar_day" if spot.altitude((start + end) / 2) > HORIZON else "polar_night"
    return SunDay(
        date=day,
        dawn=times[SunEvent.DAWN],
        sunrise=times[SunEvent.SUNRISE],
        sunset=times[SunEvent.SUNSET],
        dusk=times[SunEvent.DUSK],
        kind=kind,
    )


@dataclass(frozen=True, slots=True)
class Night:
    """The dark between two solar noons: UTC seconds from when to when the sun asks for light.

    `begins`/`ends` say whether that edge is a real event: in polar night there is none, only the noons.
    """

    start: float
    end: float
    begins: bool = True
    ends: bool = True


def nights(
    utc: float,
    spot: Spot,
    on: SunEvent = SunEvent.SUNSET,
    off: SunEvent = SunEvent.SUNRISE,
    skyline: Skyline = FLAT,
) -> tuple[Night, ...]:
    """The nights around an instant (yesterday's, this one, tomorrow's), those that get dark at all.

    Terrain makes them longer where they begin at sunset or end at sunrise.
    """
    number = floor((utc + spot.longitude * 240.0 - 43200.0) / 86400.0)
    found = (_night(index, spot, on, off) for index in range(number - 1, number + 2))
    return tuple(_in_terrain(night, spot, (on, off), skyline) for night in found if night is not None)


def _in_terrain(night: Night, spot: Spot, edges: tuple[SunEvent, SunEvent], skyline: Skyline) -> Night:
    if not skyline:
        return night
    start, end = night.start, night.end
    if night.begins and edges[0] is SunEvent.SUNSET:
        start = behind_terrain(start, spot, skyline, rising=False)
    if night.ends and edges[1] is SunEvent.SUNRISE:
        end = behind_terrain(end, spot, skyline, rising=True)
    return replace(night, start=start, end=end)


def current_night(
    utc: float,
    spot: Spot,
    on: SunEvent = SunEvent.SUNSET,
    off: SunEvent = SunEvent.SUNRISE,
    on_offset: float = 0.0,
    off_offset: float = 0.0,
    skyline: Skyline = FLAT,
) -> Night | None:
    """The night that `utc` lies in, its real edges moved by terrain and offsets; None by day."""
    for night in nights(utc, spot, on, off, skyline):
        start = night.start + (on_offset if night.begins else 0.0)
        end = night.end + (off_offset if night.ends else 0.0)
        if start <= utc < end:
            return Night(start, end, night.begins, night.ends)
    return None


@lru_cache(maxsize=1024)
def _night(number: int, spot: Spot, on: SunEvent, off: SunEvent) -> Night | None:
    """The night from true solar noon `number` (days since 1970) to the next."""
    noon, following = _noon(number, spot), _noon(number + 1, spot)
    dark_before = spot.altitude(noon) < on.altitude
    dark_after = spot.altitude(following) < off.altitude
    begin = noon if dark_before else _on(spot, noon, following, on)
    if begin is None:
        return None  # bright night: the sun never gets as low as the lamps wait for
    end = following if dark_after else _on(spot, noon, following, off)
    if end is None:  # on by sunset, off by civil dawn, in a night without either twilight: burn until sunrise
        end = _on(spot, noon, following, SunEvent.SUNRISE)
    return Night(
        begin, following if end is None else end, not dark_before, end is not None and not dark_after
    )


def _noon(number: int, spot: Spot) -> float:
    """When the sun stands highest: at most 17 minutes from mean noon, which would cut a polar noon in two."""
    mean = number * 86400.0 + 43200.0 - spot.longitude * 240.0
    return turning_point(spot, mean - 1800.0, mean + 1800.0, 1.0)


def _on(spot: Spot, start: float, end: float, event: SunEvent) -> float | None:
    """UTC seconds of the event in [start, end); None when there is none."""
    asked = [time for time in _astral(spot, start, end, event) if start <= time < end]
    found = asked or list(crossings(spot, start, end, event.altitude, rising=event.rising))
    if not found:
        return None
    return min(found) if event.rising else max(found)


def _astral(spot: Spot, start: float, end: float, event: SunEvent) -> Iterator[float]:
    """Astral's answers for the UTC dates that touch the span, those that stand the check."""
    from astral import Observer, SunDirection
    from astral.sun import time_at_elevation

    observer = Observer(spot.latitude, spot.longitude, 0.0)
    direction = SunDirection.RISING if event.rising else SunDirection.SETTING
    day = datetime.fromtimestamp(start, UTC).date() - timedelta(days=1)
    last = datetime.fromtimestamp(end, UTC).date()
    while day <= last:
        try:
            moment = time_at_elevation(
                observer, event.altitude, day, direction, tzinfo=UTC, with_refraction=False
            )
        except ValueError:
            pass  # the sun does not get there by astral's reckoning; our solver has the last word
        else:
            if seconds_off(spot, moment.timestamp(), event.altitude, rising=event.rising) <= _TOLERANCE:
                yield moment.timestamp()
        day += timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def _local(utc: float | None, zone: ZoneInfo) -> datetime | None:
    if utc is None:
        return None
    return datetime.fromtimestamp(floor(utc), UTC).astimezone(zone)
