"""The in-memory driver under the contract."""

from __future__ import annotations

from typing import Any

from agent.core.device_profile import Device, DeviceProfile
from agent.core.errors import BusError, DeviceError
from agent.core.point import Value
from agent.core.register import Slot
from drivers.memory import KINDS, Memory, MemoryBus, MemoryDevice, memory_of


class MemoryBench:
    """The memory is the server."""

    name = "memory"
    marks = ()
    faults = frozenset({"silent", "refusing", "cut", "stalled"})

    def __init__(self, points: dict[str, Any]) -> None:
        self.points = points
        self.memory: Memory = memory_of("contract")
        self.memory.values.clear()

    async def start(self) -> None:
        self.memory.down = ""

    async def stop(self) -> None:
        self.memory.down = "nobody there"
        self.memory.failing.clear()

    def driver(self, clock: Any, sink: Any) -> Any:
        profile = DeviceProfile(id="contract", points=self.points, sources=dict.fromkeys(self.points, Slot()))
        devices = [
            Device(
                id=one,
                bus="contract",
                profile=profile,
                settings=MemoryDevice(),
                points=_named(one, self.points),
            )
            for one in ("d1", "d2")
        ]
        return KINDS["memory"].create("contract", MemoryBus(), devices, clock, sink)

    def set(self, device: str, name: str, value: Value | None) -> None:
        self.memory.values[f"{device}.{name}"] = value

    def get(self, device: str, name: str) -> Value:
        value = self.memory.values[f"{device}.{name}"]
        assert value is not None
        return value

    def fault(self, kind: str, device: str) -> None:
        if kind == "stalled":
            self.memory.down = "stalled"
        elif kind == "cut":
            self.memory.failing[device] = BusError("cut")
        else:
            self.memory.failing[device] = DeviceError(kind)

    def heal(self) -> None:
        self.memory.down = ""
        self.memory.failing.clear()


def _named(device: str, points: dict[str, Any]) -> dict[str, Any]:
    from dataclasses import replace

    return {name: replace(point, id=f"{device}.{name}") for name, point in points.items()}


BENCHES = [MemoryBench]
