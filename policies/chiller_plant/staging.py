"""Which machine goes and which one comes: pure choices over sizes, equal or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A machine that could be stopped or started: present capacity in kW, and whether its rest times are over."""

    id: str
    capacity: float
    rested: bool = True  # minimum on (to stop) or off (to start) is over
    coming: float = 0.0  # kW the plant will carry before this one, once stopped, could be back


def secured(capacities: Sequence[float], spare: int) -> float:
    """Capacity that is left when the `spare` largest of these machines fail, kW."""
    return sum(sorted(capacities)[: max(len(capacities) - spare, 0)])


def choose_stop(
    running: Sequence[Choice], load: float, *, limit: float, spare: int, minimum: int, back_above: float = inf
) -> Choice | None:
    """The machine that leaves the others best loaded, at `limit` (share of present capacity) or below.

    One that would be wanted back, by a load above the share `back_above`, before it could be there does not go.

    None when no machine may go. `running` holds the dependable machines only; one whose minimum run is not over
    counts as capacity and may not go. Ties go by name.
    """
    if len(running) - 1 < minimum:
        return None
    fit = [
        (rest, one)
        for one in running
        if one.rested
        and (rest := secured([other.capacity for other in running if other is not one], spare)) > 0.0
        and load <= limit * rest
        and one.coming <= back_above * rest
    ]
    return min(fit, key=lambda pair: (pair[0], pair[1].id))[1] if fit else None


def choose_start(
    idle: Sequence[Choice], running: Sequence[float], load: float, *, limit: float, spare: int
) -> Choice | None:
    """The smallest machine that brings the load to `limit`, else the largest; rested ones first, ties by name."""
    pool = [one for one in idle if one.rested] or list(idle)
    enough = [one for one in pool if load <= limit * secured([*running, one.capacity], spare)]
    if enough:
        return min(enough, key=lambda one: (one.capacity, one.id))
    return min(pool, key=lambda one: (-one.capacity, one.id), default=None)
