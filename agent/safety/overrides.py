"""Operators' overrides: one a point, each with owner, reason and an end. Nothing here lasts for ever."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from agent.core.command import Command, Override, Priority
from agent.core.point import Point, Value
from agent.safety.claims import value_problem
from agent.safety.moment import Moment
from agent.safety.span import span_of
from agent.safety.wording import lasting, said

DEFAULT_LENGTH = 2 * 3600.0
LONGEST = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asks for. `seconds` None: the default length."""

    value: Value
    owner: str
    reason: str
    seconds: float | None = None
    learned: bool = False  # set at the machine's own panel and seen as a foreign write


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """All overrides that stand. Frozen: every change gives a new collection; round-trips through agent.core.serial."""

    standing: tuple[Override, ...] = ()
    longest: float = LONGEST
    made: int = 0  # counts for ever, so that an id is never used twice

    def add(self, point: Point, wanted: Wanted, now: Moment) -> tuple[Overrides, Override]:
        """With this override in the place of any older one on the point. Raises ValueError with a sentence."""
        seconds = DEFAULT_LENGTH if wanted.seconds is None else wanted.seconds
        _check(point, wanted, seconds, self.longest)
        command = Command(
            point=point.id,
            priority=Priority.OPERATOR,
            source=f"operator:{wanted.owner}",
            reason=wanted.reason,
            value=wanted.value,
            expires=now.elapsed + seconds,
        )
        override = Override(
            id=f"override-{self.made + 1}",
            command=command,
            owner=wanted.owner,
            made=now.utc,
            until=now.utc + seconds,
            learned=wanted.learned,
        )
        return replace(self.with_one(override), made=self.made + 1), override

    def with_one(self, override: Override) -> Overrides:
        """In the place of any older one on its point."""
        others = tuple(one for one in self.standing if one.command.point != override.command.point)
        return replace(self, standing=(*others, override))

    def find(self, name: str) -> Override:
        """Raises ValueError when no override of this id stands."""
        for one in self.standing:
            if one.id == name:
                return one
        raise ValueError(f"no override {name} stands; it may have ended")

    def on(self, point: str) -> Override | None:
        return next((one for one in self.standing if one.command.point == point), None)

    def cancel(self, name: str) -> Overrides:
        """Raises ValueError when no override of this id stands."""
        return self.without(self.find(name).id)

    def without(self, name: str) -> Overrides:
        """Whether it stands or not."""
        return replace(self, standing=tuple(one for one in self.standing if one.id != name))

    def expire(self, elapsed: float) -> tuple[Overrides, tuple[Override, ...]]:
        """Those that stand on, and those whose time is up."""
        ended = tuple(one for one in self.standing if seconds_left(one, elapsed) <= 0)
        if not ended:
            return self, ()
        return replace(self, standing=tuple(one for one in self.standing if one not in ended)), ended

    def commands(self) -> tuple[Command, ...]:
        """To be put forward at every tick: one that is missing there has ended."""
        return tuple(one.command for one in self.standing)


def number_of(override: Override) -> int:
    """Newer ones have higher numbers."""
    return int(override.id.removeprefix("override-"))


def seconds_left(override: Override, elapsed: float) -> float:
    expires = override.command.expires
    return 0.0 if expires is None else expires - elapsed


def restored(saved: Overrides, elapsed_saved: float, now: Moment) -> tuple[Overrides, tuple[Override, ...]]:
    """After a restart: each with the time it had left, and those that ended meanwhile.

    `elapsed_saved` is what the site's elapsed clock last showed before (the present value where it runs on over the
    restart). A trusted wall clock ends an override at the time people were told; it never lengthens one.
    """
    standing = []
    for one in saved.standing:
        left = seconds_left(one, elapsed_saved)
        if now.trusted:
            left = min(left, one.until - now.utc)
        command = replace(one.command, expires=now.elapsed + left)
        standing.append(replace(one, command=command, until=now.utc + left if now.trusted else one.until))
    return replace(saved, standing=tuple(standing)).expire(now.elapsed)


def comfort_warning(point: Point, value: Value, claims: Iterable[Command]) -> str:
    """What to tell the person when the value leaves the comfort limits (priority 9); empty when it does not."""
    comfort = sorted(
        (claim for claim in claims if claim.priority == Priority.COMFORT_LIMIT),
        key=lambda claim: claim.source,
    )
    span = span_of(comfort, Priority.COMFORT_LIMIT, point.safe_end)
    if span is None:
        return ""
    inside, claim = span.clamp(value)
    if claim is None:
        return ""
    because = f" ({claim.reason})" if claim.reason else ""
    return f"{said(value, point.unit)} crosses the comfort limit {said(inside, point.unit)} of {claim.source}{because}"


def _check(point: Point, wanted: Wanted, seconds: float, longest: float) -> None:
    if not point.commandable:
        raise ValueError(f"{point.id} cannot be written")
    problem = value_problem(point, wanted.value)
    if problem:
        raise ValueError(f"{point.id}: {problem}")
    limits, value = point.limits, wanted.value
    if not isinstance(value, str) and (
        (limits.low is not None and value < limits.low) or (limits.high is not None and value > limits.high)
    ):
        raise ValueError(
            f"{point.id}: {said(value, point.unit)} is outside its limits {limits.low} to {limits.high}"
        )
    if not math.isfinite(seconds) or seconds <= 0:
        raise ValueError("an override needs an end: give the seconds it shall last")
    if seconds > longest:
        raise ValueError(f"an override may last {lasting(longest)} at most")
    if not wanted.owner:
        raise ValueError("an override needs an owner")
