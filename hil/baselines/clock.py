"""The time switch of a plant room: hours of the day, months of the year, days off."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from agent.calc.calendar import CALENDARS
from agent.core.snapshot import Snapshot

_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class TimeSwitch:
    """`spans` like "07:00-22:00, 23:00-24:00"; `calendar` names who is off when ("daily": nobody)."""

    spans: str
    months: tuple[int, ...] = ()  # none: the whole year
    calendar: str = "daily"

    def __post_init__(self) -> None:
        read_spans(self.spans)
        if self.calendar not in CALENDARS:
            raise ValueError(f"there is no calendar {self.calendar!r}")
        if not all(1 <= month <= 12 for month in self.months):
            raise ValueError("months are 1 to 12")

    def on(self, snapshot: Snapshot) -> bool:
        local = local_time(snapshot)
        if self.months and local.month not in self.months:
            return False
        minute = local.hour * 60 + local.minute
        inside = any(first <= minute < last for first, last in read_spans(self.spans))
        return inside and working(self.calendar, local.date())


def local_time(snapshot: Snapshot) -> datetime:
    return datetime.fromtimestamp(snapshot.utc, ZoneInfo(snapshot.model.place.timezone))


@lru_cache(maxsize=4096)
def working(calendar: str, day: date) -> bool:
    return CALENDARS[calendar].working(day)


@lru_cache(maxsize=64)
def read_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Minutes of the day. Raises ValueError."""
    spans = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        match = _SPAN.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no span of a day such as 07:00-22:00")
        hours = [int(one) for one in match.groups()]
        spans.append((hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]))
    return tuple(spans)
