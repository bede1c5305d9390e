"""The Modbus driver: what there is to read, in blocks; a block's answer into readings; a value into a write."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from agent.core.clock import Clock
from agent.core.device_profile import Device
from agent.core.driver import ReadItem
from agent.core.errors import DeviceError, RefusedError
from agent.core.point import Value
from agent.core.reading import ReadingBlock, failed_block
from agent.core.register import Register
from drivers.modbus.bus import Link
from drivers.modbus.lines import open_serial, open_tcp
from drivers.modbus.plan import Block, Obstacle, Unit, parts_of, plan_unit, reshaped
from drivers.modbus.requests import UnknownFunctionError
from drivers.modbus.rtu import RtuLink
from drivers.modbus.settings import BusSettings, RtuBus, TcpBus
from drivers.modbus.tcp import TcpLink
from drivers.modbus.writes import write_point

log = logging.getLogger("plantroom.modbus")

REFUSED_AGAIN = 600.0  # site seconds until a refused register is asked for once more


def bus_for(name: str, settings: BusSettings, devices: Sequence[Device]) -> Link:
    """The link of a bus, not opened yet."""
    units = len({device.settings.unit for device in devices})
    turnaround = max([settings.turnaround, *(device.profile.pacing.turnaround for device in devices)])
    if isinstance(settings, RtuBus):
        return RtuLink(
            name,
            partial(open_serial, settings),
            units,
            baudrate=settings.baudrate,
            turnaround=turnaround,
            quiet=settings.quiet,
        )
    connect = partial(open_tcp, settings.host, settings.port, settings.connect_timeout)
    if isinstance(settings, TcpBus):
        return TcpLink(name, connect, units, turnaround)
    return RtuLink(name, connect, units, baudrate=None, turnaround=turnaround, quiet=settings.quiet)


class ModbusDriver:
    """Speaks for all units behind one link."""

    def __init__(self, link: Link, settings: BusSettings, devices: Sequence[Device], clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._writing = asyncio.Lock()
        self._units = {device.id: Unit.of(device, settings.timeout) for device in devices}
        self._items: tuple[ReadItem, ...] = tuple(
            item for unit in self._units.values() for item in plan_unit(unit, nameless=link.nameless)
        )

    async def open(self) -> None:
        await self._link.open()
        for item in self._items:
            if isinstance(item.key, Block):
                item.key.start_anew()
                if item.key.refused:
                    self._forgive(item.key)

    async def close(self) -> None:
        await self._link.close()

    def plan(self) -> Sequence[ReadItem]:
        return self._items

    async def read(self, item: ReadItem) -> Sequence[ReadingBlock]:
        if isinstance(item.key, Obstacle):
            return (self._bad(item, item.key.reason),)
        block: Block = item.key
        parts = block.parts  # not empty when it was cut since the caller took the plan
        request = block.request
        if not parts and self._link.ambiguous(request):
            request = reshaped(block, self._link) or block.bare
            if self._link.ambiguous(request):
                parts = parts_of(item)
        if len(parts) > 1:
            return await self._read_parts(parts)
        block.asked = request
        try:
            payload = await self._link.exchange(request, block.unit.timeout)
        except DeviceError as error:
            if request is not block.bare:
                block.padding_failed(error)
                if isinstance(error, RefusedError):
                    return await self.read(item)
            elif isinstance(error, RefusedError):
                return await self._refused(item, error)
            raise
        block.answered(request)
        return (self._decoded(item, block, payload),)

    async def write(self, point: str, value: Value) -> None:
        device, _, name = point.partition(".")
        unit = self._units.get(device)
        source = None if unit is None else unit.device.profile.sources.get(name)
        if unit is None or not isinstance(source, Register) or name not in unit.device.points:
            raise RefusedError(f"{point}: no such register on this bus")
        async with self._writing:
            await write_point(self._link, unit, unit.device.points[name], source, value)

    def _decoded(self, item: ReadItem, block: Block, payload: bytes) -> ReadingBlock:
        if block.refused:
            self._forgive(block)
        found = block.last = block.codec.decode(payload, block.last)
        clock = self._clock
        return ReadingBlock(
            item.device,
            item.points,
            found.values,
            clock.utc(),
            clock.elapsed(),
            found.qualities,
            found.reason,
            clock.trusted(),
        )

    async def _read_parts(self, parts: Sequence[ReadItem]) -> list[ReadingBlock]:
        blocks: list[ReadingBlock] = []
        for part in parts:
            blocks.extend(await self.read(part))
        return blocks

    async def _refused(self, item: ReadItem, error: RefusedError) -> Sequence[ReadingBlock]:
        """Halves a refused block until the refused registers are alone; these are asked for again only much later."""
        block: Block = item.key
        parts = () if isinstance(error, UnknownFunctionError) else parts_of(item)
        if len(parts) > 1:
            log.info(
                "%s: block %s %d..%d refused, reading it in parts",
                item.device,
                block.table.value,
                block.span.address,
                block.span.end - 1,
            )
            block.cut(parts)
            self._replace(block, parts)
            return await self._read_parts(parts)
        if not block.refused:
            log.warning("%s: %s refused: %s", item.device, ", ".join(item.points), error)
            slow = max(item.period, REFUSED_AGAIN)
            self._replace(block, (ReadItem(item.device, item.points, slow, block),))
        block.refused = str(error)
        return (self._bad(item, f"refused: {error}"),)

    def _forgive(self, block: Block) -> None:
        block.refused = ""
        for item in self._items:
            if item.key is block:
                self._replace(block, (ReadItem(item.device, item.points, block.period, block),))
                return

    def _replace(self, block: Block, items: Sequence[ReadItem]) -> None:
        kept: list[ReadItem] = []
        for item in self._items:
            kept.extend(items if item.key is block else (item,))
        self._items = tuple(kept)

    def _bad(self, item: ReadItem, reason: str) -> ReadingBlock:
        return failed_block(item.device, item.points, self._clock.utc(), self._clock.elapsed(), reason)
