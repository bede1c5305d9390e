"""The TCP link: answers belong to their transaction; a broken stream closes the socket."""

from __future__ import annotations

import asyncio
import random
import struct
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from agent.core.errors import BusError, DeviceError, RefusedError
from agent.core.register import Table
from drivers.modbus.requests import NonsenseError, Request, SilenceError, read_request
from drivers.modbus.tcp import TcpLink


def read(address: int, count: int, unit: int = 1) -> Request:
    return read_request(unit, Table.HOLDING, address, count)


def numbers(address: int, count: int) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in range(address, address + count))


def answer_to(request: bytes) -> bytes:
    transaction, _, _, unit, function, address, count = struct.unpack(">HHHBBHH", request)
    return struct.pack(">HHHBBB", transaction, 0, 3 + 2 * count, unit, function, 2 * count) + numbers(
        address, count
    )


def test_a_plain_exchange_in_pieces(tools: Any) -> None:
    def answer(request: bytes) -> Iterable[tuple[float, bytes]]:
        return [(0.01 * at, bytes((byte,))) for at, byte in enumerate(answer_to(request))]

    async def main() -> None:
        link = TcpLink("net", tools.wireless(answer), 1)
        await link.open()
        assert await link.exchange(read(100, 3), 1.0) == numbers(100, 3)
        assert await link.exchange(read(200, 3), 1.0) == numbers(200, 3)

    tools.run(main())


def test_a_late_answer_is_dropped(tools: Any) -> None:
    delays = [0.35, 0.2, 0.01]

    async def main() -> None:
        link = TcpLink("net", tools.wireless(lambda request: [(delays.pop(0), answer_to(request))]), 2)
        await link.open()
        with pytest.raises(SilenceError):
            await link.exchange(read(100, 2), 0.3)
        assert await link.exchange(read(200, 2), 0.3) == numbers(200, 2)
        assert await link.exchange(read(300, 2), 0.3) == numbers(300, 2)

    tools.run(main())


def test_somebody_elses_answer_is_nonsense_and_the_socket_stays(tools: Any) -> None:
    async def main() -> None:
        twist = [True]

        def answer(request: bytes) -> Iterable[tuple[float, bytes]]:
            frame = answer_to(request)
            return [(0.01, frame[:6] + b"\x07" + frame[7:] if twist.pop() else frame)]

        wireless = tools.wireless(answer)
        link = TcpLink("net", wireless, 2)
        await link.open()
        with pytest.raises(NonsenseError, match="unit 7 answered"):
            await link.exchange(read(100, 2), 0.3)
        twist.append(False)
        assert await link.exchange(read(100, 2), 0.3) == numbers(100, 2)
        assert len(wireless.lines) == 1

    tools.run(main())


@pytest.mark.parametrize(
    "twist",
    [
        lambda frame: frame[:2] + b"\0\1" + frame[4:],
        lambda frame: frame[:4] + b"\0\0" + frame[6:],
        lambda frame: frame[:4] + b"\xff\xff" + frame[6:],
        lambda frame: frame[:4] + b"\0\5" + frame[6:],
        lambda frame: frame[:-3],
    ],
)
def test_a_broken_frame_closes_the_socket(tools: Any, twist: Any) -> None:
    async def main() -> None:
        wireless = tools.wireless(lambda request: [(0.01, twist(answer_to(request)))])
        link = TcpLink("net", wireless, 2)
        await link.open()
        with pytest.raises(BusError):
            await link.exchange(read(100, 2), 0.3)
        assert wireless.lines[0].closed
        wireless.answer = lambda request: [(0.01, answer_to(request))]
        await link.open()
        assert await link.exchange(read(100, 2), 0.3) == numbers(100, 2)

    tools.run(main())


def test_exceptions(tools: Any) -> None:
    async def main() -> None:
        code = [0]

        def answer(request: bytes) -> Iterable[tuple[float, bytes]]:
            return [(0.01, request[:5] + b"\3" + request[6:7] + b"\x83" + bytes((code[0],)))]

        link = TcpLink("net", tools.wireless(answer), 2)
        await link.open()
        for code[0] in (1, 2, 3):
            with pytest.raises(RefusedError, match=f"exception {code[0]}"):
                await link.exchange(read(100, 2), 0.3)
        for code[0] in (4, 6, 10, 11, 99):
            with pytest.raises(DeviceError, match=f"exception {code[0]}") as caught:
                await link.exchange(read(100, 2), 0.3)
            assert not isinstance(caught.value, RefusedError)

    tools.run(main())


