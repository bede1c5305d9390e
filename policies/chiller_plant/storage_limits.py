"""The limits that nobody may pass: reserve, full and empty, the dearest hours, warm supply; and the way between tank and machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.calc.cooling import WATER
from agent.calc.tariff_lines import Prices
from policies.chiller_plant.storage_rule import WELL_LOADED, smallest_set
from policies.chiller_plant.storage_state import Intent, Mode, StoragePicture, StorageState

LITTLE = 20.0  # kW: a tank that moves less rests
AGAIN = 0.04  # of the tank: so much room or cold before full or empty is over
COLD_TOP = 2.0  # K above the stored water at the top: full
COOLER = 1.0  # K below `warmest` at the bottom before empty is over
SETTLES = 1800.0  # s after a change for which the machines are named
COMES = 720.0  # s that a machine needs to come
CALLED = 900.0  # s before the tank stops, machines are called
FITS = (
    0.3,
    1.15,
)  # load of the machines that were called, within which they stay: the tank takes the difference
FITS_LONG = (0.35, 1.1)  # the same when they have been called for long
FITS_ALONE = (0.5, 0.98)  # and while the tank rests
SPARE = 3600.0  # s of what the tank gives beyond its plan
HANDS_OVER = 3600.0  # s the tank goes on at most until all machines have come
CARRIES = 0.9  # of a machine's capacity, while others are still to come
MOST_WARM = 5.0  # K of supply beyond what it should be that count
SUPPLIED = 600.0  # s: as long supply may be warm at the begin


def asked(picture: StoragePicture, measured: float) -> float:
    """KW that the coils take, or would with supply water as cold as it should be (Guideline 36, 5.20.4.8)."""
    flow, supply = picture.water("chilled_water_flow"), picture.water("chilled_water_supply_temp")
    if flow is None or supply is None:
        return measured
    wanted = max(picture.rule.supply_high, *_setpoints(picture))
    return measured + max(flow, 0.0) * WATER * min(max(supply - wanted, 0.0), MOST_WARM)


def _setpoints(picture: StoragePicture) -> tuple[float, ...]:
    """DegC that are asked of the machines; nothing warmer than that is amiss."""
    found = [
        picture.snapshot.decided(one.equipment, "chilled_water_setpoint")
        for one in picture.layout.machines.values()
    ]
    return tuple(float(one) for one in found if isinstance(one, int | float)) or (0.0,)


def latched(picture: StoragePicture, state: StorageState) -> StorageState:
    """Full, empty, and the highest temperature of the day."""
    rule, sight = picture.rule, picture.sight
    level, least = sight.level, picture.least / sight.holds
    warm = sight.bottom is not None and sight.bottom > rule.warmest
    cold = sight.top is not None and sight.top < rule.charge_setpoint + COLD_TOP
    full = level >= rule.fullest / 100.0 or (cold and level > 0.5)
    empty = level <= least or (warm and level < 0.5)
    cooled = sight.bottom is None or sight.bottom < rule.warmest - COOLER
    return replace(
        _hottest(picture, state),
        full=full or (state.full and level > rule.fullest / 100.0 - AGAIN),
        empty=empty or (state.empty and not (level > least + AGAIN and cooled)),
    )


def _hottest(picture: StoragePicture, state: StorageState) -> StorageState:
    snapshot, weather = picture.snapshot, picture.layout.weather
    day = str(datetime.fromtimestamp(snapshot.utc, ZoneInfo(snapshot.model.place.timezone)).date())
    dry = None if weather is None else snapshot.number_of(weather, "outdoor_dry_bulb")
    if day != state.day:
        state = replace(state, day=day, before=state.hottest, hottest=None)
    if dry is None or (state.hottest is not None and dry <= state.hottest):
        return state
    return replace(state, hottest=dry)


def limited(picture: StoragePicture, state: StorageState, intent: Intent, prices: Prices) -> Intent:
    """What remains of an intent."""
    load = state.load or 0.0
    rest = replace(intent, mode=Mode.IDLE, tank=0.0, names=(), alone=False, machines=load)
    every = smallest_set(picture.layout, load)
    if intent.mode is Mode.CHARGE and (state.full or prices.highest(picture.snapshot.utc)):
        intent = replace(rest, reason="full" if state.full else "never charged at the highest price")
    elif intent.mode is Mode.DISCHARGE and state.empty:
        intent = replace(rest, reason="empty: what is left is the reserve and the thermocline")
    elif intent.alone and _warm(picture, state):
        why = "supply is warm: machines come to its help"
        intent = replace(intent, alone=False, names=every, reason=why)
    if intent.mode is Mode.DISCHARGE and _ends(picture, state, intent, every):
        why = "machines are called, it is nearly over"
        intent = replace(intent, alone=False, bridges=intent.alone, names=every, reason=why)
    changed = state.mode is not Mode.IDLE or state.since < SETTLES
    if intent.mode is Mode.IDLE and not intent.names and changed:
        intent = replace(intent, names=every)
    intent = _helped(picture, state, intent)
    intent = replace(intent, names=_fitting(picture, state, intent, every))
    return intent if intent.alone else _bridged(picture, state, intent)


def _bridged(picture: StoragePicture, state: StorageState, intent: Intent) -> Intent:
    """The tank carries what the machines that were called have not come to carry yet, and takes no more than they can spare."""
    running = [one for id_, one in picture.layout.machines.items() if picture.runs(id_)]
    spare = CARRIES * sum(one.capacity for one in running) - (state.load or 0.0)
    if intent.mode is Mode.CHARGE and spare >= -intent.tank:
        return intent
    coming = min(state.left_alone, state.named) <= HANDS_OVER and len(running) < len(intent.names)
    if -spare > max(intent.tank, LITTLE) and coming and not state.empty:
        why = intent.reason or "until the machines that are called have come"
        return replace(intent, mode=Mode.DISCHARGE, tank=-spare, bridges=not running, reason=why)
    if intent.mode is Mode.CHARGE:
        mode = Mode.CHARGE if spare > LITTLE else Mode.IDLE
        return replace(intent, mode=mode, tank=-max(spare, 0.0), reason="machines have nothing to spare yet")
    return intent


def _ends(picture: StoragePicture, state: StorageState, intent: Intent, every: tuple[str, ...]) -> bool:
    """Whether machines must be called now to be there when the tank stops; they come one after the other."""
    left = max(picture.sight.stored - picture.least, 0.0)
    gives = max(intent.tank, (state.load or 0.0) if intent.alone else 0.0, 1.0)
    if 3600.0 * left / gives < COMES * max(len(every) - picture.running, 0):
        return True
    return intent.alone and intent.source != "plan" and intent.until - picture.snapshot.utc < CALLED


def _helped(picture: StoragePicture, state: StorageState, intent: Intent) -> Intent:
    """What is too much for the machines of a plan the tank gives, as long as it has an hour of that to spare: no machine starts for it."""
    if intent.source != "plan" or intent.mode is Mode.CHARGE or not intent.names or state.empty:
        return intent
    capacity = sum(picture.layout.machines[one].capacity for one in intent.names)
    more = intent.machines - WELL_LOADED * capacity
    give = intent.tank + more
    most = picture.rule.discharge_most(picture.tank, state.warm)
    if more <= LITTLE or give > most or picture.sight.stored - picture.least < give * SPARE / 3600.0:
        return intent
    why = intent.reason or "the machines are too small for the load by a little"
    return replace(intent, mode=Mode.DISCHARGE, tank=give, machines=intent.machines - more, reason=why)


def _fitting(
    picture: StoragePicture, state: StorageState, intent: Intent, every: tuple[str, ...]
) -> tuple[str, ...]:
    """The machines of a plan unless load and tank are too much for them; without a plan those that were called, as long as they do."""
    if not intent.names:
        return intent.names
    called = intent.names if intent.source == "plan" else state.names or intent.names
    capacity = sum(picture.layout.machines[one].capacity for one in called if one in picture.layout.machines)
    share = intent.machines / capacity if capacity > 0.0 else 2.0
    if intent.source == "plan":
        return called if share < FITS[1] else every
    low, high = FITS if state.named < SETTLES else FITS_LONG
    if intent.mode is Mode.IDLE or state.mode is not intent.mode:
        low, high = FITS_ALONE
    return called if low < share < high else intent.names


def _warm(picture: StoragePicture, state: StorageState) -> bool:
    supply, rule = picture.water("chilled_water_supply_temp"), picture.rule
    return supply is not None and supply > rule.supply_high + rule.too_warm and state.since > SUPPLIED
