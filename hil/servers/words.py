"""Engineering values to raw registers and back, for the device's side of the wire.

Written apart from the driver's codec on purpose: two readings of one profile that check each other.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping

from agent.core.point import Value
from agent.core.register import RawType, Register, WordOrder

_FORMATS = {
    RawType.INT16: ">h",
    RawType.UINT16: ">H",
    RawType.INT32: ">i",
    RawType.UINT32: ">I",
    RawType.INT64: ">q",
    RawType.UINT64: ">Q",
    RawType.FLOAT32: ">f",
    RawType.FLOAT64: ">d",
}
_BCD_DIGITS = {RawType.BCD16: 4, RawType.BCD32: 8}
_TRUE_NAMES = frozenset({"on", "true", "start", "run", "running", "enable", "enabled", "yes", "alarm", "1"})


def width(register: Register) -> int:
    """How many registers (or bits) the value takes."""
    if register.type is RawType.STRING:
        return register.length
    if register.type in _BCD_DIGITS:
        return _BCD_DIGITS[register.type] // 4
    return struct.calcsize(_FORMATS[register.type]) // 2 if register.type in _FORMATS else 1


def to_words(register: Register, value: Value | None) -> tuple[int, ...]:
    """The registers that show `value`. None shows the first sentinel, or the nearest thing to "nothing"."""
    if register.type is RawType.STRING:
        return _string_words(register, "" if value is None else str(value))
    raw = _sentinel(register) if value is None else to_raw(register, value)
    if register.type in _BCD_DIGITS:
        digits = _BCD_DIGITS[register.type]
        body = bytes.fromhex(f"{min(max(round(raw), 0), 10**digits - 1):0{digits}d}")
    else:
        body = _pack(register.type, raw)
    return _ordered(body, register.order)


def says_nothing(register: Register) -> bool:
    """Whether the register has a word for "not available"."""
    return bool(register.sentinels) or register.type in (RawType.FLOAT32, RawType.FLOAT64)


def from_words(register: Register, words: tuple[int, ...]) -> Value:
    """What a master meant by these registers: a name where codes say so, else a number (or text)."""
    body = _unordered(words, register.order)
    if register.type is RawType.STRING:
        return body.rstrip(b"\0 ").decode("ascii", "replace")
    raw: float
    if register.type in _BCD_DIGITS:
        raw = float(int(body.hex()))  # ValueError for a nibble above 9
    elif register.type is RawType.BIT:
        raw = float(body[-1] & 1)
    else:
        raw = struct.unpack(_FORMATS[register.type], body)[0]
    if register.bit is not None:
        raw = (int(raw) >> register.bit) & ((1 << register.bits) - 1)
    return from_raw(register, raw)


def to_raw(register: Register, value: Value) -> float:
    """Engineering value or name to the raw number."""
    codes = register.codes
    if codes:
        return _code_of(codes, value)
    if isinstance(value, str):
        raise TypeError(f"{value!r} has no code here")
    return (float(value) - register.offset) / register.scale


def from_raw(register: Register, raw: float) -> Value:
    """Raw number of a command to its name or engineering value. Raises ValueError for an unknown code."""
    codes = register.write_codes or register.codes
    if not codes:
        return raw * register.scale + register.offset
    name = codes.get(int(raw))
    if name is None:
        raise ValueError(f"code {raw:g} means nothing here")
    return name


def truth_of(value: Value) -> bool:
    """A command or code name as a switch."""
    return value.lower() in _TRUE_NAMES if isinstance(value, str) else bool(value)


def _code_of(codes: Mapping[int, str], value: Value) -> float:
    text = value if isinstance(value, str) else None
    for code, name in codes.items():
        if name == text or (text is None and truth_of(name) == bool(value)):
            return float(code)
    raise ValueError(f"{value!r} has no code here")


def _sentinel(register: Register) -> float:
    if register.sentinels:
        return register.sentinels[0]
    return math.nan if register.type in (RawType.FLOAT32, RawType.FLOAT64) else 0.0


def _pack(kind: RawType, raw: float) -> bytes:
    if kind is RawType.BIT:
        return struct.pack(">H", int(raw) & 1)
    form = _FORMATS[kind]
    if kind in (RawType.FLOAT32, RawType.FLOAT64):
        return struct.pack(form, raw)
    size = struct.calcsize(form) * 8
    low, high = (-(1 << size - 1), (1 << size - 1) - 1) if form[1].islower() else (0, (1 << size) - 1)
    return struct.pack(form, min(max(round(raw), low), high))  # a device saturates


def _string_words(register: Register, text: str) -> tuple[int, ...]:
    body = text.encode("ascii", "replace")[: register.length * 2].ljust(register.length * 2, b"\0")
    return _ordered(body, register.order)


def _ordered(body: bytes, order: WordOrder) -> tuple[int, ...]:
    swap = order in (WordOrder.BADC, WordOrder.DCBA)
    words = struct.unpack(f"{'<' if swap else '>'}{len(body) // 2}H", body)
    return words[::-1] if order in (WordOrder.CDAB, WordOrder.DCBA) and len(words) > 1 else words


def _unordered(words: tuple[int, ...], order: WordOrder) -> bytes:
    if order in (WordOrder.CDAB, WordOrder.DCBA):
        words = words[::-1]
    swap = order in (WordOrder.BADC, WordOrder.DCBA)
    return struct.pack(f"{'<' if swap else '>'}{len(words)}H", *words)
