"""Modbus frames as a device sees them: cut out of a byte stream, checked, and put around a reply."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol

LONGEST_PDU = 253


@dataclass(frozen=True, slots=True)
class Request:
    """One request: to which unit, its PDU, and the transaction it belongs to (TCP)."""

    unit: int
    pdu: bytes
    transaction: int = 0


class Framing(Protocol):
    """Cuts requests out of a stream and frames replies. One per connection or line."""

    speaks_for_absent: bool

    def feed(self, data: bytes) -> list[Request]:
        """Complete requests in what has come in so far. Raises ValueError when the stream is beyond repair."""
        ...

    def silence(self) -> None:
        """Nothing came for a while: what is left over is not the start of a frame."""
        ...

    def reply(self, request: Request, pdu: bytes) -> bytes: ...


class TcpFraming:
    """MBAP header (Modbus Messaging on TCP/IP V1.0b, section 3.1.3)."""

    speaks_for_absent = True  # a gateway answers for a unit it cannot reach

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Request]:
        self._buffer += data
        requests = []
        while len(self._buffer) >= 8:
            transaction, protocol, length, unit = struct.unpack_from(">HHHB", self._buffer)
            if protocol != 0 or not 2 <= length <= LONGEST_PDU + 1:
                raise ValueError("not a Modbus TCP header")
            if len(self._buffer) < 6 + length:
                break
            requests.append(Request(unit, bytes(self._buffer[7 : 6 + length]), transaction))
            del self._buffer[: 6 + length]
        return requests

    def silence(self) -> None:
        """A TCP stream may pause anywhere."""

    def reply(self, request: Request, pdu: bytes) -> bytes:
        return struct.pack(">HHHB", request.transaction, 0, len(pdu) + 1, request.unit) + pdu


class RtuFraming:
    """RTU frames (Modbus over Serial Line V1.02, section 2.5.1). Lengths follow from the function code."""

    speaks_for_absent = False

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.errors = 0

    def feed(self, data: bytes) -> list[Request]:
        self._buffer += data
        requests = []
        while (size := _request_size(self._buffer)) is not None and len(self._buffer) >= size:
            frame = bytes(self._buffer[:size])
            if crc(frame[:-2]) != struct.unpack("<H", frame[-2:])[0]:
                self.errors += 1
                self._buffer.clear()  # as a real device: wait for the next gap
                break
            del self._buffer[:size]
            requests.append(Request(frame[0], frame[1:-2]))
        return requests

    def silence(self) -> None:
        self._buffer.clear()

    def reply(self, request: Request, pdu: bytes) -> bytes:
        body = bytes((request.unit,)) + pdu
        return body + struct.pack("<H", crc(body))


def _request_size(buffer: bytearray) -> int | None:
    """Length of the request at the start of the buffer; None while it cannot be told yet."""
    if len(buffer) < 2:
        return None
    function = buffer[1]
    if function in (15, 16):
        return 9 + buffer[6] if len(buffer) > 6 else None
    if function == 22:
        return 10
    if function == 23:
        return 13 + buffer[10] if len(buffer) > 10 else None
    return 8


def _crc_table() -> tuple[int, ...]:
    table = []
    for start in range(256):
        value = start
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
        table.append(value)
    return tuple(table)


_CRC = _crc_table()


def crc(data: bytes) -> int:
    """CRC-16 of the serial line specification, appendix B."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _CRC[(value ^ byte) & 0xFF]
    return value
