"""From the past to a storage plan: load, weather and prices ahead, the month's demand target, and the program solved. Runs in the planner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.calc.tariff_lines import Prices
from agent.core.learning import History, NothingToLearnError
from agent.core.serial import from_plain
from policies.chiller_plant.optimiser_curves import LEARNING as CURVES
from policies.chiller_plant.optimiser_curves import PlantCurves
from policies.chiller_plant.storage_ahead import Ahead, load_ahead
from policies.chiller_plant.storage_begin import WHOLE, Begin, plan_before, running_now, steadily
from policies.chiller_plant.storage_past import DAY_QUARTERS, StoragePast, present, read_past
from policies.chiller_plant.storage_plan import SLOT, SLOTS, Slot, StoragePlan
from policies.chiller_plant.storage_power import STEP, Conditions, Way, cheapest, ways
from policies.chiller_plant.storage_program import Hour, Month, NoPlanError, Program, Store, solve
from policies.chiller_plant.tank_sight import tank_of, tank_sight

if TYPE_CHECKING:
    from policies.chiller_plant.storage import Storage

TYPICAL = 14  # days of the past that the month's target is found on
MONTH = 30.4  # days
RAISING = 0.5  # of the month's demand charge: what a kW beyond the target weighs, since some of it will be used again
HOUR = 3600.0
BRIDGE = 0.03  # of the tank, kept for the time that machines take to come
JUMP = 0.3  # of the highest load: more from slot to slot begins a block
BLOCK = 7200.0  # s of one set of machines
MOST_MORE = 6.0  # K: warmer return water than an empty tank is believed so far


@dataclass(frozen=True, slots=True)
class When:
    """A slot's place: UTC, length in s, its block and month."""

    utc: float
    seconds: float
    block: int = 0
    month: int = 0


@dataclass(slots=True)
class _Planner:
    """One planning: what is known, and curves that are found once."""

    rule: Storage
    past: StoragePast
    curves: PlantCurves | None
    prices: Prices
    capacity: float  # kWh
    discharge: float  # kW at most
    back: float  # degC
    known: dict[tuple[float, bool], tuple[Way, ...]]

    def ways(self, wet: float | None, *, storing: bool) -> tuple[Way, ...]:
        rounded = -99.0 if wet is None else round(wet / STEP) * STEP
        found = self.known.get((rounded, storing))
        if found is None:
            rule = self.rule
            supply = (
                (rule.charge_setpoint, rule.charge_setpoint)
                if storing
                else (rule.supply_low, rule.supply_high)
            )
            at = Conditions(wet_bulb=None if wet is None else rounded, supply=supply, storing=storing)
            found = self.known[(rounded, storing)] = ways(self.past.layout, self.curves, at)
        return found

    def dearer(self, wet: float | None) -> float:
        """KW more for each kW that is made cold enough to be stored."""
        plain, cold = self.ways(wet, storing=False)[-1], self.ways(wet, storing=True)[-1]
        load = min(plain.most, cold.most)
        return max(cold.power(load) - plain.power(load), 0.0) / load if load > 0.0 else 0.0

    def less(self, wet: float | None) -> float:
        """KW less that machines can make for each kW that is made cold enough to be stored."""
        plain, cold = self.ways(wet, storing=False)[-1], self.ways(wet, storing=True)[-1]
        return max(1.0 - cold.most / plain.most, 0.0) if plain.most > 0.0 else 0.0

    def hour(self, at: When, load: float, wet: float | None) -> Hour:
        plain = self.ways(wet, storing=False)
        return Hour(
            price=self.prices.mean(at.utc, at.seconds),
            load=min(load, plain[-1].most + self.discharge),
            ways=plain,
            dearer=self.dearer(wet),
            less=self.less(wet),
            charge=0.0 if not self.prices.pays(at.utc) else self.rule.charge_share * self.capacity,
            discharge=self.discharge,
            block=at.block,
            month=at.month,
        )

    def store(self, now: float) -> Store:
        rule = self.rule
        least = rule.least(self.capacity, self.past.layout.capacity) + BRIDGE * self.capacity
        most = rule.fullest / 100.0 * self.capacity
        cheap = min(self.prices.day(self.past.utc(self.past.number)))
        best = self.ways(self.past.wet_bulb_at(self.past.utc(self.past.number)), storing=True)[-1]
        worth = cheap * best.power(best.most) / best.most if best.most > 0.0 else 0.0
        return Store(now=now, least=least, most=max(most, least + 1.0), worth=0.99 * worth)


