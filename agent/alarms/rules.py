"""What a look at the machines of an area finds wrong with them. Pure: a snapshot in, conditions out.

Every machine whose equipment binds the role `alarm` speaks for itself; one that was told to run and is seen not to, with
nobody at its panel, is said as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agent.alarms.states import Condition, Severity
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot

START_PATIENCE = 600.0
"""Site seconds from the command to proven running: a centrifugal with pre-lubrication and its own anti-recycle timer takes minutes."""


def machine_conditions(snapshot: Snapshot, told: Mapping[str, float]) -> Iterator[Condition]:
    """Machines in trouble. `told`: by equipment, the elapsed time since which it has been told to run."""
    for one in snapshot.model.equipment.values():
        name = one.name or one.id.replace("_", " ")
        if snapshot.value(one, "alarm") is True:
            yield Condition(f"fault:{one.id}", one.id, Severity.CRITICAL, f"{name} reports a fault")
        since = told.get(one.id)
        if since is not None and _stands(snapshot, one) and snapshot.elapsed - since >= START_PATIENCE:
            minutes = (snapshot.elapsed - since) / 60.0
            text = f"{name} was told to run {minutes:.0f} min ago and does not"
            yield Condition(f"stopped:{one.id}", one.id, Severity.WARNING, text)


def _stands(snapshot: Snapshot, one: Equipment) -> bool:
    """Seen not to run, though nobody keeps it off on the spot."""
    if one.id in snapshot.locked_out or snapshot.value(one, "local_mode") is True:
        return False
    return snapshot.value(one, "status") is False
