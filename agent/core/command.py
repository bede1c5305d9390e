"""A command: somebody's wish for a point, with its priority, its reason and its end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from agent.core.frozen import quick
from agent.core.point import Value


class Priority(IntEnum):
    """BACnet-style priorities, 1 the strongest. 6 belongs to the equipment guards and nobody may claim it."""

    MANUAL_LIFE_SAFETY = 1
    AUTOMATIC_LIFE_SAFETY = 2
    CRITICAL_SERVICE = 5
    GUARD = 6
    OPERATOR = 8
    COMFORT_LIMIT = 9
    DEMAND_LIMIT = 10
    DEMAND_RESPONSE = 11
    CLOUD = 12
    LOAD_SHEDDING = 13
    OPTIMISER = 14
    SEQUENCE = 15
    SCHEDULE = 16


LIVES_TICKS = 3.0
LIVES_AT_LEAST = 5.0


def lifetime(tick: float) -> float:
    """How long a command lives that names no end: three ticks of its area, and not less than five site seconds."""
    return max(LIVES_TICKS * tick, LIVES_AT_LEAST)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A wish: a value and/or bounds for one point.

    `value` None with no bounds is "relinquish", never 0. `low`/`high` bound what weaker (and equal)
    claims may set. `expires` is in elapsed site seconds; None lets the loop give it a few ticks to live.
    """

    point: str
    priority: int
    source: str  # policy instance, "operator:<name>", "cloud", an interlock's id
    reason: str
    value: Value | None = None
    low: float | None = None
    high: float | None = None
    expires: float | None = None

    @property
    def bounds_only(self) -> bool:
        return self.value is None and (self.low is not None or self.high is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """An operator's command that outlives a restart: who, why and until when (UTC, for people)."""

    id: str
    command: Command  # its `expires` is elapsed site seconds of this run
    owner: str
    made: float  # UTC seconds
    until: float  # UTC seconds; the time left survives a restart even where the clock does not
    learned: bool = False  # made by a person at the machine's own panel, seen as a foreign write
