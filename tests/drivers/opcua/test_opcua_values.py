"""Raw values to engineering values and back, without a server."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.point import Access, Point, ValueKind
from agent.core.reading import Quality
from agent.core.register import Node
from drivers.opcua.bindings import Binding, judge
from drivers.opcua.values import decoder, encode, severity

BAD, GOOD, UNCERTAIN = Quality.BAD, Quality.GOOD, Quality.UNCERTAIN


def point(kind: ValueKind = ValueKind.NUMBER, plausible: tuple[float, float] | None = None) -> Point:
    return Point(id="d.p", kind=kind, access=Access.READ_WRITE, plausible=plausible)


def node(**changes) -> Node:
    return Node(node="i=1", **changes)


@pytest.mark.parametrize(
    ("raw", "made", "value", "quality"),
    [
        (21.5, {}, 21.5, GOOD),
        (7, {}, 7, GOOD),
        (12, {"scale": 0.1}, 1.2, GOOD),  # not 1.2000000000000002
        (215, {"scale": 0.1, "offset": -10.0}, 11.5, GOOD),
        (3, {"scale": 2.5}, 7.5, GOOD),
        (True, {}, 1, GOOD),
        (-32768, {"sentinels": (-32768.0,)}, None, BAD),
        (-32767, {"sentinels": (-32768.0,)}, -32767, GOOD),
        (math.nan, {}, None, BAD),
        (math.nan, {"scale": 0.1}, None, BAD),
        (math.inf, {}, None, BAD),
        (-math.inf, {"scale": 0.1}, None, BAD),
        (1e308, {"scale": 100.0}, None, BAD),  # overflows on the way
        (None, {}, None, BAD),
        ("21.5", {}, None, BAD),
        ([1.0], {}, None, BAD),
        (b"x", {}, None, BAD),
        (2, {"codes": {1: "off", 2: "cool"}}, "cool", GOOD),
        (2.0, {"codes": {1: "off", 2: "cool"}}, "cool", GOOD),
        (2.5, {"codes": {1: "off", 2: "cool"}}, None, BAD),
        (9, {"codes": {1: "off", 2: "cool"}}, None, BAD),
        (9, {"codes": {1: "off"}, "sentinels": (9.0,)}, None, BAD),
        ("cool", {"codes": {1: "off", 2: "cool"}}, None, BAD),
        (math.nan, {"codes": {1: "off"}}, None, BAD),
    ],
)
def test_numbers_and_codes(raw, made, value, quality):
    found, judged, reason = decoder(point(), node(**made))(raw)
    assert (found, judged) == (value, quality)
    assert bool(reason) == (quality is BAD)


@pytest.mark.parametrize(
    ("raw", "value", "quality"),
    [
        (True, True, GOOD),
        (False, False, GOOD),
        (0, False, GOOD),
        (2, True, GOOD),
        (0.0, False, GOOD),
        (math.nan, None, BAD),
        ("on", None, BAD),
        (None, None, BAD),
    ],
)
def test_switches(raw, value, quality):
    found, judged, _ = decoder(point(ValueKind.SWITCH), node())(raw)
    assert (found, judged) == (value, quality)
    assert found is None or isinstance(found, bool)


def test_implausible_values_are_shown_but_never_used():
    decode = decoder(point(plausible=(0.0, 100.0)), node())
    assert decode(100.0) == (100.0, GOOD, "")
    value, quality, reason = decode(100.5)
    assert (value, quality) == (100.5, BAD)
    assert "0..100" in reason


@pytest.mark.parametrize(
    ("status", "quality"),
    [
        (0x00000000, GOOD),
        (0x00960000, GOOD),  # GoodLocalOverride
        (0x00000480, GOOD),  # good with the overflow bit
        (0x40920000, UNCERTAIN),
        (0x80000000, BAD),
        (0x808A0000, BAD),
        (0xC0000000, BAD),  # reserved
    ],
)
def test_the_two_top_bits_are_the_quality(status, quality):
    assert severity(status) is quality
    one = point()
    binding = Binding(0, "d", one, node(), "", 1.0, decoder(one, node()))
    value, judged, reason = judge(binding, 5.0, status, "Name")
    assert judged is quality
    assert value == (None if quality is BAD else 5.0)
    assert reason == ("" if quality is GOOD else "Name")
    assert judge(binding, math.nan, status, "Name")[1] is BAD


_KINDS = {
    "SByte": (-128, 127),
    "Byte": (0, 255),
    "Int16": (-(2**15), 2**15 - 1),
    "UInt16": (0, 2**16 - 1),
    "Int32": (-(2**31), 2**31 - 1),
    "UInt32": (0, 2**32 - 1),
    "Int64": (-(2**63), 2**63 - 1),
    "UInt64": (0, 2**64 - 1),
}


@pytest.mark.parametrize("kind", _KINDS)
def test_integers_hold_to_their_range(kind):
    low, high = _KINDS[kind]
    for whole in (low, high):
        assert encode(point(), node(), whole, kind) == whole
    for whole in (low - 1, high + 1):
        with pytest.raises(ValueError, match=kind):
            encode(point(), node(), whole, kind)


@given(
    st.integers(-32768, 32767), st.sampled_from([0.1, 0.01, 0.5, 1.0, 10.0]), st.sampled_from([0.0, -40.0])
)
def test_what_is_read_is_written_back_the_same(raw, scale, offset):
    made = node(scale=scale, offset=offset)
    value, quality, _ = decoder(point(), made)(raw)
    assert quality is GOOD
    assert encode(point(), made, value, "Int16") == raw


@given(
    st.one_of(
        st.floats(), st.integers(), st.booleans(), st.text(), st.none(), st.binary(), st.lists(st.floats())
    )
)
def test_whatever_comes_is_a_finite_value_or_bad(raw):
    for made in (node(), node(scale=0.1), node(codes={0: "a", 1: "b"})):
        for kind in ValueKind:
            value, quality, reason = decoder(point(kind, (-1e6, 1e6)), made)(raw)
            if quality is GOOD:
                assert isinstance(value, bool | int | float | str)
                assert not isinstance(value, float) or math.isfinite(value)
            else:
                assert reason


def test_enumerations_are_written_by_name_or_code():
    made = node(codes={0: "off", 2: "heat"})
    assert encode(point(ValueKind.ENUM), made, "heat", "Int32") == 2
    assert encode(point(ValueKind.ENUM), made, 2, "Int32") == 2
    for wrong in ("hot", 1, 2.5):
        with pytest.raises(ValueError, match="none of off, heat"):
            encode(point(ValueKind.ENUM), made, wrong, "Int32")


def test_types_no_plain_value_fits():
    with pytest.raises(ValueError, match="ExtensionObject"):
        encode(point(), node(), 1.0, "ExtensionObject")
