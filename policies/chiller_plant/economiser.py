"""5.20.3 Waterside economiser: when the towers alone, or together with the machines, can cool the return water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.calc.timers import held
from agent.core.frozen import quick, replace
from policies.chiller_plant.pi_loop import WIDE_OPEN, Loop, clipped, controlled, launched

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence

TUNING = (-0.2, 0.5)  # 5.20.3.3: bounds of the tuning parameter
TUNING_STEP = 0.02
LONG_RUN, SHORT_RUN = 3600.0, 1800.0  # s it stayed on: the prediction was too shy, or too bold
INTEGRATED_HOLD = 600.0  # s at full speed when machines join the economiser
INTEGRATED_LOAD = 1.1  # of the minimum cycling load is left to the machines
FAN_OFF_TIME = 180.0  # s the fans of an economiser alone stay off


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Economiser:
    """On or off since `held` s; `useless`: s for which it cooled too little; the learned tuning; its fan loop."""

    on: bool = False
    held: float = 1e6
    useless: float = 0.0
    tuning: float = 0.0
    slowed: bool = False  # the tower fans fell below full speed while it was on
    with_machines: float = 0.0  # s since machines joined it
    loop: Loop = WIDE_OPEN
    turning: bool = True
    off: float = 0.0
    at_minimum: float = 0.0
    trying: float = 0.0  # s for which the machines are left nothing to do (see economiser_alone)
    proved: float = 0.0  # s of that for which nothing was left for them
    shy: float = 0.0  # s until that is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class EconomiserDesign:
    """Nameplate: approach of the exchanger (K), its design chilled flow (l/s)."""

    approach: float = 2.0
    flow: float = 0.0


def predicted(
    rule: PlantSequence, design: EconomiserDesign, wet_bulb: float, share: float, tuning: float
) -> float:
    """5.20.3.1-2 PHXLWT, degC: wet bulb + exchanger's approach at this part load + predicted tower approach.

    `share`: chilled flow over the exchanger's design flow.
    """
    tower = tuning * (rule.wet_bulb_design - wet_bulb) + rule.tower_approach_design
    return wet_bulb + design.approach * min(share, 1.0) + tower


def economiser_step(
    rule: PlantSequence,
    before: Economiser,
    seconds: float,
    *,
    wanted: bool,
    above: float | None,
    gain: float | None,
    fans_full: bool,
) -> Economiser:
    """5.20.3.1: on and off. `above`: return water over the predicted leaving one, K; `gain`: K it takes off now."""
    now = replace(
        before,
        held=before.held + seconds,
        useless=held(before.useless, before.on and gain is not None and gain < rule.economiser_off, seconds),
        slowed=before.on and (before.slowed or not fans_full),
    )
    if now.on:
        over = now.held >= rule.economiser_time and now.useless >= rule.economiser_off_delay
        return _off(now) if over or not wanted else now
    if not wanted or above is None or now.held < rule.economiser_time or above <= rule.economiser_on:
        return now
    return Economiser(on=True, held=0.0, tuning=now.tuning)


def _off(now: Economiser) -> Economiser:
    """5.20.3.3: a long run lowers the tuning, a short one at full fans raises it."""
    tuning = now.tuning
    if now.held > LONG_RUN:
        tuning -= TUNING_STEP
    elif now.held < SHORT_RUN and not now.slowed:
        tuning += TUNING_STEP
    return Economiser(on=False, held=0.0, tuning=clipped(tuning, *TUNING))


def integrated_fans(
    rule: PlantSequence, before: Economiser, seconds: float, load: float | None, minimum: float
) -> Economiser:
    """5.20.12.2.c.1: with machines, their load is held at 110 % of their minimum. `load`, `minimum` kW."""
    since = before.with_machines + seconds
    if since < INTEGRATED_HOLD or load is None or minimum <= 0.0:
        return replace(before, with_machines=since, loop=launched(1.0), turning=True, off=0.0)
    error = (load - INTEGRATED_LOAD * minimum) / minimum
    loop = controlled(before.loop, error, seconds, gain=rule.fan_gain, reset=rule.fan_reset)
    return replace(before, with_machines=since, loop=loop, turning=True, off=0.0)


def alone_fans(
    rule: PlantSequence, before: Economiser, seconds: float, above: float | None, weight: float = 1.0
) -> Economiser:
    """5.20.12.2.c.2: alone, the fans hold the supply at its set-point. `above`: K over it; `weight` of the loop's gain."""
    if above is None:
        return replace(before, with_machines=0.0)
    loop = controlled(before.loop, above, seconds, gain=weight * rule.fan_gain, reset=rule.fan_reset)
    least = loop.output <= 0.005
    now = replace(
        before,
        with_machines=0.0,
        loop=loop,
        at_minimum=held(before.at_minimum, least and before.turning, seconds),
        off=0.0 if before.turning else before.off + seconds,
    )
    if now.turning:
        return replace(now, turning=not (now.at_minimum >= rule.fan_minimum_time and above < 0.0))
    return replace(now, turning=now.off >= FAN_OFF_TIME and above > rule.fan_deadband, at_minimum=0.0)
