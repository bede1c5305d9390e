"""The tank by the tariff alone, when there is no plan: full by the end of the valley, empty by the end of the last peak.

Hours until the next valley are sorted by price. What may be sold goes to the dearest first; within one price machines carry a steady base and the
tank the rest, so that it lasts until the last of these hours. Cheap and middling hours belong to the machines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.calc.tariff_lines import Prices
from policies.chiller_plant.plant_layout import Layout
from policies.chiller_plant.storage_state import Intent, Mode

STEP = 1800.0  # s
LOOK = 36  # hours
FULL_BY = 0.9  # of the valley that is left: done a little before its end
WELL_LOADED = 0.95  # of a machine's capacity
LEAST_PART = 0.3  # of the smallest machine: less is left to the tank


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """kW, kWh. `usable`: what may be sold; `missing`: until full; `expects`: load at a UTC time, None where nothing is foretold."""

    utc: float
    load: float
    usable: float
    missing: float
    charge: float  # kW at most
    discharge: float
    expects: Callable[[float], float | None]


def ruled(prices: Prices, layout: Layout, at: Situation) -> Intent:
    """What to do now, before limits of the tank are looked at."""
    if prices.lowest(at.utc):
        return _charged(prices, layout, at)
    end = prices.until(at.utc)
    if prices.dear(at.utc):
        empty = Intent(until=end, reason="empty: what is left is the reserve and the thermocline")
        return _sold(prices, layout, at) if at.usable > 0.0 else empty
    return Intent(
        until=end, reason=f"{prices.at(at.utc):.2f} is no price to use the tank for: machines first"
    )


def smallest_set(layout: Layout, load: float) -> tuple[str, ...]:
    """The machines of the least capacity that carry it; all of them when none do."""
    machines = sorted(layout.machines.values(), key=lambda one: -one.capacity)[:10]
    best: tuple[float, int, tuple[str, ...]] | None = None
    for number in range(1, 1 << len(machines)):
        chosen = [one for place, one in enumerate(machines) if number >> place & 1]
        capacity = sum(one.capacity for one in chosen)
        if WELL_LOADED * capacity < load:
            continue
        rank = (round(capacity, 1), len(chosen), tuple(one.id for one in chosen))
        best = rank if best is None or rank < best else best
    return tuple(layout.machines) if best is None else best[2]


def _charged(prices: Prices, layout: Layout, at: Situation) -> Intent:
    """In one go at a load that machines like, sized so that it is full in time."""
    end = prices.until(at.utc)
    if at.missing <= 0.0:
        return Intent(until=end, reason="full")
    hours = max(FULL_BY * (end - at.utc) / 3600.0, 0.25)
    wanted = min(at.missing / hours, at.charge)
    names = smallest_set(layout, at.load + wanted)
    capacity = WELL_LOADED * sum(layout.machines[one].capacity for one in names)
    into = min(max(capacity - at.load, 0.0), at.charge)
    return Intent(mode=Mode.CHARGE, machines=at.load + into, tank=-into, names=names, until=end)


def _sold(prices: Prices, layout: Layout, at: Situation) -> Intent:
    now, end = prices.at(at.utc), prices.until(at.utc)
    left = at.usable
    same: list[float] = []
    for utc, price in _hours_to_sell(prices, at.utc):
        expected = at.expects(utc)
        load = at.load if expected is None else expected
        if price > now + 1e-9:
            left -= load * STEP / 3600.0
        elif abs(price - now) <= 1e-9:
            same.append(load)
    if left <= 0.0 or not same:
        return Intent(until=end, reason=f"kept for dearer hours than {now:.2f}")
    base = _base(same, left * 3600.0 / STEP)
    smallest = min((one.capacity for one in layout.machines.values()), default=0.0)
    alone = base < LEAST_PART * smallest and at.load <= at.discharge
    base = 0.0 if alone else max(base, at.load - at.discharge, LEAST_PART * smallest)
    give = max(at.load - base, 0.0)
    names = () if alone else smallest_set(layout, base)
    return Intent(mode=Mode.DISCHARGE, machines=base, tank=give, names=names, alone=alone, until=end)


def _hours_to_sell(prices: Prices, utc: float) -> Sequence[tuple[float, float]]:
    """Steps from now to the next valley with their prices; the first is what is left of this one."""
    found, at = [], utc
    for _ in range(int(LOOK * 3600.0 / STEP)):
        if prices.lowest(at):
            break
        found.append((at, prices.at(at)))
        at = (at // STEP + 1.0) * STEP
    return found


def _base(loads: Sequence[float], energy: float) -> float:
    """The level above which the loads hold just this energy (kW steps): what machines carry steadily."""
    low, high = 0.0, max(loads)
    for _ in range(40):
        level = 0.5 * (low + high)
        if sum(max(one - level, 0.0) for one in loads) > energy:
            low = level
        else:
            high = level
    return high
