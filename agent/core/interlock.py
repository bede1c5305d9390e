"""Interlocks: judged last, on the value that everything else has agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.core.point import Value


class Comparison(StrEnum):
    """How the watched reading is compared with the threshold."""

    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="
    EQUAL = "=="
    NOT_EQUAL = "!="


@dataclass(frozen=True, slots=True, kw_only=True)
class Interlock:
    """While `watch` compares true with `threshold`, `point` is held at `value`.

    A watched reading that is BAD or older than `max_age` counts as tripped when `trip_on_loss` (the worst
    assumption, the default). `beats_life_safety` says whether it also beats priorities 1 and 2.
    `only_when` limits it to commands of that value (an interlock against *starting* only).
    """

    id: str
    point: str
    value: Value
    watch: str
    comparison: Comparison
    threshold: Value
    reason: str
    max_age: float = 60.0
    hold: float = 0.0  # site seconds it stays tripped after the condition has gone
    trip_on_loss: bool = True
    beats_life_safety: bool = False
    only_when: Value | None = None
