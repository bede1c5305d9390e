"""A decision: what one point is set to, who won, who lost, what limited it and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.core.command import Command
from agent.core.frozen import quick
from agent.core.point import Value


class Stage(StrEnum):
    """Which step of the arbiter changed a value."""

    BOUND = "bound"
    LIMIT = "limit"
    RAMP = "ramp"
    GUARD = "guard"
    INTERLOCK = "interlock"
    LOCK_OUT = "lock_out"


@dataclass(frozen=True, slots=True)
class Limitation:
    """One step that changed the value on its way."""

    stage: Stage
    by: str  # source of the bound, name of the guard or interlock
    before: Value | None
    after: Value | None
    reason: str


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The final word on one point in one tick. `value` None: released, nobody claims the point."""

    point: str
    value: Value | None
    winner: Command | None
    losers: tuple[Command, ...] = ()
    limited_by: tuple[Limitation, ...] = ()
    reason: str = ""
    elapsed: float = 0.0
    utc: float = 0.0

    @property
    def wanted(self) -> Value | None:
        """What the winner asked for before anything limited it."""
        return None if self.winner is None else self.winner.value
