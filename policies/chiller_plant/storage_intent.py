"""What the tank shall do now: the plan where it is fresh and still true, else the tariff's rule; then its limits."""

from __future__ import annotations

from dataclasses import replace

from policies.chiller_plant.load_forecast_model import current_forecast
from policies.chiller_plant.storage_limits import COMES, LITTLE, limited
from policies.chiller_plant.storage_plan import LEARNING, SLOT, Slot, StoragePlan, read_plan
from policies.chiller_plant.storage_prices import Prices
from policies.chiller_plant.storage_rule import WELL_LOADED, Situation, ruled
from policies.chiller_plant.storage_state import Intent, Mode, StoragePicture, StorageState
from policies.chiller_plant.storage_words import spoken


def prices_of(picture: StoragePicture, state: StorageState) -> Prices:
    """A critical peak by the weather is expected where yesterday was hot, and holds once today is."""
    known = [one for one in (state.hottest, state.before) if one is not None]
    return picture.rule.prices(picture.snapshot.model.place.timezone, max(known, default=None))


def doubted(picture: StoragePicture, state: StorageState) -> tuple[StoragePlan | None, StorageState, str]:
    """The plan that may be followed, or why none may."""
    rule, snapshot, stored = picture.rule, picture.snapshot, picture.sight.stored
    artefact = snapshot.learned(rule.name, LEARNING.kind, LEARNING.version, rule.plan_age)
    if artefact is None:
        there = rule.name in snapshot.artefacts
        return None, replace(state, departed=0.0), "the plan is too old" if there else "no plan yet"
    plan = read_plan(artefact)
    state = replace(state, warm=plan.warm or None)
    if plan.at(snapshot.utc) is None:
        return None, state, "the plan is over"
    if artefact.digest != state.digest:
        state = replace(state, digest=artefact.digest, began=stored, departed=0.0)
    expected = plan.stored_at(snapshot.utc, state.began)
    far = 0.0 if expected is None else abs(stored - expected)
    departs = far > rule.departs / 100.0 * picture.sight.holds
    state = replace(state, departed=state.departed + picture.seconds if departs else 0.0)
    if departs and state.departed >= rule.departs_for:
        state = replace(state, left=artefact.digest)
    if state.left == artefact.digest:
        return None, state, f"the tank holds {stored:,.0f} kWh, the plan expected {expected or 0.0:,.0f}"
    return plan, state, ""


def intended(picture: StoragePicture, state: StorageState, plan: StoragePlan | None, doubt: str) -> Intent:
    """With its reason."""
    prices = prices_of(picture, state)
    slot = None if plan is None else plan.at(picture.snapshot.utc)
    if plan is not None and slot is not None:
        intent = _planned(picture, state, plan, slot, prices)
    else:
        intent = ruled(prices, picture.layout, _situation(picture, state))
    intent = limited(picture, state, intent, prices)
    return replace(intent, reason=spoken(picture, intent, prices, plan, doubt))


def _situation(picture: StoragePicture, state: StorageState) -> Situation:
    rule, sight = picture.rule, picture.sight
    forecast = current_forecast(picture.snapshot)
    return Situation(
        utc=picture.snapshot.utc,
        load=state.load or 0.0,
        usable=max(sight.stored - picture.least, 0.0),
        missing=0.0 if state.full else max(rule.fullest / 100.0 * sight.holds - sight.stored, 0.0),
        charge=rule.charge_share * sight.holds,
        discharge=rule.discharge_most(picture.tank, state.warm),
        expects=(lambda _: None) if forecast is None else forecast.at,
    )


def _planned(
    picture: StoragePicture, state: StorageState, plan: StoragePlan, slot: Slot, prices: Prices
) -> Intent:
    """Machines make what was planned, and the tank takes what the load turns out to be."""
    rule, utc = picture.rule, picture.snapshot.utc
    load = state.load or 0.0
    coming = _coming(picture, plan)
    planned = Intent(until=_until(plan, utc), source="plan", machines=load, names=coming)
    if slot.tank < -LITTLE:
        made = slot.machines
        if prices.lowest(utc):  # well loaded, whatever the plan's mean: it is over the sooner
            made = max(made, WELL_LOADED * sum(picture.layout.machines[one].capacity for one in slot.names))
        into = min(max(made - load, 0.3 * -slot.tank), rule.charge_share * picture.sight.holds)
        return replace(planned, mode=Mode.CHARGE, machines=load + into, tank=-into, names=slot.names)
    if slot.tank > LITTLE:
        most = rule.discharge_most(picture.tank, state.warm)
        alone = slot.machines <= 0.0 and load <= 1.1 * most and not coming
        give = min(max(load - slot.machines, 0.0), most)
        names = coming or slot.names
        return replace(
            planned, mode=Mode.DISCHARGE, machines=load - give, tank=give, names=names, alone=alone
        )
    return planned


def _coming(picture: StoragePicture, plan: StoragePlan) -> tuple[str, ...]:
    """Machines that the plan wants soon, where they are more than run now: they come one after the other."""
    running = picture.running
    for lead in (1, 2):
        slot = plan.at(picture.snapshot.utc + lead * COMES)
        if slot is not None and len(slot.names) >= running + lead:
            return slot.names
    return ()


def _until(plan: StoragePlan, utc: float) -> float:
    """When the plan does something else with the tank."""
    place = int((utc - plan.start) // SLOT)
    now = plan.slots[place].tank
    while place < len(plan.slots) and _sign(plan.slots[place].tank) == _sign(now):
        place += 1
    return plan.start + place * SLOT


def _sign(kw: float) -> int:
    return (kw > LITTLE) - (kw < -LITTLE)
