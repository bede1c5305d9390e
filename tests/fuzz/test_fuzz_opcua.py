"""Anything a server may say as a value: it becomes a measurement that is one, or a bad reading with its reason."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from typing import Any

from asyncua import ua
from hypothesis import given
from hypothesis import strategies as st

from agent.core.point import Access, Point, ValueKind
from agent.core.reading import Quality
from agent.core.register import Node
from drivers.opcua.bindings import Binding, judge
from drivers.opcua.values import decoder
from tests.fuzz.boxes import box

PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64),
    st.floats(),
    st.sampled_from([0, 0.0, 1, 2, 65535, 65535.0, -32768]),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.just(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
    st.just(uuid.UUID(int=7)),
    st.builds(ua.LocalizedText, st.one_of(st.none(), st.text(max_size=5))),
    st.builds(ua.NodeId, st.integers(0, 9)),
    st.builds(ua.QualifiedName, st.text(max_size=3)),
    st.just(ua.StatusCode(0x80000000)),
    st.just(ua.ServerState.Running),
    st.just(ua.Variant(5)),
    st.just(object()),
    st.just(complex(1, 2)),
)
ANYTHING = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.tuples(inner), max_leaves=5)
NODES = st.builds(
    Node,
    node=st.just("i=1"),
    scale=st.sampled_from([1.0, 0.1, 10.0, -3.0, 1e300]),
    offset=st.sampled_from([0.0, -40.0, 1e308]),
    sentinels=st.sampled_from([(), (-32768.0,), (0.0, 65535.0)]),
    codes=st.sampled_from([None, None, {0: "off", 1: "cool", 2: "heat"}]),
)
TYPES: dict[ValueKind, tuple[type, ...]] = {
    ValueKind.NUMBER: (int, float),
    ValueKind.SWITCH: (bool,),
    ValueKind.TEXT: (str,),
}


@box(1500)
@given(
    ANYTHING,
    NODES,
    st.sampled_from(list(TYPES)),
    st.sampled_from([None, (-50.0, 150.0)]),
    st.one_of(st.just(0), st.integers(0, 2**32 - 1)),
)
def test_a_good_value_is_a_measurement(
    raw: Any, node: Node, kind: ValueKind, plausible: tuple[float, float] | None, status: int
) -> None:
    point = Point(id="d.p", kind=kind, access=Access.READ, plausible=plausible)
    binding = Binding(0, "d", point, node, "", 1.0, decoder(point, node))
    value, quality, reason = judge(binding, raw, status, "BadSomething")
    assert isinstance(quality, Quality)
    if quality is not Quality.GOOD:
        assert reason
        return
    assert status >> 30 == 0
    measured = kind is not ValueKind.TEXT or node.codes is not None
    if measured and isinstance(raw, int | float) and not isinstance(raw, bool):
        assert raw not in node.sentinels
    if node.codes is not None:
        assert value in node.codes.values()
        return
    assert type(value) in TYPES[kind]
    if kind is ValueKind.NUMBER:
        assert math.isfinite(value)
        assert plausible is None or plausible[0] <= value <= plausible[1]
