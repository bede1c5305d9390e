"""What the tank shall do now: the plan where it is fresh and still true, else the tariff's rule; then its limits."""

from __future__ import annotations

from dataclasses import replace

from agent.calc.tariff_lines import Prices
from policies.chiller_plant.load_forecast_model import current_forecast
from policies.chiller_plant.stages import counted, grouped
from policies.chiller_plant.storage_limits import COMES, LITTLE, limited
from policies.chiller_plant.storage_plan import LEARNING, SLOT, Slot, StoragePlan, read_plan
from policies.chiller_plant.storage_rule import WELL_LOADED, Situation, ruled
from policies.chiller_plant.storage_state import Intent, Mode, StoragePicture, StorageState
from policies.chiller_plant.storage_words import spoken

STAYS = 3600.0  # s: a machine that is wanted again so soon goes on
CAUGHT_UP = 1800.0  # s in which a charge that is behind its plan is made up for
RUNS = 3600.0  # s for which machines that were called go on at least


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
        intent = _planned(picture, state, plan, slot)
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


def _planned(picture: StoragePicture, state: StorageState, plan: StoragePlan, slot: Slot) -> Intent:
    """Machines make what was planned, and the tank takes what the load turns out to be."""
    rule, utc = picture.rule, picture.snapshot.utc
    load = state.load or 0.0
    coming = _coming(picture, plan)
    names = _held(picture, state, plan, coming or slot.names)
    planned = Intent(until=_until(plan, utc), source="plan", machines=load, names=names)
    if slot.tank < -LITTLE:
        made = slot.machines + max(_behind(picture, state, plan), 0.0)
        capacity = WELL_LOADED * sum(picture.layout.machines[one].capacity for one in names)
        made = min(made, max(slot.machines, min(capacity, slot.most)))
        into = min(max(made - load, 0.3 * -slot.tank), rule.charge_share * picture.sight.holds)
        return replace(planned, mode=Mode.CHARGE, machines=load + into, tank=-into)
    if slot.tank > LITTLE:
        most = rule.discharge_most(picture.tank, state.warm)
        alone = slot.machines <= 0.0 and load <= 1.1 * most and not names
        give = min(max(load - slot.machines, 0.0), most)
        return replace(planned, mode=Mode.DISCHARGE, machines=load - give, tank=give, alone=alone)
    return planned


def _behind(picture: StoragePicture, state: StorageState, plan: StoragePlan) -> float:
    """KW that make up for what the tank holds less than was planned."""
    expected = plan.stored_at(picture.snapshot.utc, state.began)
    return 0.0 if expected is None else (expected - picture.sight.stored) * 3600.0 / CAUGHT_UP


def _coming(picture: StoragePicture, plan: StoragePlan) -> tuple[str, ...]:
    """Machines that the plan wants soon, where they are more than run now: they come one after the other."""
    groups = grouped(picture.layout.machines)
    running = counted(groups, [one for one in picture.layout.machines if picture.runs(one)])
    for lead in (1, 2, 3):
        slot = plan.at(picture.snapshot.utc + lead * COMES)
        if slot is None or (lead > 1 and slot.tank < -LITTLE):  # coils do not wait for what charges
            continue
        wanted = counted(groups, slot.names)
        if sum(max(one - here, 0) for one, here in zip(wanted, running, strict=True)) >= lead:
            return slot.names
    return ()


def _held(
    picture: StoragePicture, state: StorageState, plan: StoragePlan, names: tuple[str, ...]
) -> tuple[str, ...]:
    """Machines that were called and run go on for a while, and where the plan wants as many of their size back before `STAYS` is over."""
    groups = grouped(picture.layout.machines)
    wanted, called = counted(groups, names), counted(groups, state.names)
    running = counted(groups, [one for one in picture.layout.machines if picture.runs(one)])
    kept = tuple(max(here, min(one, other)) for here, one, other in zip(wanted, running, called, strict=True))
    if kept == wanted:
        return names
    first = int((picture.snapshot.utc - plan.start) // SLOT) + 1
    soon = [counted(groups, slot.names) for slot in plan.slots[first : first + int(STAYS / SLOT)]]
    back = all(
        here == one or any(slot[place] >= one for slot in soon)
        for place, (here, one) in enumerate(zip(wanted, kept, strict=True))
    )
    grows = any(here > one for here, one in zip(wanted, called, strict=True))  # one size in place of another
    if not back and (grows or state.named >= RUNS):
        return names
    return tuple(id_ for ids, number in zip(groups, kept, strict=True) for id_ in ids[:number])


def _until(plan: StoragePlan, utc: float) -> float:
    """When the plan does something else with the tank."""
    place = int((utc - plan.start) // SLOT)
    now = plan.slots[place].tank
    while place < len(plan.slots) and _sign(plan.slots[place].tank) == _sign(now):
        place += 1
    return plan.start + place * SLOT


def _sign(kw: float) -> int:
    return (kw > LITTLE) - (kw < -LITTLE)
