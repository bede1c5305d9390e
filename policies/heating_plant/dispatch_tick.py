"""One tick of the dispatch: look, price, want, move, tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.calc.tariff_lines import Prices, read_tariff
from agent.calc.timers import passed, smoothed
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.point import Value
from agent.core.snapshot import Snapshot
from policies.heating_plant.dispatch_state import DispatchState
from policies.heating_plant.dispatch_words import situation, why_source
from policies.heating_plant.ground_share import dearness, heat_year
from policies.heating_plant.heat_demand import DesignLoad, demand_of, loop_of
from policies.heating_plant.heat_wish import ColdRule, Extra, chilled, is_freezing, wanted_heat
from policies.heating_plant.heating_curve import (
    Curve,
    looked_outside,
    outdoor_of,
    rooms_of,
    trimmed,
)
from policies.heating_plant.hot_water import WaterNeed, WaterRule, cylinder_of, water_need, watered
from policies.heating_plant.merit_order import Pace, Wanted, chosen, merit_order, moved
from policies.heating_plant.renewable_share import booked, is_behind
from policies.heating_plant.source_watch import rested, watched
from policies.heating_plant.sources import FuelPrices, Source, priced, read_sources, surplus_of
from policies.heating_plant.tank_heat import TankHeat, tank_heat, tank_of
from policies.heating_plant.tank_target import TankRule, TankTarget, tank_target

if TYPE_CHECKING:
    from policies.heating_plant.dispatch import Dispatch

_PATIENCE = 3.0  # ticks; a longer gap counts as this long: nobody saw what happened in it
DEMAND_LAG = 600.0  # s
SPREAD = 10.0  # K between supply and return where the return cannot be read
ABOVE = 1.0  # K that sources give above what is wanted of the tank


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What this tick sees: everything but the decision."""

    rule: Dispatch
    snapshot: Snapshot
    seconds: float
    local: datetime | None  # None: the clock cannot be trusted
    loop: Equipment | None
    supply: float | None  # degC
    back: float | None
    rooms: float | None
    setpoint: float  # degC, what the building is to get
    heats: bool


def decided(
    rule: Dispatch, snapshot: Snapshot, state: DispatchState
) -> tuple[Sequence[Command], DispatchState]:
    """Commands and state of this tick."""
    seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
    state = replace(state, elapsed=snapshot.elapsed, since_change=min(state.since_change + seconds, 1e6))
    sight, state = _seen(rule, snapshot, state, seconds)
    prices = (
        None
        if sight.local is None
        else Prices(tariff=read_tariff(rule.tariff), timezone=str(sight.local.tzinfo))
    )
    sources, state = _sources(sight, state, prices, sight.setpoint, first=True)
    target = _target(sight, state, sources, prices)
    state, need = _watered(sight, state, target)
    station = max(sight.setpoint + target.lift, need.least or 0.0)
    if station > sight.setpoint + 0.5:  # it is warmer water that is made now
        sources, state = _sources(sight, state, prices, station, first=False)
    tank, wanted, state = _wanted(sight, state, target, need, station)
    order = merit_order(
        sources,
        state.sources,
        behind=state.behind,
        wanted_share=rule.renewable_share,
        stays=rule.stays / 100.0,
    )
    state = _chilled(sight, state, order)
    state = replace(moved(_pace(rule), order, state, wanted, seconds), freezing=_freezing(sight, state))
    names = chosen(order, state.sources, wanted, state.extra)
    rest = situation(wanted, sight.setpoint, tank, target, state)
    rest = f"{need.why}; {rest}" if need.why else rest if sight.heats else f"warm season; {rest}"
    commands = (
        *_commands(sight, state, sources, order, names, station, rest),
        *_water_commands(sight, state, rest),
    )
    return commands, state


