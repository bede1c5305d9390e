"""5.1.15.3, 5.20.4.3 Rotation: among equal machines the one with the fewest hours goes first, the one with the most hours stops first.

A machine that is in alarm, locked out or held off by somebody is not available and so comes last. One that must rest, or must stay on,
by its guards is passed over as long as there is another. Nothing is ever started or stopped only for the sake of equal hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.core.frozen import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One machine, pump or cell as rotation sees it. Hours of its own counter where it has one, else as we have seen."""

    available: bool
    hours: float
    starts: float
    rested: bool = True  # its minimum off time is over
    movable: bool = True  # its minimum on time is over


def first_to_start(ids: Sequence[str], logs: Mapping[str, Log]) -> list[str]:
    """In the order in which they should start."""
    return sorted(ids, key=lambda id_: (not logs[id_].rested, logs[id_].hours, logs[id_].starts, id_))


def last_to_keep(ids: Sequence[str], logs: Mapping[str, Log]) -> list[str]:
    """In the order in which they should stay: those that may not stop yet, then those with few hours."""
    return sorted(ids, key=lambda id_: (logs[id_].movable, logs[id_].hours, logs[id_].starts, id_))


def lead_lag(
    ids: Sequence[str], logs: Mapping[str, Log], running: Sequence[str], number: int
) -> tuple[str, ...]:
    """So many of them: those that run stay on, the others follow by their hours."""
    kept = last_to_keep([id_ for id_ in ids if id_ in running and logs[id_].available], logs)[:number]
    more = first_to_start([id_ for id_ in ids if id_ not in kept and logs[id_].available], logs)
    return (*kept, *more[: max(number - len(kept), 0)])
