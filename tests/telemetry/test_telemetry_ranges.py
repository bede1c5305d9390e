from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.telemetry.ranges import Ranges

SPAN = st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))
STEPS = st.lists(st.tuples(st.booleans(), SPAN), max_size=40)


def build(steps: list[tuple[bool, tuple[int, int]]]) -> tuple[Ranges, set[int]]:
    ranges, model = Ranges(), set[int]()
    for adding, (first, last) in steps:
        numbers = set(range(first, last + 1))
        if adding:
            ranges.add(first, last)
            model |= numbers
        else:
            assert ranges.remove(first, last) == len(model & numbers)
            model -= numbers
    return ranges, model


def members(spans: object) -> set[int]:
    return {number for first, last in spans for number in range(first, last + 1)}  # type: ignore[attr-defined]


@given(STEPS)
def test_ranges_behave_like_a_set(steps: list[tuple[bool, tuple[int, int]]]) -> None:
    ranges, model = build(steps)
    assert members(ranges) == model
    assert ranges.count == len(model)
    assert ranges.first == min(model, default=None)
    assert all((number in ranges) == (number in model) for number in range(-1, 75))


@given(STEPS)
def test_ranges_stay_sorted_and_apart(steps: list[tuple[bool, tuple[int, int]]]) -> None:
    spans = list(build(steps)[0])
    assert all(first <= last for first, last in spans)
    assert all(a[1] + 1 < b[0] for a, b in pairwise(spans))


@given(STEPS, SPAN)
def test_overlap_and_holes_share_out_a_span(
    steps: list[tuple[bool, tuple[int, int]]], span: tuple[int, int]
) -> None:
    ranges, model = build(steps)
    numbers = set(range(span[0], span[1] + 1))
    assert members(ranges.overlap(*span)) == model & numbers
    assert members(ranges.holes(*span)) == numbers - model


@given(STEPS, st.integers(1, 6))
def test_coarse_covers_everything_in_few_ranges(
    steps: list[tuple[bool, tuple[int, int]]], limit: int
) -> None:
    ranges, model = build(steps)
    coarse = ranges.coarse(limit)
    assert len(coarse) <= limit
    assert members(coarse) >= model
    if len(ranges) <= limit:
        assert members(coarse) == model


def test_coarse_closes_the_narrowest_hole() -> None:
    assert Ranges([(1, 2), (4, 5), (50, 60)]).coarse(2) == [(1, 5), (50, 60)]
