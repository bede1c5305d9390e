"""Frequency converters as they are usually set up: chilled-water pumps on one constant pressure, condenser pumps on 5 K."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from hil.baselines.machines import Voice


@dataclass(frozen=True, slots=True)
class Speeds:
    """Speeds in % as they stand."""

    chilled: float = 100.0
    condenser: float = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantPressure:
    """Speeds of both pump groups; who runs is another's business. Pumps belong to a group by their id."""

    kind: ClassVar[str] = "baseline.constant_pressure"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("differential_pressure", "loop", without="chilled-water pumps at full speed"),
        RoleNeed("condenser_entering_temp", "loop", required=False, without="condenser pumps at full speed"),
        RoleNeed("condenser_return_temp", "loop", required=False, without="condenser pumps at full speed"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("speed_command", "pump", Priority.OPTIMISER),)

    name: str = parameter("", help="name of this policy in the site file")
    pressure: float = parameter(60.0, unit="kPa", low=5.0, high=400.0, help="difference held at the sensor")
    range: float = parameter(5.0, unit="K", low=2.0, high=10.0, help="condenser water warms by this much")
    least: float = parameter(
        75.0, unit="%", low=20.0, high=100.0, help="lowest speed; below, machines lack flow"
    )
    step: float = parameter(4.0, unit="%", low=0.5, high=20.0, help="largest change a tick")

    def initial_state(self) -> Speeds:
        return Speeds()

    def decide(self, snapshot: Snapshot, state: Speeds) -> tuple[Sequence[Command], Speeds]:
        loop = next(iter(snapshot.equipment("loop")), None)
        state = Speeds(self._chilled(snapshot, loop, state), self._condenser(snapshot, loop, state))
        voice = Voice(self.name, Priority.OPTIMISER)
        commands: list[Command] = []
        for pump in snapshot.equipment("pump"):
            condenser = pump.id.startswith("condenser")
            speed = state.condenser if condenser else state.chilled
            why = f"{self.range:g} K" if condenser else f"{self.pressure:g} kPa"
            commands += voice.wish(pump, "speed_command", speed, f"holds {why}")
        return commands, state

    def _chilled(self, snapshot: Snapshot, loop: Equipment | None, state: Speeds) -> float:
        found = None if loop is None else snapshot.number_of(loop, "differential_pressure")
        if found is None:
            return 100.0
        return self._moved(state.chilled, 20.0 * (self.pressure - found) / self.pressure)

    def _condenser(self, snapshot: Snapshot, loop: Equipment | None, state: Speeds) -> float:
        if loop is None:
            return 100.0
        cold = snapshot.number_of(loop, "condenser_entering_temp")
        hot = snapshot.number_of(loop, "condenser_return_temp")
        if cold is None or hot is None:
            return 100.0
        return self._moved(state.condenser, 4.0 * (hot - cold - self.range))

    def _moved(self, speed: float, by: float) -> float:
        return min(max(speed + min(max(by, -self.step), self.step), self.least), 100.0)
