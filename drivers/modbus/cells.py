"""One value in a block: where it lies, and what makes an engineering value of its raw number. Pure.

What is no measurement becomes a `Flaw`: "not available" codes, numbers that are none, digits that are none, unknown
codes, and what lies outside the plausible range of its point.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.core.point import Point, Value, ValueKind
from agent.core.register import RawType, Register, Table, WordOrder

FORMATS: Mapping[RawType, str] = {
    RawType.BIT: "H",
    RawType.INT16: "h",
    RawType.UINT16: "H",
    RawType.INT32: "i",
    RawType.UINT32: "I",
    RawType.INT64: "q",
    RawType.UINT64: "Q",
    RawType.FLOAT32: "f",
    RawType.FLOAT64: "d",
    RawType.BCD16: "H",
    RawType.BCD32: "I",
}
FLOATS = frozenset({RawType.FLOAT32, RawType.FLOAT64})
BCDS = frozenset({RawType.BCD16, RawType.BCD32})
BIT_TABLES = frozenset({Table.COIL, Table.DISCRETE})
ON_NAMES = frozenset({"on", "true", "1", "yes", "run", "running", "start", "started", "enabled", "active"})
OFF_NAMES = frozenset({"off", "false", "0", "no", "stop", "stopped", "disabled", "inactive"})
LARGEST = sys.float_info.max


@dataclass(frozen=True, slots=True)
class Flaw:
    """A raw value that is no measurement, and why. `value` is shown to people, never used."""

    reason: str
    value: Value | None = None


NOT_AVAILABLE = Flaw("not available (the device says so)")
Convert = Callable[[Any], Any]  # raw number or bytes -> Value or Flaw


@dataclass(frozen=True, slots=True)
class Cell:
    """One point's place in a block, hashable so that equal blocks share one codec.

    `at` counts registers (or bits, in the bit tables) from the start of the block.
    """

    name: str
    at: int
    bit_table: bool
    type: RawType
    order: WordOrder
    length: int  # registers
    scale: float
    offset: float
    bit: int | None
    bits: int
    sentinels: tuple[float, ...]
    codes: tuple[tuple[int, str], ...] | None
    kind: ValueKind
    plausible: tuple[float, float] | None


def register_count(register: Register) -> int:
    """How many registers (or bits, in the bit tables) the value takes."""
    if register.table in BIT_TABLES:
        return 1
    if register.type is RawType.STRING:
        return register.length
    return struct.calcsize(FORMATS[register.type]) // 2


def wire_bytes(kind: RawType, order: WordOrder, registers: int) -> tuple[int, ...]:
    """Which wire byte holds each byte of the value, most significant first. Its own inverse.

    The four orders of 32 bits are two swaps, of words and of the bytes in each word, so they hold for any width.
    Text has no most significant word: only its bytes are swapped.
    """
    words = list(range(registers))
    if order in (WordOrder.CDAB, WordOrder.DCBA) and kind is not RawType.STRING:
        words.reverse()
    swapped = order in (WordOrder.BADC, WordOrder.DCBA)
    return tuple(2 * word + (byte ^ swapped) for word in words for byte in (0, 1))


def cell_of(point: Point, name: str, register: Register, start: int) -> Cell:
    """The cell of a point in a block that starts at address `start`."""
    codes = register.codes
    if codes is None and point.kind is ValueKind.ENUM and point.choices:
        codes = dict(enumerate(point.choices))
    return Cell(
        name,
        register.address - start,
        register.table in BIT_TABLES,
        register.type,
        register.order,
        register_count(register),
        register.scale,
        register.offset,
        register.bit,
        register.bits,
        register.sentinels,
        None if codes is None else tuple(codes.items()),
        point.kind,
        point.plausible,
    )


def converter_of(cell: Cell) -> Convert | None:
    """What makes the value of a raw number; None where the raw number is the value."""
    if cell.type is RawType.STRING:
        return _text
    field = _field(cell)
    value = _meaning(cell)
    sentinels = _sentinels(cell)
    low, high = cell.plausible or (-LARGEST, LARGEST)
    numeric = cell.kind is ValueKind.NUMBER
    if not (numeric and (cell.plausible or cell.type in FLOATS)) and not sentinels:
        return value if field is None else _chained(field, value)

    def convert(raw: Any) -> Any:
        number = raw if field is None else field(raw)
        if type(number) is Flaw:
            return number
        if number in sentinels:
            return NOT_AVAILABLE
        found = number if value is None else value(number)
        if numeric and not low <= found <= high:
            return _implausible(found, cell.plausible)
        return found

    return convert


def _chained(field: Convert, value: Convert | None) -> Convert:
    """First the field of the raw number, then its meaning; a flaw passes through."""
    if value is None:
        return field

    def convert(raw: Any) -> Any:
        number = field(raw)
        return number if type(number) is Flaw else value(number)

    return convert


def _field(cell: Cell) -> Convert | None:
    """Takes the wanted number out of the raw one: a bit field, or BCD digits."""
    if cell.type in BCDS:
        return _bcd
    if cell.bit_table or (cell.bit is None and cell.type is not RawType.BIT):
        return None
    shift, mask = cell.bit or 0, (1 << cell.bits) - 1
    return lambda raw: raw >> shift & mask


def _meaning(cell: Cell) -> Convert | None:
    if cell.kind is ValueKind.NUMBER:
        return scaling(cell.scale, cell.offset)
    if cell.codes is not None:
        names = dict(cell.codes)
        known = switch_codes(names) if cell.kind is ValueKind.SWITCH else names
        return lambda code: known[code] if code in known else Flaw(f"unknown code {code}")
    if cell.kind is ValueKind.SWITCH:
        return bool
    if cell.kind is ValueKind.ENUM:
        return lambda code: Flaw(f"code {code} has no name")
    return str


def switch_codes(names: Mapping[int, str]) -> dict[int, bool]:
    """The codes of a switch whose names say on or off; others mean neither."""
    found = {code: name.strip().lower() for code, name in names.items()}
    return {code: name in ON_NAMES for code, name in found.items() if name in ON_NAMES | OFF_NAMES}


def scaling(scale: float, offset: float) -> Convert | None:
    """Value = raw * scale + offset, without the noise of binary fractions: 3 at 0.1 is 0.3 and not 0.30000000000000004."""
    if scale == 1.0 and offset == 0.0:
        return None
    if scale.is_integer() and offset.is_integer():
        factor, shift = int(scale), int(offset)
        return lambda raw: raw * factor + shift
    divisor = round(1.0 / scale) if abs(scale) < 1.0 else 0
    if divisor and abs(divisor * scale - 1.0) < 1e-12:
        if offset == 0.0:
            return lambda raw: raw / divisor
        shift = round(offset * divisor)
        if abs(shift - offset * divisor) < 1e-9:
            return lambda raw: (raw + shift) / divisor
    return lambda raw: raw * scale + offset


def _sentinels(cell: Cell) -> frozenset[float]:
    """The raw values that mean "not available", also where a signed one is written as its bit pattern (0x8000)."""
    found = set(cell.sentinels)
    if cell.type is RawType.FLOAT32:
        found |= {struct.unpack(">f", struct.pack(">f", one))[0] for one in found if abs(one) <= 3.4e38}
    elif cell.type in (RawType.INT16, RawType.INT32, RawType.INT64):
        width = 16 * cell.length
        found |= {one - (1 << width) for one in found if one >= 1 << (width - 1)}
    return frozenset(found)


def _implausible(value: Any, plausible: tuple[float, float] | None) -> Flaw:
    if value != value or abs(value) > LARGEST:  # noqa: PLR0124 - NaN alone differs from itself
        return Flaw("not a number")
    low, high = plausible or (-LARGEST, LARGEST)
    return Flaw(f"{value:g} is outside the plausible {low:g} .. {high:g}", value)


def _bcd(raw: int) -> Any:
    digits = f"{raw:x}"
    return int(digits) if digits.isdecimal() else Flaw(f"0x{digits} is not binary coded decimal")


def _text(raw: bytes) -> Any:
    try:
        return raw.partition(b"\0")[0].decode("utf-8").strip()
    except UnicodeDecodeError:
        return Flaw("not text")
