"""What the arbiter carries from tick to tick: claims, held values, guard histories, interlock times.

It is kept as plain data (agent.core.serial) and given back after a restart as it was: `elapsed` runs on over restarts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.core.command import Command
from agent.core.equipment import Authority
from agent.core.frozen import quick
from agent.core.point import Value
from agent.safety.guard_history import GuardHistory


@dataclass(frozen=True, slots=True)
class Loss:
    """A point whose last value ran out: who fell silent, and the value decided until then."""

    sources: tuple[str, ...]
    value: Value | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that was not taken, and why. Text only: what was asked for may not be a value at all."""

    point: str
    source: str
    priority: int
    reason: str


@quick
@dataclass(frozen=True, slots=True)
class Final:
    """The last final value of a point and when (elapsed) it was decided: where its ramp goes on from."""

    value: Value
    at: float


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyState:
    """All memory of the arbiter for one area. `refused` is of the last tick only."""

    claims: Mapping[str, tuple[Command, ...]] = field(default_factory=dict)
    lost: Mapping[str, Loss] = field(default_factory=dict)
    finals: Mapping[str, Final] = field(default_factory=dict)
    guards: Mapping[str, GuardHistory] = field(default_factory=dict)
    tripped: Mapping[str, float] = field(default_factory=dict)  # interlock -> elapsed when last true
    refused: tuple[Refusal, ...] = ()
    authority: Authority = Authority.BMS  # of the last tick: a change to `agent` adopts what is there
    version: int = 1


def after_restart(state: SafetyState) -> SafetyState:
    """The state a new process goes on with: limits and timers stand, but the equipment was in other hands.

    The next tick with authority `agent` adopts what it finds instead of going on from the last decided values.
    """
    return replace(state, authority=Authority.BMS)


def forget_source(state: SafetyState, source: str) -> SafetyState:
    """Without any claim of `source`, its latched bounds included: a person or a new configuration removed it."""
    claims = {
        point: tuple(claim for claim in array if claim.source != source)
        for point, array in state.claims.items()
    }
    lost = {point: loss for point, loss in state.lost.items() if loss.sources != (source,)}
    return replace(state, claims={point: array for point, array in claims.items() if array}, lost=lost)
