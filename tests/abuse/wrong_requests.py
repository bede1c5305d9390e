"""Requests that a master may send by mistake or that a line has damaged. Pure: none of them may write anything.

What a device could not tell from a right request is left out: on TCP, which has no checksum, a changed unit, address or
value. Every value is a serial number of its own, so that a write made of pieces of several requests is seen.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

from tests.rtu_frames import framed, is_framed

UNIT = 1
FIRST, LAST = 8, 15  # where mutants would write: registers and coils of these addresses
NEXT = bytes((UNIT, 6, 0))  # how the right request after a wrong one begins
UNKNOWN = (0, 7, 8, 9, 11, 17, 20, 24, 43, 65, 100, 127, 128, 131, 255)


def a_write(chance: random.Random, serial: int) -> bytes:
    """A right request, as PDU: one of the functions that write."""
    address = chance.randint(FIRST, LAST - 1)
    return chance.choice(
        (
            struct.pack(">BHH", 5, address, 0xFF00),
            struct.pack(">BHH", 6, address, serial),
            struct.pack(">BHHBB", 15, address, 2, 1, 3),
            struct.pack(">BHHBHH", 16, address, 2, 4, serial, serial),
            struct.pack(">BHHH", 22, address, 0, serial),
            struct.pack(">BHHHHBHH", 23, address, 2, address, 2, 4, serial, serial),
        )
    )


def _coil_neither_on_nor_off(chance: random.Random, _: bytes) -> bytes:
    return struct.pack(">BHH", 5, chance.randint(FIRST, LAST), chance.choice((1, 0x00FF, 0xFF01, 0x1234)))


def _unknown_function(chance: random.Random, pdu: bytes) -> bytes:
    return bytes((chance.choice(UNKNOWN),)) + pdu[1:]


def _another_count(chance: random.Random, pdu: bytes) -> bytes:
    """Quantity and byte count contradict each other."""
    at = 8 if pdu[0] == 23 else 4
    if pdu[0] not in (15, 16, 23):
        return _unknown_function(chance, pdu)
    wrong = chance.choice([one for one in range(256) if (one + 7) // 8 != 1 and one != 2])
    return pdu[:at] + bytes((wrong,)) + pdu[at + 1 :]


def _another_byte_count(chance: random.Random, pdu: bytes) -> bytes:
    at = 9 if pdu[0] == 23 else 5
    if pdu[0] not in (15, 16, 23):
        return _another_count(chance, pdu)
    return pdu[:at] + bytes((chance.choice([one for one in range(256) if one != pdu[at]]),)) + pdu[at + 1 :]


def _out_of_the_map(chance: random.Random, _: bytes) -> bytes:
    return struct.pack(">BHH", 6, chance.randint(LAST + 1, 0xFFFF), chance.randrange(0x10000))


def _too_many(chance: random.Random, _: bytes) -> bytes:
    """From the last register on."""
    count = chance.randint(2, 100)
    return struct.pack(f">BHHB{count}H", 16, LAST, count, count * 2, *[chance.randrange(0x10000)] * count)


PDUS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _coil_neither_on_nor_off,
    _unknown_function,
    _another_count,
    _another_byte_count,
    _out_of_the_map,
    _too_many,
)


def tcp(transaction: int, pdu: bytes, unit: int = UNIT) -> bytes:
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def rtu(pdu: bytes, unit: int = UNIT) -> bytes:
    return framed(bytes((unit,)) + pdu)


def wrong_on_tcp(chance: random.Random, serial: int) -> bytes:
    pdu = a_write(chance, serial)
    frame = tcp(serial, pdu)
    kind = chance.randrange(6)
    if kind == 0:
        return frame[:2] + chance.randrange(1, 0x10000).to_bytes(2, "big") + frame[4:]
    if kind == 1:
        right = len(pdu) + 1
        wrong = chance.choice([one for one in (*range(right + 12), 254, 255, 0xFFFF) if one != right])
        return frame[:4] + wrong.to_bytes(2, "big") + frame[6:]
    if kind == 2:
        return frame[: chance.randrange(1, len(frame))]
    if kind == 3:
        return tcp(serial, pdu, chance.choice([0, 2, 77, 247, 255]))  # nobody is there
    return tcp(serial, chance.choice(PDUS)(chance, pdu))


def wrong_on_rtu(chance: random.Random, serial: int) -> bytes:
    pdu = a_write(chance, serial)
    kind = chance.randrange(8)
    if kind == 0:
        return rtu(pdu, chance.choice([0, 2, 77, 247, 255]))
    if kind <= 2:
        return rtu(chance.choice(PDUS)(chance, pdu))
    frame = rtu(pdu)
    while True:
        data = bytearray(frame)
        at = chance.randrange(len(data))
        if kind == 3:
            data[-chance.randint(1, 2)] ^= chance.randrange(1, 256)
        elif kind == 4:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 5:
            del data[at:]
        elif kind == 6:
            data[at:at] = chance.randbytes(chance.randint(1, 3))
        else:
            data[at : at + 4] = chance.randbytes(len(data[at : at + 4]))
        completed = (bytes(data) + NEXT)[: len(frame)]  # by what is sent after it
        if data and completed != frame and not is_framed(bytes(data)):
            return bytes(data)
