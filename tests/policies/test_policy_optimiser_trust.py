"""policies.chiller_plant.optimiser_trust: how far a machine and its curve are trusted."""

from __future__ import annotations

import pytest

from policies.chiller_plant.machine_curve import usual_curve
from policies.chiller_plant.optimiser_problem import FULLEST
from policies.chiller_plant.optimiser_sight import MachineSight, Sight
from policies.chiller_plant.optimiser_trust import MOST_REACH, eased, shown, within_reach
from policies.chiller_plant.plant_layout import Compressor

AVAILABLE = 1000.0
SIZES = {"c0": 1000.0, "c1": 1000.0}


def sight(load: float | None, above: float, setpoint: float | None = 7.0) -> MachineSight:
    supply = None if setpoint is None else setpoint + above
    return MachineSight(
        load=load, power=180.0, supply=supply, entering=30.0, flow=50.0, leaving=35.0, setpoint=setpoint
    )


def after(one: MachineSight, seconds: float = 3600.0, reach: float = FULLEST) -> float:
    for _ in range(int(seconds / 60.0)):
        reach = shown(reach, one, AVAILABLE, 60.0)
    return reach


@pytest.mark.parametrize(
    ("one", "reach"),
    [
        (sight(1040.0, 0.1), 1.04),  # carries more than was thought, and holds its supply
        (sight(1040.0, 0.5), FULLEST),  # more, but its supply rises
        (sight(860.0, 1.5), FULLEST),  # does not hold its supply at less: it may be pulling warm water down
        (sight(860.0, 0.0), FULLEST),  # not asked for more: says nothing
        (sight(1500.0, 0.0), MOST_REACH),
        (sight(None, 0.0), FULLEST),
        (sight(1040.0, 0.0, setpoint=None), FULLEST),
    ],
    ids=["more", "strained", "less", "idle", "beyond belief", "no load", "no set-point"],
)
def test_what_a_machine_has_shown(one: MachineSight, reach: float) -> None:
    assert after(one) == pytest.approx(reach, abs=0.005)


def test_what_was_shown_is_forgotten_in_days() -> None:
    reach = after(sight(1040.0, 0.1))
    later = after(sight(500.0, 0.0), 86_400.0, reach)
    assert FULLEST + 0.03 < later < reach
    assert after(sight(500.0, 0.0), 14 * 86_400.0, reach) == pytest.approx(FULLEST, abs=0.005)


def test_reach_goes_by_the_present_temperatures() -> None:
    curve = usual_curve(Compressor.CONSTANT_SPEED, AVAILABLE)
    cool, warm = within_reach(curve, sight(900.0, 0.0), 50.0), within_reach(curve, sight(900.0, 3.0), 50.0)
    assert cool is not None
    assert warm is not None
    assert warm > 1.05 * cool
    assert within_reach(curve, sight(None, 0.0), 50.0) is None


def watched(*machines: MachineSight, warmest: float | None = 7.0) -> Sight:
    return Sight(
        load=2000.0, fault="", wet_bulb=26.0, entering=30.0, running=tuple(f"c{at}" for at in range(len(machines))),
        seen={}, machines={f"c{at}": one for at, one in enumerate(machines)}, cells=2, warmest=warmest,
    )  # fmt: skip


def test_machines_at_their_end_are_asked_for_what_they_can_give() -> None:
    slow, well = sight(1000.0, 4.0), sight(1000.0, 0.0)
    found = 0.0
    for _ in range(20):
        found = eased(found, watched(slow, slow), SIZES, 60.0)
    assert found == pytest.approx(2.0)
    for _ in range(60):
        found = eased(found, watched(slow, slow), SIZES, 60.0)
    assert found == pytest.approx(4.0 - 0.3)  # never beyond what they give
    easier = eased(found, watched(well, sight(1000.0, 0.0, setpoint=10.0)), SIZES, 60.0)
    assert easier < found


def test_one_machine_that_holds_its_supply_or_no_word_from_the_sequence_eases_nothing() -> None:
    slow, well = sight(1000.0, 4.0), sight(1000.0, 0.0)
    assert eased(0.0, watched(slow, well), SIZES, 60.0) == 0.0
    assert eased(2.0, watched(slow, slow, warmest=None), SIZES, 60.0) == 0.0
    assert eased(2.0, watched(), SIZES, 60.0) == 0.0
    half = sight(500.0, 4.0)
    assert eased(0.0, watched(half, half), SIZES, 60.0) == 0.0  # it has more to give: water is pulled down
