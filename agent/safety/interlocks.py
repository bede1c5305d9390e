"""Interlocks: which are tripped in this tick, and which of them has the say on a point."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.core.command import Priority
from agent.core.decision import Stage
from agent.core.interlock import Comparison, Interlock
from agent.core.point import SafeEnd, Value
from agent.core.reading import Reading
from agent.core.snapshot import NEVER_READ
from agent.safety.draft import Draft
from agent.safety.wording import lasting, said

_COMPARE: Mapping[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.BELOW: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.ABOVE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
    Comparison.EQUAL: operator.eq,
    Comparison.NOT_EQUAL: operator.ne,
}


@dataclass(frozen=True, slots=True)
class Trip:
    """A tripped interlock and what tripped it."""

    interlock: Interlock
    reason: str


def judge(
    interlocks: Iterable[Interlock],
    readings: Mapping[str, Reading],
    tripped: Mapping[str, float],
    now: float,
) -> tuple[dict[str, list[Trip]], dict[str, float]]:
    """The trips of this tick by point, and when each interlock was last true (what its hold time counts from)."""
    trips: dict[str, list[Trip]] = {}
    last_true: dict[str, float] = {}
    for one in interlocks:
        cause = _cause(one, readings.get(one.watch, NEVER_READ), now)
        since = min(tripped.get(one.id, now), now)
        if cause is not None:
            last_true[one.id] = now
        elif one.id in tripped and now < since + one.hold:
            last_true[one.id] = since
            cause = f"stays tripped {lasting(since + one.hold - now)} more"
        if cause is not None:
            trips.setdefault(one.point, []).append(Trip(one, f"{one.reason} ({cause})"))
    return trips, last_true


def _cause(interlock: Interlock, reading: Reading, now: float) -> str | None:
    """What trips it, in words; None when it is not tripped."""
    value = reading.value if reading.usable else None
    if value is None or reading.age(now) > interlock.max_age or value != value:  # noqa: PLR0124 - not a number
        return f"no reading of {interlock.watch}: counts as tripped" if interlock.trip_on_loss else None
    try:
        true = _COMPARE[interlock.comparison](value, interlock.threshold)
    except TypeError:
        return f"{interlock.watch} cannot be compared: counts as tripped" if interlock.trip_on_loss else None
    if not true:
        return None
    return f"{interlock.watch} is {said(value)}, {interlock.comparison.value} {said(interlock.threshold)}"


def ruling(trips: Sequence[Trip], draft: Draft) -> Trip | None:
    """The trip that has the say on what the draft holds now.

    Those that beat life safety come first, then the one nearest the point's safe end, then by name.
    """
    if not trips:
        return None
    applying = [
        trip
        for trip in trips
        if (trip.interlock.beats_life_safety or draft.priority > Priority.AUTOMATIC_LIFE_SAFETY)
        and (trip.interlock.only_when is None or trip.interlock.only_when == draft.value)
    ]
    sign = -1.0 if draft.point.safe_end is SafeEnd.HIGH else 1.0
    return min(applying, key=lambda trip: _precedence(trip.interlock, sign), default=None)


def _precedence(interlock: Interlock, sign: float) -> tuple[bool, float, str]:
    value: Value = interlock.value
    size = 0.0 if isinstance(value, str) else sign * float(value)
    return not interlock.beats_life_safety, size, interlock.id


def apply_interlocks(draft: Draft, trips: Sequence[Trip]) -> None:
    """The last word. Only life safety stands above an interlock, and not above one that beats it."""
    trip = ruling(trips, draft)
    if trip is None:
        return
    put = draft.force if trip.interlock.beats_life_safety else draft.change
    put(Stage.INTERLOCK, trip.interlock.id, trip.interlock.value, trip.reason)
