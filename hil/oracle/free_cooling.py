"""The least power of a plant while its economiser is in the circuit: alone, or before chillers that run.

All decisions of hil.oracle.power_table and the flow of the economiser's own pump. Its nodes lie further apart, for there
is one dimension more; both waters meet the same basin and the same cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from hil.oracle.grids import Array, Boolean, along_first
from hil.oracle.power_table import NOTHING, Block, PlantSide
from hil.oracle.pumping import Pumping
from hil.oracle.towers import AirNeeded, fan_power
from hil.plant.chiller_curves import heat_rate
from hil.plant.exchanger import Exchanger

SHARES = np.array([0.3, 0.5, 0.75, 1.0])  # of the design flow of the economiser's pump
SPARSE = 2  # every so many nodes of loads and basins
PINCH = 0.3  # K: a basin that is not so much colder than the water from the coils takes no heat


def exchanged(exchanger: Exchanger, warm_in: Array, warm: float, cold_in: Array, cold: float) -> Array:
    """`Exchanger.heat` for temperatures on grids; flows in l/s."""
    films = 0.5 * (exchanger.warm_flow / warm) ** 0.7 + 0.5 * (exchanger.cold_flow / cold) ** 0.7
    rates = heat_rate(warm), heat_rate(cold)
    smaller, ratio = min(rates), min(min(rates) / max(rates), 1.0 - 1e-9)
    units = exchanger.conductance / films / smaller
    decay = float(np.exp(-units * (1.0 - ratio)))
    effectiveness = (1.0 - decay) / (1.0 - ratio * decay)
    return np.asarray(effectiveness * smaller * np.maximum(warm_in - cold_in, 0.0))


@dataclass(frozen=True, slots=True)
class _Nodes:
    """What one wet bulb looks at."""

    loads: Array
    near: slice
    basins: Array
    ratios: slice
    wet_bulb: float
    air: AirNeeded
    supplies: slice


def economised(side: PlantSide, wet_bulb: float, air: AirNeeded, without: Array) -> Array:
    """KW over [load, supply, flow] at one wet bulb: less than `without` economiser wherever it saves something."""
    axes = side.axes
    near = side.near(wet_bulb)
    near = slice(near.start, near.stop, SPARSE)
    ratios = slice(0, None, max(len(axes.ratios) // 4, 1))
    nodes = _Nodes(axes.loads[::SPARSE], near, axes.basins[near], ratios, wet_bulb, air, slice(None))
    least = without[::SPARSE].copy()
    for place, running in enumerate(side.sets):
        pumping = side.circuits.chilled(running, axes.flows, economiser=True)
        standing = side.machines.standing(running)
        chillers = side.chillers(place, near)[..., ratios] if running.members else None
        limit = (
            side.at_least(place, near)
            if running.members
            else NOTHING * np.repeat(axes.loads[:, None], len(axes.supplies), axis=1)
        )
        for column in range(1, len(axes.flows)):
            chilled = float(axes.flows[column]), Pumping(pumping.power[column], pumping.to_water[column])
            known = least[..., column] - chilled[1].power - standing
            block = _block(_limit(side, nodes, chilled, limit) < known)
            if block is None:
                continue
            rows, supplies = block
            part = replace(nodes, loads=nodes.loads[rows], supplies=supplies)
            cut = None if chillers is None else chillers[:, supplies]
            cooled = _at_flow(side, place, cut, part, chilled)
            least[(*block, column)] = np.minimum(cooled, known[block]) + chilled[1].power + standing
    every = np.full((len(axes.loads), *least.shape[1:]), np.inf)
    every[::SPARSE] = least
    for place in range(1, SPARSE):
        share = place / SPARSE
        every[place::SPARSE] = (1.0 - share) * least[:-1] + share * least[1:]
    return np.minimum(every, without)


def _block(wanted: Boolean) -> Block | None:
    rows, columns = (np.flatnonzero(wanted.any(axis=other)) for other in (1, 0))
    if rows.size == 0:
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _coming(side: PlantSide, nodes: _Nodes, flow: float) -> Array:
    """DegC of the water from the coils over [load, supply]."""
    coming = side.axes.supplies[None, nodes.supplies] + nodes.loads[:, None] / heat_rate(flow)
    return np.asarray(np.minimum(coming, side.warmest[None, nodes.supplies]))


def _limit(side: PlantSide, nodes: _Nodes, chilled: tuple[float, Pumping], limit: Array) -> Array:
    """KW over [load, supply] that a set must take with all that the coldest basin can give, fans for nothing.

    `limit`: the same over all loads of the chillers.
    """
    flow, pumping = chilled
    wanted = np.broadcast_to(nodes.loads[:, None] + pumping.to_water, (len(nodes.loads), limit.shape[1]))
    coming = _coming(side, nodes, flow)[..., None]
    if float(coming.max()) < float(nodes.basins[0]) + PINCH:
        return np.full(wanted.shape, np.inf)
    ways = list(_exchanges(side, flow, coming, nodes.basins[:1]))
    rest = np.maximum(wanted - np.max([possible for _, _, possible in ways], axis=0)[..., 0], 0.0)
    return along_first(limit, side.axes.loads, rest) + min(float(own.power) for _, own, _ in ways)


def _at_flow(
    side: PlantSide, place: int, chillers: Array | None, nodes: _Nodes, chilled: tuple[float, Pumping]
) -> Array:
    """Least kW of chillers, economiser, condenser pumps and fans over [load, supply] at one coil flow."""
    flow, pumping = chilled
    wanted = nodes.loads[:, None, None] + pumping.to_water
    coming = _coming(side, nodes, flow)[..., None]
    least = np.full(coming.shape[:2], np.inf)
    for cold, own, possible in _exchanges(side, flow, coming, nodes.basins):
        taken = np.minimum(possible, wanted)
        rest = wanted - taken
        if chillers is None:
            total = own.power + NOTHING * rest + _fans(side, nodes, cold, taken + own.to_water)
            least = np.minimum(least, total.min(axis=2))
            continue
        power = _drawn(side, chillers, rest)
        heat = (taken + rest)[..., None] + power + own.to_water
        at = (side.axes.cells[-1], nodes.basins, heat)
        rejecting = side.rejection(place, nodes.wet_bulb, nodes.air, at, (cold, nodes.ratios))
        least = np.minimum(least, (power + rejecting).min(axis=(2, 3)) + own.power)
    return least


def _exchanges(
    side: PlantSide, flow: float, coming: Array, basins: Array
) -> Iterator[tuple[float, Pumping, Array]]:
    """Cold flow, its pumping and the heat it can take over [load, supply, basin]."""
    design = side.design.economiser
    if design is None:
        return
    for share in SHARES:
        cold = float(share) * design.pump.design_flow
        own = side.circuits.economiser(np.array(cold))
        yield cold, own, exchanged(design.exchanger, coming, flow, basins[None, None, :], cold)


def _fans(side: PlantSide, nodes: _Nodes, flow: float, heat: Array) -> Array:
    """KW of the fans when only the economiser's water goes over the cells."""
    towers = side.design.towers
    cells = side.axes.cells[-1]
    rate = heat_rate(flow)
    water = np.array(flow / cells / towers.cell.design_flow)
    needed = nodes.air(water, heat / rate, nodes.basins - nodes.wet_bulb)
    return cells * fan_power(towers.cell, needed, variable=towers.variable)


def _drawn(side: PlantSide, chillers: Array, loads: Array) -> Array:
    """Chillers' power over [load, supply, basin, ratio] at `loads` over the first three."""
    axis = side.axes.loads
    index = np.minimum(loads / axis[1], len(axis) - 1.0)
    low = np.minimum(index.astype(np.intp), len(axis) - 2)
    share = (index - low)[..., None]
    rest = np.ix_(*(np.arange(size) for size in chillers.shape[1:3]))
    first = chillers[(low, *rest)]
    over = np.maximum(loads - axis[-1], 0.0)[..., None]
    return np.asarray(first + share * (chillers[(low + 1, *rest)] - first) + over)
