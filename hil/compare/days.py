"""Which days of the year are run: spread evenly, always the same ones."""

from __future__ import annotations

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
    """One day of each of `count` equal parts of the year, from its middle. Raises ValueError for more than it has.

    Few days could all fall on one day of the week (52 of them would): then each is the nearest of the weekday whose turn
    it is, so that weekends are there in their share.
    """
    if not 1 <= count <= 365:
        raise ValueError("between 1 and 365 days can be run")
    first = date(year, 1, 1)
    days = [first + timedelta(days=int((place + 0.5) * 365.0 / count)) for place in range(count)]
    if count > 365 // 7:
        return tuple(days)
    return tuple(_nearest(day, 3 * place % 7) for place, day in enumerate(days))


def _nearest(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday() + 3) % 7 - 3)


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
