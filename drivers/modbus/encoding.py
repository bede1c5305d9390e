"""From values to raw words: the encoding half of the register codec. Pure; every refusal is a ValueError sentence."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping

from agent.core.point import Point, Value, ValueKind
from agent.core.register import RawType, Register
from drivers.modbus.cells import (
    BCDS,
    BIT_TABLES,
    FLOATS,
    FORMATS,
    register_count,
    switch_codes,
    wire_bytes,
)


def encode_number(point: Point, register: Register, value: Value) -> float:
    """The raw number (an int unless the register holds floats) that stands for `value`, unshifted for bit fields."""
    codes = register.write_codes or register.codes
    if point.kind is ValueKind.SWITCH:
        return (
            _code(point, switch_codes(codes), _on_or_off(point, value))
            if codes
            else int(_on_or_off(point, value))
        )
    if point.kind is ValueKind.ENUM:
        return _code(point, codes or dict(enumerate(point.choices)), value)
    if isinstance(value, str) or not math.isfinite(value):
        raise ValueError(f"{point.id}: {value!r} is not a number")
    raw = (value - register.offset) / register.scale
    if register.type not in FLOATS:
        raw = _integer(value, register, raw)
    _check_range(point, register, value, raw)
    return raw


def encode_words(point: Point, register: Register, value: Value) -> tuple[int, ...]:
    """The 16-bit words to write for a value that fills whole registers, in the order of their addresses."""
    count = register_count(register)
    if register.type is RawType.STRING:
        data = _text(point, value, count * 2)
    else:
        raw = encode_number(point, register, value)
        if register.type in BCDS:
            raw = int(str(int(raw)), 16)
        try:
            data = struct.pack(">" + FORMATS[register.type], raw)
        except (struct.error, OverflowError) as error:
            raise ValueError(f"{point.id}: {value} does not fit {register.type}") from error
    order = wire_bytes(register.type, register.order, count)
    return struct.unpack(f">{count}H", bytes(data[index] for index in order))


def encode_field(point: Point, register: Register, value: Value) -> tuple[int, int]:
    """(mask, bits) on the wire word for a value that is a bit field of a register."""
    raw = int(encode_number(point, register, value))
    shift = register.bit or 0
    mask, bits = ((1 << register.bits) - 1) << shift, raw << shift
    high, low = wire_bytes(register.type, register.order, 1)
    if high > low:  # bytes swapped on the wire
        mask, bits = _swap(mask), _swap(bits)
    return mask, bits


def is_field(register: Register) -> bool:
    """Whether the value is only some bits of a register."""
    if register.table in BIT_TABLES:
        return False
    return register.bit is not None or register.type is RawType.BIT


def _swap(word: int) -> int:
    return (word & 0xFF) << 8 | word >> 8


def _on_or_off(point: Point, value: Value) -> bool:
    if isinstance(value, str) or value not in (0, 1):
        raise ValueError(f"{point.id}: {value!r} is neither on nor off")
    return bool(value)


def _code(point: Point, names: Mapping[int, str] | Mapping[int, bool], value: Value) -> int:
    for code, name in names.items():
        if name == value and isinstance(name, bool) is isinstance(value, bool):
            return code
    known = ", ".join(str(name) for name in names.values())
    raise ValueError(f"{point.id}: {value!r} has no code; known are {known or 'none'}")


def _integer(value: float, register: Register, raw: float) -> int:
    """Rounded half away from zero, as an instrument does; whole values keep all their 64 bits."""
    if isinstance(value, int) and register.scale == 1.0 and register.offset.is_integer():
        return int(value) - int(register.offset)
    # 1e-9 of a step forgives the noise of the division: 0.45 / 0.1 is 4.5
    return int(math.copysign(math.floor(abs(raw) + 0.5 + 1e-9), raw))


def _bounds(register: Register) -> tuple[float, float]:
    if is_field(register) or register.table in BIT_TABLES:
        return 0, (1 << register.bits) - 1
    count = register_count(register)
    if register.type in BCDS:
        return 0, 10 ** (4 * count) - 1
    if register.type in (RawType.INT16, RawType.INT32, RawType.INT64):
        return -(1 << (16 * count - 1)), (1 << (16 * count - 1)) - 1
    if register.type is RawType.FLOAT32:
        return -3.4028234663852886e38, 3.4028234663852886e38
    if register.type is RawType.FLOAT64:
        return -math.inf, math.inf
    return 0, (1 << (16 * count)) - 1


def _check_range(point: Point, register: Register, value: float, raw: float) -> None:
    low, high = _bounds(register)
    if not low <= raw <= high:
        ends = sorted((low * register.scale + register.offset, high * register.scale + register.offset))
        raise ValueError(
            f"{point.id}: {value:g} does not fit {register.type} ({ends[0]:g} .. {ends[1]:g} {point.unit})".replace(
                " )", ")"
            )
        )
    if raw in register.sentinels:
        raise ValueError(f"{point.id}: {value:g} would be sent as the code for 'not available'")


def _text(point: Point, value: Value, size: int) -> bytes:
    data = str(value).encode("utf-8")
    if len(data) > size:
        raise ValueError(f"{point.id}: {value!r} is longer than {size} bytes")
    return data.ljust(size, b"\0")
