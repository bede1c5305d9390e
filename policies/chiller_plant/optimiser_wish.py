"""Which machines the optimiser wants to run: a virtual point that it writes and the sequence may go by.

The optimiser never starts or stops a machine: the sequence does, in its order, with its proofs and guards. One line in the site
file (`virtual: {best: {role: wanted_machines}}`) and one at the loop (`wanted_machines: virtual.best`) join the two.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot

ROLE = "wanted_machines"
_BETWEEN = ", "


@dataclass(frozen=True, slots=True)
class Wish:
    """The machines by id, and why."""

    machines: tuple[str, ...]
    reason: str = ""


def read_wish(snapshot: Snapshot, loop: Equipment | None) -> Wish | None:
    """What is wished at present; None while the optimiser has no opinion, or there is none."""
    point = None if loop is None else loop.roles.get(ROLE)
    if loop is None or point is None:
        return None
    value = snapshot.value(loop, ROLE)
    decision = snapshot.decisions.get(point)
    if not isinstance(value, str) or not value or decision is None or decision.winner is None:
        return None
    known = snapshot.model.equipment
    machines = tuple(name for name in value.split(_BETWEEN) if name in known)
    return Wish(machines, decision.winner.reason) if machines else None


def written(machines: tuple[str, ...]) -> str:
    """The wish as the point's text."""
    return _BETWEEN.join(machines)
