"""The driver: refused blocks, padding, writes. The far end is a function, time is virtual."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from agent.core.device_profile import BlockLimits, Device, DeviceProfile, Pacing
from agent.core.errors import BusError, DeviceError, RefusedError
from agent.core.point import Access, Point, Value, ValueKind
from agent.core.reading import Quality, ReadingBlock
from agent.core.register import RawType, Register, Table, WordOrder, WriteFunction
from drivers.modbus import KINDS
from drivers.modbus.driver import REFUSED_AGAIN, ModbusDriver
from drivers.modbus.rtu import RtuLink
from drivers.modbus.settings import RtuTcpBus, RtuUnit, TcpBus, TcpUnit
from drivers.modbus.tcp import TcpLink


class StillClock:
    def elapsed(self) -> float:
        return 5.0

    def utc(self) -> float:
        return 1000.0

    def trusted(self) -> bool:
        return False

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Device1:
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


def test_one_block_one_exchange_and_the_clock_of_the_site(tools: Any) -> None:
    async def main() -> None:
        far = Device1()
        driver = driver_of(tools.wireless(far.tcp), {f"p{at}": holding(at) for at in range(10, 30)})
        await driver.open()
        (item,) = driver.plan()
        (block,) = await driver.read(item)
        assert block.points is item.points
        assert (block.time, block.elapsed, block.time_trusted) == (1000.0, 5.0, False)
        assert block.values == tuple(range(10, 30))
        assert block.qualities is None
        (again,) = await driver.read(item)
        assert again.values is block.values
        assert len(far.requests) == 2

    tools.run(main())


def test_periods_and_tables_are_read_apart(tools: Any) -> None:
    registers = {"a": holding(1), "b": holding(2), "c": Register(table=Table.INPUT, address=3)}
    driver = driver_of(tools.wireless(lambda _: []), registers, polls={"b": 60.0}, pacing=Pacing(poll=5.0))
    assert [(item.points, item.period) for item in driver.plan()] == [
        (("d.a",), 5.0),
        (("d.b",), 60.0),
        (("d.c",), 5.0),
    ]


def test_what_cannot_be_planned_is_bad_with_the_reason(tools: Any) -> None:
    async def main() -> None:
        registers = {"a": holding(1), "long": holding(5, type=RawType.STRING, length=20), "no": holding(40)}
        limits = BlockLimits(max_registers=10, refused=((40, 50),))
        driver = driver_of(tools.wireless(Device1().tcp), registers, limits=limits)
        await driver.open()
        found = await poll(driver)
        assert found == {"a": (1, Quality.GOOD), "long": (None, Quality.BAD), "no": (None, Quality.BAD)}
        reasons = [(await driver.read(item))[0].reason for item in driver.plan()[1:]]
        assert "at most 10" in reasons[0]
        assert "refuses" in reasons[1]

    tools.run(main())


def test_a_refused_register_is_found_and_the_others_live(tools: Any) -> None:
    async def main() -> None:
        far = Device1(refused=[17])
        driver = driver_of(tools.wireless(far.tcp), {f"p{at}": holding(at) for at in range(10, 42)})
        await driver.open()
        before = driver.plan()
        found = await poll(driver)
        assert found == {**good(*range(10, 42)), "p17": (None, Quality.BAD)}
        assert len(far.requests) < 16
        after = driver.plan()
        assert after is not before
        assert sorted(point for item in after for point in item.points) == sorted(before[0].points)
        far.requests.clear()
        assert await poll(driver) == found
        (slow,) = (item for item in after if item.period == REFUSED_AGAIN)
        assert slow.points == ("d.p17",)
        assert (await driver.read(slow))[0].reason.startswith("refused: unit 1: exception 2")
        assert driver.plan() is after
        # a caller with an old plan still gets everything
        assert len(await driver.read(before[0])) == len(after)
        far.refused.clear()
        await driver.read(slow)
        assert all(item.period < REFUSED_AGAIN for item in driver.plan())
        assert await poll(driver) == good(*range(10, 42))

    tools.run(main())


def test_a_refused_hole_or_length_only_costs_the_cut(tools: Any) -> None:
    async def main() -> None:
        far = Device1(refused=[15], longest=8)
        driver = driver_of(
            tools.wireless(far.tcp), {f"p{at}": holding(at) for at in (10, 11, 14, 16, 17, 30, 31, 32)}
        )
        await driver.open()
        assert await poll(driver) == good(10, 11, 14, 16, 17, 30, 31, 32)
        assert len(driver.plan()) <= 4

    tools.run(main())


def test_an_unknown_function_is_not_tried_register_by_register(tools: Any) -> None:
    async def main() -> None:
        far = Device1()
        far.unknown_functions.add(3)
        driver = driver_of(tools.wireless(far.tcp), {f"p{at}": holding(at) for at in range(10, 42)})
        await driver.open()
        found = await poll(driver)
        assert set(found.values()) == {(None, Quality.BAD)}
        assert len(far.requests) == 1

    tools.run(main())


def test_a_multi_register_value_is_never_cut(tools: Any) -> None:
    async def main() -> None:
        far = Device1(refused=[12])
        registers = {f"p{at}": holding(at, type=RawType.UINT32) for at in (10, 12, 14)}
        driver = driver_of(tools.wireless(far.tcp), registers)
        await driver.open()
        found = await poll(driver)
        assert found["p12"] == (None, Quality.BAD)
        assert found["p14"] == (14 * 65536 + 15, Quality.GOOD)
        assert all(struct.unpack(">H", pdu[3:5])[0] % 2 == 0 for pdu in far.requests)

    tools.run(main())


def rtu_far(tools: Any, far: Device1) -> Any:
    def answer(frame: bytes) -> Iterable[tuple[float, bytes]]:
        if far.silent:
            far.silent -= 1
            far.requests.append(frame[1:-2])
            return []
        return [(0.01, tools.rtu(frame[:1] + far.answer(frame[1:-2])))]

    return answer


def counts(far: Device1) -> list[int]:
    return [struct.unpack(">H", pdu[3:5])[0] for pdu in far.requests]


def test_rtu_blocks_of_one_unit_have_different_lengths(tools: Any) -> None:
    async def main() -> None:
        far = Device1()
        driver = driver_of(
            tools.wireless(rtu_far(tools, far)), {f"p{at}": holding(at) for at in (10, 200, 400)}, rtu=True
        )
        await driver.open()
        assert await poll(driver) == good(10, 200, 400)
        assert counts(far) == [1, 2, 3]

    tools.run(main())


def test_rtu_padding_is_given_up_where_it_is_refused(tools: Any) -> None:
    async def main() -> None:
        far = Device1(refused=[201, 401])
        driver = driver_of(
            tools.wireless(rtu_far(tools, far)), {f"p{at}": holding(at) for at in (10, 200, 400)}, rtu=True
        )
        await driver.open()
        assert await poll(driver) == good(10, 200, 400)
        far.requests.clear()
        assert await poll(driver) == good(10, 200, 400)
        assert counts(far) == [1, 1, 1]

    tools.run(main())


def test_rtu_asks_in_another_shape_after_a_silence(tools: Any) -> None:
    async def main() -> None:
        far = Device1()
        driver = driver_of(
            tools.wireless(rtu_far(tools, far)), {f"p{at}": holding(at) for at in (10, 11, 12)}, rtu=True
        )
        await driver.open()
        far.silent = 1
        with pytest.raises(Exception, match="no answer"):
            await poll(driver)
        assert await poll(driver) == good(10, 11, 12)
        assert counts(far) == [3, 4]

    tools.run(main())


def test_rtu_reads_in_parts_where_it_cannot_pad(tools: Any) -> None:
    async def main() -> None:
        far = Device1()
        driver = driver_of(
            tools.wireless(rtu_far(tools, far)),
            {f"p{at}": holding(at) for at in (10, 11, 12)},
            rtu=True,
            limits=BlockLimits(max_registers=3),
        )
        await driver.open()
        far.silent = 1
        with pytest.raises(Exception, match="no answer"):
            await poll(driver)
        assert await poll(driver) == good(10, 11, 12)
        assert counts(far) == [3, 1, 2]

    tools.run(main())


@pytest.mark.parametrize("limits", [BlockLimits(), BlockLimits(max_registers=1)], ids=["padded", "single"])
@pytest.mark.parametrize("seed", range(6))
def test_rtu_answers_at_any_time_are_never_a_wrong_value(tools: Any, limits: BlockLimits, seed: int) -> None:
    """Answers in time, late, lost and twice, in any order, as a queueing gateway may send them."""
    dice = random.Random(seed)

    async def main() -> None:
        def answer(frame: bytes) -> Iterable[tuple[float, bytes]]:
            delay = dice.choices((0.01, 0.2, 0.31, 0.45, 0.8, None), (20, 5, 1, 1, 1, 1))[0]
            if delay is None:
                return []
            whole = tools.own_numbers(frame)
            return [(delay, whole), (delay, whole)] if dice.random() < 0.05 else [(delay, whole)]

        registers = {f"p{at}": holding(at) for at in (100, 200, 300, 400)}
        driver = driver_of(tools.wireless(answer), registers, rtu=True, limits=limits)
        await driver.open()
        right = 0
        for _ in range(400):
            await asyncio.sleep(0.5)
            for item in driver.plan():
                try:
                    blocks = await driver.read(item)
                except BusError:
                    await driver.open()
                except DeviceError:
                    continue
                else:
                    for point, reading in (pair for block in blocks for pair in block.readings().items()):
                        assert not reading.good or point == f"d.p{reading.value}"
                        right += reading.good
        assert right > 400

    tools.run(main())


@pytest.mark.parametrize(
    ("register", "value", "function", "held"),
    [
        (holding(5, scale=0.1), 7.5, 6, {5: 75}),
        (holding(5, scale=0.1, write_with=WriteFunction.MULTIPLE), 7.5, 16, {5: 75}),
        (holding(5, type=RawType.FLOAT32, order=WordOrder.CDAB), 1.0, 16, {5: 0, 6: 0x3F80}),
        (holding(5, type=RawType.UINT32, write_with=WriteFunction.SINGLE), 65537, 6, {5: 1, 6: 1}),
        (holding(5, write_with=WriteFunction.READ_WRITE), 9, 23, {5: 9}),
        (holding(5, bit=1, bits=2, write_with=WriteFunction.MASK), 3, 22, {5: 7}),
        (holding(5, bit=1, bits=2), 3, 6, {5: 7}),
        (holding(5, bit=1, bits=2, write_with=WriteFunction.MULTIPLE), 1, 16, {5: 3}),
        (holding(5, bit=1, bits=2, write_with=WriteFunction.READ_WRITE), 0, 23, {5: 1}),
    ],
)
def test_writes(tools: Any, register: Register, value: Value, function: int, held: dict[int, int]) -> None:
    async def main() -> None:
        far = Device1()
        driver = driver_of(tools.wireless(far.tcp), {"x": register})
        await driver.open()
        await driver.write("d.x", value)
        assert far.words == held
        assert far.requests[-1][0] == function

    tools.run(main())


@pytest.mark.parametrize(("wish", "function"), [(WriteFunction.AUTO, 5), (WriteFunction.MULTIPLE, 15)])
def test_coils(tools: Any, wish: WriteFunction, function: int) -> None:
    async def main() -> None:
        far = Device1()
        coil = Register(table=Table.COIL, address=3, write_with=wish)
        driver = driver_of(tools.wireless(far.tcp), {"x": coil}, kinds={"x": ValueKind.SWITCH})
        await driver.open()
        await driver.write("d.x", True)
        assert (far.coils, far.requests[-1][0]) == ({3: 1}, function)
        await driver.write("d.x", False)
        assert far.coils == {3: 0}
        assert await poll(driver) == {"x": (False, Quality.GOOD)}

    tools.run(main())


def test_refused_writes(tools: Any) -> None:
    async def main() -> None:
        far = Device1(refused=[5])
        registers = {"x": holding(5), "y": Register(table=Table.INPUT, address=6)}
        driver = driver_of(tools.wireless(far.tcp), registers)
        await driver.open()
        with pytest.raises(RefusedError, match="exception 3"):
            await driver.write("d.x", 1)
        with pytest.raises(RefusedError, match="only be read"):
            await driver.write("d.y", 1)
        with pytest.raises(RefusedError, match="no such register"):
            await driver.write("d.z", 1)
        assert len(far.requests) == 1

    tools.run(main())


def test_equal_devices_share_their_codec(tools: Any) -> None:
    registers = {f"p{at}": holding(at) for at in range(10)}
    one, two = (driver_of(tools.wireless(lambda _: []), registers) for _ in range(2))
    assert one.plan()[0].key.codec is two.plan()[0].key.codec


def test_the_catalogue_sees_three_kinds() -> None:
    assert set(KINDS) == {"modbus-tcp", "modbus-rtu", "modbus-rtu-tcp"}
    assert [kind.shared_line for kind in KINDS.values()] == [False, True, True]
    assert all(kind.source is Register for kind in KINDS.values())
