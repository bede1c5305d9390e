"""From the turn to commands: the tank's own, machines that rest, and the set-point of water to be stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.core.command import Command, Priority, lifetime
from agent.core.equipment import Equipment
from agent.core.point import Value
from agent.core.snapshot import Snapshot
from policies.chiller_plant.low_load_flow import LEAST
from policies.chiller_plant.low_load_state import LowLoadPicture, LowLoadState, Turn
from policies.chiller_plant.plant_layout import Layout

Wish = tuple[Equipment, str, Value | None, int]
COLDER = 0.5  # K a minute at which the set-point goes down to that of the stored water
FROM = 9.0  # degC it begins with where nobody has decided on one


def commands(picture: LowLoadPicture, state: LowLoadState) -> Sequence[Command]:
    """All of this tick."""
    wishes = (*_tank(picture.tank, state), *_machines(picture, state))
    return _told(picture.rule.name, picture.snapshot, wishes, state.why)


def relinquished(
    name: str, snapshot: Snapshot, tank: Equipment, layout: Layout, reason: str
) -> Sequence[Command]:
    """The tank stands, machines are the sequence's."""
    wishes: list[Wish] = [(tank, role, False, Priority.SEQUENCE) for role in ("charge", "discharge")]
    wishes += [
        (one.equipment, role, None, Priority.LOAD_SHEDDING)
        for one in layout.machines.values()
        for role in ("enable", "chilled_water_setpoint")
    ]
    return _told(name, snapshot, wishes, reason)


def _tank(tank: Equipment, state: LowLoadState) -> Iterator[Wish]:
    moves = state.flow > 0.0
    yield tank, "charge", moves and state.turn is Turn.FILL, Priority.SEQUENCE
    yield tank, "discharge", moves and state.turn in (Turn.REST, Turn.CALL), Priority.SEQUENCE
    # kept small while it stands: released it would be at its full value when the tank begins
    yield tank, "flow_command", max(round(2.0 * state.flow) / 2.0, LEAST), Priority.SEQUENCE


def _machines(picture: LowLoadPicture, state: LowLoadState) -> Iterator[Wish]:
    for one in picture.layout.machines.values():
        rests = False if state.turn is Turn.REST else None
        yield one.equipment, "enable", rests, Priority.LOAD_SHEDDING
        cold = _colder(picture, one.equipment) if state.turn is Turn.FILL else None
        yield one.equipment, "chilled_water_setpoint", cold, Priority.LOAD_SHEDDING


def _colder(picture: LowLoadPicture, machine: Equipment) -> float:
    before = picture.snapshot.decided(machine, "chilled_water_setpoint")
    begin = FROM if before is None or isinstance(before, str) else float(before)
    wanted = picture.rule.charge_setpoint
    return round(max(min(wanted, begin), begin - COLDER * picture.seconds / 60.0), 2)


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
