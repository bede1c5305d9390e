"""From the intent to commands: the tank's own, the machines that had best run, and their set-point for water to be stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agent.core.command import Command, Priority, lifetime
from agent.core.equipment import Equipment
from agent.core.point import Value
from agent.core.snapshot import Snapshot
from policies.chiller_plant.optimiser_wish import ROLE, written
from policies.chiller_plant.plant_layout import Layout
from policies.chiller_plant.storage_flow import LEAST
from policies.chiller_plant.storage_state import Intent, Mode, StorageState

if TYPE_CHECKING:
    from policies.chiller_plant.storage import Storage

Wish = tuple[Equipment, str, Value | None, int]


def commands(
    rule: Storage, snapshot: Snapshot, tank: Equipment, layout: Layout, state: StorageState, intent: Intent
) -> Sequence[Command]:
    """All of this tick."""
    wishes = (
        *_tank(tank, state, intent),
        *_machines(rule, layout, intent),
        *_bypass(rule.name, snapshot, layout, intent),
    )
    return _told(rule.name, snapshot, wishes, intent.reason)


def relinquished(
    rule: Storage, snapshot: Snapshot, tank: Equipment, layout: Layout, reason: str
) -> Sequence[Command]:
    """The tank stands, machines are the sequence's."""
    wishes: list[Wish] = [(tank, role, False, Priority.SEQUENCE) for role in ("charge", "discharge")]
    return _told(rule.name, snapshot, [*wishes, *_machines(rule, layout, Intent())], reason)


def _tank(tank: Equipment, state: StorageState, intent: Intent) -> Iterator[Wish]:
    moves = intent.mode is not Mode.IDLE and state.flow > 0.0
    yield tank, "charge", moves and intent.mode is Mode.CHARGE, Priority.SEQUENCE
    yield tank, "discharge", moves and intent.mode is Mode.DISCHARGE, Priority.SEQUENCE
    # kept small while it rests: released it would stand at its full value when the tank begins
    yield tank, "flow_command", max(round(2.0 * state.flow) / 2.0, LEAST), Priority.SEQUENCE


def _machines(rule: Storage, layout: Layout, intent: Intent) -> Iterator[Wish]:
    cold = rule.charge_setpoint if intent.mode is Mode.CHARGE else None
    for one in layout.machines.values():
        yield one.equipment, "enable", False if intent.alone else None, Priority.LOAD_SHEDDING
        yield one.equipment, "chilled_water_setpoint", cold, Priority.LOAD_SHEDDING
    if layout.loop is not None:
        yield layout.loop, ROLE, written(intent.names) or None, Priority.LOAD_SHEDDING


def _bypass(name: str, snapshot: Snapshot, layout: Layout, intent: Intent) -> Iterator[Wish]:
    """With no machine there is no minimum flow: a bypass that somebody else opens then is shut. One of its own is left alone."""
    one = layout.bypass
    decision = None if one is None else snapshot.decisions.get(one.roles.get("valve_command", ""))
    if one is None or decision is None or decision.winner is None:
        return
    others = [
        each for each in (decision.winner, *decision.losers) if each.source != name and each.value is not None
    ]
    if others:
        yield one, "valve_command", 0.0 if intent.alone else None, Priority.LOAD_SHEDDING


def _told(name: str, snapshot: Snapshot, wishes: Sequence[Wish], reason: str) -> Sequence[Command]:
    end = snapshot.elapsed + lifetime(snapshot.model.area.tick)
    found = []
    for one, role, value, priority in wishes:
        point = snapshot.model.points.get(one.roles.get(role, ""))
        if point is not None and point.commandable:
            found.append(
                Command(
                    point=point.id, priority=priority, source=name, value=value, reason=reason, expires=end
                )
            )
    return found
