"""A decision in the making: one point's value on its way through bounds, limits, ramps, guards and interlocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from agent.core.command import Command, Priority
from agent.core.decision import Decision, Limitation, Stage
from agent.core.point import Point, SafeEnd, Value
from agent.core.snapshot import Snapshot
from agent.safety.safety_state import Refusal
from agent.safety.span import Span
from agent.safety.wording import said

NOBODY = 17
"""The priority of a value that no claim carries: the relinquish default or a held value."""


@dataclass(slots=True)
class Draft:
    """Mutable on purpose and gone after the tick. `priority` is that of whoever set the value: winner or bound."""

    point: Point
    claims: tuple[Command, ...]
    value: Value | None
    winner: Command | None
    priority: int
    note: str  # why there is this value when nobody claims one
    life: Span | None = None  # what priorities 1 and 2 demand; neither ramps nor guards may leave it
    limited: list[Limitation] = field(default_factory=list)
    returns: Value | None = None  # what gives it back, while a value of ours still stands there

    @property
    def wanted(self) -> Value | None:
        """Where it shall go, given back or not. None: nothing of ours is to be changed there."""
        return self.returns if self.value is None else self.value

    @property
    def held(self) -> bool:
        """A guard keeps it from being given back yet: nothing is written."""
        return self.value is None and any(one.stage is Stage.GUARD for one in self.limited)

    def change(self, stage: Stage, by: str, after: Value | None, reason: str) -> None:
        """Put another value in its place, and say so, unless it is the same or life safety forbids it."""
        if self.life is not None and after is not None:
            after = self.life.clamp(after)[0]
        self.force(stage, by, after, reason)

    def force(self, stage: Stage, by: str, after: Value | None, reason: str) -> None:
        """Like `change`, for what beats life safety too."""
        if after != self.value:
            self.limited.append(Limitation(stage, by, self.value, after, reason))
            self.value = after

    def hold(self, by: str, reason: str) -> None:
        """Nobody asks for a value any more, but a guard `by` this name does not let it be given back yet."""
        self.limited.append(Limitation(Stage.GUARD, by, self.returns, None, reason))

    def passes(self, rising: bool) -> bool:
        """Whether this wish passes ramps and guards: life safety does, critical service in the safe direction."""
        if self.priority <= Priority.AUTOMATIC_LIFE_SAFETY:
            return True
        safe_end = SafeEnd.HIGH if rising else SafeEnd.LOW
        return self.priority <= Priority.CRITICAL_SERVICE and self.point.safe_end is safe_end

    def decision(self, snapshot: Snapshot, refused: Sequence[Refusal]) -> Decision:
        """The final word."""
        return Decision(
            point=self.point.id,
            value=self.value,
            winner=self.winner,
            losers=self._losers(),
            limited_by=tuple(self.limited),
            reason=self._sentence() + "".join([f"; refused {one.source}: {one.reason}" for one in refused]),
            elapsed=snapshot.elapsed,
            utc=snapshot.utc,
        )

    def _losers(self) -> tuple[Command, ...]:
        if len(self.claims) == 1 and self.winner is self.claims[0]:
            return ()
        return tuple([claim for claim in self.claims if claim is not self.winner])

    def _sentence(self) -> str:
        unit, winner = self.point.unit, self.winner
        asked = self.note if winner is None else origin(winner.source, winner.priority, winner.reason)
        if not self.limited:
            return f"{said(self.value, unit)}: {asked}"
        steps = "; ".join(dict.fromkeys(one.reason for one in self.limited))
        if self.held:
            return f"kept as it is, then given back as {said(self.returns, unit)}: {steps}; {asked}"
        wanted = said(self.limited[0].before, unit)
        return f"{said(self.value, unit)} instead of {wanted}: {steps}; wanted by {asked}"


@lru_cache(maxsize=512)
def origin(source: str, priority: int, reason: str) -> str:
    """Who asked, and why. Kept: the same few are said at every tick. Reasons with figures in them are new each time."""
    return f"{source} (priority {priority:d})" + (f": {reason}" if reason else "")
