"""Lines whose every value says where and when it was read, and a judge of all that a driver makes of them.

A value is a number: the exchange it was answered in, the unit, and its place in the unit. So a value from another place,
another unit or an earlier exchange is seen at once. 32 coils bear such a number bit by bit.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.core.device_profile import DeviceProfile
from agent.core.driver import DriverKind, ReadItem
from agent.core.errors import PlantroomError
from agent.core.reading import Quality, ReadingBlock
from agent.core.site import Catalogue
from hil.clock import VirtualClock
from hil.faults import Alter, WireFaults
from hil.servers.device import SimulatedDevice, Wiring
from hil.servers.modbus_face import ModbusLineFace, ModbusTcpFace
from hil.world import World

UNITS = (1, 2, 3)
COILS, COIL_PLACE = 32, 255
PLACE_BITS, UNIT_BITS = 8, 3
# two blocks of one shape, one of another, and the coils: on a line without numbers the shape is all an answer shows
# the last two end their tables far behind, so that no longer request is refused
PLACES = {
    "a": ("holding", 0, 6),
    "b": ("holding", 200, 6),
    "c": ("input", 0, 10),
    "d": ("holding", 300, 1),
    "e": ("input", 100, 1),
}
PLACES_EACH = 48
PERIOD = 5.0  # site seconds

PROFILE = "\n".join(
    [
        "id: numbered",
        "vendor: Test",
        "model: Every value says where and when",
        "kind: io_module",
        "protocols: [modbus-tcp, modbus-rtu]",
        "document: this test",
        "confidence: own",
        f"pacing: {{timeout: 1 s, poll: {PERIOD:g} s}}",
        "points:",
        *(
            f"  {block}{at}: {{table: {table}, address: {first + 2 * at}, type: uint32}}"
            for block, (table, first, count) in PLACES.items()
            for at in range(count)
        ),
        *(f"  bit{at}: {{table: coil, address: {at}}}" for at in range(COILS)),
        "",
    ]
)


def number(exchange: int, unit: int, place: int) -> int:
    return (exchange << UNIT_BITS | unit) << PLACE_BITS | place


def value_of(point: str, exchange: int, unit: int) -> int | bool:
    if point.startswith("bit"):
        return bool(number(exchange, unit, COIL_PLACE) >> int(point[3:]) & 1)
    return number(exchange, unit, "abcde".index(point[0]) * PLACES_EACH + int(point[1:]))


def shown(points: Iterable[str], exchange: int, unit: int) -> dict[str, int | bool]:
    """What an answer in this exchange says of these points."""
    return {point: value_of(point, exchange, unit) for point in points}


class Exchanges:
    """How many requests a line has answered; seen from the wire, where `alter` says what becomes of an answer."""

    def __init__(self, alter: Alter) -> None:
        self.count = 0
        self._alter = alter

    def answered(self, frame: bytes) -> Sequence[tuple[float, bytes]]:
        self.count += 1
        return self._alter(frame)


def numbered_device(name: str, unit: int, profile: DeviceProfile, exchanges: Exchanges) -> SimulatedDevice:
    def look(point: str) -> Any:
        return lambda _: value_of(point, exchanges.count, unit)

    wiring = Wiring(looks={point: look(point) for point in profile.points})
    return SimulatedDevice(name, profile, wiring, World(), VirtualClock())


class NumberedLine:
    """One bus: its face, its devices, and the verdicts on all that was read."""

    def __init__(self, name: str, kind: str, profile: DeviceProfile, alter: Alter) -> None:
        self.name, self.kind = name, kind
        self.exchanges = Exchanges(alter)
        faults = WireFaults(self.exchanges.answered)
        self.outcomes: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.units = {f"{name}_{unit}": unit for unit in UNITS}
        devices = {
            unit: numbered_device(device, unit, profile, self.exchanges)
            for device, unit in self.units.items()
        }
        self.face: ModbusTcpFace | ModbusLineFace = (
            ModbusLineFace(devices, faults=faults)
            if kind == "modbus-rtu"
            else ModbusTcpFace(devices, rtu=kind == "modbus-rtu-tcp", faults=faults)
        )

    async def start(self, folder: Path) -> None:
        if isinstance(self.face, ModbusLineFace):
            self.face.start(folder / self.name)
        else:
            await self.face.start()

    async def stop(self) -> None:
        if isinstance(self.face, ModbusLineFace):
            self.face.stop()
        else:
            await self.face.stop()

    def bus_text(self, timeout: float) -> str:
        if isinstance(self.face, ModbusLineFace):
            where = f"port: {self.face.path}, baudrate: 4000000"
        else:
            where = f"host: 127.0.0.1, port: {self.face.port}"
        return f"  {self.name}: {{kind: {self.kind}, {where}, timeout: {timeout * 1000:g} ms}}"

    def device_text(self) -> Iterator[str]:
        for device, unit in self.units.items():
            yield f"  {device}: {{profile: numbered, bus: {self.name}, unit: {unit}}}"

    def judge(self, before: int, block: ReadingBlock) -> None:
        """The good values must be those of their places in their unit, in one exchange from number `before` on."""
        if block.qualities is not None and Quality.GOOD not in block.qualities:
            self.outcomes["bad"] += 1
            return
        poor = block.qualities or (Quality.GOOD,) * len(block.points)
        good = {
            point.partition(".")[2]: value
            for point, value, quality in zip(block.points, block.values, poor, strict=True)
            if quality is Quality.GOOD
        }
        unit, now = self.units[block.device], self.exchanges.count
        if not any(good == shown(good, one, unit) for one in range(before, now)):
            self.wrong.append(f"{block.device} from exchange {before} to {now}: {good}")
        self.outcomes["good"] += 1


class Witness:
    """The real driver, and what comes out of it."""

    def __init__(self, driver: Any, line: NumberedLine) -> None:
        self._driver, self._line = driver, line
        self.open, self.close, self.plan, self.write = driver.open, driver.close, driver.plan, driver.write

    async def read(self, item: ReadItem) -> Sequence[ReadingBlock]:
        before = self._line.exchanges.count
        try:
            blocks = await self._driver.read(item)
        except PlantroomError as error:
            self._line.outcomes["error" if str(error) else "error without a word"] += 1
            raise
        for block in blocks:
            self._line.judge(before, block)
        return blocks


def witnessed(catalogue: Catalogue, lines: Mapping[str, NumberedLine]) -> Catalogue:
    """The catalogue with each driver under the eyes of its line."""

    def watched(kind: DriverKind) -> DriverKind:
        def create(bus: str, *arguments: Any) -> Any:
            return Witness(kind.create(bus, *arguments), lines[bus])

        return dataclasses.replace(kind, create=create)

    return dataclasses.replace(
        catalogue, drivers={name: watched(kind) for name, kind in catalogue.drivers.items()}
    )


def site_text(lines: Sequence[NumberedLine], timeout: float) -> str:
    return "\n".join(
        [
            "version: 1",
            "site: {name: Test, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}",
            "buses:",
            *(line.bus_text(timeout) for line in lines),
            "devices:",
            *(text for line in lines for text in line.device_text()),
            "",
        ]
    )
