"""What a look at the machines of an area finds wrong with them. Pure: a snapshot in, conditions out.

Every machine whose equipment binds the role `alarm` speaks for itself; one that was told to run and is seen not to, with
nobody at its panel, is said as well, and so is a plant of which no machine cools.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agent.alarms.states import Condition, Severity
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot

START_PATIENCE = 600.0
"""Site seconds from the command to proven running: a centrifugal with pre-lubrication and its own anti-recycle timer takes minutes."""
BY_THERMOSTAT = ("split_unit",)
"""Kinds whose own thermostat may stop them while they are allowed to run: only their policy can tell that from a failure."""


def machine_conditions(snapshot: Snapshot, told: Mapping[str, float]) -> Iterator[Condition]:
    """Machines in trouble. `told`: by equipment, the elapsed time since which it has been told to run."""
    for one in snapshot.model.equipment.values():
        name = one.name or one.id.replace("_", " ")
        faulty = snapshot.value(one, "alarm") is True
        if faulty:
            text = f"{name} reports a fault"
            yield Condition(f"fault:{one.id}", one.id, Severity.CRITICAL, _reasoned(snapshot, one) or text)
        since = told.get(one.id)
        # that a machine with a fault stands still is one event, not two
        if since is None or faulty or one.kind in BY_THERMOSTAT or not _stands(snapshot, one):
            continue
        if snapshot.elapsed - since >= START_PATIENCE:
            text = f"{name} does not run; it has been told to for {_minutes(snapshot, since)} min"
            yield Condition(f"stopped:{one.id}", one.id, Severity.WARNING, text)
    yield from _nothing_cools(snapshot, told)


def _nothing_cools(snapshot: Snapshot, told: Mapping[str, float]) -> Iterator[Condition]:
    """Cold is asked for and no chiller runs: the building warms, whatever each machine's own story is."""
    chillers = [one for one in snapshot.model.equipment.values() if one.kind == "chiller"]
    asked = [told[one.id] for one in chillers if one.id in told and _stands(snapshot, one)]
    seen = [snapshot.value(one, "status") for one in chillers]
    if not asked or any(status is not False for status in seen):  # one that is not seen may well run
        return
    if snapshot.elapsed - min(asked) < START_PATIENCE:
        return
    water = [
        f"{value:.1f} degC"
        for one in snapshot.model.equipment.values()
        if one.kind == "loop" and (value := snapshot.number_of(one, "chilled_water_supply_temp")) is not None
    ]
    text = "no chiller runs though cooling is asked for" + (f": chilled water at {water[0]}" if water else "")
    area = snapshot.model.area.id
    yield Condition(f"cooling:{area}", area, Severity.CRITICAL, text)


def _minutes(snapshot: Snapshot, since: float) -> str:
    return f"{(snapshot.elapsed - since) / 60.0:.0f}"


def _reasoned(snapshot: Snapshot, one: Equipment) -> str:
    """What the policy said that raised it, where the alarm is a virtual point; empty: it is the machine's own contact."""
    point = one.roles.get("alarm", "")
    decision = snapshot.decisions.get(point) if point.startswith("virtual.") else None
    if decision is None or decision.winner is None:
        return ""
    return decision.winner.reason


def _stands(snapshot: Snapshot, one: Equipment) -> bool:
    """Seen not to run, though nobody keeps it off on the spot."""
    if one.id in snapshot.locked_out or snapshot.value(one, "local_mode") is True:
        return False
    return snapshot.value(one, "status") is False
