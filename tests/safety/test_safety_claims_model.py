"""Model check of arbitration: every small set of claims, tried one by one, against the rules told another way."""

from itertools import combinations_with_replacement, permutations, product

import pytest

from agent.core.command import Command
from agent.core.point import OnLoss, SafeEnd
from tests.safety.rig import Rig, number, trip
from tests.safety.test_safety_properties import P, left_open

LOCKED = 4.0  # what the interlock says


def claim(source, priority, value, low, high):
    return Command(point=P, priority=priority, source=source, reason="", value=value, low=low, high=high)


def all_claims(priorities, values, bounds):
    """Everything one source can say, but for saying nothing at all."""
    kinds = product(priorities, values, bounds)
    return [one for one in kinds if one[1:] != (None, (None, None))]


PAIRS = list(
    product(all_claims((2, 5, 8, 14), (None, 0, 2), ((None, None), (1, None), (None, 1), (3, 1))), repeat=2)
)
TRIPLES = list(
    combinations_with_replacement(
        all_claims((2, 8, 14), (None, 2), ((None, None), (1, None), (None, 1), (1, 1))), 3
    )
)


def said(case):
    return [
        claim(name, priority, value, *bounds)
        for name, (priority, value, bounds) in zip("abc", case, strict=False)
    ]


def rig_of(safe_end, on_loss=OnLoss.HOLD, tripped=False):
    point = number(P, safe_end=safe_end, relinquish_default=3.0, on_loss=on_loss)
    rig = Rig(points=[point], interlocks=[trip(point=P, value=LOCKED)])
    rig.through_json = False
    rig.see("io.alarm", tripped)
    return rig


def spec(claims, safe_end):
    """The strongest wish, and the nearest to it that the bounds of equal and stronger claims leave open."""
    values = [one for one in claims if one.value is not None]
    strongest = min((one.priority for one in values), default=17)
    asked = {one.value for one in values if one.priority == strongest} or {3.0}
    wish = max(asked) if safe_end is SafeEnd.HIGH else min(asked)
    return min(left_open(claims, strongest, safe_end), key=lambda x: abs(x - wish)), strongest


@pytest.mark.parametrize("safe_end", [SafeEnd.LOW, SafeEnd.HIGH])
@pytest.mark.parametrize("cases", [PAIRS, TRIPLES], ids=["pairs", "triples"])
def test_the_lowest_number_wins_bounds_hold_and_order_is_irrelevant(cases, safe_end):
    for case in cases:
        claims = said(case)
        decided = [rig_of(safe_end).tick(*order)[P] for order in permutations(claims)]
        value, strongest = spec(claims, safe_end)
        assert decided[0].value == value, case
        assert (decided[0].winner.priority if decided[0].winner else 17) == strongest, case
        assert all(one == decided[0] for one in decided), case


@pytest.mark.parametrize("safe_end", [SafeEnd.LOW, SafeEnd.HIGH])
def test_an_interlock_is_final_for_everybody_but_life_safety(safe_end):
    for case in PAIRS:
        claims = said(case)
        value = rig_of(safe_end, tripped=True).tick(*claims)[P].value
        if min(one.priority for one in claims) > 2:
            assert value == LOCKED, case


@pytest.mark.parametrize("on_loss", list(OnLoss))
def test_whoever_falls_silent_no_limit_is_relaxed(on_loss):
    """Both, the first or the second say nothing more, until long after everything has run out."""
    for case in PAIRS:
        claims = said(case)
        for silent in (set(), {"a"}, {"b"}):
            rig = rig_of(SafeEnd.LOW, on_loss)
            rig.tick(*claims)
            speaking = [one for one in claims if one.source in silent]
            for wait in (2.0, 60.0):
                decision = rig.tick(*speaking, after=wait)[P]
                if decision.value is not None:
                    weakest = decision.winner.priority if decision.winner else 17
                    allowed = left_open(claims, weakest, SafeEnd.LOW)
                    assert min(allowed) <= decision.value <= max(allowed), (case, silent, wait)
