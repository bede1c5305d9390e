"""RTU answers show only their shape: blocks of different lengths, padding, parts, and never a wrong value."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Iterable
from typing import Any

import pytest

from agent.core.device_profile import BlockLimits
from agent.core.errors import BusError, DeviceError
from tests.drivers.modbus.far_unit import FarUnit, driver_of, good, holding, poll


def rtu_far(tools: Any, far: FarUnit) -> Any:
    def answer(frame: bytes) -> Iterable[tuple[float, bytes]]:
        if far.silent:
            far.silent -= 1
            far.requests.append(frame[1:-2])
            return []
        return [(0.01, tools.rtu(frame[:1] + far.answer(frame[1:-2])))]

    return answer


def counts(far: FarUnit) -> list[int]:
    return [struct.unpack(">H", pdu[3:5])[0] for pdu in far.requests]


def test_rtu_blocks_of_one_unit_have_different_lengths(tools: Any) -> None:
    async def main() -> None:
        far = FarUnit()
        driver = driver_of(
            tools.wireless(rtu_far(tools, far)), {f"p{at}": holding(at) for at in (10, 200, 400)}, rtu=True
        )
        await driver.open()
        assert await poll(driver) == good(10, 200, 400)
        assert counts(far) == [1, 2, 3]

    tools.run(main())


def test_rtu_padding_is_given_up_where_it_is_refused(tools: Any) -> None:
    async def main() -> None:
        far = FarUnit(refused=[201, 401])
        driver = driver_of(
            tools.wireless(rtu_far(tools, far)), {f"p{at}": holding(at) for at in (10, 200, 400)}, rtu=True
        )
        await driver.open()
        assert await poll(driver) == good(10, 200, 400)
        far.requests.clear()
        assert await poll(driver) == good(10, 200, 400)
        assert counts(far) == [2, 1, 1]  # the one that can be longer is, so that it stays apart

    tools.run(main())


def test_rtu_asks_in_another_shape_after_a_silence(tools: Any) -> None:
    async def main() -> None:
        far = FarUnit()
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
        far = FarUnit()
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


@pytest.mark.parametrize("copied", range(1, 13))
@pytest.mark.parametrize("refused", [[], [201], [11]], ids=["padded", "second_cannot", "first_cannot"])
def test_rtu_a_second_copy_of_an_answer_fits_no_other_block(
    tools: Any, copied: int, refused: list[int]
) -> None:
    """Whatever the blocks had to be changed to before: after a silence, after a refused padding."""

    async def main() -> None:
        far = FarUnit(refused=refused)
        number = 0

        def answer(frame: bytes) -> Iterable[tuple[float, bytes]]:
            nonlocal number
            number += 1
            whole = tools.rtu(frame[:1] + far.answer(frame[1:-2]))
            if number == 3:
                return []
            return [(0.01, whole), (0.015, whole)] if number == copied else [(0.01, whole)]

        driver = driver_of(tools.wireless(answer), {f"p{at}": holding(at) for at in (10, 200)}, rtu=True)
        await driver.open()
        for _ in range(8):
            for item in driver.plan():
                try:
                    blocks = await driver.read(item)
                except DeviceError:
                    continue
                for point, reading in (pair for block in blocks for pair in block.readings().items()):
                    assert not reading.good or point == f"d.p{reading.value}"

    tools.run(main())


def test_rtu_two_blocks_that_are_both_asked_in_another_shape_stay_apart(tools: Any) -> None:
    async def main() -> None:
        far = FarUnit()
        far.silent = 2

        def answer(frame: bytes) -> Iterable[tuple[float, bytes]]:
            whole = list(rtu_far(tools, far)(frame))
            return [*whole, *((0.015, copy) for _, copy in whole)]  # into the next request

        driver = driver_of(tools.wireless(answer), {f"p{at}": holding(at) for at in (10, 200)}, rtu=True)
        await driver.open()
        for item in driver.plan():
            with pytest.raises(DeviceError, match="no answer"):
                await driver.read(item)
        far.requests.clear()
        first, second = driver.plan()
        (block,) = await driver.read(first)
        assert [one.value for one in block.readings().values()] == [10]
        with pytest.raises(DeviceError, match="does not fit"):  # the copy of the first one's answer
            await driver.read(second)
        assert counts(far) == [3, 4]

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
