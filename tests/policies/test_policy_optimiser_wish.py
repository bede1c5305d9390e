"""policies.chiller_plant.optimiser_wish: how the sequence goes by the wish, and when it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.chiller_plant.optimiser_wish import Wish, steered
from policies.chiller_plant.plant_layout import Compressor
from policies.chiller_plant.sequence import PlantSequence
from policies.chiller_plant.stage_rule import Situation, StageTimers
from policies.chiller_plant.stages import Stage

GROUPS = (("c1", "c2", "c3"),)
STAGES = tuple(Stage((n,), 1000.0 * n, 200.0 * n, Compressor.CONSTANT_SPEED) for n in range(4))
RULE = PlantSequence(name="seq")
AT = Situation(
    stages=STAGES, current=STAGES[2], available=True, required=1500.0, lift=15.0, warm=0.0, weak=0.0
)
OLD = StageTimers(counts=(2,), held=7200.0, reason="as before")


def to(number: int) -> Wish:
    return Wish(GROUPS[0][:number], "cheaper so")


@pytest.mark.parametrize(
    ("wish", "timers", "at", "stage"),
    [
        (to(1), OLD, AT, 1),
        (to(3), OLD, AT, 3),
        (to(2), OLD, AT, 2),
        (None, OLD, AT, 3),
        (Wish(("gone",)), OLD, AT, 3),  # none of its machines is known
        (to(1), replace(OLD, held=60.0), AT, 2),
        (to(1), replace(OLD, warm=7200.0), AT, 3),
        (to(1), replace(OLD, weak=7200.0), AT, 3),
        (to(1), OLD, replace(AT, available=False), 3),
        (to(1), OLD, replace(AT, current=STAGES[0]), 3),
    ],
    ids=[
        "down",
        "up",
        "stays",
        "no wish",
        "unknown",
        "too early",
        "warm",
        "weak",
        "machine lost",
        "plant begins",
    ],
)
def test_the_stage_that_is_gone_to(wish: Wish | None, timers: StageTimers, at: Situation, stage: int) -> None:
    found, reason = steered(wish, RULE, timers, at, GROUPS, (STAGES[3], "rule"))
    assert found.counts == (stage,)
    assert reason in ("rule", "cheaper so", "as before")


@pytest.mark.parametrize(("wish", "ruled", "stage"), [(2, 1, 2), (3, 2, 3), (1, 2, 2), (3, 1, 3)])
def test_a_failsafe_takes_no_machine_away_from_a_wish(wish: int, ruled: int, stage: int) -> None:
    """Water that is stored stands a little over its set-point for hours: the rule would stage down under it."""
    late = replace(OLD, warm=7200.0)
    found, _ = steered(to(wish), RULE, late, AT, GROUPS, (STAGES[ruled], "rule"))
    assert found.counts == (stage,)


def test_coils_that_have_shut_are_no_time_for_opinions_but_for_somebody_who_knows_what_comes() -> None:
    """A tank that is to be charged calls its machines before there is anything to make."""
    gone = replace(OLD, held=60.0, deserted=180.0)
    at = replace(AT, current=STAGES[3], present=100.0)
    shut = (STAGES[1], "the coils have shut")
    assert steered(to(3), RULE, gone, at, GROUPS, shut) == shut
    found, _ = steered(replace(to(3), strong=True), RULE, gone, at, GROUPS, shut)
    assert found.counts == (3,)