def learn_plan(rule: Storage, history: History) -> StoragePlan:
    """Raises NothingToLearnError while load or tank are not known."""
    picture = present(history)
    tank = tank_of(picture)
    if tank is None:
        raise NothingToLearnError("the area has no tank with `charge` and `discharge`")
    past = read_past(history)
    back = past.returns()
    back = rule.warm if back is None else min(max(back, rule.warmest + 1.0), rule.warm + MOST_MORE)
    seen = tank_sight(picture, tank, cold=rule.charge_setpoint, warm=rule.warm, back=back)
    if seen.fault:
        raise NothingToLearnError(f"tank {tank.id}: {seen.fault}")
    start = history.until // SLOT * SLOT
    ahead = load_ahead(history, past, start, SLOTS * 2, rule.calendar)
    planner = _Planner(
        rule=rule,
        past=past,
        curves=_curves(history),
        prices=rule.prices(history.model.place.timezone, past.hottest()),
        capacity=seen.holds,
        discharge=rule.discharge_most(tank, back),
        back=back,
        known={},
    )
    before = plan_before(rule, history)
    targets = _targets(planner, before)
    begin = Begin(
        start=start,
        stored=seen.stored,
        running=running_now(picture, past.layout, before, history.until),
        before=before,
    )
    return _planned(planner, begin, ahead, targets)


def _curves(history: History) -> PlantCurves | None:
    for artefact in history.artefacts.values():
        if (artefact.kind, artefact.version) == (CURVES.kind, CURVES.version):
            return from_plain(PlantCurves, artefact.content)
    return None


def _planned(planner: _Planner, begin: Begin, ahead: Ahead, targets: dict[str, float]) -> StoragePlan:
    rule, past, prices, start = planner.rule, planner.past, planner.prices, begin.start
    months = list(dict.fromkeys(prices.month(start + place * SLOT) for place in range(SLOTS)))
    slots = _ahead(planner, start, ahead, months)
    target = list(targets.values())[-1] if targets else None
    peak = past.peak(*months[0])
    charges = [_month(rule, target, peak if month == months[0] else 0.0) for month in months]
    program = Program(
        slots=slots,
        months=charges,
        store=planner.store(begin.stored),
        whole=slots[WHOLE].block,
        running=begin.running,
        start=rule.start_price,
    )
    try:
        solved = steadily(program, begin)
    except NoPlanError as error:
        raise NothingToLearnError(str(error)) from error
    made = zip(solved.made, solved.charge, solved.discharge, solved.stored, solved.ways, slots, strict=True)
    free = max(solved.peaks[0], target or 0.0, peak)
    return StoragePlan(
        start=start,
        slots=tuple(_slot(free, *one) for one in made),
        target=target,
        planned_peak=round(solved.peaks[0], 1),
        peak=round(peak, 1),
        month=months[0],
        cost=round(solved.cost, 1),
        without=round(
            sum(one.price * cheapest(one.ways, one.load).power(one.load) for one in slots) * SLOT / HOUR, 1
        ),
        hottest=prices.hottest,
        warm=round(planner.back, 2),
        source=ahead.source,
        error=round(ahead.error, 3),
        targets=targets,
    )


