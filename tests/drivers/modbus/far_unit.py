"""A unit at the far end of a line that is a function, and a driver that speaks to it."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from agent.core.device_profile import Device, DeviceProfile
from agent.core.point import Access, Point, Value, ValueKind
from agent.core.reading import Quality, ReadingBlock
from agent.core.register import Register, Table
from drivers.modbus.driver import ModbusDriver
from drivers.modbus.rtu import RtuLink
from drivers.modbus.settings import RtuTcpBus, RtuUnit, TcpBus, TcpUnit
from drivers.modbus.tcp import TcpLink
from tests.clocks import StillClock


class FarUnit:
    """A unit whose registers hold their own address unless written; some are refused."""

    def __init__(self, refused: Iterable[int] = (), longest: int = 125) -> None:
        self.refused, self.longest = set(refused), longest
        self.words: dict[int, int] = {}
        self.coils: dict[int, int] = {}
        self.requests: list[bytes] = []
        self.unknown_functions: set[int] = set()
        self.silent = 0

    def answer(self, pdu: bytes) -> bytes:
        self.requests.append(pdu)
        function, address, count = struct.unpack(">BHH", pdu[:5])
        if function in self.unknown_functions:
            return bytes((function | 0x80, 1))
        if function in (1, 2, 3, 4):
            if count > self.longest or self.refused & set(range(address, address + count)):
                return bytes((function | 0x80, 2))
            return self.read(function, address, count)
        return self.write(function, address, pdu)

    def read(self, function: int, address: int, count: int) -> bytes:
        places = range(address, address + count)
        if function in (1, 2):
            size = (count + 7) // 8
            bits = sum(self.coils.get(one, one % 2) << at for at, one in enumerate(places))
            return bytes((function, size)) + bits.to_bytes(size, "little")
        words = [self.words.get(one, one) for one in places]
        return bytes((function, 2 * count)) + struct.pack(f">{count}H", *words)

    def write(self, function: int, address: int, pdu: bytes) -> bytes:
        if address in self.refused:
            return bytes((function | 0x80, 3))
        if function == 22:
            keep, bits = struct.unpack(">HH", pdu[3:])
            self.words[address] = self.words.get(address, address) & keep | bits & ~keep
            return pdu
        if function == 23:
            place, count = struct.unpack(">HH", pdu[5:9])
            self.words.update(enumerate(struct.unpack(f">{count}H", pdu[10:]), place))
            return self.read(23, address, struct.unpack(">H", pdu[3:5])[0])
        if function in (5, 15):
            self.coils[address] = int(pdu[3] == 0xFF) if function == 5 else pdu[6] & 1
        elif function == 6:
            self.words[address] = int.from_bytes(pdu[3:], "big")
        else:
            self.words.update(enumerate(struct.unpack(f">{(len(pdu) - 6) // 2}H", pdu[6:]), address))
        return pdu if function in (5, 6) else pdu[:5]

    def tcp(self, frame: bytes) -> Iterable[tuple[float, bytes]]:
        if self.silent:
            self.silent -= 1
            self.requests.append(frame[7:])
            return []
        answer = self.answer(frame[7:])
        return [(0.01, frame[:4] + struct.pack(">HB", len(answer) + 1, frame[6]) + answer)]


def holding(address: int, **more: Any) -> Register:
    return Register(table=Table.HOLDING, address=address, **more)


def driver_of(
    wireless: Any,
    registers: Mapping[str, Register],
    *,
    rtu: bool = False,
    kinds: Mapping[str, ValueKind] | None = None,
    **more: Any,
) -> ModbusDriver:
    points = {
        name: Point(id=name, access=Access.READ_WRITE, kind=(kinds or {}).get(name, ValueKind.NUMBER))
        for name in registers
    }
    profile = DeviceProfile(id="x", points=points, sources=dict(registers), **more)
    device = Device(
        id="d",
        bus="b",
        profile=profile,
        settings=RtuUnit(unit=1) if rtu else TcpUnit(unit=1),
        points={name: replace(one, id=f"d.{name}") for name, one in points.items()},
    )
    if rtu:
        link = RtuLink("b", wireless, 1, baudrate=None, turnaround=0.0, quiet=0.05)
        return ModbusDriver(link, RtuTcpBus(host="x", timeout=0.3), [device], StillClock())
    return ModbusDriver(TcpLink("b", wireless, 1), TcpBus(host="x", timeout=0.3), [device], StillClock())


async def poll(driver: ModbusDriver) -> dict[str, tuple[Value | None, Quality]]:
    found: list[ReadingBlock] = []
    for item in driver.plan():
        found.extend(await driver.read(item))
    return {
        point.partition(".")[2]: (reading.value, reading.quality)
        for block in found
        for point, reading in block.readings().items()
    }


def good(*addresses: int) -> dict[str, tuple[Value | None, Quality]]:
    return {f"p{address}": (address, Quality.GOOD) for address in addresses}
