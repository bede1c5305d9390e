"""The shedding rule itself: timers, then at most one start or stop in a tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agent.calc.timers import held
from policies.chiller_plant.shedding_picture import Picture, Rule, SheddingState, share_of
from policies.chiller_plant.shedding_words import why_shed, why_started
from policies.chiller_plant.staging import Choice, choose_start
from policies.chiller_plant.unit_stance import Stance, UnitState, enter, follow


def followed(picture: Picture, state: SheddingState, seconds: float, proof_within: float) -> SheddingState:
    """Each machine's stance after what the plant itself has done."""
    units = {
        id_: follow(unit, state.units.get(id_), seconds, proof_within) for id_, unit in picture.units.items()
    }
    proven = any(
        one.stance is Stance.ON and id_ in state.units and state.units[id_].stance is Stance.STARTING
        for id_, one in units.items()
    )
    return replace(
        state,
        units=units,
        since_change=0.0 if proven else state.since_change + seconds,
        since_start=0.0 if proven else state.since_start + seconds,
    )


def timed(rule: Rule, picture: Picture, state: SheddingState, seconds: float) -> SheddingState:
    """The timers of the rule's conditions."""
    low = high = lost = False
    if not picture.fault and picture.load is not None:
        running = picture.running(state.units, rule.start_time)
        share = share_of(picture.load, running)
        limit = rule.shed_below + (rule.hysteresis if state.below > 0.0 else 0.0)
        could = tuple(replace(one, rested=True) for one in running)
        low = share < limit and not rule.at_risk(picture) and rule.stop(could, picture.load) is not None
        expected = picture.expected(rule.start_time)
        high = share_of(expected, running, rule.spare) > rule.restart_above
        lost = state.since_change >= rule.settle and bool(rule.losing(picture))
    return replace(
        state,
        below=held(state.below, low and not _starting(state), seconds),
        above=held(state.above, high, seconds),
        lost=held(state.lost, lost, seconds),
        fault=held(state.fault, bool(picture.fault), seconds),
    )


def staged(rule: Rule, picture: Picture, state: SheddingState, bars: Mapping[str, str]) -> SheddingState:
    """The state after at most one start or stop. `bars` says which machines may not be started, and why."""
    if picture.fault or picture.load is None:
        due = state.fault >= rule.fault_delay and state.since_start >= rule.start_spacing
        reason = f"{picture.fault}: all available machines run"
        return _start(rule, picture, state, bars, reason) if due else state
    reason = _start_reason(rule, picture, state)
    if reason:
        return _start(rule, picture, state, bars, reason)
    return _shed(rule, picture, state)


def _start_reason(rule: Rule, picture: Picture, state: SheddingState) -> str:
    """Why one more machine is due now; empty when none is."""
    if _starting(state):
        return ""
    on = [id_ for id_, one in state.units.items() if one.stance is Stance.ON]
    if len(on) < rule.minimum:
        return f"{len(on)} of at least {rule.minimum} machines left"
    if state.above >= rule.restart_delay and state.since_start >= rule.settle:
        return why_started(rule, picture, state)
    if state.lost >= rule.restart_delay:
        return rule.losing(picture)
    return ""


def _start(
    rule: Rule, picture: Picture, state: SheddingState, bars: Mapping[str, str], reason: str
) -> SheddingState:
    """One machine more, the one that fits the load best. A plant that is off altogether is not ours to start."""
    if all(one.stance is Stance.LEFT for one in state.units.values()):
        return state
    idle = [
        Choice(id=id_, capacity=unit.capacity or 0.0, rested=_rested(picture, state, id_))
        for id_, unit in picture.units.items()
        if state.units[id_].stance in (Stance.SHED, Stance.LEFT)
        and not bars[id_]
        and _ours(picture, state, id_)
    ]
    running = [one.capacity for one in picture.running(state.units, rule.start_time)]
    load = float("inf") if picture.fault or picture.load is None else picture.load
    chosen = choose_start(idle, running, load, limit=rule.remaining, spare=rule.spare)
    if chosen is None:
        return state
    managed = picture.units[chosen.id].managed
    if managed:
        return _changed(state, chosen.id, Stance.LEFT, f"no longer shed ({reason}): left to {managed}")
    return replace(_changed(state, chosen.id, Stance.STARTING, f"started: {reason}"), since_start=0.0)


def _shed(rule: Rule, picture: Picture, state: SheddingState) -> SheddingState:
    load = picture.load
    running = picture.running(state.units, rule.start_time)
    if load is None or state.below < rule.dwell:
        return state
    if share_of(load, running) >= rule.shed_below:
        return state
    chosen = rule.stop(running, load)
    if chosen is None:
        return state
    words = why_shed(chosen, running, load, rule.dwell)
    return replace(_changed(state, chosen.id, Stance.SHED, words), below=0.0)


def _ours(picture: Picture, state: SheddingState, id_: str) -> bool:
    """Whether starting it is our business: what we shed always; what stands for other reasons, if nobody else decides."""
    unit = picture.units[id_]
    if state.units[id_].stance is Stance.SHED:
        return True
    return not unit.managed and not unit.running


def _rested(picture: Picture, state: SheddingState, id_: str) -> bool:
    unit = picture.units[id_]
    return unit.running is True or state.units[id_].stopped >= unit.minimum_off


def _starting(state: SheddingState) -> bool:
    return any(one.stance is Stance.STARTING for one in state.units.values())


def _changed(state: SheddingState, id_: str, stance: Stance, reason: str) -> SheddingState:
    units: dict[str, UnitState] = dict(state.units)
    units[id_] = enter(units[id_], stance, reason)
    return replace(state, units=units, since_change=0.0, above=0.0, lost=0.0)
