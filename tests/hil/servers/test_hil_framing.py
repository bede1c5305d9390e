"""Frames cut out of a stream, whole or in pieces, good or broken."""

import struct

import pytest

from hil.servers.framing import Request, RtuFraming, TcpFraming, crc
from tests.rtu_frames import framed


def test_crc_of_a_published_example() -> None:
    # Modbus over Serial Line V1.02 shows 02 07 -> 41 12
    assert struct.pack("<H", crc(bytes((0x02, 0x07)))) == bytes((0x41, 0x12))


@pytest.mark.parametrize(
    "body",
    [
        bytes((17, 3, 0, 107, 0, 3)),
        bytes((17, 16, 0, 1, 0, 2, 4, 0, 10, 1, 2)),
        bytes((4, 22, 0, 4, 0, 0xF2, 0, 0x25)),
        bytes((4, 23, 0, 3, 0, 6, 0, 14, 0, 1, 2, 0, 255)),
    ],
)
def test_rtu_requests_byte_by_byte_and_back_to_back(body: bytes) -> None:
    framing = RtuFraming()
    got = [request for byte in framed(body) for request in framing.feed(bytes((byte,)))]
    assert got == [Request(body[0], body[1:])]
    assert framing.feed(framed(body) * 2) == [Request(body[0], body[1:])] * 2


def test_a_wrong_crc_waits_for_the_gap() -> None:
    framing = RtuFraming()
    good = framed(bytes((17, 3, 0, 107, 0, 3)))
    assert framing.feed(good[:-1] + b"\x00") == []
    assert framing.errors == 1
    assert framing.feed(good) != []


def test_half_a_frame_is_forgotten_after_silence() -> None:
    framing = RtuFraming()
    good = framed(bytes((17, 3, 0, 107, 0, 3)))
    framing.feed(good[:4])
    framing.silence()
    assert framing.feed(good) == [Request(17, good[1:-2])]


def test_tcp_header_and_transaction() -> None:
    framing = TcpFraming()
    frame = struct.pack(">HHHB", 7, 0, 6, 3) + bytes((3, 0, 0, 0, 1))
    assert framing.feed(frame[:5]) == []
    (request,) = framing.feed(frame[5:])
    assert request == Request(3, frame[7:], 7)
    assert framing.reply(request, b"\x83\x02") == struct.pack(">HHHB", 7, 0, 3, 3) + b"\x83\x02"


def test_something_that_is_no_modbus_ends_the_connection() -> None:
    with pytest.raises(ValueError, match="header"):
        TcpFraming().feed(b"GET / HTTP/1.1\r\n")
