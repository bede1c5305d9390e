"""The reasons of the shedding rule, in the words and numbers of a facility engineer."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from policies.chiller_plant.load_profile import Outlook
from policies.chiller_plant.shedding_picture import Picture, Rule, SheddingState, share_of
from policies.chiller_plant.staging import Choice, secured
from policies.chiller_plant.unit_stance import Stance


def why_shed(chosen: Choice, running: tuple[Choice, ...], load: float, dwell: float) -> str:
    rest = tuple(one for one in running if one.id != chosen.id)
    return (
        f"shed: load {load:.0f} kW was {share_of(load, running):.0%} of what ran, low for {dwell / 60.0:g} min; "
        f"{', '.join(one.id for one in rest)} carries it at {share_of(load, rest):.0%}"
    )


def why_started(rule: Rule, picture: Picture, state: SheddingState) -> str:
    running = picture.running(state.units, rule.start_time)
    load = picture.load or 0.0
    spared = f" without {rule.spare} in reserve" if rule.spare else ""
    capacity = secured([one.capacity for one in running], rule.spare)
    limit = f"above {rule.restart_above:.0%} of the {capacity:.0f} kW running{spared}"
    if load > rule.restart_above * capacity or picture.outlook is None:
        return f"load {load:.0f} kW is {limit}"
    expected = picture.expected(rule.start_time)
    return f"load {load:.0f} kW, {_coming(picture.outlook, expected, rule.start_time)}, which is {limit}"


def _coming(outlook: Outlook, expected: float, ahead: float) -> str:
    return f"{expected:.0f} kW expected within {ceil(ahead / 60.0)} min ({outlook.source()})"


def why_on(rule: Rule, picture: Picture, state: SheddingState) -> str:
    """Why the machines that run are kept running."""
    if picture.fault or picture.load is None:
        return f"{picture.fault}: no shedding"
    running = picture.running(state.units, rule.start_time)
    load, share = picture.load, share_of(picture.load, running)
    if not running:
        return "no dependable machine runs: no shedding"
    capacity = secured([one.capacity for one in running], 0)
    now = f"load {load:.0f} kW ({picture.source}) is {share:.0%} of the {capacity:.0f} kW running"
    return f"{now}; {_why_not(rule, picture, state, running)}"


def _why_not(rule: Rule, picture: Picture, state: SheddingState, running: tuple[Choice, ...]) -> str:
    load = picture.load or 0.0
    if any(one.stance is Stance.STARTING for one in state.units.values()):
        return "one more is starting"
    if share_of(load, running) >= rule.shed_below + (rule.hysteresis if state.below > 0.0 else 0.0):
        return f"one goes below {rule.shed_below:.0%}"
    if len(running) <= rule.minimum:
        return f"at least {rule.minimum} stays"
    if risk := rule.at_risk(picture):
        return f"no shedding: {risk}"
    could = tuple(replace(one, rested=True) for one in running)
    redundant = rule.stop(tuple(replace(one, coming=0.0) for one in could), load)
    if redundant is None:
        smallest = min(running, key=lambda one: (one.capacity, one.id))
        rest = tuple(one for one in running if one is not smallest)
        return (
            f"without {smallest.id} the others would be at {share_of(load, rest, rule.spare):.0%} "
            f"(limit {rule.remaining:.0%})"
        )
    if picture.outlook is not None and rule.stop(could, load) is None:
        ahead = picture.units[redundant.id].minimum_off + rule.start_time
        return f"no shedding: {_coming(picture.outlook, picture.expected(ahead), ahead)}"
    return f"one goes when it has been below {rule.shed_below:.0%} for {rule.dwell / 60.0:g} min"