def _seen(
    rule: Dispatch, snapshot: Snapshot, state: DispatchState, seconds: float
) -> tuple[Sight, DispatchState]:
    outside = looked_outside(state.outside, outdoor_of(snapshot), seconds, rule.heat_below)
    rooms = rooms_of(snapshot)
    trim = trimmed(
        state.trim,
        rooms if outside.heats else None,
        rule.room_setpoint,
        seconds,
        rule.trim_gain,
        rule.trim_most,
    )
    curve = Curve(
        coldest=rule.design_outdoor, cold=rule.supply_cold, mildest=rule.mild_outdoor, mild=rule.supply_mild
    )
    known = outside.known
    setpoint = rule.supply_cold if known is None else curve.at(known) + trim
    loop, tank = loop_of(snapshot), tank_of(snapshot)
    top = None if tank is None else snapshot.number_of(tank, "tank_top_temp")
    supply = None if loop is None else snapshot.number_of(loop, "hot_water_supply_temp")
    local = None
    if snapshot.utc_trusted:
        local = datetime.fromtimestamp(snapshot.utc, ZoneInfo(snapshot.model.place.timezone))
    sight = Sight(
        rule=rule,
        snapshot=snapshot,
        seconds=seconds,
        local=local,
        loop=loop,
        supply=top if supply is None else supply,
        back=None if loop is None else snapshot.number_of(loop, "hot_water_return_temp"),
        rooms=rooms,
        setpoint=min(max(setpoint, rule.supply_mild), rule.supply_cold + rule.trim_most),
        heats=outside.heats,
    )
    return sight, replace(state, outside=outside, trim=trim)


def _sources(
    sight: Sight, state: DispatchState, prices: Prices | None, supply: float, *, first: bool
) -> tuple[tuple[Source, ...], DispatchState]:
    """Sources with their costs for water of `supply` degC. What they did is taken note of once a tick."""
    rule = sight.rule
    learned = {name: one.learned for name, one in state.sources.items()}
    locked = {name: one.locked for name, one in state.sources.items()}
    seen = read_sources(sight.snapshot, supply, state.outside.known, learned, locked)
    if first:
        state = _noted(sight, state, seen)
    surplus, _ = surplus_of(sight.snapshot, seen)
    dear = {one.id: dearness(one, state.sources[one.id].drawn, sight.local) for one in seen}
    paid = FuelPrices(
        electricity=prices.at(sight.snapshot.utc)
        if prices is not None
        else max(read_tariff(rule.tariff).prices.values()),
        feed_in=rule.feed_in_price,
        gas=rule.gas_price,
        district=rule.district_price,
        carbon=rule.carbon_price,
        electricity_carbon=rule.electricity_carbon,
        gas_carbon=rule.gas_carbon,
        district_carbon=rule.district_carbon,
        district_renewable=rule.district_renewable / 100.0,
    )
    sources = priced(rested(seen, state.sources), paid, surplus, dear)
    if first:
        account = booked(state.account, sources, sight.seconds)
        state = replace(state, account=account, behind=is_behind(state.behind, account, rule.renewable_share))
    return sources, state


def _noted(sight: Sight, state: DispatchState, seen: Sequence[Source]) -> DispatchState:
    rule = sight.rule
    sources = watched(
        state.sources,
        seen,
        sight.seconds,
        proof_within=rule.proof_within,
        retry_after=rule.retry_after,
        minimum_on=rule.minimum_on,
    )
    year = state.year if sight.local is None else heat_year(sight.local)
    if year != state.year:  # a new year for the ground
        sources = {name: replace(one, drawn=0.0) for name, one in sources.items()}
    return replace(state, sources=sources, year=year)


def _back(sight: Sight) -> float:
    return sight.setpoint - SPREAD if sight.back is None else min(sight.back, sight.setpoint - 1.0)


def _target(
    sight: Sight, state: DispatchState, sources: Sequence[Source], prices: Prices | None
) -> TankTarget:
    rule = sight.rule
    tank = tank_heat(sight.snapshot, tank_of(sight.snapshot), sight.setpoint, _back(sight))
    if tank is None:
        return TankTarget(hot=rule.tank_usual / 100.0, why="no tank")
    lasts = tank.holds / state.demand if state.demand else 24.0
    shares = TankRule(
        usual=rule.tank_usual / 100.0,
        least=rule.tank_least / 100.0,
        most=rule.tank_most / 100.0,
        lift=rule.tank_lift,
    )
    return tank_target(shares, sources, prices, sight.snapshot.utc, lasts)


def _watered(sight: Sight, state: DispatchState, target: TankTarget) -> tuple[DispatchState, WaterNeed]:
    rule, cylinder = sight.rule, cylinder_of(sight.snapshot)
    if cylinder is None:
        return state, WaterNeed()
    water = WaterRule(
        setpoint=rule.water_setpoint,
        band=rule.water_band,
        hottest=rule.legionella_temp,
        hold=rule.legionella_hold,
        every=rule.legionella_every,
    )
    temperature = sight.snapshot.number_of(cylinder, "tank_top_temp")
    now = watered(water, state.water, temperature, sight.seconds, target.mood)
    return replace(state, water=now), water_need(water, now)


