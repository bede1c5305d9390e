"""What can fail in a central plant, by name: `chiller_1.trip`, `tower_2.fouled`, `power_dip` ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from hil.plant.drive import Drive
from hil.plant.valve import Valve
from hil.plant.variables import Failing

if TYPE_CHECKING:
    from hil.plant.central_plant import CentralPlant
    from hil.plant.chiller import Chiller
    from hil.plant.condenser_side import Cell

Switch = Callable[[float], None]
"""Sets a fault to an amount; 0 is none."""

SURGE = 0.25  # of the capacity at amount 1: a hall full of people who were not expected
FOULING = 3.0  # K of condensing temperature at amount 1: tubes that want brushing


class CentralFaults:
    """The switches of all faults of one plant. Amounts are 0..1 unless the fault says otherwise."""

    def __init__(self, plant: CentralPlant) -> None:
        self._switches: dict[str, tuple[str, Switch]] = {
            "power_dip": ("the supply is away: contactors drop, machines start anew afterwards", _dip(plant)),
            "load_surge": (
                "unforeseen heat into the return water, 1 = a quarter of the capacity",
                _surge(plant),
            ),
        }
        for place, machine in enumerate(plant.chillers, start=1):
            self._add(f"chiller_{place}.trip", "the machine's own protection has tripped", _trip(machine))
            self._add(
                f"chiller_{place}.fouling", "dirty condenser tubes, 1 = 3 K at full load", _foul(machine)
            )
        for place, (one, other) in enumerate(
            zip(plant.chilled.valves, plant.condenser.valves, strict=True), start=1
        ):
            self._add(f"chiller_{place}.chilled_valve_stuck", "stays where it is", _stick(one))
            self._add(f"chiller_{place}.condenser_valve_stuck", "stays where it is", _stick(other))
        self._add("bypass.stuck", "stays where it is", _stick(plant.chilled.bypass))
        groups = [plant.chilled.pumps, plant.condenser.pumps]
        if plant.chilled.secondary:
            groups.append(plant.chilled.secondary)
        for drive in (drive for group in groups for drive in group.drives):
            self._add(f"{drive.name}.fail", "stops and reports a fault", _break(drive))
        for cell in plant.condenser.cells:
            self._add(f"{cell.name}.fan_fail", "the fan stops and reports a fault", _break(cell.fan))
            self._add(f"{cell.name}.fouled", "share of the fill that air cannot pass", _clog(cell))
            self._add(f"{cell.name}.valve_stuck", "stays where it is", _stick(cell.valve))
        if isinstance(plant.load, Failing):
            for name, meaning in plant.load.failures().items():
                self._add(name, meaning, partial(plant.load.fail, name))

    def names(self) -> Mapping[str, str]:
        return {name: meaning for name, (meaning, _) in self._switches.items()}

    def fail(self, name: str, amount: float) -> None:
        self._switches[name][1](amount)

    def mend(self, name: str) -> None:
        self._switches[name][1](0.0)

    def _add(self, name: str, meaning: str, switch: Switch) -> None:
        self._switches[name] = (meaning, switch)


def _dip(plant: CentralPlant) -> Switch:
    def switch(amount: float) -> None:
        plant.powered = amount <= 0.0

    return switch


def _surge(plant: CentralPlant) -> Switch:
    def switch(amount: float) -> None:
        plant.surge = SURGE * amount * plant.design.capacity

    return switch


def _trip(machine: Chiller) -> Switch:
    def switch(amount: float) -> None:
        machine.broken = amount > 0.0
        if not machine.broken:
            machine.reset()

    return switch


def _foul(machine: Chiller) -> Switch:
    def switch(amount: float) -> None:
        machine.fouling = FOULING * amount

    return switch


def _stick(valve: Valve) -> Switch:
    def switch(amount: float) -> None:
        valve.stuck = amount > 0.0

    return switch


def _break(drive: Drive) -> Switch:
    def switch(amount: float) -> None:
        drive.failed = amount > 0.0

    return switch


def _clog(cell: Cell) -> Switch:
    def switch(amount: float) -> None:
        cell.fouled = min(max(amount, 0.0), 1.0)

    return switch
