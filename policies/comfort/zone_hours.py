"""When a zone is in use: the hours of working days and of days off, by a calendar that knows holidays and make-up days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from agent.calc.calendar import CALENDARS

_AHEAD = 14  # days looked ahead for the next opening: the longest holidays are shorter


@dataclass(frozen=True, slots=True)
class ZoneHours:
    """Texts as HH:MM; empty on days off: closed. Raises ValueError with a sentence for the installer."""

    start: str
    end: str
    rest_start: str
    rest_end: str
    calendar: str

    def __post_init__(self) -> None:
        if self.calendar not in CALENDARS:
            raise ValueError(f"calendar must be one of {', '.join(CALENDARS)}")
        _span(self.start, self.end)
        if self.rest_start or self.rest_end:
            _span(self.rest_start, self.rest_end)

    def of(self, day: date, timezone: str) -> tuple[float, float] | None:
        """Begin and end in UTC seconds; None: closed all day."""
        return _window(self, day, timezone)

    def day_name(self, day: date) -> str:
        """What kind of day it is, in words."""
        calendar = CALENDARS[self.calendar]
        holiday = calendar.holiday(day)
        return "working day" if calendar.working(day) else holiday or "day off"


@dataclass(frozen=True, slots=True)
class Opening:
    """Where now lies: the window that holds it, or the next one. `begin` is inf where there is none soon."""

    open: bool
    begin: float
    end: float
    day: str  # what kind of day today is


def opening(hours: ZoneHours, utc: float, timezone: str) -> Opening:
    """As of now."""
    today = datetime.fromtimestamp(utc, ZoneInfo(timezone)).date()
    kind = hours.day_name(today)
    for ahead in range(_AHEAD):
        found = hours.of(today + timedelta(days=ahead), timezone)
        if found is not None and utc < found[1]:
            return Opening(utc >= found[0], *found, kind)
    return Opening(False, float("inf"), float("inf"), kind)


@lru_cache(maxsize=4096)
def _window(hours: ZoneHours, day: date, timezone: str) -> tuple[float, float] | None:
    worked = CALENDARS[hours.calendar].working(day)
    texts = (hours.start, hours.end) if worked else (hours.rest_start, hours.rest_end)
    if not texts[0]:
        return None
    zone = ZoneInfo(timezone)
    begin, end = (datetime.combine(day, one, zone).timestamp() for one in _span(*texts))
    return begin, end


@lru_cache(maxsize=64)
def _span(begin: str, end: str) -> tuple[time, time]:
    try:
        span = time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        raise ValueError(f"hours from {begin!r} to {end!r}: write both as HH:MM") from None
    if span[0] >= span[1]:
        raise ValueError(f"hours from {begin} to {end}: the end lies after the start, on the same day")
    return span
