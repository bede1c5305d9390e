"""Cars and people in a garage: who is in which lamp group when. Stochastic, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

ARRIVALS: tuple[float, ...] = (
    5, 4, 3, 3, 3, 5, 10, 18, 22, 16, 14, 18, 24, 18, 14, 16, 26, 48, 60, 46, 30, 22, 14, 8,
)  # fmt: skip
DEPARTURES: tuple[float, ...] = (
    4, 3, 3, 3, 4, 9, 28, 58, 52, 24, 16, 18, 22, 18, 16, 18, 24, 30, 26, 22, 18, 14, 9, 6,
)  # fmt: skip
"""Cars an hour, by hour of the day: a mixed garage of some 400 bays, busiest when homes and offices overlap."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody is in `group` from `enters` to `leaves` (UTC seconds)."""

    group: str
    enters: float
    leaves: float


class Traffic:
    """Draws trips one after the other; independent of how often it is asked."""

    DRIVE = 7.0  # s to drive past one aisle
    PARK = 25.0  # s in the own aisle until the engine is off
    WALK = 30.0  # s on foot in the own aisle
    STAIRS = 20.0

    def __init__(self, aisles: Sequence[str], start: float, seed: int, utc_offset: timedelta) -> None:
        self._aisles = tuple(aisles)
        self._random = Random(f"traffic/{seed}")
        self._offset = utc_offset
        self._next = start
        self._peak = max(a + d for a, d in zip(ARRIVALS, DEPARTURES, strict=True))
        self._visits: list[Visit] = []

    def present(self, utc: float) -> set[str]:
        """The groups with somebody in them at `utc`. Ask with rising times."""
        while self._next <= utc:
            self._draw()
        self._visits = [visit for visit in self._visits if visit.leaves > utc]
        return {visit.group for visit in self._visits if visit.enters <= utc}

    def _draw(self) -> None:
        """The next trip of a Poisson process whose rate follows the hour (thinning after Lewis and Shedler)."""
        self._next += self._random.expovariate(self._peak / 3600.0)
        hour = (datetime.fromtimestamp(self._next, UTC) + self._offset).hour
        pick = self._random.random() * self._peak
        if pick < ARRIVALS[hour]:
            self._arrive(self._next)
        elif pick < ARRIVALS[hour] + DEPARTURES[hour]:
            self._depart(self._next)

    def _stay(self, group: str, start: float, length: float) -> float:
        spread = length * self._random.uniform(0.7, 1.5)
        self._visits.append(Visit(group, start, start + spread))
        return start + spread

    def _arrive(self, time: float) -> None:
        own = self._random.randrange(len(self._aisles))
        time = self._stay("ramp", time, 12.0)
        for passed in self._aisles[:own]:
            time = self._stay(passed, time, self.DRIVE)
        time = self._stay(self._aisles[own], time, self.PARK + self.WALK)
        self._stay("stairs", time, self.STAIRS)

    def _depart(self, time: float) -> None:
        own = self._random.randrange(len(self._aisles))
        time = self._stay("stairs", time, self.STAIRS)
        time = self._stay(self._aisles[own], time, self.WALK + self.PARK)
        for passed in reversed(self._aisles[:own]):
            time = self._stay(passed, time, self.DRIVE)
        self._stay("ramp", time, 12.0)
