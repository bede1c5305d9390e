"""How much water goes through the tank: by the power that is wanted, or by the pressure while the tank is alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.calc.cooling import WATER
from policies.chiller_plant.storage_state import Intent, Mode, StoragePicture, StorageState
from policies.chiller_plant.tank_wishes import LEAST

if TYPE_CHECKING:
    from policies.chiller_plant.storage import Storage

START = 40.0  # % where the design flow is not known
FASTEST = 6.0  # % a minute
HASTE = 25.0  # % a minute, where machines are short of flow or coils of pressure
SOFT = 1.0  # K of supply above the stored water's set-point before less is charged
LEAST_SPREAD = 2.0  # K between what goes in and what comes out
TRIMMED = 0.3
WEAK = 0.8  # of the least pressure
MANY = 2.0  # requests
PRESSURE_UP, PRESSURE_DOWN = 1.0, 0.3  # kPa a minute
SHUT = 1.5  # times the pressure held
KEPT = 1.3  # times the minimum flow that running machines keep


def flowing(picture: StoragePicture, state: StorageState, intent: Intent) -> StorageState:
    """One step of the flow, its trim and its pressure."""
    rule, sight, seconds = picture.rule, picture.sight, picture.seconds
    if intent.mode is Mode.IDLE:
        return replace(state, flow=0.0, trim=1.0, pressure=0.0)
    if intent.mode is Mode.CHARGE:
        state = _trimmed(rule, state, picture.water("chilled_water_supply_temp"), seconds)
        spread = (rule.warm if sight.top is None else sight.top) - rule.charge_setpoint
        wanted = state.trim * -intent.tank / (WATER * max(spread, LEAST_SPREAD))
        return replace(
            state, flow=_flow(picture, state, max(wanted, _for_comers(picture, intent))), pressure=0.0
        )
    before = state.flow
    pressure = picture.water("differential_pressure")
    if pressure is not None and (intent.alone or intent.bridges):
        state = _by_pressure(rule, picture.water("requests"), state, pressure, seconds)
    else:
        state = replace(state, flow=_by_power(picture, state, intent), pressure=0.0)
        if pressure is not None and pressure < WEAK * rule.pressure_min:  # coils that starve tell no load
            state = replace(state, flow=max(state.flow, min(before + FASTEST * seconds / 60.0, 100.0)))
    most = _room(picture, before)
    if most is None or state.flow <= most:
        return state
    least = max(most, min(before, state.flow) - HASTE * seconds / 60.0)
    return replace(state, flow=least if least >= LEAST else 0.0)


def _for_comers(picture: StoragePicture, intent: Intent) -> float:
    """l/s through the tank that leave running machines their flow while the next one comes in."""
    machines = picture.layout.machines
    running = [one.minimum_flow for id_, one in machines.items() if picture.runs(id_)]
    coming = [
        one.minimum_flow for id_, one in machines.items() if id_ in intent.names and not picture.runs(id_)
    ]
    if not running or len(running) >= len(intent.names):
        return 0.0
    return KEPT * (sum(running) + max(coming, default=0.0))


def _by_power(picture: StoragePicture, state: StorageState, intent: Intent) -> float:
    back, bottom = picture.water("chilled_water_return_temp"), picture.sight.bottom
    cold = picture.rule.charge_setpoint if bottom is None else bottom
    spread = (picture.rule.warm if back is None else back) - cold
    return _flow(picture, state, intent.tank / (WATER * max(spread, LEAST_SPREAD)))


def _room(picture: StoragePicture, flow: float) -> float | None:
    """% of the tank's flow that leaves machines on the water their minimum flow; None: there are none, or nothing tells."""
    snapshot = picture.snapshot
    least = sum(
        one.minimum_flow
        for id_, one in picture.layout.machines.items()
        if picture.runs(id_) or snapshot.decided(one.equipment, "enable") is True
    )
    total, own = picture.water("chilled_water_flow"), picture.sight.flow
    if least <= 0.0 or total is None or own is None:
        return None
    rated = picture.tank.nameplate.get("rated_flow")
    seen = max(-own, 0.0)
    if rated is None:
        rated = 100.0 * seen / flow if flow > LEAST and seen > 1.0 else total
    return max(100.0 * (total - KEPT * least) / max(rated, 1.0), 0.0)


def _trimmed(rule: Storage, state: StorageState, supply: float | None, seconds: float) -> StorageState:
    """Less is charged while the machines cannot hold the cold that is to be stored."""
    if supply is None or state.since < 600.0:
        return state
    step = 0.02 * seconds / 60.0
    above = supply - rule.charge_setpoint - SOFT
    change = -step * min(above, 2.0) if above > 0.0 else step
    return replace(state, trim=min(max(state.trim + change, TRIMMED), 1.0))


def _flow(picture: StoragePicture, state: StorageState, wanted: float) -> float:
    """%: by the design flow to begin with, then by the meter. `wanted` l/s."""
    rated, own, seconds = picture.tank.nameplate.get("rated_flow"), picture.sight.flow, picture.seconds
    aimed = START if rated is None else 100.0 * wanted / rated
    if state.flow <= 0.0:
        return LEAST if rated is None else min(max(0.1 * aimed, LEAST), 100.0)
    most = FASTEST * seconds / 60.0
    if own is None or (rated is not None and state.since < 120.0):
        return min(max(state.flow + min(max(aimed - state.flow, -most), most), LEAST), 100.0)
    miss = 100.0 * (wanted - abs(own)) / (rated or max(wanted, 1.0))
    by = min(max(0.5 * miss * min(seconds / 60.0, 1.0), -most), most)
    return min(max(state.flow + by, LEAST), 100.0)


def _by_pressure(
    rule: Storage, asked: float | None, state: StorageState, seen: float, seconds: float
) -> StorageState:
    """`asked`: requests of the coils, `seen` kPa."""
    minutes = seconds / 60.0
    held = state.pressure or 0.5 * (rule.pressure_min + rule.pressure_max)
    if asked is None:
        held = rule.pressure_max
    else:
        held += PRESSURE_UP * minutes if asked > MANY else -PRESSURE_DOWN * minutes
    held = min(max(held, rule.pressure_min), rule.pressure_max)
    if state.flow <= 0.0:
        return replace(state, pressure=held, flow=LEAST if seen < held else 0.0)
    most = HASTE if seen < 0.5 * held else 8.0
    by = min(max(15.0 * (held - seen) / held, -8.0), most) * min(minutes, 1.0)
    by = by * most / 8.0 if by > 0.0 else by
    flow = min(max(state.flow + by, LEAST), 100.0)
    if (
        flow <= LEAST and seen > SHUT * held
    ):  # coils that want nothing: even the least flow would press against shut valves
        flow = 0.0
    return replace(state, pressure=held, flow=flow)
