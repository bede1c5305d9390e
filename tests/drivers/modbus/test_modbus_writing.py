"""Writes: the function code each register asks for, bits in words, coils, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from agent.core.errors import DeviceError, RefusedError
from agent.core.point import Value, ValueKind
from agent.core.reading import Quality
from agent.core.register import RawType, Register, Table, WordOrder, WriteFunction
from tests.drivers.modbus.far_unit import FarUnit, driver_of, holding, poll


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
        far = FarUnit()
        driver = driver_of(tools.wireless(far.tcp), {"x": register})
        await driver.open()
        await driver.write("d.x", value)
        assert far.words == held
        assert far.requests[-1][0] == function

    tools.run(main())


@pytest.mark.parametrize(("wish", "function"), [(WriteFunction.AUTO, 5), (WriteFunction.MULTIPLE, 15)])
def test_coils(tools: Any, wish: WriteFunction, function: int) -> None:
    async def main() -> None:
        far = FarUnit()
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
        far = FarUnit(refused=[5])
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


def test_a_value_cut_off_between_its_two_registers_is_an_error_and_the_next_try_writes_both(
    tools: Any,
) -> None:
    """A device that takes one register a request: only there a value can be torn on the wire."""

    async def main() -> None:
        far = FarUnit()
        heard = []

        def line(frame: bytes) -> Any:
            heard.append(frame)
            return [] if len(heard) == 2 else far.tcp(frame)

        register = holding(5, type=RawType.UINT32, write_with=WriteFunction.SINGLE)
        driver = driver_of(tools.wireless(line), {"x": register})
        await driver.open()
        with pytest.raises(DeviceError):
            await driver.write("d.x", 0x00020003)
        assert far.words == {5: 2}  # torn: the low register is as it was
        await driver.write("d.x", 0x00020003)
        assert far.words == {5: 2, 6: 3}

    tools.run(main())


def test_a_value_of_two_registers_goes_in_one_request_wherever_the_device_takes_one(tools: Any) -> None:
    async def main() -> None:
        far = FarUnit()
        driver = driver_of(tools.wireless(far.tcp), {"x": holding(5, type=RawType.UINT32)})
        await driver.open()
        await driver.write("d.x", 0x00020003)
        assert [request[0] for request in far.requests] == [16]

    tools.run(main())
