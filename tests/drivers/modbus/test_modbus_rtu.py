"""The RTU link: late, foreign, repeated and broken frames never become a value; the line heals by itself."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from agent.core.errors import BusError, DeviceError, RefusedError
from agent.core.register import Table
from drivers.modbus import debts, quiet
from drivers.modbus.requests import (
    DoubtfulError,
    NonsenseError,
    Request,
    SilenceError,
    read_request,
    write_registers,
)
from drivers.modbus.rtu import LONGEST_DRAIN, MOST_MISFITS, RtuLink


def read(address: int, count: int, unit: int = 1) -> Request:
    return read_request(unit, Table.HOLDING, address, count)


def numbers(address: int, count: int) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in range(address, address + count))


def link_on(wireless: Any, **more: Any) -> RtuLink:
    settings = {"units": 2, "baudrate": None, "turnaround": 0.0, "quiet": 0.05, **more}
    return RtuLink("line", wireless, settings.pop("units"), **settings)


def test_a_plain_exchange(tools: Any) -> None:
    async def main() -> None:
        link = link_on(tools.wireless(lambda request: [(0.02, tools.own_numbers(request))]))
        await link.open()
        assert await link.exchange(read(100, 3), 0.3) == numbers(100, 3)

    tools.run(main())


def test_a_frame_in_pieces(tools: Any) -> None:
    def answer(request: bytes) -> Iterable[tuple[float, bytes]]:
        return [(0.01 * at, bytes((byte,))) for at, byte in enumerate(tools.own_numbers(request), 1)]

    async def main() -> None:
        link = link_on(tools.wireless(answer))
        await link.open()
        assert await link.exchange(read(100, 3), 0.3) == numbers(100, 3)

    tools.run(main())


def test_one_late_answer_never_shifts_the_next(tools: Any) -> None:
    """Request 1 is answered after its time-out: its number must not be given out for request 2, 3 or 4."""
    delays = [0.45, 0.02, 0.2, 0.2, 0.2]

    async def main() -> None:
        pending = list(delays)
        wireless = tools.wireless(
            lambda request: [(pending.pop(0) if pending else 0.01, tools.own_numbers(request))]
        )
        link = link_on(wireless, units=1)
        await link.open()
        good = 0
        for round_ in range(12):
            for address in (100, 200, 300, 400):
                request = next(
                    one for one in (read(address, n) for n in range(1, 20)) if not link.ambiguous(one)
                )
                try:
                    payload = await link.exchange(request, 0.3)
                except DeviceError:
                    continue
                assert payload[:2] == numbers(address, 1), round_
                good += 1
        assert good > 40

    tools.run(main())


def test_the_same_shape_is_not_asked_while_an_answer_is_owed(tools: Any) -> None:
    async def main() -> None:
        silent = [True]
        wireless = tools.wireless(lambda request: [] if silent[0] else [(0.01, tools.own_numbers(request))])
        link = link_on(wireless)
        await link.open()
        with pytest.raises(SilenceError):
            await link.exchange(read(100, 2), 0.3)
        silent[0] = False
        assert link.ambiguous(read(300, 2))
        assert not link.ambiguous(read(300, 3))
        assert not link.ambiguous(read(300, 2, unit=2))
        with pytest.raises(DeviceError, match="may still come"):
            await link.exchange(read(300, 2), 0.3)
        assert len(wireless.sent) == 1
        assert await link.exchange(read(300, 3), 0.3) == numbers(300, 3)
        assert link.ambiguous(read(100, 2))  # the answer to the first may come even now
        await asyncio.sleep(debts.LASTS)
        assert not link.ambiguous(read(100, 2))
        assert await link.exchange(read(300, 2), 0.3) == numbers(300, 2)

    tools.run(main())


def test_a_request_that_cannot_change_waits_its_time(tools: Any) -> None:
    async def main() -> None:
        silent = [True]
        link = link_on(
            tools.wireless(lambda request: [] if silent[0] else [(0.01, tools.own_numbers(request))])
        )
        await link.open()
        with pytest.raises(SilenceError):
            await link.exchange(read(100, 1), 0.3)
        silent[0] = False
        await asyncio.sleep(3.0)
        assert await link.exchange(read(100, 1), 0.3) == numbers(100, 1)

    tools.run(main())


def test_quiet_after_an_error_is_the_longest_response(tools: Any) -> None:
    async def main() -> None:
        delays = [0.25, None, 0.01]

        def answer(request: bytes) -> Iterable[tuple[float, bytes]]:
            delay = delays.pop(0)
            return [] if delay is None else [(delay, tools.own_numbers(request))]

        wireless = tools.wireless(answer)
        link = link_on(wireless)
        await link.open()
        await link.exchange(read(100, 1), 0.3)
        with pytest.raises(SilenceError):
            await link.exchange(read(100, 2), 0.3)
        failed = asyncio.get_running_loop().time()
        await link.exchange(read(100, 3), 0.3)
        assert wireless.sent[-1][0] - failed >= 0.25

    tools.run(main())


def test_a_very_late_answer_lengthens_the_quiet_within_bounds(tools: Any) -> None:
    async def main() -> None:
        delays = [10.0]
        wireless = tools.wireless(
            lambda request: [(delays.pop() if delays else 0.01, tools.own_numbers(request))]
        )
        link = link_on(wireless)
        await link.open()
        with pytest.raises(SilenceError):
            await link.exchange(read(100, 1), 0.3)
        await asyncio.sleep(10.0)  # it came and was dropped
        begin = asyncio.get_running_loop().time()
        assert await link.exchange(read(200, 2), 0.3) == numbers(200, 2)
        assert 2.0 < wireless.sent[-1][0] - begin <= quiet.LONGEST

    tools.run(main())


@pytest.mark.parametrize("gap", [0.0, 0.0005, 0.01])
def test_a_repeated_answer_is_no_answer(tools: Any, gap: float) -> None:
    async def main() -> None:
        def answer(request: bytes) -> Iterable[tuple[float, bytes]]:
            frame = tools.own_numbers(request)
            return [(0.01, frame + frame)] if gap == 0.0 else [(0.01, frame), (0.01 + gap, frame)]

        link = link_on(tools.wireless(answer))
        await link.open()
        # a driver gives the blocks of a unit different lengths, else nothing tells a repeated answer from the next one
        for address in (100, 200, 300, 400) * 3:
            shapes = (read(address, address // 100 + more) for more in range(2, 40, 4))
            request = next(one for one in shapes if not link.ambiguous(one))
            try:
                payload = await link.exchange(request, 0.3)
            except (DeviceError, BusError):
                continue
            assert payload[:4] == numbers(address, 2)

    tools.run(main())


@pytest.mark.parametrize(
    ("what", "broken"),
    [
        ("unit", lambda tools, frame: tools.rtu(b"\x02" + frame[1:-2])),
        ("function", lambda tools, frame: tools.rtu(frame[:1] + b"\x04" + frame[2:-2])),
        ("count", lambda tools, frame: tools.rtu(frame[:2] + b"\x02" + frame[3:-4])),
        ("crc", lambda _tools, frame: frame[:-1] + bytes((frame[-1] ^ 1,))),
        ("half", lambda _tools, frame: frame[: len(frame) // 2]),
        ("noise before", lambda _tools, frame: b"\x00" + frame),
        ("noise after", lambda _tools, frame: frame + b"\x00"),
        ("echo of the request", lambda tools, _frame: tools.rtu(bytes.fromhex("010300640002"))),
    ],
)
def test_a_broken_answer_is_an_error(tools: Any, what: str, broken: Any) -> None:
    async def main() -> None:
        link = link_on(tools.wireless(lambda request: [(0.01, broken(tools, tools.own_numbers(request)))]))
        await link.open()
        with pytest.raises(NonsenseError):
            await link.exchange(read(100, 2), 0.3)

    tools.run(main())


def test_an_exception_is_a_refusal_unless_something_is_owed(tools: Any) -> None:
    async def main() -> None:
        script: list[Any] = ["refuse", "silent", "refuse", "good"]

        def answer(request: bytes) -> Iterable[tuple[float, bytes]]:
            step = script.pop(0)
            if step == "silent":
                return []
            refusal = tools.rtu(bytes((request[0], request[1] | 0x80, 2)))
            return [(0.01, refusal if step == "refuse" else tools.own_numbers(request))]

        link = link_on(tools.wireless(answer))
        await link.open()
        with pytest.raises(RefusedError):
            await link.exchange(read(100, 2), 0.3)
        with pytest.raises(SilenceError):
            await link.exchange(read(100, 2), 0.3)
        with pytest.raises(DoubtfulError, match="earlier request"):
            await link.exchange(read(100, 3), 0.3)
        assert link.ambiguous(read(100, 3))
        assert await link.exchange(read(100, 4), 0.3) == numbers(100, 4)

    tools.run(main())


def test_a_write_wants_its_own_echo(tools: Any) -> None:
    async def main() -> None:
        echoes = [lambda request: request, lambda request: tools.rtu(request[:4] + b"\0\7")]
        link = link_on(tools.wireless(lambda request: [(0.01, echoes.pop(0)(request))]))
        await link.open()
        assert await link.exchange(write_registers(1, 5, [9], single=True), 0.3) == b""
        with pytest.raises(NonsenseError, match="another write"):
            await link.exchange(write_registers(1, 5, [9], single=True), 0.3)

    tools.run(main())


def test_too_many_wrong_answers_reopen_the_line(tools: Any) -> None:
    async def main() -> None:
        wireless = tools.wireless(lambda request: [(0.01, tools.rtu(b"\x09" + request[1:-2]))])
        link = link_on(wireless)
        await link.open()
        for count in range(1, MOST_MISFITS):
            with pytest.raises(NonsenseError):
                await link.exchange(read(100, count), 0.3)
        with pytest.raises(BusError, match="wrong answers in a row"):
            await link.exchange(read(100, MOST_MISFITS), 0.3)
        assert wireless.lines[0].closed
        with pytest.raises(BusError, match="wrong answers"):
            await link.exchange(read(100, 20), 0.3)
        await link.open()
        assert len(wireless.lines) == 2

    tools.run(main())


def test_one_dead_unit_is_no_dead_line(tools: Any) -> None:
    async def main() -> None:
        dead = {2}
        link = link_on(
            tools.wireless(lambda request: [] if request[0] in dead else [(0.01, tools.own_numbers(request))])
        )
        await link.open()
        await link.exchange(read(1, 1), 0.3)
        for count in range(1, 8):
            with pytest.raises(SilenceError):
                await link.exchange(read(100, count, unit=2), 0.3)
        dead.add(1)
        with pytest.raises(BusError, match="nobody answers"):
            await link.exchange(read(100, 1), 0.3)

    tools.run(main())


def test_a_line_that_is_never_silent(tools: Any) -> None:
    async def main() -> None:
        wireless = tools.wireless(lambda _request: [])
        link = link_on(wireless)
        await link.open()

        async def babble() -> None:
            while True:
                await asyncio.sleep(0.01)
                wireless.lines[0].bring(b"\x55")

        talker = asyncio.create_task(babble())
        await asyncio.sleep(0.1)
        begin = asyncio.get_running_loop().time()
        with pytest.raises(BusError, match="never silent"):
            await link.exchange(read(100, 1), 0.3)
        assert asyncio.get_running_loop().time() - begin < LONGEST_DRAIN + 1.0
        assert not wireless.sent
        talker.cancel()

    tools.run(main())


def test_silence_between_frames_follows_the_baud_rate(tools: Any) -> None:
    async def main() -> None:
        wireless = tools.wireless(lambda request: [(0.01, tools.own_numbers(request))])
        link = link_on(wireless, baudrate=1200)
        await link.open()
        await link.exchange(read(1, 1), 0.01)  # its time on the wire comes on top of the time-out
        await link.exchange(read(1, 1), 0.01)
        assert wireless.sent[1][0] - wireless.sent[0][0] >= 0.01 + 3.5 * 11 / 1200 - 1e-9

    tools.run(main())


def test_a_cancelled_request_is_owed(tools: Any) -> None:
    async def main() -> None:
        link = link_on(tools.wireless(lambda request: [(0.1, tools.own_numbers(request))]))
        await link.open()
        task = asyncio.create_task(link.exchange(read(100, 2), 0.3))
        await asyncio.sleep(0.06)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert link.ambiguous(read(500, 2))
        with pytest.raises(NonsenseError):  # the answer to the cancelled one
            await link.exchange(read(500, 3), 0.3)
        assert await link.exchange(read(500, 4), 0.3) == numbers(500, 4)

    tools.run(main())


def test_ten_thousand_mutated_frames(tools: Any) -> None:
    """Header, length or checksum changed at random: an error, or the right value, and never a crash."""
    dice = random.Random(20)
    outcome: Counter[str] = Counter()

    async def main() -> None:
        wireless = tools.wireless(lambda request: [(0.001, mutated(dice, tools.own_numbers(request)))])
        link = link_on(wireless, units=1)
        await link.open()
        for step in range(10_000):
            # few of one shape within the time an answer is owed, so that requests really are sent
            request, right = read(step, 1 + step % 120), numbers(step, 1 + step % 120)
            try:
                outcome["good" if await link.exchange(request, 0.05) == right else "wrong"] += 1
            except BusError:
                outcome["error"] += 1
                await link.open()
            except DeviceError:
                outcome["error"] += 1
        outcome["sent"] = len(wireless.sent)

    tools.run(main())
    assert outcome["wrong"] == 0
    assert outcome["good"] + outcome["error"] == 10_000
    assert outcome["error"] > 8_000
    assert outcome["sent"] == 10_000


def mutated(dice: random.Random, frame: bytes) -> bytes:
    data = bytearray(frame)
    kind = dice.randrange(5)
    if kind == 0:
        data[dice.randrange(3)] ^= 1 << dice.randrange(8)
    elif kind == 1:
        data[dice.choice((-1, -2))] = dice.randrange(256)
    elif kind == 2:
        del data[dice.randrange(len(data) + 1) :]
    elif kind == 3:
        data += dice.randbytes(dice.randrange(1, 6))
    else:
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)
