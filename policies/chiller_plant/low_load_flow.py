"""How much water goes through the tank: by the power that machines can spare, or by the pressure while the tank is alone."""

from __future__ import annotations

from dataclasses import replace

from agent.calc.cooling import WATER
from policies.chiller_plant.low_load_rule import spare
from policies.chiller_plant.low_load_state import LowLoadPicture, LowLoadState, Turn
from policies.chiller_plant.tank_wishes import LEAST

FASTER = 10.0  # % a minute
START = 30.0  # % where the design flow is not known
COLD_ENOUGH = 1.5  # K above the stored water's set-point: before, warm water would be stored
LEAST_SPREAD = 2.0  # K between what goes in and what comes out
PRESSURE_UP, PRESSURE_DOWN = 2.0, 0.5  # kPa a minute
GAIN = 20.0  # % of flow for a pressure that is all missing, each minute
SHUTS = 120.0  # s without pressure in which a bypass shuts
WAITS = 480.0  # s that the tank waits for it at most


def flowing(picture: LowLoadPicture, state: LowLoadState) -> LowLoadState:
    """One step of flow and pressure."""
    match state.turn:
        case Turn.FILL:
            return replace(state, flow=_filled(picture, state), pressure=0.0)
        case Turn.REST | Turn.CALL if picture.asked:
            return _given(picture, state)
        case _:
            return replace(state, flow=0.0, pressure=0.0)


def _filled(picture: LowLoadPicture, state: LowLoadState) -> float:
    rule, sight = picture.rule, picture.sight
    supply = picture.water("chilled_water_supply_temp")
    if supply is None or supply > rule.charge_setpoint + COLD_ENOUGH:
        if state.flow <= 0.0 or supply is None:
            return 0.0
        return max(state.flow - FASTER * picture.seconds / 60.0, LEAST)  # machines cannot hold it
    top = rule.warm if sight.top is None else sight.top
    spread = max(top - supply, LEAST_SPREAD)
    return _towards(picture, state, spare(picture, state) / (WATER * spread))


def _towards(picture: LowLoadPicture, state: LowLoadState, wanted: float) -> float:
    """% for so many l/s, by the meter; the first step by the design flow."""
    rated, most = picture.tank.nameplate.get("rated_flow"), FASTER * picture.seconds / 60.0
    own = abs(picture.sight.flow or 0.0)
    if state.flow <= 0.0:
        return START if rated is None else min(max(0.5 * 100.0 * wanted / rated, LEAST), 100.0)
    scale = rated or (100.0 * own / state.flow if own > 0.5 else max(wanted, 1.0))
    by = min(max(100.0 * (wanted - own) / max(scale, 1.0), -most), most)
    return min(max(state.flow + by, LEAST), 100.0)


def _given(picture: LowLoadPicture, state: LowLoadState) -> LowLoadState:
    rule, minutes = picture.rule, picture.seconds / 60.0
    seen, asked = picture.water("differential_pressure"), picture.water("requests")
    if state.flow <= 0.0 and state.turn is Turn.REST and state.still < SHUTS and state.since < WAITS:
        return state  # a bypass of its own shuts only when nothing presses
    if state.flow <= 0.0:
        wanted = (state.load or 0.0) / (WATER * max(picture.back - picture.cold, LEAST_SPREAD))
        rated = picture.tank.nameplate.get("rated_flow")
        flow = START if rated is None else 100.0 * wanted / rated
        return replace(state, flow=min(max(flow, LEAST), 100.0), pressure=rule.pressure_min)
    if seen is None:
        wanted = (state.load or 0.0) / (WATER * max(picture.back - picture.cold, LEAST_SPREAD))
        return replace(state, flow=_towards(picture, state, wanted))
    if asked is None:
        held = rule.pressure_max
    else:
        held = state.pressure + (PRESSURE_UP if asked > 0.0 else -PRESSURE_DOWN) * minutes
    held = min(max(held, rule.pressure_min), rule.pressure_max)
    by = min(max(GAIN * (held - seen) / held, -GAIN), GAIN) * min(minutes, 1.0)
    return replace(state, pressure=held, flow=min(max(state.flow + by, LEAST), 100.0))
