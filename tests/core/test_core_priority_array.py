"""The priority array: order, winner, end of life, slots."""

from itertools import permutations

import pytest

from agent.core.command import Command
from agent.core.point import SafeEnd
from agent.core.priority_array import PriorityArray


def claim(priority, value=None, source="a", **more):
    return Command(point="p", priority=priority, source=source, reason="", value=value, **more)


def test_the_strongest_claim_with_a_value_wins():
    bounds, strong, weak = claim(1, low=3), claim(8, 0.0), claim(15, 9.0)
    for order in permutations((bounds, strong, weak)):
        array = PriorityArray.of(order)
        assert array.claims == (bounds, strong, weak)
        assert array.winner is strong
        assert array.strongest(None) is strong


def test_an_empty_array_has_no_winner():
    assert PriorityArray.of([]).winner is None
    assert PriorityArray().strongest(SafeEnd.LOW) is None


def test_claims_in_one_slot_stand_in_one_order_whatever_the_order_they_came_in():
    several = [claim(8, 1.0), claim(8, 2.0), claim(8, low=0), claim(8, 1.0)]
    assert len({PriorityArray.of(order) for order in permutations(several)}) == 1
    assert len(PriorityArray.of(several).claims) == 3


@pytest.mark.parametrize(("safe_end", "value"), [(SafeEnd.HIGH, 2.0), (SafeEnd.LOW, 0.0), (None, 0.0)])
def test_values_of_one_priority_go_to_the_safe_end(safe_end, value):
    array = PriorityArray.of([claim(8, 2.0, "a"), claim(8, 0.0, "b"), claim(9, 5.0)])
    winner = array.strongest(safe_end)
    assert winner is not None
    assert winner.value == value


def test_names_have_no_safe_end():
    array = PriorityArray.of([claim(8, "y", "a"), claim(8, "x", "b")])
    winner = array.strongest(SafeEnd.HIGH)
    assert winner is not None
    assert winner.value == "y"


def test_values_end_and_bounds_latch():
    endless, ending, both = claim(8, 1.0), claim(9, 2.0, expires=5.0), claim(10, 3.0, high=4, expires=5.0)
    latched = claim(11, low=1, expires=5.0)
    array = PriorityArray.of([endless, ending, both, latched])
    assert array.live(4.9) == array
    after = array.live(5.0)
    assert [one.priority for one in after.claims] == [8, 10, 11]
    assert [one.value for one in after.claims] == [1.0, None, None]
    assert after.claims[1].high == 4
    assert after.live(1e9) == after


def test_a_slot_by_its_number():
    array = PriorityArray.of([claim(8, 1.0), claim(9, 2.0)])
    slot = array.slot(9)
    assert slot is not None
    assert slot.value == 2.0
    assert array.slot(7) is None
