"""A driver whose answers a test scripts; no socket, no time of its own."""

import asyncio
from collections.abc import Sequence

from agent.core.driver import ReadItem
from agent.core.errors import BusError, DeviceError
from agent.core.reading import ReadingBlock


class FakeDriver:
    def __init__(self, clock, items: Sequence[ReadItem]) -> None:
        self.clock = clock
        self.items = tuple(items)
        self.values: dict[str, float] = {}
        self.dead_devices: set[str] = set()
        self.breakers: set[str] = set()  # devices whose answers break the line
        self.line_cut = False
        self.opened = 0
        self.closed = 0
        self.log: list[tuple[str, str]] = []

    async def open(self) -> None:
        await asyncio.sleep(0)
        if self.line_cut:
            raise BusError("no route to host")
        self.opened += 1

    async def close(self) -> None:
        self.closed += 1

    def plan(self) -> Sequence[ReadItem]:
        return self.items

    async def read(self, item: ReadItem) -> Sequence[ReadingBlock]:
        await asyncio.sleep(0)
        self.log.append(("read", item.device))
        if self.line_cut or item.device in self.breakers:
            raise BusError("connection reset")
        if item.device in self.dead_devices:
            raise DeviceError("no answer")
        values = tuple(self.values.get(point, 0.0) for point in item.points)
        return [ReadingBlock(item.device, item.points, values, self.clock.utc(), self.clock.elapsed())]

    async def write(self, point: str, value: float) -> None:
        await asyncio.sleep(0)
        self.log.append(("write", point))
        if self.line_cut:
            raise BusError("connection reset")
        self.values[point] = value