def _ahead(planner: _Planner, start: float, ahead: Ahead, months: Sequence[tuple[int, int]]) -> list[Hour]:
    """The slots of the horizon; the load is taken a part of the forecast's error higher."""
    cautious = 1.0 + planner.rule.caution * ahead.error
    loads = [cautious * ahead.mean(start + place * SLOT, SLOT) for place in range(SLOTS)]
    blocks = _blocks(planner.prices, start, loads)
    found = []
    for place, load in enumerate(loads):
        utc = start + place * SLOT
        at = When(utc, SLOT, blocks[place], months.index(planner.prices.month(utc)))
        found.append(planner.hour(at, load, planner.past.wet_bulb_at(utc)))
    return found


def _slot(
    free: float, made: float, charge: float, discharge: float, stored: float, way: Way, one: Hour
) -> Slot:
    """`free`: kW of demand that cost nothing more."""
    colder = one.dearer * charge / made if made > 0.0 else 0.0
    room = (free - way.fixed) / (way.slope + colder) if way.machines else 0.0
    return Slot(
        most=round(max(min(room, way.most), made), 1),
        machines=round(made, 1),
        tank=round(discharge - charge, 1),
        stored=round(stored, 1),
        load=round(one.load, 1),
        names=way.machines,
    )


def _blocks(prices: Prices, start: float, loads: Sequence[float]) -> list[int]:
    """By slot: up to two hours of one price and about one load, later four. By the clock, so that the next plan has the same."""
    found, block, jump = [], 0, JUMP * max(loads)
    for place in range(SLOTS):
        utc = start + place * SLOT
        before = max(place - 1, 0)
        changed = abs(prices.mean(utc, SLOT) - prices.mean(utc - SLOT, SLOT)) > 1e-9
        changed = changed or (place < WHOLE and abs(loads[place] - loads[before]) > jump)
        full = utc % (BLOCK if place < WHOLE else 2.0 * BLOCK) < 1.0
        block += int(place > 0 and (changed or full))
        found.append(block)
    return found


def _month(rule: Storage, target: float | None, peak: float) -> Month:
    """Without a target the charge is taken by the day; with one it is held, and raised only for good reason."""
    daily = rule.demand_price * SLOTS * SLOT / 86_400.0 / MONTH
    if target is None:
        return Month(peak=peak, price=daily, daily=daily)
    return Month(target=target, peak=peak, price=max(RAISING * rule.demand_price, daily), daily=daily)


def _targets(planner: _Planner, before: StoragePlan | None) -> dict[str, float]:
    """The month's best demand, found once a day on the last days as if they were all of the month."""
    rule, past = planner.rule, planner.past
    if rule.demand_price <= 0.0:
        return {}
    today = past.local(past.utc(past.number) - 1.0).date()
    known = {} if before is None else before.targets
    kept = {day: one for day, one in known.items() if day > str(today - timedelta(days=TYPICAL))}
    if str(today) in kept:
        return kept
    found = _target(planner)
    return kept if found is None else {**kept, str(today): round(found, 1)}


def _target(planner: _Planner) -> float | None:
    """kW: what the dearest quarter hours should be, when each of these days is to be paid its share of the demand charge."""
    import numpy as np

    rule, past = planner.rule, planner.past
    days = min(past.number // DAY_QUARTERS, TYPICAL)
    if days < 1:
        return None
    first = past.number - days * DAY_QUARTERS
    slots: list[Hour] = []
    for place in range(first, past.number - 3, 4):
        loads = past.load[place : place + 4]
        wets = past.wet[place : place + 4]
        load = float(np.nanmean(loads)) if np.isfinite(loads).any() else 0.0
        wet = float(np.nanmean(wets)) if np.isfinite(wets).any() else None
        slots.append(planner.hour(When(past.utc(place), HOUR, len(slots)), load, wet))
    store = planner.store(0.5 * planner.capacity)
    price = rule.demand_price * days / MONTH
    program = Program(slots=slots, months=[Month(price=price, daily=price)], store=store, hours=1.0)
    try:
        return solve(program).peaks[0]
    except NoPlanError:
        return None
