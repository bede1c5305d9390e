"""From the turn to commands: the tank's own, machines that rest, and the set-point of water to be stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot
from policies.chiller_plant.low_load_state import LowLoadPicture, LowLoadState, Turn
from policies.chiller_plant.plant_layout import Layout
from policies.chiller_plant.tank_wishes import Wish, left_alone, tank_moves, told

COLDER = 0.5  # K a minute at which the set-point goes down to that of the stored water
FROM = 9.0  # degC it begins with where nobody has decided on one


def commands(picture: LowLoadPicture, state: LowLoadState) -> Sequence[Command]:
    """All of this tick."""
    gives = state.turn in (Turn.REST, Turn.CALL)
    moves = tank_moves(picture.tank, state.flow, charges=state.turn is Turn.FILL, gives=gives)
    return told(picture.rule.name, picture.snapshot, (*moves, *_machines(picture, state)), state.why)


def relinquished(
    name: str, snapshot: Snapshot, tank: Equipment, layout: Layout, reason: str
) -> Sequence[Command]:
    """The tank stands, machines are the sequence's."""
    return told(name, snapshot, tuple(left_alone(tank, layout)), reason)


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
