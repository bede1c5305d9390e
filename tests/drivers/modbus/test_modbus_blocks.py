"""Read planning: everything once, nothing beyond a limit, nothing that is refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.blocks import Span, SpanLimits, Want, halves, plan_spans

WANTS = st.lists(
    st.tuples(st.integers(0, 300) | st.integers(65500, 65535), st.integers(1, 8)), max_size=60
).map(lambda pairs: [Want(f"p{number}", *pair) for number, pair in enumerate(pairs)])
LIMITS = st.builds(
    SpanLimits,
    st.integers(1, 125),
    st.integers(0, 20),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 5)), max_size=5).map(
        lambda pairs: tuple((first, first + more) for first, more in pairs)
    ),
)


def addresses(span: Span | Want) -> set[int]:
    return set(range(span.address, span.address + span.count))


@given(WANTS, LIMITS)
def test_every_want_is_in_one_span_or_has_a_reason(wants: list[Want], limits: SpanLimits) -> None:
    spans, unreadable = plan_spans(wants, limits)
    planned = [want for span in spans for want in span.wants]
    assert sorted([want.name for want in planned] + list(unreadable)) == sorted(want.name for want in wants)
    for span in spans:
        assert all(addresses(want) <= addresses(span) for want in span.wants)
        assert [want.address for want in span.wants] == sorted(want.address for want in span.wants)


@given(WANTS, LIMITS)
def test_no_limit_is_broken(wants: list[Want], limits: SpanLimits) -> None:
    refused = {address for first, last in limits.refused for address in range(first, last + 1)}
    for span in plan_spans(wants, limits)[0]:
        assert 1 <= span.count <= limits.longest
        assert not addresses(span) & refused
        assert span.end <= 65536
        wanted = set().union(*(addresses(want) for want in span.wants))
        assert {span.address, span.end - 1} <= wanted
        holes = "".join("x" if address in wanted else "." for address in range(span.address, span.end))
        assert max(map(len, holes.split("x"))) <= limits.hole


@given(WANTS, LIMITS)
def test_only_what_must_be_is_unreadable(wants: list[Want], limits: SpanLimits) -> None:
    refused = {address for first, last in limits.refused for address in range(first, last + 1)}
    unreadable = plan_spans(wants, limits)[1]
    for want in wants:
        must = want.count > limits.longest or want.end > 65536 or bool(addresses(want) & refused)
        assert (want.name in unreadable) is must


@given(WANTS, LIMITS)
def test_every_register_is_read_once(wants: list[Want], limits: SpanLimits) -> None:
    """As long as values that share registers fit into one exchange."""
    apart: list[Want] = []
    for want in sorted(wants, key=lambda one: one.address):
        if not apart or want.address >= apart[-1].end:
            apart.append(want)
    read: list[int] = []
    for span in plan_spans(apart, limits)[0]:
        read.extend(addresses(span))
    assert len(read) == len(set(read))


@given(WANTS, LIMITS)
def test_halving_ends_and_loses_nothing(wants: list[Want], limits: SpanLimits) -> None:
    for span in plan_spans(wants, limits)[0]:
        waiting, leaves, steps = [span], list[str](), 0
        while waiting:
            steps += 1
            assert steps < 500
            one = waiting.pop()
            assert one.count <= span.count
            parts = halves(one)
            if len(parts) > 1:
                waiting.extend(parts)
            else:
                leaves.extend(want.name for want in parts[0].wants)
        assert sorted(leaves) == sorted(want.name for want in span.wants)


def test_an_example() -> None:
    wants = [Want("a", 0, 2), Want("b", 2, 2), Want("c", 8, 1), Want("d", 30, 1), Want("e", 31, 2)]
    spans, _ = plan_spans(wants, SpanLimits(longest=9, hole=4))
    assert [(span.address, span.count) for span in spans] == [(0, 9), (30, 3)]
    spans, _ = plan_spans(wants, SpanLimits(longest=9, hole=4, refused=((5, 5),)))
    assert [(span.address, span.count) for span in spans] == [(0, 4), (8, 1), (30, 3)]
    spans, _ = plan_spans(wants, SpanLimits(longest=2, hole=4))
    assert [(span.address, span.count) for span in spans] == [(0, 2), (2, 2), (8, 1), (30, 1), (31, 2)]
