"""Who claims what: fresh commands are checked and take the place of the claims their sources made before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from agent.core.command import Command, Priority
from agent.core.frozen import quick
from agent.core.point import Point, Value, ValueKind
from agent.core.priority_array import PriorityArray
from agent.safety.safety_state import Loss, Refusal, SafetyState

ALWAYS_HEARD = "operator"
"""People's overrides are put forward anew each tick: one that is missing was cancelled, never silent."""


@quick
@dataclass(frozen=True, slots=True)
class Collected:
    """The claims that live in this tick, the points that lost theirs by silence, and what was refused."""

    claims: Mapping[str, tuple[Command, ...]]
    lost: Mapping[str, Loss]
    refused: tuple[Refusal, ...]


@quick
@dataclass(frozen=True, slots=True)
class Hearing:
    """Who is to be believed when he says nothing more: the sources that decided in this tick."""

    heard: frozenset[str]
    garbled: frozenset[tuple[str, str]]  # (point, source) whose command was refused: as if not heard

    def covers(self, point: str, source: str) -> bool:
        """`operator` covers `operator:anna`. A refused command must not loosen what its source said before."""
        if source not in self.heard:
            family = source.partition(":")[0]
            if family not in self.heard and family != ALWAYS_HEARD:
                return False
        return (point, source) not in self.garbled


def collect(
    points: Mapping[str, Point],
    commands: Sequence[Command],
    heard: frozenset[str],
    state: SafetyState,
    now: float,
    lifetime: float,
    lone: Mapping[str, Command] = MappingProxyType({}),
) -> Collected:
    """Gather the claims of a tick. `lifetime`: elapsed seconds a command without an end of its own may live.

    `lone`: commands that were found to take the place of the one claim on their point; they are not among `commands`.
    """
    fresh: dict[str, list[Command]] = {}
    refused = []
    for command in commands:
        reason = refusal(points.get(command.point), command)
        if reason is None:
            fresh.setdefault(command.point, []).append(_ending(command, now + lifetime))
        else:
            refused.append(Refusal(command.point, command.source, command.priority, reason))
    hearing = Hearing(heard, frozenset((one.point, one.source) for one in refused))
    claims: dict[str, tuple[Command, ...]] = {}
    lost: dict[str, Loss] = {}
    for point in {**state.claims, **state.lost, **fresh}:
        if point in lone or point not in points:
            continue
        alone = _alone(fresh.get(point, ()), state.claims.get(point, ()), now)
        if alone is not None:
            claims[point] = alone
            continue
        array = _succeed(point, fresh.get(point, ()), hearing, state)
        live = array.live(now)
        if live.claims:
            claims[point] = live.claims
        loss = _loss(point, array, live, hearing, state)
        if loss is not None:
            lost[point] = loss
    claims.update((point, (one,)) for point, one in lone.items())
    return Collected(claims, lost, tuple(sorted(set(refused), key=str)) if refused else ())


def _alone(fresh: Sequence[Command], before: Sequence[Command], now: float) -> tuple[Command, ...] | None:
    """One wish for a value that takes the place of the same source's one before, and nobody else: most of all ticks."""
    if len(fresh) != 1 or len(before) != 1:
        return None
    new, old = fresh[0], before[0]
    if new.value is None or new.source != old.source or new.priority != old.priority:
        return None
    return (new,) if new.expires is not None and now < new.expires else None


def refusal(point: Point | None, command: Command) -> str | None:
    """Why this command cannot be taken; None when it can."""
    if point is None:
        return "no such point in this area"
    if not point.commandable:
        return "the point cannot be written"
    if command.priority == Priority.GUARD:
        return "priority 6 belongs to the equipment guards"
    if not 1 <= command.priority <= 16:
        return f"priority {command.priority} is not one of 1 to 16"
    if command.value is not None and (problem := value_problem(point, command.value)):
        return problem
    if command.low is None and command.high is None:
        return None
    if point.kind not in (ValueKind.NUMBER, ValueKind.SWITCH):
        return f"a {point.kind.value} has no bounds"
    if not all(bound is None or _finite_number(bound) for bound in (command.low, command.high)):
        return f"bounds {command.low} to {command.high} are not numbers"
    return None


def value_problem(point: Point, value: Value) -> str | None:
    """Why `point` can never hold this value; None when it is of the right kind."""
    if point.kind is ValueKind.NUMBER and not _finite_number(value):
        return f"{value!r} is not a number"
    if point.kind is ValueKind.SWITCH and not isinstance(value, bool):
        return f"{value!r} is neither on nor off"
    if point.kind is ValueKind.TEXT and not isinstance(value, str):
        return f"{value!r} is not text"
    if point.kind is ValueKind.ENUM and (
        not isinstance(value, str) or (point.choices and value not in point.choices)
    ):
        return f"{value!r} is none of {', '.join(point.choices) or 'its names'}"
    return None


def _finite_number(value: object) -> bool:
    if value.__class__ is float:  # nearly always
        return math.isfinite(value)
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _ending(command: Command, latest: float) -> Command:
    if command.expires is None or not math.isfinite(command.expires):
        return Command(
            point=command.point,
            priority=command.priority,
            source=command.source,
            reason=command.reason,
            value=command.value,
            low=command.low,
            high=command.high,
            expires=latest,
        )
    return command


def _succeed(point: str, fresh: Sequence[Command], hearing: Hearing, state: SafetyState) -> PriorityArray:
    """Old claims of those who were not heard, and what the others say now."""
    kept = [claim for claim in state.claims.get(point, ()) if not hearing.covers(point, claim.source)]
    if kept:
        replaced = {(command.priority, command.source) for command in fresh}
        kept = [claim for claim in kept if (claim.priority, claim.source) not in replaced]
    kept.extend(one for one in fresh if one.value is not None or one.bounds_only)
    return PriorityArray.of(kept)


def _loss(
    point: str, array: PriorityArray, live: PriorityArray, hearing: Hearing, state: SafetyState
) -> Loss | None:
    """Whose silence cost the point its last value, if that is how it lost it."""
    if live.winner is not None:
        return None
    if array.winner is not None:
        final = state.finals.get(point)
        silent = tuple(sorted({claim.source for claim in array.claims if claim.value is not None}))
        return Loss(silent, None if final is None else final.value)
    loss = state.lost.get(point)
    if loss is None or all(hearing.covers(point, source) for source in loss.sources):
        return None
    return loss
