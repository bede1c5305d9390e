"""5.20.5.2 Chilled-water plant reset: trim and respond on one variable 0..1, mapped to pressure and temperature.

From 1 down to 0.5 the supply temperature rises to its maximum, from 0.5 down to 0 the pump pressure falls to its minimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from agent.core.frozen import quick, replace
from policies.chiller_plant.pi_loop import clipped, mapped

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence


THRIFT = 0.03 / 60.0  # of the pressure each second
LEAST_THRIFT = 0.2
WARM, TOO_WARM = -0.7, 0.0  # K
COLDER = 0.1 / 60.0  # K each second
WANTING = 0.9  # of the pressure: less is too little
LOOSE = 6.0  # K of lift to spare while head-pressure control has nothing to do


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """`value` 0..1; `running`: s since the plant's pumps run; `since`: s since the last step."""

    value: float = 1.0
    running: float = 0.0
    since: float = 0.0
    thrift: float = 1.0  # share of the pressure that is left to machines at their end
    colder: float = 0.0  # K that pumps at their end ask for


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Setpoints:
    """Supply temperature (degC) and differential pressure (kPa) wanted now."""

    supply: float
    pressure: float


def reset_step(
    rule: PlantSequence, before: Reset, seconds: float, *, requests: float | None, running: bool, frozen: bool
) -> Reset:
    """5.20.5.2.a-c: trim and respond. Frozen while staging; back at its initial value when the plant stops.

    Without anybody who could ask it stays where it is: nothing would ever answer a trim.
    """
    if not running:
        return Reset(value=rule.reset_initial)
    now = replace(before, running=before.running + seconds, since=before.since + seconds)
    if frozen:
        return replace(now, since=0.0)
    if requests is None or now.running < rule.reset_delay:
        return replace(now, since=0.0) if now.running < rule.reset_delay else now
    steps = floor((now.since + 1e-6) / rule.reset_step)
    if steps < 1:
        return now
    above = requests - rule.reset_ignored
    change = rule.reset_trim + (
        min(rule.reset_respond * above, rule.reset_respond_max) if above > 0.0 else 0.0
    )
    value = clipped(now.value + steps * change, 0.0, 1.0)
    return replace(now, value=value, since=now.since - steps * rule.reset_step)


def thrifty(before: Reset, seconds: float, above: float | None, *, at_end: bool) -> Reset:
    """Own addition. `above`: K of supply over the warmest that is wanted; `at_end`: no machine can give more.

    More water than machines can cool comes out of them warmer, and cools the coils no better: pumps only take of the cold.
    """
    step = THRIFT * seconds
    if at_end and above is not None and above > TOO_WARM:
        return replace(before, thrift=max(before.thrift - step, LEAST_THRIFT))
    if at_end and (above is None or above > WARM):
        return before
    return replace(before, thrift=min(before.thrift + step, 1.0))


def helped(before: Reset, seconds: float, *, weak: bool, at_end: bool) -> Reset:
    """Own addition. `weak`: pumps at full speed do not hold the pressure. Colder water carries more, and no machine has to come for its pump.

    `at_end`: no machine can make colder water.
    """
    if weak and at_end:
        return before
    change = COLDER if weak else -0.5 * COLDER
    return replace(before, colder=max(before.colder + change * seconds, 0.0))


def liftable(leaving: float, lowest: float, head: float) -> float:
    """Own addition: the warmest supply (degC) that leaves a machine its lift once fans and condenser water can do no more for it.

    `leaving`: condenser water, degC; `head`: 0..1 of its head-pressure loop, which slows the fans up to one half.
    """
    return leaving - lowest + mapped(head, (0.0, LOOSE), (0.5, 0.0))


def setpoints(rule: PlantSequence, value: float, warmest: float) -> Setpoints:
    """5.20.5.2.d, the two-segment map. `warmest`: the warmest supply that is allowed today, degC."""
    top = max(min(rule.supply_max, warmest), rule.supply_min)
    return Setpoints(
        supply=mapped(value, (0.5, top), (1.0, rule.supply_min)),
        pressure=mapped(value, (0.0, rule.pressure_min), (0.5, rule.pressure_max)),
    )


def warmest_supply(rule: PlantSequence, dew_point: float | None) -> float:
    """Own addition: coils have to dry the air when it is damp outside; the guideline leaves this to the requests."""
    damp = dew_point is not None and dew_point > rule.humid_dew_point
    return rule.humid_supply_max if damp else rule.supply_max
