"""Meter registers to what each local day has used, with the two samples behind each day.

A register only rises. One that goes back was replaced or rolled over: the day is left out and says so, rather than guessed.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

REACH = 900.0  # s from midnight within which a register must have been read, before and after
AT_ONCE = 60.0  # s: so close to midnight one reading is enough


@dataclass(frozen=True, slots=True)
class StoredSample:
    """One number and where it lies: epoch/sequence of its block."""

    point: str
    time: float  # UTC seconds
    value: float
    place: str


@dataclass(frozen=True, slots=True)
class DayUse:
    """One local day of one meter. `kwh` None: not known, and `reason` why."""

    point: str
    day: dt.date
    kwh: float | None
    reason: str = ""
    first: StoredSample | None = None
    last: StoredSample | None = None
    count: int = 0


def days_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Both included."""
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


def midnight(day: dt.date, zone: ZoneInfo) -> float:
    """UTC seconds of its beginning by the site's clock."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def daily_use(
    samples: Sequence[StoredSample], point: str, days: Sequence[dt.date], zone: ZoneInfo
) -> list[DayUse]:
    """What one register has counted on each of these days. `samples` oldest first."""
    return [_day(samples, point, day, zone) for day in days]


def _day(samples: Sequence[StoredSample], point: str, day: dt.date, zone: ZoneInfo) -> DayUse:
    begin, end = midnight(day, zone), midnight(day + dt.timedelta(days=1), zone)
    start, stop = _at(samples, begin), _at(samples, end)
    if start is None or stop is None:
        border = "begin" if start is None else "end"
        return DayUse(point, day, None, f"the register was not read around its {border}")
    (low, first), (high, last) = start, stop
    inside = samples[samples.index(first) : samples.index(last) + 1]
    if any(one.value > other.value for one, other in pairwise(inside)):
        return DayUse(
            point, day, None, "the register went back: replaced, or rolled over", first, last, len(inside)
        )
    return DayUse(point, day, high - low, "", first, last, len(inside))


def _at(samples: Sequence[StoredSample], moment: float) -> tuple[float, StoredSample] | None:
    """The register at a moment, straight between its neighbours, and the sample nearest to it."""
    place = bisect_left(samples, moment, key=lambda one: one.time)
    before = samples[place - 1] if place > 0 else None
    after = samples[place] if place < len(samples) else None
    near = [one for one in (before, after) if one is not None and abs(one.time - moment) <= REACH]
    if len(near) == 2:
        one, other = near
        share = (moment - one.time) / (other.time - one.time) if other.time > one.time else 0.0
        nearest = one if share < 0.5 else other
        return one.value + share * (other.value - one.value), nearest
    if near and abs(near[0].time - moment) <= AT_ONCE:
        return near[0].value, near[0]
    return None
