"""The daily list of overrides that stand: who holds what, since when, why, and until when. Against the forgotten one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from agent.core.clock import Clock
from agent.core.command import Override
from agent.core.point import Value
from agent.core.reading import ReadingBlock
from agent.safety.overrides import seconds_left
from agent.safety.wording import lasting

DEVICE = "overrides"
POINT = f"{DEVICE}.standing"  # what the cloud is told: points, values, times, and no name of a person
POINTS = (POINT,)
SHOWN = 5  # in the sentence; the list has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One override of the list. Site seconds."""

    point: str
    value: Value | None
    owner: str
    reason: str
    age: float
    left: float
    learned: bool  # set at the machine's own panel

    def __str__(self) -> str:
        return f"{self.point} = {self.value} by {self.owner} for {_minutes(self.age)}, {_minutes(self.left)} left ({self.reason})"


def standing(overrides: Iterable[Override], clock: Clock) -> tuple[Standing, ...]:
    """The oldest first."""
    now, elapsed = clock.utc(), clock.elapsed()
    found = (
        Standing(
            point=one.command.point,
            value=one.command.value,
            owner=one.owner,
            reason=one.command.reason,
            age=max(0.0, now - one.made),
            left=max(0.0, seconds_left(one, elapsed)),
            learned=one.learned,
        )
        for one in overrides
    )
    return tuple(sorted(found, key=lambda one: (-one.age, one.point)))


def sentence(rows: tuple[Standing, ...]) -> str:
    more = f"; and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    what = "1 override stands" if len(rows) == 1 else f"{len(rows)} overrides stand"
    return f"{what}: {'; '.join(map(str, rows[:SHOWN]))}{more}"


def block(rows: tuple[Standing, ...], clock: Clock) -> ReadingBlock:
    """For store and uplinks."""
    plain = [
        {
            "point": one.point,
            "value": one.value,
            "age": round(one.age),
            "left": round(one.left),
            "panel": one.learned,
        }
        for one in rows
    ]
    text = json.dumps(plain, separators=(",", ":"))
    return ReadingBlock(DEVICE, POINTS, (text,), clock.utc(), clock.elapsed(), time_trusted=clock.trusted())


def _minutes(seconds: float) -> str:
    return lasting(60.0 * round(seconds / 60.0)) if seconds >= 60.0 else lasting(seconds)
