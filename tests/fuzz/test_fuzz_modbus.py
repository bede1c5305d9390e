"""Any bytes where a Modbus answer is expected: a value only out of the one frame that is the answer, and never a crash."""

from __future__ import annotations

import asyncio
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import BusError, DeviceError
from agent.core.point import Point, ValueKind
from agent.core.reading import Quality
from agent.core.register import RawType, Register, Table, WordOrder
from drivers.modbus.cells import BCDS, cell_of, register_count
from drivers.modbus.frames import payload_in
from drivers.modbus.registers import compile_block
from drivers.modbus.requests import Request, read_request, write_registers
from drivers.modbus.tcp import TcpLink
from tests.fuzz.boxes import box
from tests.rtu_frames import framed, is_framed

WORDS = st.integers(0, 0xFFFF)
REGISTERS = st.builds(
    Register,
    table=st.sampled_from([Table.HOLDING, Table.INPUT]),
    address=st.just(10),
    type=st.sampled_from([one for one in RawType if one is not RawType.BIT]),
    order=st.sampled_from(list(WordOrder)),
    scale=st.sampled_from([1.0, 0.1, 0.01, 10.0, -1.0, 1e6, 1e12, 1e-12]),
    offset=st.sampled_from([0.0, -40.0, 1e6, -1e12]),
    sentinels=st.sampled_from([(), (32767.0,), (-32768.0, 65535.0)]),
    length=st.integers(1, 4),
)
BOUNDS = st.sampled_from([None, (-50.0, 150.0), (0.0, 0.0)])


@box(600)
@given(st.data(), REGISTERS, BOUNDS)
def test_any_words_become_a_plausible_value_or_a_bad_one(
    data: st.DataObject, where: Register, plausible: tuple[float, float] | None
) -> None:
    kind = ValueKind.TEXT if where.type is RawType.STRING else ValueKind.NUMBER
    codec = compile_block((cell_of(Point(id="d.x", kind=kind, plausible=plausible), "x", where, 10),))
    size = register_count(where) * 2
    last = None
    for payload in data.draw(st.lists(st.binary(min_size=size, max_size=size), min_size=1, max_size=4)):
        found, fresh = codec.decode(payload, last), codec.decode(payload)
        assert repr(found.values) == repr(fresh.values)
        assert (found.qualities, found.reason) == (fresh.qualities, fresh.reason)
        (value,), good = found.values, found.qualities in (None, (Quality.GOOD,))
        assert good == (found.reason == "")
        if good and kind is ValueKind.NUMBER:
            assert type(value) in (int, float)
            assert math.isfinite(value)
            assert plausible is None or plausible[0] <= value <= plausible[1]
            assert raw_number(where, payload) not in where.sentinels
        last = found


def raw_number(where: Register, payload: bytes) -> float | None:
    """Read without the codec, where that is simple enough to be right: 16 bits, and words in the plain order."""
    if where.type in BCDS or where.order is not WordOrder.ABCD:
        return None
    kinds = {
        RawType.INT16: ">h", RawType.UINT16: ">H", RawType.INT32: ">i", RawType.UINT32: ">I",
        RawType.INT64: ">q", RawType.UINT64: ">Q", RawType.FLOAT32: ">f", RawType.FLOAT64: ">d",
    }  # fmt: skip
    return None if where.type not in kinds else float(struct.unpack(kinds[where.type], payload)[0])


REQUESTS = st.one_of(
    st.builds(read_request, st.integers(1, 3), st.sampled_from(list(Table)), st.just(5), st.integers(1, 4)),
    st.builds(
        lambda unit, words: write_registers(unit, 5, words, single=len(words) == 1),
        st.integers(1, 3),
        st.lists(WORDS, min_size=1, max_size=3),
    ),
)


@st.composite
def near_answers(draw: st.DrawFn) -> tuple[Request, bytes]:
    """A request, and an answer that is right, nearly right, or anything; the checksum fits more often than not."""
    request = draw(REQUESTS)
    payload = draw(st.binary(min_size=request.size, max_size=request.size))
    right = request.echo if request.echo is not None else bytes([request.function, request.size]) + payload
    body = bytearray(bytes([request.unit]) + right)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    frame = bytes(body) if draw(st.integers(0, 3)) == 0 else framed(bytes(body))
    return request, draw(st.sampled_from([frame, frame[:-1], frame * 2, b"\0" + frame]))


def is_the_answer(request: Request, unit: int, answer: bytes) -> bool:
    """What the standard says an answer to this is: judged here without the driver."""
    if unit != request.unit:
        return False
    if request.echo is not None:
        return answer == request.echo
    return answer[:2] == bytes([request.function, request.size]) and len(answer) == request.size + 2


@box(1500)
@given(near_answers())
def test_an_rtu_frame_is_the_answer_or_an_error(made: tuple[Request, bytes]) -> None:
    request, frame = made
    if not frame:
        return
    ours = is_framed(frame) and is_the_answer(request, frame[0], frame[1:-2])
    try:
        payload = payload_in(frame, request)
    except DeviceError:
        payload = None
    right = b"" if request.echo is not None else frame[3:-2]
    assert payload == (right if ours else None)


class DeadLine:
    """Takes everything and says nothing; the bytes that come are the test's."""

    def __init__(self) -> None:
        self.closed = False

    def send(self, data: bytes) -> None: ...

    def close(self) -> None:
        self.closed = True


async def over_tcp(request: Request, pieces: list[bytes]) -> bytes | BusError | DeviceError:
    line = DeadLine()

    async def connect(_: Any) -> DeadLine:
        return line

    link = TcpLink("b", connect, 3)
    await link.open()
    asking = asyncio.create_task(link.exchange(request, 0.02))
    await asyncio.sleep(0)
    for piece in pieces:
        if not line.closed:
            link.received(piece)
    try:
        return await asking
    except (BusError, DeviceError) as error:
        return error
    finally:
        await link.close()


@box(400)
@given(near_answers(), st.data())
def test_over_tcp_a_value_comes_only_out_of_its_own_transaction(
    made: tuple[Request, bytes], data: st.DataObject
) -> None:
    request, frame = made
    if not frame:
        return
    number, protocol = (
        data.draw(st.sampled_from([1, 1, 1, 2, 0, 65535])),
        data.draw(st.sampled_from([0, 0, 0, 1])),
    )
    length = len(frame) + data.draw(st.sampled_from([0, 0, 0, -1, 1]))
    stream = struct.pack(">HHH", number, protocol, max(0, length)) + frame
    cut = data.draw(st.integers(0, len(stream)))
    outcome = asyncio.run(over_tcp(request, [one for one in (stream[:cut], stream[cut:]) if one]))
    if isinstance(outcome, bytes):
        answer = stream[7 : 6 + length]
        assert (number, protocol) == (1, 0)
        assert is_the_answer(request, frame[0], answer)
        assert outcome == (b"" if request.echo is not None else answer[2:])
    else:
        assert str(outcome)
        assert not (
            (number, protocol, length) == (1, 0, len(frame)) and is_the_answer(request, frame[0], frame[1:])
        ), f"the right answer refused: {outcome}"


@box(200)
@given(st.lists(st.binary(min_size=1, max_size=300), max_size=5))
def test_any_stream_over_tcp_ends_in_an_answer_or_an_error(pieces: list[bytes]) -> None:
    request = read_request(1, Table.HOLDING, 0, 2)
    outcome = asyncio.run(over_tcp(request, pieces))
    if isinstance(outcome, bytes):
        pytest.fail("random bytes were taken for an answer")  # 1 in 2**72
