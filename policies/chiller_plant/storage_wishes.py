"""From the intent to commands: the tank's own, the machines that had best run, and their set-point for water to be stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot
from policies.chiller_plant.optimiser_wish import ROLE, written
from policies.chiller_plant.plant_layout import Layout
from policies.chiller_plant.storage_state import Intent, Mode, StorageState
from policies.chiller_plant.tank_wishes import Wish, left_alone, tank_moves, told

if TYPE_CHECKING:
    from policies.chiller_plant.storage import Storage


def commands(
    rule: Storage, snapshot: Snapshot, tank: Equipment, layout: Layout, state: StorageState, intent: Intent
) -> Sequence[Command]:
    """All of this tick."""
    wishes = (
        *tank_moves(
            tank, state.flow, charges=intent.mode is Mode.CHARGE, gives=intent.mode is Mode.DISCHARGE
        ),
        *_machines(rule, layout, intent),
        *_bypass(rule.name, snapshot, layout, intent),
    )
    return told(rule.name, snapshot, wishes, intent.reason)


def relinquished(
    rule: Storage, snapshot: Snapshot, tank: Equipment, layout: Layout, reason: str
) -> Sequence[Command]:
    """The tank stands, machines are the sequence's."""
    return told(rule.name, snapshot, [*left_alone(tank, layout), *_called(layout, Intent())], reason)


def _machines(rule: Storage, layout: Layout, intent: Intent) -> Iterator[Wish]:
    cold = rule.charge_setpoint if intent.mode is Mode.CHARGE else None
    for one in layout.machines.values():
        yield one.equipment, "enable", False if intent.alone else None, Priority.LOAD_SHEDDING
        yield one.equipment, "chilled_water_setpoint", cold, Priority.LOAD_SHEDDING
    yield from _called(layout, intent)


def _called(layout: Layout, intent: Intent) -> Iterator[Wish]:
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
