"""Times that people set on a switching clock for the sun of their place: pure functions of the date.

The safe seasonal clock is set once for each part of the year to the earliest sunset and the latest sunrise in it, so that
nobody stands in the dark. The human goes to the clock every few weeks, some days late, and sets what the sun does that
day: too early in spring, too late in autumn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import ceil, floor
from zoneinfo import ZoneInfo

from agent.calc.sun import sun_day
from agent.core.equipment import Place

DAY = 86400.0
NOON = 12 * 3600.0


@dataclass(frozen=True, slots=True)
class ClockTimes:
    """Local seconds of the day at which the lamps go on (after noon) and off (before noon)."""

    on: float
    off: float

    def burns(self, second: float) -> bool:
        return second >= self.on or second < self.off


@lru_cache(maxsize=256)
def seasonal_times(place: Place, day: date, seasons: int, rounding: float) -> ClockTimes:
    """The safe setting of the part of the year that `day` lies in, `rounding` s to the safe side."""
    first, last = _season(day, seasons)
    days = [sun_times(place, first + timedelta(days=n)) for n in range(0, (last - first).days + 1, 3)]
    days.append(sun_times(place, last))
    earliest, latest = min(one.on for one in days), max(one.off for one in days)
    return ClockTimes(floor(earliest / rounding) * rounding, ceil(latest / rounding) * rounding)


def human_times(place: Place, day: date, every: int, late: int, rounding: float) -> ClockTimes:
    """What was set at the last visit: every `every` days, `late` days late, to the nearest `rounding` s."""
    number = day.toordinal() - late
    visit = date.fromordinal(number - number % every)
    times = sun_times(place, visit)
    return ClockTimes(round(times.on / rounding) * rounding, round(times.off / rounding) * rounding)


@lru_cache(maxsize=4096)
def sun_times(place: Place, day: date) -> ClockTimes:
    """Sunset and sunrise of the day. Where there is none, noon: the lamps burn all night or not at all."""
    sun = sun_day(day, place.latitude, place.longitude, place.timezone)
    return ClockTimes(_second(sun.sunset), _second(sun.sunrise))


def local_time(utc: float, place: Place) -> tuple[date, float]:
    """Date and seconds since local midnight."""
    local = datetime.fromtimestamp(utc, ZoneInfo(place.timezone))
    return local.date(), local.hour * 3600.0 + local.minute * 60.0 + local.second + local.microsecond / 1e6


def _second(moment: datetime | None) -> float:
    return NOON if moment is None else moment.hour * 3600.0 + moment.minute * 60.0 + moment.second


def _season(day: date, seasons: int) -> tuple[date, date]:
    """First and last day of the part of the year; the parts begin in December, so that winter is one."""
    months = 12 // seasons
    back = day.month % 12 % months
    year, month = divmod(day.year * 12 + day.month - 1 - back, 12)
    first = date(year, month + 1, 1)
    year, month = divmod(year * 12 + month + months, 12)
    return first, date(year, month + 1, 1) - timedelta(days=1)
