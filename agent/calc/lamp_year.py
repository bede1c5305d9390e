"""The evenings of a year at one place: what the sun does, what the lamps do. For tables, plots and calendar files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.calc.calendar import CALENDARS, WorkCalendar
from agent.calc.icalendar import CalendarEvent
from agent.calc.lamp_hours import LampHours, Switching, burning, level_at, switchings
from agent.calc.sun_solver import Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class LampPlace:
    """Whose lamps: place, rule and calendar."""

    name: str
    spot: Spot
    timezone: str
    rule: LampHours
    calendar: WorkCalendar = CALENDARS["cn"]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def level(self, utc: float) -> float:
        return level_at(self.rule, utc, self.spot, self.timezone, self.calendar)

    def changes(self, start: float, end: float) -> list[Switching]:
        return list(switchings(self.rule, start, end, self.spot, self.timezone, self.calendar))

    def noon(self, day: date) -> float:
        """UTC seconds of twelve o'clock by the wall clock."""
        return datetime.combine(day, time(12), self.zone).timestamp()

    def local(self, utc: float) -> datetime:
        return datetime.fromtimestamp(utc, self.zone)


@dataclass(frozen=True, slots=True)
class Evening:
    """From noon of `day` to the next noon."""

    day: date
    start: float
    end: float
    before: float  # level at the start, %
    changes: tuple[Switching, ...]
    hours: float  # burning
    full: float  # the same at full light

    def spans(self) -> Iterator[tuple[float, float, float]]:
        """Begin, end (UTC seconds) and level of each piece in which the lamps burn."""
        level, since = self.before, self.start
        for utc, following in [*((one.utc, one.level) for one in self.changes), (self.end, 0.0)]:
            if level > 0.0 and utc > since:
                yield since, utc, level
            level, since = following, utc


def evenings(place: LampPlace, first: date, days: int) -> Iterator[Evening]:
    """One for each day from `first` on."""
    for number in range(days):
        day = first + timedelta(days=number)
        start, end = place.noon(day), place.noon(day + timedelta(days=1))
        changes = place.changes(start, end)
        before = place.level(start)
        if changes and changes[0].utc == start:  # asked at the very instant of a change
            before = changes[0].level
        hours, full = burning(changes, start, end, before)
        yield Evening(day, start, end, before, tuple(changes), hours, full)


def changes_said(place: LampPlace, changes: tuple[Switching, ...] | list[Switching]) -> str:
    """`17:38 on, 23:00 50 %, 06:41 off`."""
    return ", ".join(f"{place.local(one.utc):%H:%M} {level_said(one.level)}" for one in changes)


def level_said(level: float) -> str:
    return "off" if level <= 0.0 else "on" if level >= 100.0 else f"{level:g} %"


def calendar_events(place: LampPlace, first: date, days: int) -> Iterator[CalendarEvent]:
    """An event for each change, five minutes long, named by evening and number so that a later file replaces it."""
    for evening in evenings(place, first, days):
        for number, one in enumerate(evening.changes):
            yield CalendarEvent(
                key=f"{evening.day}/{number}",
                start=one.utc,
                end=one.utc + 300.0,
                summary=f"Lamps {level_said(one.level)} ({one.why})",
                description=f"{place.name}: {changes_said(place, evening.changes)}",
            )
