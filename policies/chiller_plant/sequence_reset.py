"""5.20.5 in a tick: trim and respond, and what may hold its set-points back: lift, water that lags, pumps and machines at their end."""

from __future__ import annotations

from math import inf

from agent.core.frozen import replace
from policies.chiller_plant.chilled_water_reset import (
    WANTING,
    helped,
    liftable,
    reset_step,
    setpoints,
    thrifty,
    warmest_supply,
)
from policies.chiller_plant.economiser_alone import alone_supply
from policies.chiller_plant.sequence_staging import in_force, settled
from policies.chiller_plant.sequence_state import Picture, SequenceDraft, lowest_lift

RISE = 0.3  # K/min
BEHIND = 1.0  # K that the water may be colder than its set-point while that still rises
STEP = 0.06  # K
AT_FULL = 0.99  # of the pumps' loop
AT_END = 95.0  # % of load


def reset_wanted(picture: Picture, state: SequenceDraft) -> None:
    """5.20.5 for this tick."""
    rule = picture.rule
    state.reset = reset_step(
        rule,
        state.reset,
        picture.seconds,
        requests=state.requests.reset,
        running=any(one.opening > 0.0 for one in state.water.values()) or state.economiser.on,
        frozen=not settled(state),
    )
    warmest = warmest_supply(rule, picture.water.dew_point)
    supply = picture.water.supply
    above = None if supply is None else supply - warmest
    state.reset = thrifty(state.reset, picture.seconds, above, at_end=_at_end(picture))
    state.reset = helped(state.reset, picture.seconds, weak=_weak(picture, state), at_end=_at_end(picture))
    wanted = setpoints(rule, state.reset.value, warmest)
    coldest = max(min(wanted.supply - state.reset.colder, _liftable(picture, state)), rule.supply_min)
    wanted = replace(
        wanted,
        pressure=wanted.pressure * state.reset.thrift,
        supply=min(wanted.supply, coldest),
    )
    if state.on:
        wanted = replace(wanted, supply=_bumpless(picture, state, wanted.supply))
    if picture.layout.free and state.economiser.on and not state.on:
        wanted = replace(wanted, supply=alone_supply(rule, state.economiser.loop.output))
    state.setpoints = wanted


def _at_end(picture: Picture) -> bool:
    """Every machine there is runs with all it has."""
    loads = picture.loads()
    ready = [id_ for id_ in picture.layout.machines if picture.logs[id_].available]
    return bool(ready) and all(loads.get(id_, 0.0) >= AT_END for id_ in ready)


def _weak(picture: Picture, state: SequenceDraft) -> bool:
    """Pumps at full speed do not hold the pressure that was wanted in the last tick."""
    seen, pumping = picture.water.pressure, state.secondary if picture.layout.secondary.all else state.chilled
    if seen is None or not pumping.on or state.change.active:
        return False
    if state.reset.thrift < 1.0 or state.economiser.on:  # there is no colder water
        return False
    return pumping.loop.output >= AT_FULL and seen < WANTING * state.setpoints.pressure


def _liftable(picture: Picture, state: SequenceDraft) -> float:
    """DegC of supply above which a machine that runs would lose its lift; an economiser's water is another matter."""
    if state.economiser.on:
        return inf
    each = []
    for id_, loop in state.head.items():
        machine = picture.layout.machines[id_].equipment
        own = picture.snapshot.number_of(machine, "condenser_leaving_temp")
        leaving = picture.water.condenser_return if own is None else own
        if leaving is not None and picture.seen[id_].running:
            each.append(liftable(leaving, lowest_lift(picture, id_), loop.output))
    return min(each, default=inf)


def _bumpless(picture: Picture, state: SequenceDraft, wanted: float) -> float:
    """Own addition: warmer than what is in force only slowly, whoever wanted that. Coils need time to open."""
    now, seen, own = in_force(picture, state, wanted), picture.water.supply, state.setpoints.supply
    if abs(own - now) < STEP:  # written in tenths: a rise of less must not be lost at every tick
        now = own
    if seen is not None and seen < now - BEHIND:
        return min(wanted, now)  # the machines have unloaded already: a warmer word only stops them
    risen = now + RISE / 60.0 * picture.seconds
    return min(wanted, max(risen, picture.rule.supply_min))
