"""Raw OPC UA values to engineering values and back: pure, no client library.

What a server says is doubted: no number, a sentinel, an unknown code, a value outside the plausible range or a bad
status is BAD with a reason, never a measurement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from agent.core.point import Point, Value, ValueKind
from agent.core.reading import Quality
from agent.core.register import Node

Decoded = tuple[Value | None, Quality, str]
Decoder = Callable[[Any], Decoded]

_GOOD = Quality.GOOD
_INTEGERS: Mapping[str, tuple[int, int]] = {
    "SByte": (-(2**7), 2**7 - 1),
    "Byte": (0, 2**8 - 1),
    "Int16": (-(2**15), 2**15 - 1),
    "UInt16": (0, 2**16 - 1),
    "Int32": (-(2**31), 2**31 - 1),
    "UInt32": (0, 2**32 - 1),
    "Int64": (-(2**63), 2**63 - 1),
    "UInt64": (0, 2**64 - 1),
}
_FLOAT_MAX = 3.4028234663852886e38


def decoder(point: Point, node: Node) -> Decoder:
    """How the raw values of one node become values of its point. Made once, called for every value."""
    if node.codes is not None:
        return _code_decoder(node.codes, node.sentinels)
    if point.kind is ValueKind.SWITCH:
        return _switch_decoder(node.sentinels)
    if point.kind is ValueKind.NUMBER:
        return _number_decoder(point, node)
    return _decode_text


def severity(status: int) -> Quality:
    """The top two bits of a StatusCode (OPC UA Part 4, 7.39): 00 good, 01 uncertain, else bad."""
    top = status >> 30 & 3
    return Quality.GOOD if top == 0 else Quality.UNCERTAIN if top == 1 else Quality.BAD


def encode(point: Point, node: Node, value: Value, kind: str) -> bool | int | float | str:
    """The raw value to write for a node of built-in type `kind`. Raises ValueError when it cannot be expressed."""
    raw = _to_raw(point, node, value)
    if kind == "Boolean":
        return _encode_boolean(point, raw)
    if kind in _INTEGERS:
        return _encode_integer(point, raw, kind)
    if kind in ("Float", "Double"):
        number = _number_of(point, raw)
        if kind == "Float" and abs(number) > _FLOAT_MAX:
            raise ValueError(f"{point.id}: {number:g} does not fit a 32-bit float")
        return number
    if kind in ("String", "LocalizedText"):
        return raw if isinstance(raw, str) else str(raw)
    raise ValueError(f"{point.id}: the node is a {kind}, which cannot be written from a plain value")


def _bad(value: Value | None, reason: str) -> Decoded:
    return value, Quality.BAD, reason


def _finite(raw: Any, sentinels: tuple[float, ...]) -> str | None:
    """Why the raw value is no number to work with; None when it is one."""
    if isinstance(raw, float):
        if not math.isfinite(raw):
            return "not a number" if math.isnan(raw) else "infinite"
    elif raw is None:
        return "the server has no value"
    elif not isinstance(raw, int):
        return f"{_type_name(raw)} where a number is expected"
    return "not available" if raw in sentinels else None


def _number_decoder(point: Point, node: Node) -> Decoder:
    scale, offset, sentinels = node.scale, node.offset, node.sentinels
    low, high = point.plausible or (-math.inf, math.inf)
    plain = scale == 1.0 and offset == 0.0
    # a scale of 0.1 is a division by 10: 12 becomes 1.2 and not 1.2000000000000002
    divisor = 1.0 / scale if scale else 1.0
    tenths = divisor > 1.0 and divisor == round(divisor)

    def decode(raw: Any) -> Decoded:
        if type(raw) is not float and type(raw) is not int:
            fault = _finite(raw, sentinels)
            if fault is not None:
                return _bad(None, fault)
            raw = raw + 0  # bool and the library's own integers become plain numbers
        elif raw in sentinels:
            return _bad(None, "not available")
        value = raw if plain else (raw / divisor if tenths else raw * scale) + offset
        # a NaN fails this comparison too, so the usual value is judged by one test
        if low <= value <= high and value - value == 0:
            return value, _GOOD, ""
        fault = _finite(value, ())
        return _bad(None, fault) if fault else _bad(value, f"{value:g} is outside {low:g}..{high:g}")

    return decode


def _switch_decoder(sentinels: tuple[float, ...]) -> Decoder:
    def decode(raw: Any) -> Decoded:
        if raw is True or raw is False:
            return raw, _GOOD, ""
        fault = _finite(raw, sentinels)
        return _bad(None, fault) if fault else (raw != 0, _GOOD, "")

    return decode


def _code_decoder(codes: Mapping[int, str], sentinels: tuple[float, ...]) -> Decoder:
    def decode(raw: Any) -> Decoded:
        fault = _finite(raw, sentinels)
        if fault:
            return _bad(None, fault)
        name = codes.get(int(raw)) if raw == int(raw) else None
        return _bad(None, f"unknown code {raw}") if name is None else (name, _GOOD, "")

    return decode


def _decode_text(raw: Any) -> Decoded:
    if isinstance(raw, str):
        return raw, _GOOD, ""
    if raw is None:
        return _bad(None, "the server has no value")
    text = getattr(raw, "Text", raw)  # LocalizedText
    if isinstance(text, bool | int | float | str):
        return str(text), _GOOD, ""
    if isinstance(raw, bytes):
        return raw.hex(), _GOOD, ""
    if hasattr(raw, "isoformat"):
        return str(raw.isoformat()), _GOOD, ""
    return _bad(None, f"{_type_name(raw)} where a text is expected")


def _type_name(raw: Any) -> str:
    return "an array" if isinstance(raw, list | tuple) else f"a {type(raw).__name__}"


def _to_raw(point: Point, node: Node, value: Value) -> Value:
    if node.codes is not None:
        return _code_of(point, node.codes, value)
    if point.kind is not ValueKind.NUMBER:
        return value
    number = _number_of(point, value)
    if node.scale == 1.0 and node.offset == 0.0:
        return value if isinstance(value, int) else number
    return (number - node.offset) / node.scale


def _code_of(point: Point, codes: Mapping[int, str], value: Value) -> int:
    if isinstance(value, str):
        for code, name in codes.items():
            if name == value:
                return code
    elif int(value) in codes and int(value) == value:
        return int(value)
    raise ValueError(f"{point.id}: {value!r} is none of {', '.join(codes.values())}")


def _number_of(point: Point, value: Value) -> float:
    if isinstance(value, str):
        raise ValueError(f"{point.id}: the text {value!r} is not a number")  # noqa: TRY004 - a wish, not a bug
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{point.id}: {value} cannot be written")
    return number


def _encode_boolean(point: Point, raw: Value) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw in (0, 1):
        return raw == 1
    raise ValueError(f"{point.id}: {raw!r} is neither on nor off")


def _encode_integer(point: Point, raw: Value, kind: str) -> int:
    low, high = _INTEGERS[kind]
    whole = raw if isinstance(raw, int) else round(_number_of(point, raw))
    if not low <= whole <= high:
        raise ValueError(f"{point.id}: {whole} does not fit {kind} ({low}..{high})")
    return int(whole)
