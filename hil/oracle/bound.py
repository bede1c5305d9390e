"""The least electricity with which a plant can give the service of a trace: `plant_bound`.

Why it is a bound. For each window the coils get the heat they got, of the same air; everything between there and the
outdoor air is decided anew, with the true component functions, as if nothing had to start, wait, be proven or be kept
in reserve: which machines, their loads, supply temperature, coil flow, condenser flow, cells, fans. Windows are
15 minutes. Inside one, the envelope over the load lets machines take turns, and `TURNS` lets the whole plant with its
coils work and rest in turn; both for nothing.

What a trace's arm owed to storage is in the trace: building mass and rooms took the cooling that arm gave them, when it
gave it, and a bound of another arm's trace says what that arm could have saved. Water in pipes holds the load of a few
minutes and moves nothing between windows that matters; what it (or a tank) held more at the end than at the beginning is
charged at the mean of the bound. A tank is another matter, see hil.oracle.storage.

What it leaves out: unequal supply temperatures of machines that run side by side, and shares of flow other than by
reference flow. Both gain less than TOLERANCE, which the tests hold against random ways to run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from hil.oracle.axes import FINER, Axes, Freedom
from hil.oracle.grids import Array, look_up, places
from hil.oracle.needs import Need
from hil.oracle.power_table import PlantSide, PowerTable, power_table
from hil.oracle.trace import Trace
from hil.plant.central_design import CentralDesign
from hil.plant.chiller_curves import heat_rate
from hil.plant.load import BranchDesign

TOLERANCE = 0.005  # share by which a measured plant may lie below its bound before one of both is wrong
TURNS = (1.0, 1.3, 1.8, 3.0)  # times the load in the working part of a window
STEP = 0.5  # K between supply temperatures that are tried
SUPPLIES = (4.0, 20.0)  # degC
Price = Callable[[float], float]
"""Per kWh at an instant (UTC seconds)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What nobody can do better. `power` kW and `supply` degC by window."""

    kwh: float
    cooling: float  # kWh
    peak_kw: float
    cost: float | None
    power: Array
    supply: Array

    @property
    def eer_sys(self) -> float | None:
        return self.cooling / self.kwh if self.kwh > 0.0 else None


def conductance(branches: tuple[BranchDesign, ...]) -> float:
    """Of all coil branches, fully open."""
    return sum(one.flow / sqrt(one.drop) for one in branches)


def axes_for(design: CentralDesign, trace: Trace) -> Axes:
    """Nodes that hold all of a trace."""
    busy = trace.cooling > 0.0
    supply = trace.supply[busy] if busy.any() else np.array([design.local.setpoint])
    lowest = max(min(float(np.quantile(supply, 0.05)) - 1.0, design.local.setpoint - 2.0), SUPPLIES[0])
    highest = min(max(float(np.quantile(supply, 0.95)) + 4.0, design.local.setpoint + 8.0), SUPPLIES[1])
    wet = (float(trace.wet_bulb.min()), float(trace.wet_bulb.max()) + 1e-3)
    return Axes.of(design, (lowest, highest), wet)


def plant_bound(
    design: CentralDesign,
    trace: Trace,
    need: Need,
    *,
    price: Price | None = None,
    freedom: Freedom | None = None,
    branches: float | None = None,
) -> Bound:
    """`branches`: conductance of all coil branches where it is not the design's."""
    held, axes = axes_for(design, trace).held(design, freedom or Freedom())
    side = PlantSide(held, axes, branches, warmest(trace, need, axes.supplies))
    power, supply = least_power(power_table(side), trace, need)
    drawn = float(power @ trace.hours)
    delivered = trace.delivered
    owed = 1.0 + (trace.stored_change / delivered if delivered > 0.0 else 0.0)
    whole = trace.hours > 0.99 * float(trace.hours.max(initial=0.0))
    return Bound(
        kwh=drawn * owed,
        cooling=delivered,
        peak_kw=float(power[whole].max(initial=0.0)),
        cost=None if price is None else owed * _cost(price, trace, power),
        power=power,
        supply=supply,
    )


def rounding(design: CentralDesign, trace: Trace, need: Need, branches: float | None = None) -> float:
    """Share by which nodes that lie apart have made a bound too high: for the oracle's benefit it is taken off.

    Each axis is made twice as fine by itself. An error of second order then falls to a quarter: hence 4/3 of what that
    changes; what makes the bound higher is not credited.
    """
    axes = axes_for(design, trace)

    def drawn(nodes: Axes) -> float:
        side = PlantSide(design, nodes, branches, warmest(trace, need, nodes.supplies))
        return float(least_power(power_table(side), trace, need)[0] @ trace.hours)

    usual = drawn(axes)
    if usual <= 0.0:
        return 0.0
    return 4.0 / 3.0 * sum(max(1.0 - drawn(axes.finer(name)) / usual, 0.0) for name in FINER)


def warmest(trace: Trace, need: Need, supplies: Array) -> Array:
    """The highest degC at which water comes back from the coils of a trace, for each supply temperature."""
    return np.array([_back(trace, need.flow(1.0, float(one)), float(one)) for one in supplies])


def _back(trace: Trace, flow: Array, supply: float) -> float:
    told = (flow > 0.0) & (trace.cooling > 0.02 * trace.cooling.max(initial=0.0))
    rise = trace.cooling[told] / heat_rate(1.0) / flow[told]
    return supply + float(rise.max(initial=0.0))


def least_power(table: PowerTable, trace: Trace, need: Need) -> tuple[Array, Array]:
    """Each window's least kW and the supply temperature it takes."""
    axes = table.axes
    wet = places(axes.wet_bulbs, trace.wet_bulb)
    tried = _tried(axes.supplies)
    least = np.full(len(trace.cooling), np.inf)
    best = np.full(len(trace.cooling), float(axes.supplies[0]))
    idle = trace.cooling <= 0.0
    for supply in tried:
        for times in TURNS:
            flow = np.where(idle, 0.0, need.flow(times, float(supply)))
            load = times * np.maximum(trace.cooling, 0.0)
            # a window's own heat beyond all machines came out of the water in the pipes: for nothing
            beyond = 0.0 if times == 1.0 else 10.0 * np.maximum(load - axes.loads[-1], 0.0)
            working = look_up(
                table.power,
                np.broadcast_arrays(
                    wet,
                    places(axes.loads, load),
                    places(axes.supplies, np.array(supply)),
                    places(axes.flows, flow),
                ),
            )
            working = (working + beyond) * np.maximum(flow / axes.flows[-1], 1.0) ** 3
            power = working / times + (1.0 - 1.0 / times) * table.standing
            better = power < least
            best = np.where(better, supply, best)
            least = np.where(better, power, least)
    return least, best


def _tried(supplies: Array) -> Array:
    if len(supplies) == 1:
        return supplies
    low, high = float(supplies[0]), float(supplies[-1])
    return np.linspace(low, high, round((high - low) / STEP) + 1)


def _cost(price: Price, trace: Trace, power: Array) -> float:
    middles = trace.utc + 1800.0 * trace.hours
    prices = np.array([price(float(one)) for one in middles])
    return float((prices * power) @ trace.hours)
