"""Which days are worked: weekends, public holidays, and weekend days that are worked to make up for a long holiday.

A calendar is plain data and its questions are pure functions of a date. The calendars that come along are found by name;
any other is made from a mapping, as it stands in a configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from agent.calc.calendar_cn import FIXED, HOLIDAYS, MADE_UP, YEARS


class CalendarDay(StrEnum):
    """What sort of day it is. A made-up day is a Saturday or Sunday that is worked."""

    WORKING = "working"
    MADE_UP = "made_up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"

    @property
    def worked(self) -> bool:
        return self in (CalendarDay.WORKING, CalendarDay.MADE_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """The days of one country or site. `years` are those whose holidays are known; elsewhere `fixed` is the best guess."""

    name: str
    weekend: frozenset[int] = frozenset({5, 6})  # Monday is 0
    holidays: Mapping[date, str] = field(default_factory=dict)
    made_up: frozenset[date] = frozenset()
    fixed: Mapping[tuple[int, int], str] = field(default_factory=dict)  # (month, day), every year alike
    years: frozenset[int] | None = None  # None: all of them

    def kind(self, day: date) -> CalendarDay:
        if day in self.made_up:
            return CalendarDay.MADE_UP
        if self.holiday(day):
            return CalendarDay.HOLIDAY
        return CalendarDay.WEEKEND if day.weekday() in self.weekend else CalendarDay.WORKING

    def holiday(self, day: date) -> str:
        """Its name; empty on any other day."""
        found = self.holidays.get(day, "")
        if not found and not self.known(day):
            found = self.fixed.get((day.month, day.day), "")
        return found

    def working(self, day: date) -> bool:
        return self.kind(day).worked

    def known(self, day: date) -> bool:
        """Whether the holidays of this year were announced when the calendar was written."""
        return self.years is None or day.year in self.years

    def next_working(self, day: date) -> date:
        """The first working day after `day`."""
        for ahead in range(1, 60):
            other = day + timedelta(days=ahead)
            if self.working(other):
                return other
        raise ValueError(f"calendar {self.name} has no working day within two months after {day}")

    @staticmethod
    def from_mapping(name: str, data: Mapping[str, Any]) -> WorkCalendar:
        """`weekend` (names or numbers of days), `holidays` and `made_up` (ISO dates, `first/last` for a span).

        Raises ValueError for what is no day.
        """
        holidays = {day: "holiday" for text in data.get("holidays", ()) for day in _days(str(text))}
        return WorkCalendar(
            name=name,
            weekend=frozenset(_weekday(one) for one in data.get("weekend", (5, 6))),
            holidays=holidays,
            made_up=frozenset(day for text in data.get("made_up", ()) for day in _days(str(text))),
        )


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _weekday(name: str | int) -> int:
    if isinstance(name, int):
        if 0 <= name <= 6:
            return name
    else:
        found = [
            place for place, full in enumerate(_WEEKDAYS) if len(name) >= 3 and full.startswith(name.lower())
        ]
        if found:
            return found[0]
    raise ValueError(f"{name!r} is no day of the week")


def _days(text: str) -> tuple[date, ...]:
    first, _, last = text.partition("/")
    start = date.fromisoformat(first.strip())
    end = date.fromisoformat(last.strip()) if last else start
    if end < start:
        raise ValueError(f"{text}: the last day lies before the first")
    return tuple(start + timedelta(days=number) for number in range((end - start).days + 1))


def _china() -> WorkCalendar:
    holidays = {
        date.fromisoformat(first) + timedelta(days=number): name
        for first, length, name in HOLIDAYS
        for number in range(length)
    }
    return WorkCalendar(
        name="cn",
        holidays=holidays,
        made_up=frozenset(date.fromisoformat(day) for day in MADE_UP),
        fixed=FIXED,
        years=frozenset(YEARS),
    )


CALENDARS: Mapping[str, WorkCalendar] = {
    "cn": _china(),  # mainland China
    "weekly": WorkCalendar(name="weekly"),  # Saturday and Sunday off, no holidays
    "daily": WorkCalendar(name="daily", weekend=frozenset()),  # every day is worked
}
