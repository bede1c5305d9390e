"""The short way for a wish that nobody else has a say on: most points at nearly every tick.

A command that carries a value and no bounds, that takes the place of the one claim on its point (of the same source and
priority), on a point without guard, trip or lock-out, with its value inside the limits and no ramp to wait for: what is
asked is what is decided. Whatever is not as plain as that goes the long way, which ends at the same decision.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from agent.core.command import Command
from agent.core.decision import Decision
from agent.core.point import Point, Value
from agent.safety.claims import value_problem
from agent.safety.draft import origin
from agent.safety.limits import is_number, within
from agent.safety.safety_state import SafetyState
from agent.safety.wording import said


class LoneWishes:
    """Finds such wishes. Remembers nothing but sentences, so that the same is not put into words at every tick."""

    def __init__(self, points: Mapping[str, Point], guarded: Collection[str]) -> None:
        """`points` that can be commanded; `guarded`: those on which guards have a say, whatever is claimed."""
        self._points = {id_: one for id_, one in points.items() if id_ not in guarded}
        self._ramped = frozenset(id_ for id_, one in self._points.items() if _is_ramped(one))
        self._last: dict[str, Decision] = {}

    def among(
        self, commands: Sequence[Command], judged: Collection[str], state: SafetyState, now: float
    ) -> dict[str, Command]:
        """Those of this tick by point. `judged`: points on which an interlock or a lock-out has the last word."""
        claims, points = state.claims, self._points
        lone: dict[str, Command] = {}
        spoken: set[str] = set()
        several = list(judged)
        for new in commands:
            id_ = new.point
            if id_ in spoken:
                several.append(id_)
                continue
            spoken.add(id_)
            point = points.get(id_)
            if (
                point is not None
                and _succeeds(new, claims.get(id_, ()), now)
                and self._as_asked(point, new, state)
            ):
                lone[id_] = new
        for id_ in several:
            lone.pop(id_, None)
        return lone

    def decided(self, lone: Mapping[str, Command], now: float, utc: float) -> dict[str, Decision]:
        """What is asked."""
        last = self._last
        for id_, new in lone.items():
            before = last.get(id_)
            if before is not None and _says_the_same(before.winner, new):
                reason = before.reason
            else:
                told = said(new.value, self._points[id_].unit)
                reason = f"{told}: {origin(new.source, new.priority, new.reason)}"
            last[id_] = Decision(
                point=id_,
                value=new.value,
                winner=new,
                losers=(),
                limited_by=(),
                reason=reason,
                elapsed=now,
                utc=utc,
            )
        return {id_: last[id_] for id_ in lone}

    def _as_asked(self, point: Point, new: Command, state: SafetyState) -> bool:
        """Neither refused nor limited nor on its way."""
        before, value = self._last.get(point.id), new.value
        known = before is not None and _same(before.value, value)
        if not known and (value is None or value_problem(point, value) or not _inside(point, value)):
            return False
        if point.id in self._ramped:
            final = state.finals.get(point.id)
            return final is not None and _same(final.value, value)
        return True


def _succeeds(new: Command, before: Sequence[Command], now: float) -> bool:
    """It takes the place of the one claim that was there, and lives in this tick."""
    if len(before) != 1:
        return False
    old = before[0]
    return (
        new.value is not None
        and new.low is None
        and new.high is None
        and new.source == old.source
        and new.priority == old.priority
        and new.expires is not None
        and now < new.expires < math.inf
    )


def _same(one: Value | None, other: Value | None) -> bool:
    return one.__class__ is other.__class__ and one == other


def _says_the_same(before: Command | None, new: Command) -> bool:
    return (
        before is not None
        and _same(new.value, before.value)
        and new.reason == before.reason
        and new.source == before.source
        and new.priority == before.priority
    )


def _inside(point: Point, value: Value) -> bool:
    return not is_number(value) or within(point.limits, value) == value


def _is_ramped(point: Point) -> bool:
    return point.limits.raise_rate is not None or point.limits.lower_rate is not None
