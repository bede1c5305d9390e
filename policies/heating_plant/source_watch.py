"""What each source has done of what it was told, and what its run teaches: proof, failures, lock-outs, performance, the ground's heat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.calc.timers import held
from policies.heating_plant.dispatch_state import SourceState
from policies.heating_plant.heat_pump_figures import learned, source_kind
from policies.heating_plant.sources import Source


def watched(
    states: Mapping[str, SourceState],
    sources: Sequence[Source],
    seconds: float,
    *,
    proof_within: float,
    retry_after: float,
    minimum_on: float,
) -> dict[str, SourceState]:
    """Each source's state after this look. One that is met running is taken to be wanted."""
    result = {}
    for one in sources:
        before = states.get(one.id)
        if before is None:
            before = SourceState(on=bool(one.running) and not one.barred, held=1e6)
        now = _followed(before, one, seconds, proof_within, retry_after)
        if now.on and one.locked and now.held >= max(minimum_on, one.equipment.guards.minimum_on):
            now = replace(now, on=False, held=0.0)
        result[one.id] = _taught(now, one, seconds)
    return result


def _followed(
    before: SourceState, one: Source, seconds: float, proof_within: float, retry_after: float
) -> SourceState:
    runs = before.on if one.running is None else one.running
    now = replace(
        before,
        held=before.held + seconds,
        running=held(before.running, runs, seconds),
        missing=held(before.missing, before.on and not runs, seconds),
        rest=max(before.rest - seconds, 0.0),
        locked=bool(one.locked),
    )
    if one.barred and now.on:
        return replace(now, on=False, held=0.0, missing=0.0)
    if now.missing >= proof_within:
        return replace(now, on=False, held=0.0, missing=0.0, rest=retry_after)
    return now


def _taught(now: SourceState, one: Source, seconds: float) -> SourceState:
    if one.equipment.kind != "heat_pump" or not one.running or one.heating is None or one.power is None:
        return now
    now = replace(now, learned=learned(now.learned, one.heating, one.power, one.rated, seconds))
    if source_kind(one.equipment) != "ground":
        return now
    return replace(now, drawn=now.drawn + max(one.heating - one.power, 0.0) * seconds / 3600.0)


def rested(sources: Sequence[Source], states: Mapping[str, SourceState]) -> tuple[Source, ...]:
    """Those that failed to run are barred until they have rested."""
    return tuple(
        replace(
            one, barred=f"did not run when it was wanted, tried again in {states[one.id].rest / 60.0:.0f} min"
        )
        if states[one.id].rest > 0.0 and not one.barred
        else one
        for one in sources
    )
