"""Which days of the year are run: spread evenly, always the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

YEAR = 2025  # its public holidays are known; weather is made for any year
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Block:
    """Days on end."""

    first: date
    days: int

    def start(self, timezone: str) -> float:
        """UTC seconds of its first local midnight."""
        return datetime(
            self.first.year, self.first.month, self.first.day, tzinfo=ZoneInfo(timezone)
        ).timestamp()

    @property
    def seconds(self) -> float:
        return self.days * DAY


def chosen_days(count: int, year: int = YEAR) -> tuple[date, ...]:
    """Spread evenly over the year, each weekday in its share. Raises ValueError for more days than it has.

    Even steps may all fall on one day of the week (52 of them do, and 53 drift through it in a year). Up to one a week: for
    each part of the year the day nearest to its middle whose weekday has its turn. Up to every third day: of each part the
    weekday that was taken longest ago. More: so many of all Mondays, spread evenly, so many of all Tuesdays.
    """
    if not 1 <= count <= 365:
        raise ValueError("between 1 and 365 days can be run")
    year_days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    if count > 365 // 3:
        return tuple(sorted(_by_weekday(year_days, count)))
    if count > 365 // 7:
        return tuple(_longest_ago(year_days, count))
    middles = [year_days[int((place + 0.5) * 365.0 / count)] for place in range(count)]
    return tuple(_nearest(day, 3 * place % 7) for place, day in enumerate(middles))


def _nearest(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday() + 3) % 7 - 3)


def _longest_ago(year_days: Sequence[date], count: int) -> Iterator[date]:
    taken = dict.fromkeys(range(7), -1)
    for place in range(count):
        first, last = (int(border * 365.0 / count) for border in (place, place + 1))
        chosen = min(year_days[first:last], key=lambda day: taken[day.weekday()])
        taken[chosen.weekday()] = place
        yield chosen


def _by_weekday(year_days: Sequence[date], count: int) -> Iterator[date]:
    """`count` of them; the sequences of the weekdays are set off against each other."""
    passed = taken = 0
    for weekday in range(7):
        own = [day for day in year_days if day.weekday() == weekday]
        passed += len(own)
        wanted = round(count * passed / len(year_days)) - taken
        taken += wanted
        offset = (3 * weekday % 7 + 0.5) / 7.0
        yield from (own[int((place + offset) * len(own) / wanted)] for place in range(wanted))


def blocks(days: tuple[date, ...]) -> tuple[Block, ...]:
    """Days that follow each other are run in one go."""
    result: list[Block] = []
    for day in days:
        last = result[-1] if result else None
        if last is not None and last.first + timedelta(days=last.days) == day:
            result[-1] = Block(last.first, last.days + 1)
        else:
            result.append(Block(day, 1))
    return tuple(result)
