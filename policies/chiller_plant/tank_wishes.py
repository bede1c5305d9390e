"""From what is wanted of a tank and its plant to commands, for every policy that runs a tank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.core.command import Command, Priority, lifetime
from agent.core.equipment import Equipment
from agent.core.point import Value
from agent.core.policy import RoleClaim
from agent.core.snapshot import Snapshot
from policies.chiller_plant.plant_layout import Layout

Wish = tuple[Equipment, str, Value | None, int]
"""Machine, role, value (None: left to others), priority."""
LEAST = 5.0  # % of the tank's flow
TANK_CLAIMS = (
    RoleClaim("charge", "tank", Priority.SEQUENCE),
    RoleClaim("discharge", "tank", Priority.SEQUENCE),
    RoleClaim("flow_command", "tank", Priority.SEQUENCE),
    RoleClaim("enable", "chiller", Priority.LOAD_SHEDDING),
    RoleClaim("chilled_water_setpoint", "chiller", Priority.LOAD_SHEDDING),
)


def tank_moves(tank: Equipment, flow: float, *, charges: bool, gives: bool) -> Iterator[Wish]:
    """`flow` in %; without any the tank stands."""
    yield tank, "charge", charges and flow > 0.0, Priority.SEQUENCE
    yield tank, "discharge", gives and flow > 0.0, Priority.SEQUENCE
    # kept small while it stands: released it would be at its full value when the tank begins
    yield tank, "flow_command", max(round(2.0 * flow) / 2.0, LEAST), Priority.SEQUENCE


def left_alone(tank: Equipment, layout: Layout) -> Iterator[Wish]:
    """The tank stands, machines are the sequence's."""
    for role in ("charge", "discharge"):
        yield tank, role, False, Priority.SEQUENCE
    for one in layout.machines.values():
        for role in ("enable", "chilled_water_setpoint"):
            yield one.equipment, role, None, Priority.LOAD_SHEDDING


def told(name: str, snapshot: Snapshot, wishes: Sequence[Wish], reason: str) -> Sequence[Command]:
    """Nothing for what is not bound or can only be read."""
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
