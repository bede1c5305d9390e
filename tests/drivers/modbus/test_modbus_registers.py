"""The codec: every type in every order, and everything that is no measurement."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.point import Access, Point, Value, ValueKind
from agent.core.reading import Quality
from agent.core.register import RawType, Register, Table, WordOrder
from drivers.modbus.cells import cell_of, register_count
from drivers.modbus.encoding import encode_field, encode_number, encode_words
from drivers.modbus.registers import Decoded, compile_block

# the same 32 bits, 0x12345678, as the wire carries them in the four orders
WIRE = {
    WordOrder.ABCD: "12345678",
    WordOrder.CDAB: "56781234",
    WordOrder.BADC: "34127856",
    WordOrder.DCBA: "78563412",
}
RANGES = {
    RawType.INT16: (-(2**15), 2**15 - 1),
    RawType.UINT16: (0, 2**16 - 1),
    RawType.INT32: (-(2**31), 2**31 - 1),
    RawType.UINT32: (0, 2**32 - 1),
    RawType.INT64: (-(2**63), 2**63 - 1),
    RawType.UINT64: (0, 2**64 - 1),
    RawType.BCD16: (0, 9999),
    RawType.BCD32: (0, 99_999_999),
}


def point(**more: Any) -> Point:
    return Point(id="d1.x", access=Access.READ_WRITE, **more)


def register(**more: Any) -> Register:
    return Register(**{"table": Table.HOLDING, "address": 10, **more})


def decode(
    where: Register, payload: bytes, what: Point | None = None, last: Decoded | None = None
) -> Decoded:
    return compile_block((cell_of(what or point(), "x", where, where.address),)).decode(payload, last)


def value(where: Register, payload: bytes, what: Point | None = None) -> Value | None:
    found = decode(where, payload, what)
    assert found.qualities is None, found.reason
    return found.values[0]


def reason(where: Register, payload: bytes, what: Point | None = None) -> str:
    found = decode(where, payload, what)
    assert found.qualities == (Quality.BAD,)
    return found.reason


def on_wire(where: Register, wish: Value, what: Point | None = None) -> bytes:
    words = encode_words(what or point(), where, wish)
    return struct.pack(f">{len(words)}H", *words)


@pytest.mark.parametrize("order", WordOrder)
def test_the_four_orders(order: WordOrder) -> None:
    wire = bytes.fromhex(WIRE[order])
    assert value(register(type=RawType.UINT32, order=order), wire) == 0x12345678
    assert value(register(type=RawType.BCD32, order=order), wire) == 12345678
    assert on_wire(register(type=RawType.UINT32, order=order), 0x12345678) == wire


def test_orders_of_other_widths() -> None:
    eight = {
        "abcd": "0102030405060708",
        "cdab": "0708050603040102",
        "badc": "0201040306050807",
        "dcba": "0807060504030201",
    }
    for order, wire in eight.items():
        where = register(type=RawType.UINT64, order=WordOrder(order))
        assert value(where, bytes.fromhex(wire)) == 0x0102030405060708
    for order, expected in {"abcd": 0x0102, "cdab": 0x0102, "badc": 0x0201, "dcba": 0x0201}.items():
        assert value(register(order=WordOrder(order)), b"\x01\x02") == expected


@given(st.data())
def test_integers_come_back_as_written(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(RANGES)))
    order = data.draw(st.sampled_from(list(WordOrder)))
    wish = data.draw(st.integers(*RANGES[kind]))
    where = register(type=kind, order=order)
    assert value(where, on_wire(where, wish)) == wish


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.sampled_from(list(WordOrder)))
def test_floats_come_back_as_written(wish: float, order: WordOrder) -> None:
    for kind in (RawType.FLOAT32, RawType.FLOAT64):
        where = register(type=kind, order=order)
        assert value(where, on_wire(where, wish)) == wish


@given(
    st.integers(-32768, 32767),
    st.sampled_from([0.1, 0.01, 0.001, 0.5, 0.25, 2.0, 10.0, 0.3]),
    st.sampled_from([0.0, -45.0, 1.5]),
)
def test_scaled_numbers_come_back(raw: int, scale: float, offset: float) -> None:
    where = register(type=RawType.INT16, scale=scale, offset=offset)
    payload = struct.pack(">h", raw)
    found = value(where, payload)
    assert isinstance(found, float | int)
    assert found == pytest.approx(raw * scale + offset)
    assert on_wire(where, found) == payload


def test_scaling_has_no_noise() -> None:
    assert value(register(scale=0.1), b"\x00\x03") == 0.3
    assert value(register(scale=0.1, offset=-45.0), (701).to_bytes(2, "big")) == 25.1
    plain = value(register(), b"\x00\x03")
    assert (plain, type(plain)) == (3, int)


def test_negative_scale() -> None:
    assert value(register(scale=-0.1), b"\x00\x03") == -0.3
    assert on_wire(register(scale=-0.1), -0.3) == b"\x00\x03"


@pytest.mark.parametrize("raw", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(("kind", "form"), [(RawType.FLOAT32, ">f"), (RawType.FLOAT64, ">d")])
def test_no_number_is_bad(raw: float, kind: RawType, form: str) -> None:
    assert "not a number" in reason(register(type=kind), struct.pack(form, raw))


@pytest.mark.parametrize(
    ("kind", "sentinel", "wire"),
    [
        (RawType.UINT16, 65535, "ffff"),
        (RawType.INT16, 0x8000, "8000"),
        (RawType.INT16, -32768, "8000"),
        (RawType.INT32, 0x7FFFFFFF, "7fffffff"),
        (RawType.UINT32, 0xFFFFFFFF, "ffffffff"),
        (RawType.FLOAT32, -9999.9, struct.pack(">f", -9999.9).hex()),
        (RawType.BCD16, 9999, "9999"),
    ],
)
def test_sentinels_are_bad(kind: RawType, sentinel: float, wire: str) -> None:
    where = register(type=kind, sentinels=(sentinel,), scale=0.5)
    assert "not available" in reason(where, bytes.fromhex(wire))
    assert decode(where, bytes.fromhex(wire)).values == (None,)
    assert value(where, b"\0" * (len(wire) // 2)) == 0


@pytest.mark.parametrize("wire", ["00fa", "a000", "0b1f"])
def test_letters_are_no_decimal_digits(wire: str) -> None:
    assert "decimal" in reason(register(type=RawType.BCD16), bytes.fromhex(wire))


def test_plausible_range() -> None:
    what = point(plausible=(-10.0, 60.0))
    where = register(type=RawType.INT16, scale=0.1)
    assert value(where, (600).to_bytes(2, "big"), what) == 60.0
    found = decode(where, (601).to_bytes(2, "big"), what)
    assert found.values == (60.1,)
    assert "outside the plausible -10 .. 60" in found.reason


def test_bits_and_fields() -> None:
    switch = point(kind=ValueKind.SWITCH)
    wire = b"\x12\x34"
    assert value(register(type=RawType.BIT, bit=2), wire, switch) is True
    assert value(register(type=RawType.BIT, bit=3), wire, switch) is False
    assert value(register(bit=4, bits=4), wire) == 3
    assert value(register(bit=4, bits=4, order=WordOrder.BADC), wire) == 1
    assert value(register(type=RawType.UINT32, bit=16, bits=8), b"\x00\x07\xff\xff") == 7
    assert encode_field(switch, register(type=RawType.BIT, bit=2), True) == (4, 4)
    assert encode_field(point(), register(bit=4, bits=4), 9) == (0xF0, 0x90)
    assert encode_field(switch, register(type=RawType.BIT, bit=0, order=WordOrder.BADC), True) == (
        0x100,
        0x100,
    )


def test_bit_tables() -> None:
    coils = [Register(table=Table.COIL, address=address) for address in (3, 4, 11)]
    cells = tuple(cell_of(point(kind=ValueKind.SWITCH), f"c{one.address}", one, 3) for one in coils)
    assert compile_block(cells).decode(bytes([0b00000010, 0b00000001])).values == (False, True, True)


def test_enumerations() -> None:
    what = point(kind=ValueKind.ENUM)
    where = register(codes={1: "cool", 2: "heat"}, write_codes={11: "cool", 12: "heat"})
    assert value(where, b"\x00\x02", what) == "heat"
    assert "unknown code 7" in reason(where, b"\x00\x07", what)
    assert on_wire(where, "cool", what) == b"\x00\x0b"
    named = point(kind=ValueKind.ENUM, choices=("off", "on"))
    assert value(register(), b"\x00\x01", named) == "on"
    assert on_wire(register(), "on", named) == b"\x00\x01"


def test_switches() -> None:
    what = point(kind=ValueKind.SWITCH)
    assert value(register(), b"\xff\x00", what) is True
    where = register(codes={1: "on", 2: "off", 3: "tripped"})
    assert value(where, b"\x00\x02", what) is False
    assert "unknown code 3" in reason(where, b"\x00\x03", what)
    assert on_wire(where, False, what) == b"\x00\x02"


def test_strings() -> None:
    what = point(kind=ValueKind.TEXT)
    where = register(type=RawType.STRING, length=4)
    assert value(where, b"YK-9  \0x", what) == "YK-9"
    assert value(register(type=RawType.STRING, length=2, order=WordOrder.DCBA), b"badc", what) == "abcd"
    assert "not text" in reason(where, b"\xff\xfe\xfd\xfc\0\0\0\0", what)
    assert on_wire(where, "AB", what) == b"AB\0\0\0\0\0\0"
    with pytest.raises(ValueError, match="longer than 8 bytes"):
        encode_words(what, where, "far too long")


@pytest.mark.parametrize(
    ("where", "wish"),
    [
        (register(type=RawType.INT16, scale=0.1), 4000.0),
        (register(type=RawType.UINT16), -1),
        (register(type=RawType.UINT16), 65535.6),
        (register(type=RawType.UINT32), 2**32),
        (register(type=RawType.INT64), 2**63),
        (register(type=RawType.FLOAT32), 1e39),
        (register(type=RawType.BCD16), 10000),
        (register(bit=0, bits=4), 16),
        (register(), math.nan),
        (register(), math.inf),
        (register(), "warm"),
        (register(sentinels=(65535,)), 65535),
    ],
)
def test_what_does_not_fit_is_refused(where: Register, wish: Value) -> None:
    with pytest.raises(ValueError, match=r"d1\.x"):
        encode_number(point(), where, wish)


def test_rounding_is_to_the_nearest_step() -> None:
    where = register(type=RawType.INT16, scale=0.1)
    assert [encode_number(point(), where, one) for one in (0.45, -0.45, 6.54, 0.04)] == [5, -5, 65, 0]


def test_a_block_is_one_decode_and_keeps_what_did_not_change() -> None:
    wheres = [
        register(address=0, type=RawType.FLOAT32, order=WordOrder.CDAB),
        register(address=2, scale=0.1),
        register(address=9, type=RawType.INT32),
        register(address=12, sentinels=(0xFFFF,)),
    ]
    cells = tuple(cell_of(point(), f"p{one.address}", one, 0) for one in wheres)
    codec = compile_block(cells)
    assert compile_block(tuple(cells)) is codec

    def payload(small: int, last: int) -> bytes:
        return (
            b"\x00\x00\x43\x48"
            + small.to_bytes(2, "big")
            + b"\xee" * 12
            + (-5).to_bytes(4, "big", signed=True)
            + b"\xee\xee"
            + last.to_bytes(2, "big")
        )

    first = codec.decode(payload(215, 7))
    assert first.values == (200.0, 21.5, -5, 7)
    assert codec.decode(payload(215, 7), first) is first
    second = codec.decode(payload(216, 0xFFFF), first)
    assert second.values == (200.0, 21.6, -5, None)
    assert second.values[0] is first.values[0]
    assert second.qualities == (Quality.GOOD, Quality.GOOD, Quality.GOOD, Quality.BAD)
    third = codec.decode(payload(217, 0xFFFF), second)
    assert third.values == (200.0, 21.7, -5, None)
    assert third.qualities == second.qualities
    assert codec.decode(payload(217, 7), third).qualities is None


def test_shared_registers_in_one_block() -> None:
    wheres = [register(address=0), register(address=0, bit=0, bits=4), register(address=0, bit=4, bits=4)]
    cells = tuple(cell_of(point(), f"p{number}", one, 0) for number, one in enumerate(wheres))
    assert compile_block(cells).decode(b"\x00\x35").values == (0x35, 5, 3)


def test_many_flaws_are_counted() -> None:
    cells = tuple(cell_of(point(), f"p{at}", register(address=at, sentinels=(0,)), 0) for at in range(6))
    found = compile_block(cells).decode(b"\0" * 12)
    assert found.reason.endswith("and 3 more")
    assert found.reason.count("not available") == 3


def test_register_counts() -> None:
    counts = {kind: register_count(register(type=kind)) for kind in RawType}
    assert counts[RawType.FLOAT64] == counts[RawType.INT64] == 4
    assert counts[RawType.BCD32] == counts[RawType.FLOAT32] == 2
    assert register_count(Register(table=Table.COIL, address=0, type=RawType.UINT32)) == 1