def _wanted(
    sight: Sight, state: DispatchState, target: TankTarget, need: WaterNeed, station: float
) -> tuple[TankHeat | None, Wanted, DispatchState]:
    """What is wanted of the sources; nothing in the warm season but for tap water."""
    rule, snapshot, tank = sight.rule, sight.snapshot, tank_of(sight.snapshot)
    design = DesignLoad(kw=rule.design_load, outdoor=rule.design_outdoor)
    found = demand_of(snapshot, sight.loop, design, state.outside.known)
    demand = None if found.kw is None else smoothed(state.demand, found.kw, sight.seconds, DEMAND_LAG)
    state = replace(state, demand=demand)
    back = _back(sight)
    usable = tank_heat(snapshot, tank, sight.setpoint, back)
    extra = Extra(
        lifted=tank_heat(snapshot, tank, sight.setpoint + target.lift, back) if target.lift > 0.0 else None,
        tap=None if need.least is None else tank_heat(snapshot, tank, need.least, back),
    )
    if not sight.heats and need.least is None:
        return usable, Wanted(kw=0.0), state
    return usable, wanted_heat(demand, usable, extra, target, rule.refill / 3600.0, station), state


def _chilled(sight: Sight, state: DispatchState, order: Sequence[Source]) -> DispatchState:
    rule = sight.rule
    cold = ColdRule(
        too_cold=rule.too_cold, after=rule.cold_after, release=rule.release_after, most=len(order)
    )
    supply = sight.supply if sight.heats else None
    return chilled(cold, state, supply, sight.setpoint, sight.seconds)


def _pace(rule: Dispatch) -> Pace:
    return Pace(
        between=rule.between,
        minimum_on=rule.minimum_on,
        minimum_off=rule.minimum_off,
        more_after=rule.more_after,
        less_after=rule.less_after,
        stays=rule.stays / 100.0,
    )


def _freezing(sight: Sight, state: DispatchState) -> bool:
    tank = tank_of(sight.snapshot)
    bottom = None if tank is None else sight.snapshot.number_of(tank, "tank_bottom_temp")
    waters = [one for one in (sight.supply, sight.back, bottom) if one is not None]
    rule = sight.rule
    return is_freezing(
        state.freezing, state.outside.known, waters, sight.rooms, rule.frost_outdoor, rule.frost_water
    )


def _commands(
    sight: Sight,
    state: DispatchState,
    sources: Sequence[Source],
    order: Sequence[Source],
    names: Sequence[str],
    station: float,
    rest: str,
) -> Iterator[Command]:
    freezing, currency = state.freezing, sight.snapshot.model.place.currency
    for one in sources:
        why = why_source(one, order, names, state, currency, rest)
        on = state.sources[one.id].on
        if freezing and not one.barred:
            yield from _command(
                sight,
                one.equipment,
                "enable",
                True,
                f"frost: water or rooms are near freezing; {why}",
                Priority.CRITICAL_SERVICE,
            )
        else:
            yield from _command(sight, one.equipment, "enable", on, why)
        most = round(2.0 * min(station + ABOVE, one.highest)) / 2.0
        yield from _command(
            sight,
            one.equipment,
            "hot_water_setpoint",
            most,
            f"{sight.setpoint:.0f} degC for the building; {rest}",
        )


def _water_commands(sight: Sight, state: DispatchState, rest: str) -> Iterator[Command]:
    """The mixing valve and the cylinder."""
    if sight.loop is not None:
        outside = state.outside.known
        by = (
            "outdoor air not known"
            if outside is None
            else f"{outside:.0f} degC outside, rooms move it by {state.trim:+.1f} K"
        )
        yield from _command(
            sight, sight.loop, "hot_water_setpoint", round(2.0 * sight.setpoint) / 2.0, f"heating curve: {by}"
        )
    cylinder = cylinder_of(sight.snapshot)
    if cylinder is not None:
        yield from _command(sight, cylinder, "charge", state.water.charging, rest)


def _command(
    sight: Sight, one: Equipment, role: str, value: Value, reason: str, priority: Priority = Priority.SEQUENCE
) -> Iterator[Command]:
    """Nothing where the machine has no such point, or one that can only be read."""
    point = sight.snapshot.model.points.get(one.roles.get(role, ""))
    if point is not None and point.commandable:
        yield Command(point=point.id, priority=priority, source=sight.rule.name, value=value, reason=reason)
