"""RTU frames: a request as it goes on the wire, and the payload of the answer as soon as it is whole. Pure."""

from __future__ import annotations

from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

from drivers.modbus.requests import EXCEPTION_BIT, NonsenseError, Request

FRAMER = FramerRTU(DecodePDU(is_server=False))
ENVELOPE = 3  # unit and CRC around an answer
EXCEPTION_FRAME = 5
SILENCE_CHARACTERS = 3.5  # Modbus over serial line V1.02, 2.5.1.1
FASTEST_SILENCE = 0.00175  # the same clause: fixed above 19200 baud


def encode_frame(request: Request) -> bytes:
    return FRAMER.encode(request.pdu, request.unit, 0)


def payload_in(buffer: bytes, request: Request) -> bytes | None:
    """The payload once the frame is whole, None before. Raises what is wrong with it as soon as it shows."""
    if buffer[0] != request.unit:
        raise NonsenseError(f"unit {buffer[0]} answered instead of unit {request.unit}")
    if len(buffer) < 3:
        return None
    length = request.answer_length + ENVELOPE
    if buffer[1] == request.function | EXCEPTION_BIT:
        length = EXCEPTION_FRAME
    elif buffer[1] != request.function or (request.echo is None and buffer[2] != request.size):
        raise NonsenseError(f"unit {request.unit}: an answer that does not fit the request")
    if len(buffer) < length:
        return None
    if len(buffer) > length:
        raise NonsenseError(f"unit {request.unit}: bytes after the answer")
    if not FRAMER.check_CRC(buffer[:-2], int.from_bytes(buffer[-2:], "big")):
        raise NonsenseError(f"unit {request.unit}: checksum error")
    return request.payload(buffer[1:-2])


def round_trip(request: Request, frame: bytes, baudrate: int | None) -> float:
    """Seconds that request and answer spend on the wire; 0 where a serial server hides it."""
    if baudrate is None:
        return 0.0
    return _wire_time(len(frame) + request.answer_length + ENVELOPE, baudrate)


def frame_gap(baudrate: int | None) -> float:
    """Seconds of silence that end a frame."""
    if baudrate is None:
        return FASTEST_SILENCE
    return max(_wire_time(SILENCE_CHARACTERS, baudrate), FASTEST_SILENCE)


def _wire_time(characters: float, baudrate: int) -> float:
    return characters * 11.0 / baudrate  # 11 bits each
