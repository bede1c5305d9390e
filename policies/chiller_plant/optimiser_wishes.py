"""From the optimiser's targets to its commands: ramped from where things stand, and only where something is bound and ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.point import Value
from agent.core.snapshot import Snapshot
from policies.chiller_plant.fleet import see
from policies.chiller_plant.optimiser_choosing import allowed
from policies.chiller_plant.optimiser_sight import Sight, has_water
from policies.chiller_plant.optimiser_state import OptimiserState
from policies.chiller_plant.optimiser_wish import ROLE, written
from policies.chiller_plant.plant_layout import Layout

if TYPE_CHECKING:
    from policies.chiller_plant.optimiser import Optimiser

BEHIND = 1.0  # K

Wish = tuple[Equipment, str, Value | None, str]


def commands(
    rule: Optimiser, snapshot: Snapshot, layout: Layout, sight: Sight, state: OptimiserState, seconds: float
) -> list[Command]:
    """All of this tick."""
    wishes = (
        *_machines(rule, snapshot, layout, sight, state, seconds),
        *_speeds(rule, snapshot, layout, state, seconds),
        *_wish(layout, written(state.wish) or None, state.why or "no opinion yet"),
    )
    return [one for wish in wishes if (one := _command(rule.name, snapshot, *wish)) is not None]


def relinquished(name: str, snapshot: Snapshot, layout: Layout, reason: str) -> list[Command]:
    """Everything to the sequence."""
    wishes: list[Wish] = [
        (one.equipment, "chilled_water_setpoint", None, reason) for one in layout.machines.values()
    ]
    wishes += [(one, "speed_command", None, reason) for one in (*layout.condenser.all, *layout.towers)]
    wishes += [(one, "enable", None, reason) for one in layout.towers]
    wishes += _wish(layout, None, reason)
    return [one for wish in wishes if (one := _command(name, snapshot, *wish)) is not None]


def _machines(
    rule: Optimiser, snapshot: Snapshot, layout: Layout, sight: Sight, state: OptimiserState, seconds: float
) -> Iterator[Wish]:
    """Set-points of those that run; never warmer than what trim and respond allows by now, but for machines at their end."""
    targets, warmest = state.targets, allowed(sight, state)
    for id_, machine in layout.machines.items():
        one, target = machine.equipment, targets.supplies.get(id_)
        if target is None or id_ not in sight.running or not sight.seen[id_].ours:
            yield one, "chilled_water_setpoint", None, "left to the sequence"
            continue
        target = target if warmest is None else min(target, warmest)
        target = _followed(snapshot, one, sight.machines[id_].supply, target)
        value = _ramped(snapshot, one, "chilled_water_setpoint", target, rule.supply_ramp / 60.0 * seconds)
        yield one, "chilled_water_setpoint", value, targets.reason


def _followed(snapshot: Snapshot, one: Equipment, seen: float | None, target: float) -> float:
    """No warmer while the water is still much colder than its set-point: the machine has unloaded, and would only stop."""
    now = snapshot.decided(one, "chilled_water_setpoint")
    if seen is None or not isinstance(now, int | float) or seen >= now - BEHIND:
        return target
    return min(target, float(now))


def _speeds(
    rule: Optimiser, snapshot: Snapshot, layout: Layout, state: OptimiserState, seconds: float
) -> Iterator[Wish]:
    """Condenser pumps and fans; given back while the lift is too low, so that head-pressure control may act."""
    targets, low = state.targets, state.held > 0.0
    step = rule.speed_ramp / 60.0 * seconds
    why = "lift too low: head-pressure control acts" if low else targets.reason or "left to the sequence"
    for pump in layout.condenser.all:
        wanted = None if targets.speed is None or low else 100.0 * targets.speed
        yield pump, "speed_command", _speed(rule, snapshot, pump, wanted, step), why
    for cell in layout.towers:
        wanted = None if targets.fan is None or low or not has_water(snapshot, cell) else 100.0 * targets.fan
        speed = _speed(rule, snapshot, cell, wanted, step)
        yield cell, "speed_command", speed, why
        turns = True if speed is not None and "speed_command" in cell.roles else None
        yield cell, "enable", turns, why


def _speed(
    rule: Optimiser, snapshot: Snapshot, one: Equipment, wanted: float | None, step: float
) -> float | None:
    if wanted is None or "speed_command" not in one.roles or not see(snapshot, one, rule.name).ours:
        return None
    return _ramped(snapshot, one, "speed_command", wanted, step)


def _ramped(snapshot: Snapshot, one: Equipment, role: str, target: float, step: float) -> float:
    """From the value of the last tick towards the target."""
    before = snapshot.decided(one, role)
    if before is None or isinstance(before, str):
        before = snapshot.number_of(one, role)
    if before is None and role == "speed_command":
        before = snapshot.number_of(one, "speed")
    if before is None:
        return round(target, 2)
    return round(min(max(target, float(before) - step), float(before) + step), 2)


def _wish(layout: Layout, value: str | None, reason: str) -> list[Wish]:
    return [] if layout.loop is None else [(layout.loop, ROLE, value, reason)]


def _command(
    name: str, snapshot: Snapshot, one: Equipment, role: str, value: Value | None, reason: str
) -> Command | None:
    point = snapshot.model.points.get(one.roles.get(role, ""))
    if point is None or not point.commandable:
        return None
    return Command(
        point=point.id, priority=Priority.OPTIMISER, source=name, value=value, reason=reason or "as before"
    )
