"""What the baselines have in common: who serves whom, wishes as commands, times counted in elapsed seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.core.command import Command
from agent.core.equipment import Equipment
from agent.core.point import Value
from agent.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Voice:
    """In whose name and with which priority something is wished."""

    source: str
    priority: int

    def wish(self, machine: Equipment, role: str, value: Value | None, reason: str) -> Iterator[Command]:
        """Nothing where the machine has no such point."""
        point = machine.roles.get(role)
        if point is not None:
            yield Command(point=point, priority=self.priority, source=self.source, value=value, reason=reason)


def of_kind(snapshot: Snapshot, kind: str) -> Sequence[Equipment]:
    """Those that can be switched."""
    return [one for one in snapshot.equipment(kind) if "enable" in one.roles]


def capacity_of(machine: Equipment) -> float:
    """The kW of the nameplate; 0 without one."""
    return machine.nameplate.get("capacity", 0.0)


def load_of(snapshot: Snapshot, machines: Sequence[Equipment]) -> float:
    """Cooling in kW that these chillers deliver at present, by their own load and nameplate."""
    total = 0.0
    for one in machines:
        if snapshot.value(one, "status") is True:
            total += (snapshot.number_of(one, "load") or 0.0) / 100.0 * capacity_of(one)
    return total


def wanted_by(machine: Equipment, on: frozenset[str]) -> bool:
    """Whether a pump or tower is wanted: one that serves nobody in particular runs while anything runs."""
    return bool(on) if not machine.guards.serves else not on.isdisjoint(machine.guards.serves)


def switches(
    snapshot: Snapshot, voice: Voice, kind: str, on: frozenset[str], reason: str, speed: float | None = None
) -> Iterator[Command]:
    """Pumps or towers follow their machines, at a fixed speed where one is given."""
    for one in of_kind(snapshot, kind):
        yield from voice.wish(one, "enable", wanted_by(one, on), reason)
        if speed is not None:
            yield from voice.wish(one, "speed_command", speed, f"fixed speed {speed:g} %")
