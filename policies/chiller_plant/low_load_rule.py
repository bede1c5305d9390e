"""Whose turn it is: the machines', with the tank to be filled, or the tank's alone."""

from __future__ import annotations

from dataclasses import replace

from agent.calc.timers import held
from policies.chiller_plant.low_load_state import LowLoadPicture, LowLoadState, Turn

COLD_TOP = 3.0  # K above the stored water at the top: full
AGAIN = 0.05  # of the tank: so much room before full is over
SLACK = 1.3  # times the load at which machines may rest, at which they come back
WITHIN = 0.9  # of what the tank can give that it is trusted with
COMES = 600.0  # s that a machine needs to come
COME = 240.0  # s that it must have run before the tank stops
HELPLESS = 600.0  # s for which the tank may be too weak
SETTLES = 900.0  # s after the change in which warm water is still that of the pipes
ASK = 3.0  # requests that are too many
BEFORE = 900.0  # s for which the plant has been off
STILL = 3.0  # kPa: no pump runs
LITTLE = 0.15  # of a machine: less to spare is not worth colder water for


def followed(picture: LowLoadPicture, state: LowLoadState) -> LowLoadState:
    """Timers and latches of this tick."""
    rule, sight, load = picture.rule, picture.sight, state.load or 0.0
    full = sight.level >= rule.fullest / 100.0 or (
        sight.top is not None and sight.top < rule.charge_setpoint + COLD_TOP and sight.level > 0.5
    )
    full = full or (state.full and sight.level > rule.fullest / 100.0 - AGAIN)
    low = load < limit(picture) and load < WITHIN * picture.most
    alone = state.turn is Turn.REST
    return replace(
        state,
        full=full,
        filling=state.filling and not full,
        low=held(state.low, low and picture.asked, picture.seconds),
        worked=held(state.worked, bool(picture.running), picture.seconds),
        hot=held(state.hot, alone and _weak(picture, state), picture.seconds),
        still=held(state.still, _still(picture), picture.seconds),
    )


def limit(picture: LowLoadPicture) -> float:
    """KW below which the tank may carry everything."""
    smallest = min(one.capacity for one in picture.layout.machines.values())
    return picture.rule.rest_below / 100.0 * smallest


def judged(picture: LowLoadPicture, state: LowLoadState) -> LowLoadState:
    """The turn of this tick, and why."""
    match state.turn:
        case Turn.REST:
            return _resting(picture, state)
        case Turn.CALL:
            return _calling(picture, state)
        case _:
            return _working(picture, state)


def spare(picture: LowLoadPicture, state: LowLoadState) -> float:
    """KW that the machine that runs may make for the tank. Two are loaded well without it, and all their water would have to be colder."""
    running = picture.running
    if len(running) != 1:
        return 0.0
    more = picture.rule.fill_up_to / 100.0 * running[0].capacity - (state.load or 0.0)
    enough = (LITTLE / 2.0 if state.turn is Turn.FILL else LITTLE) * running[0].capacity
    return more if more >= enough else 0.0


def _working(picture: LowLoadPicture, state: LowLoadState) -> LowLoadState:
    rule, load = picture.rule, state.load or 0.0
    if not picture.running:
        return _standing(picture, state)
    lasts = 3600.0 * picture.usable / max(load, 1.0)
    ready = state.low >= rule.rest_delay and state.worked >= rule.work_least
    if ready and not state.filling and lasts >= rule.rest_least:
        why = f"{load:.0f} kW are little for a machine: the tank carries them for {lasts / 3600.0:.1f} h"
        return _entered(state, Turn.REST, why)
    more = spare(picture, state)
    if state.full or more <= 0.0:
        why = "the tank is full" if state.full else f"machines have nothing to spare at {load:.0f} kW"
        return _entered(state, Turn.IDLE, why)
    return _entered(state, Turn.FILL, f"running machines may make {more:.0f} kW more: into the tank")


def _standing(picture: LowLoadPicture, state: LowLoadState) -> LowLoadState:
    """A plant that is off: where few ask, the tank begins."""
    told, rule = picture.water("plant_requests"), picture.rule
    few = told is not None and 0.0 < told <= rule.begin_requests
    lasts = 3600.0 * picture.usable / max(limit(picture), 1.0)
    if few and state.still >= BEFORE and lasts >= rule.rest_least:
        return _entered(state, Turn.REST, f"{told:g} of the consumers ask: the tank begins alone")
    return _entered(state, Turn.IDLE, "no machine runs")


def _resting(picture: LowLoadPicture, state: LowLoadState) -> LowLoadState:
    load = state.load or 0.0
    if not picture.asked:
        return _entered(state, Turn.IDLE, "nobody asks for cold water")
    if picture.usable <= load * COMES / 3600.0:
        return _entered(replace(state, filling=True), Turn.CALL, "the tank is nearly empty")
    if load > SLACK * limit(picture):
        return _entered(state, Turn.CALL, f"{load:.0f} kW are too much for the tank alone")
    if state.hot >= HELPLESS:
        return _entered(state, Turn.CALL, "the tank alone is too weak")
    return state


def _calling(picture: LowLoadPicture, state: LowLoadState) -> LowLoadState:
    if not picture.asked:
        return _entered(state, Turn.IDLE, "nobody asks for cold water")
    if state.worked >= COME:
        return _working(picture, state)
    return state


def _still(picture: LowLoadPicture) -> bool:
    """No machine runs, and nothing presses any more where that is seen."""
    pressure = picture.water("differential_pressure")
    return not picture.running and (pressure is None or pressure < STILL)


def _weak(picture: LowLoadPicture, state: LowLoadState) -> bool:
    """Supply too warm, or coils that want more than full flow."""
    supply, asked = picture.water("chilled_water_supply_temp"), picture.water("requests")
    warm = supply is not None and supply > picture.rule.supply_warm and state.since > SETTLES
    return warm or (asked is not None and asked >= ASK and state.flow >= 99.0)


def _entered(state: LowLoadState, turn: Turn, why: str) -> LowLoadState:
    if turn is state.turn:
        return replace(state, why=why)
    alone = {state.turn, turn} == {Turn.REST, Turn.CALL}
    flow = state.flow if alone else 0.0  # water that turns round begins gently
    return replace(state, turn=turn, since=0.0, hot=0.0, flow=flow, why=why)
