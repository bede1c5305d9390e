"""How much heat is wanted of the sources: what the building takes, and what the tank lacks or has too much of its target."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from policies.heating_plant.dispatch_state import DispatchState
from policies.heating_plant.hot_water import TOP
from policies.heating_plant.merit_order import Wanted
from policies.heating_plant.tank_heat import TankHeat
from policies.heating_plant.tank_target import TankTarget

FULL = 1.5  # K below its set-point at the bottom: a machine's water finds no colder water any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """The tank by warmer water than the building needs: as it is charged ahead, as the cylinder wants its top."""

    lifted: TankHeat | None = None
    tap: TankHeat | None = None


def wanted_heat(
    demand: float | None,
    tank: TankHeat | None,
    extra: Extra,
    target: TankTarget,
    refill: float,
    station: float,
) -> Wanted:
    """`tank`: as hot as the building needs it; `refill` h in which a gap is to be closed; `station` degC that is made now.

    With neither demand nor tank to go by every source is wanted: its own thermostat ends its heat.
    """
    if demand is None and tank is None:
        return Wanted(kw=inf)
    base = demand or 0.0
    if tank is None or tank.holds <= 0.0:
        return Wanted(kw=base * 1.1)
    kept = min(target.hot, 0.5) if target.mood > 0 else target.hot
    refill = min(refill, max(target.hours, 1.5))
    firm = base + (kept - tank.hot) * tank.holds / refill
    if extra.tap is not None:
        firm = max(firm, base + (TOP - extra.tap.hot) * extra.tap.holds / refill)
    full = tank.bottom is not None and tank.bottom >= station - FULL
    if target.mood <= 0:
        return Wanted(kw=firm, full=full)
    above = tank if extra.lifted is None else extra.lifted
    fill = base + (target.hot - above.hot) * above.holds / refill
    return Wanted(kw=firm, fill=fill, worth=target.worth, full=full)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdRule:
    """K, s; `most`: sources beyond the order at most."""

    too_cold: float
    after: float
    release: float
    most: int


def chilled(
    rule: ColdRule, state: DispatchState, supply: float | None, setpoint: float, seconds: float
) -> DispatchState:
    """One source more each time the supply has been too cold for `after`; one less when it has held for `release`."""
    if supply is None:
        return replace(state, cold=0.0, warm=0.0)
    cold = state.cold + seconds if supply < setpoint - rule.too_cold else 0.0
    warm = state.warm + seconds if supply > setpoint - rule.too_cold / 3.0 else 0.0
    if cold >= rule.after and state.extra < rule.most:
        return replace(state, extra=state.extra + 1, cold=0.0, warm=0.0)
    if state.extra > 0 and warm >= rule.release:
        return replace(state, extra=state.extra - 1, cold=0.0, warm=0.0)
    return replace(state, extra=min(state.extra, rule.most), cold=cold, warm=warm)


def is_freezing(
    before: bool, outdoor: float | None, waters: list[float], rooms: float | None, at: float, water_at: float
) -> bool:
    """Whether water or rooms come near frost while it freezes outside, or nobody knows. Ends 5 K warmer."""
    if outdoor is not None and outdoor > at + (2.0 if before else 0.0):
        return False
    limit = water_at + (5.0 if before else 0.0)
    return any(one < limit for one in waters) or (rooms is not None and rooms < limit)