def test_silence_of_all_units_is_a_dead_socket(tools: Any) -> None:
    async def main() -> None:
        link = TcpLink("net", tools.wireless(lambda _request: []), 2)
        await link.open()
        for unit in (1, 2):
            with pytest.raises(SilenceError):
                await link.exchange(read(100, 2, unit), 0.3)
        with pytest.raises(BusError, match="nobody answers"):
            await link.exchange(read(100, 2), 0.3)

    tools.run(main())


def test_turnaround(tools: Any) -> None:
    async def main() -> None:
        wireless = tools.wireless(lambda request: [(0.01, answer_to(request))])
        link = TcpLink("net", wireless, 1, turnaround=0.2)
        await link.open()
        await link.exchange(read(1, 1), 0.3)
        await link.exchange(read(1, 1), 0.3)
        assert wireless.sent[1][0] - wireless.sent[0][0] == pytest.approx(0.21)

    tools.run(main())


def test_transactions_wrap_and_are_never_zero(tools: Any) -> None:
    async def main() -> None:
        wireless = tools.wireless(lambda request: [(0.0, answer_to(request))])
        link = TcpLink("net", wireless, 1)
        await link.open()
        link._transaction = 65534
        for _ in range(3):
            await link.exchange(read(1, 1), 0.3)
        assert [frame[:2].hex() for _, frame in wireless.sent] == ["ffff", "0001", "0002"]

    tools.run(main())


def test_an_answer_of_the_connection_before_fits_no_request(tools: Any) -> None:
    async def main() -> None:
        held: list[bytes] = []

        def answer(request: bytes) -> Iterable[tuple[float, bytes]]:
            held.append(answer_to(request))
            return [(0.0, held[0])]

        link = TcpLink("net", tools.wireless(answer), 1)
        await link.open()
        assert await link.exchange(read(100, 2), 0.3) == numbers(100, 2)
        await link.open()
        with pytest.raises(SilenceError):
            await link.exchange(read(500, 2), 0.3)

    tools.run(main())


def test_cancelling_leaves_the_link_usable(tools: Any) -> None:
    async def main() -> None:
        link = TcpLink("net", tools.wireless(lambda request: [(0.1, answer_to(request))]), 1)
        await link.open()
        task = asyncio.create_task(link.exchange(read(100, 2), 0.3))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await link.exchange(read(500, 2), 0.3) == numbers(500, 2)

    tools.run(main())


@pytest.mark.parametrize("torn", [1, 7, 20])
def test_a_torn_answer_filled_up_by_another_is_none(tools: Any, torn: int) -> None:
    """The head of the second answer is right and its length too; its end is a copy of the first one's begin."""

    async def main() -> None:
        first: list[bytes] = []

        def answer(request: bytes) -> Iterable[tuple[float, bytes]]:
            whole = answer_to(request)
            if not first:
                first.append(whole)
                return [(0.0, whole)]
            return [(0.0, whole[:-torn]), (0.01, first[0])]

        link = TcpLink("net", tools.wireless(answer), 1)
        await link.open()
        assert await link.exchange(read(100, 20), 0.3) == numbers(100, 20)
        with pytest.raises(BusError, match="behind an answer"):
            await link.exchange(read(500, 20), 0.3)

    tools.run(main())


def test_ten_thousand_mutated_frames(tools: Any) -> None:
    """Header or length changed at random (Modbus TCP carries no checksum of its own)."""
    dice = random.Random(21)
    outcome: Counter[str] = Counter()

    async def main() -> None:
        wireless = tools.wireless(lambda request: [(0.001, mutated(dice, answer_to(request)))])
        link = TcpLink("net", wireless, 1)
        await link.open()
        for _ in range(10_000):
            address, count = dice.randrange(1000), dice.randrange(1, 100)
            try:
                payload = await link.exchange(read(address, count), 0.01)
                outcome["good" if payload == numbers(address, count) else "wrong"] += 1
            except BusError:
                outcome["error"] += 1
                await link.open()
            except DeviceError:
                outcome["error"] += 1

    tools.run(main())
    assert outcome["wrong"] == 0
    assert outcome["good"] + outcome["error"] == 10_000
    assert outcome["error"] > 9_000


def mutated(dice: random.Random, frame: bytes) -> bytes:
    data = bytearray(frame)
    kind = dice.randrange(4)
    if kind == 0:
        data[dice.randrange(9)] ^= 1 << dice.randrange(8)
    elif kind == 1:
        data[dice.randrange(9)] = dice.randrange(256)
    elif kind == 2:
        del data[dice.randrange(len(data)) :]
    else:
        data[:0] = dice.randbytes(dice.randrange(1, 9))
    return bytes(data)
