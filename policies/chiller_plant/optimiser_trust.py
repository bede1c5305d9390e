"""Whether the curves may be acted on: they must know the machines, and agree with the meters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp

from agent.calc.timers import held, smoothed
from policies.chiller_plant.curve_fit import Correction
from policies.chiller_plant.machine_curve import SUPPLY, MachineCurve
from policies.chiller_plant.optimiser_curves import PlantCurves
from policies.chiller_plant.optimiser_problem import FULLEST
from policies.chiller_plant.optimiser_sight import MachineSight, Sight
from policies.chiller_plant.optimiser_state import OptimiserState
from policies.chiller_plant.plant_layout import Layout

LAG = 900.0  # s over which meter and curve are compared
SETTLED = 900.0  # s after its start before a machine's meter says anything
TELLING = 0.15  # of capacity: below it load and curve are both too uncertain to be held against a meter
HOLDS, FAILS = 0.3, 0.8  # K above its set-point: a machine that holds its supply, and one that cannot
MOST_REACH = 1.12  # of the capacity that is computed from the nameplate
FORGET = 259_200.0  # s in which what a machine has shown goes back to what is usual
FULL = 0.8  # of its nameplate: a machine that carries so much and fails is at its end
EASE = 0.1 / 60.0  # K/s
SHOWN = 300.0  # s over which it is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """The limits: shares of one and seconds."""

    error: float  # CV-RMSE of a curve
    disagreement: float  # meter against curve
    patience: float
    memory: float  # of the corrections
    correction: float  # at most


def unknown(curves: PlantCurves, running: tuple[str, ...], doubt: Doubt) -> str:
    """Why these curves are no base for a decision; empty when they are."""
    for id_ in running:
        curve = curves.machines.get(id_)
        if curve is None or not curve.samples:
            return f"the curve of {id_} is not learned yet"
        if curve.error is None or curve.error > doubt.error:
            return f"the curve of {id_} misses its readings by {100.0 * (curve.error or 0.0):.0f} %"
    return ""


def usable(curve: MachineCurve | None, doubt: Doubt) -> bool:
    """May be wished for."""
    return curve is not None and curve.samples > 0 and curve.error is not None and curve.error <= doubt.error


def expected(curve: MachineCurve, one: MachineSight, design_flow: float) -> float | None:
    """What the curve says this machine draws now, kW."""
    if one.load is None or one.supply is None or one.entering is None or one.load <= 0.0:
        return None
    flow = one.flow if one.flow is not None and one.flow > 0.2 * design_flow else design_flow
    return curve.draws(one.load, one.supply - SUPPLY, curve.condenser(one.entering, one.load, flow))


def eased(before: float, sight: Sight, capacities: Mapping[str, float], seconds: float) -> float:
    """K: machines that all fall short of their set-point are asked for water they can give; at once less when they can again.

    Colder water than a machine can give takes capacity from it, and cools nobody.
    """
    each = [
        (one.supply, one.supply - one.setpoint >= FAILS and (one.load or 0.0) >= FULL * capacities[id_])
        for id_, one in sight.machines.items()
        if one.supply is not None and one.setpoint is not None
    ]
    if not each or sight.warmest is None:
        return 0.0
    strained = all(fails for _, fails in each)
    most = max(min(supply for supply, _ in each) - HOLDS - sight.warmest, 0.0)
    return min(max(before + (EASE if strained else -EASE / 2.0) * seconds, 0.0), most)


def within_reach(curve: MachineCurve, one: MachineSight, design_flow: float) -> float | None:
    """What the curve says this machine can carry now, kW."""
    if one.load is None or one.supply is None or one.entering is None:
        return None
    y = curve.condenser(one.entering, one.load, one.flow or design_flow)
    return curve.available(one.supply - SUPPLY, y)


def shown(reach: float, one: MachineSight, available: float, seconds: float) -> float:
    """What share of its computed capacity a machine may be trusted with: more after it has carried more and held its supply.

    A supply that is not held says less: water that is pulled down, a start, a demand limit. The sequence's failsafes answer that.
    """
    usual = FULLEST + (reach - FULLEST) * exp(-seconds / FORGET)
    if one.load is None or one.supply is None or one.setpoint is None or one.load <= 0.0:
        return usual
    share, above = one.load / available, one.supply - one.setpoint
    if above <= HOLDS and share > usual:
        return smoothed(usual, min(share, MOST_REACH), seconds, SHOWN)
    return usual


def compared(
    curves: PlantCurves, layout: Layout, sight: Sight, state: OptimiserState, seconds: float, doubt: Doubt
) -> OptimiserState:
    """Corrections, reach and trust after this tick's meters."""
    corrections: dict[str, Correction] = dict(state.corrections)
    reach: dict[str, float] = dict(state.reach)
    measured = told = 0.0
    for id_, one in sight.machines.items():
        curve = curves.machines.get(id_)
        if curve is None or state.memory[id_].running < SETTLED:
            continue
        flow = layout.machines[id_].condenser_flow
        should, available = expected(curve, one, flow), within_reach(curve, one, flow)
        if should is None or available is None or one.power is None or one.load is None:
            continue
        reach[id_] = shown(reach.get(id_, FULLEST), one, available, seconds)
        if one.load < TELLING * available:
            continue
        measured, told = measured + one.power, told + should
        corrections[id_] = corrections.get(id_, Correction()).after(
            one.power, should, seconds, memory=doubt.memory, most=doubt.correction
        )
    state = replace(state, corrections=corrections, reach=reach)
    return state if told <= 0.0 else _trusted(state, measured / told, seconds, doubt)


def _trusted(state: OptimiserState, ratio: float, seconds: float, doubt: Doubt) -> OptimiserState:
    """Trust is lost and won back slowly, and won back nearer than it was lost."""
    ratio = smoothed(state.ratio, ratio, seconds, LAG)
    limit = doubt.disagreement if state.trusted else doubt.disagreement / 2.0
    wrong = abs(ratio - 1.0) > limit
    doubted = held(state.doubted, wrong is state.trusted, seconds)
    turned = doubted >= doubt.patience
    return replace(
        state, ratio=ratio, doubted=0.0 if turned else doubted, trusted=state.trusted is not turned
    )


def disagreement(state: OptimiserState) -> str:
    """In words, while the model is not trusted."""
    ratio = state.ratio or 1.0
    more = "more" if ratio > 1.0 else "less"
    return f"the meters show {100.0 * abs(ratio - 1.0):.0f} % {more} than the curves: left to the sequence's rules"


def corrections_of(state: OptimiserState) -> Mapping[str, float]:
    return {id_: one.ratio for id_, one in state.corrections.items()}
