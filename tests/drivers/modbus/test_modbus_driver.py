"""The driver: planning, refused blocks, the catalogue. The far end is a function, time is virtual."""

from __future__ import annotations

import struct
from typing import Any

from agent.core.device_profile import BlockLimits, Pacing
from agent.core.reading import Quality
from agent.core.register import RawType, Register, Table
from drivers.modbus import KINDS
from drivers.modbus.driver import REFUSED_AGAIN
from tests.drivers.modbus.far_unit import FarUnit, driver_of, good, holding, poll


def test_one_block_one_exchange_and_the_clock_of_the_site(tools: Any) -> None:
    async def main() -> None:
        far = FarUnit()
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
        driver = driver_of(tools.wireless(FarUnit().tcp), registers, limits=limits)
        await driver.open()
        found = await poll(driver)
        assert found == {"a": (1, Quality.GOOD), "long": (None, Quality.BAD), "no": (None, Quality.BAD)}
        reasons = [(await driver.read(item))[0].reason for item in driver.plan()[1:]]
        assert "at most 10" in reasons[0]
        assert "refuses" in reasons[1]

    tools.run(main())


def test_a_refused_register_is_found_and_the_others_live(tools: Any) -> None:
    async def main() -> None:
        far = FarUnit(refused=[17])
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
        far = FarUnit(refused=[15], longest=8)
        driver = driver_of(
            tools.wireless(far.tcp), {f"p{at}": holding(at) for at in (10, 11, 14, 16, 17, 30, 31, 32)}
        )
        await driver.open()
        assert await poll(driver) == good(10, 11, 14, 16, 17, 30, 31, 32)
        assert len(driver.plan()) <= 4

    tools.run(main())


def test_an_unknown_function_is_not_tried_register_by_register(tools: Any) -> None:
    async def main() -> None:
        far = FarUnit()
        far.unknown_functions.add(3)
        driver = driver_of(tools.wireless(far.tcp), {f"p{at}": holding(at) for at in range(10, 42)})
        await driver.open()
        found = await poll(driver)
        assert set(found.values()) == {(None, Quality.BAD)}
        assert len(far.requests) == 1

    tools.run(main())


def test_a_multi_register_value_is_never_cut(tools: Any) -> None:
    async def main() -> None:
        far = FarUnit(refused=[12])
        registers = {f"p{at}": holding(at, type=RawType.UINT32) for at in (10, 12, 14)}
        driver = driver_of(tools.wireless(far.tcp), registers)
        await driver.open()
        found = await poll(driver)
        assert found["p12"] == (None, Quality.BAD)
        assert found["p14"] == (14 * 65536 + 15, Quality.GOOD)
        assert all(struct.unpack(">H", pdu[3:5])[0] % 2 == 0 for pdu in far.requests)

    tools.run(main())


def test_equal_devices_share_their_codec(tools: Any) -> None:
    registers = {f"p{at}": holding(at) for at in range(10)}
    one, two = (driver_of(tools.wireless(lambda _: []), registers) for _ in range(2))
    assert one.plan()[0].key.codec is two.plan()[0].key.codec


def test_the_catalogue_sees_three_kinds() -> None:
    assert set(KINDS) == {"modbus-tcp", "modbus-rtu", "modbus-rtu-tcp"}
    assert [kind.shared_line for kind in KINDS.values()] == [False, True, True]
    assert all(kind.source is Register for kind in KINDS.values())
