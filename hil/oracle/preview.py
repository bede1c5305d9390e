"""Which way to run a plant is best, over load and wet bulb: a table for engineers, and what each freedom brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hil.oracle.axes import ABLATION, Axes, Freedom
from hil.oracle.bound import SUPPLIES, least_power
from hil.oracle.grids import Array, along_first
from hil.oracle.needs import EmissionNeed, Need
from hil.oracle.power_table import Choice, PlantSide, power_table
from hil.oracle.towers import AirNeeded, air_needed, fan_power
from hil.oracle.trace import Trace
from hil.plant.central_design import CentralDesign
from hil.plant.chiller_curves import heat_rate
from hil.plant.profile_load import Emission


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to run the plant: kW, degC, l/s; speeds and ratios as shares of full."""

    load: float
    wet_bulb: float
    machines: str  # numbers of those that run; equal machines are exchangeable
    supply: float
    flow: float
    condenser_entering: float
    condenser_ratio: float
    cells: int
    fan: float  # relative speed
    power: float
    chillers: float
    chilled_pumps: float
    condenser_pumps: float
    fans: float

    @property
    def eer_sys(self) -> float:
        return self.load / self.power


def steady_trace(loads: Array, wet_bulbs: Array, hours: float = 1.0) -> Trace:
    """A trace of given loads, one after the other, whose coils are told otherwise."""
    nothing = np.zeros_like(loads)
    return Trace(
        utc=3600.0 * hours * np.arange(len(loads), dtype=np.float64),
        hours=np.full(len(loads), hours),
        cooling=loads,
        supply=np.full(len(loads), 7.0),
        flow=nothing,
        wet_bulb=wet_bulbs,
        power=nothing,
    )


def best_ways(
    design: CentralDesign,
    loads: Sequence[float],
    wet_bulbs: Sequence[float],
    *,
    emission: Emission | None = None,
    freedom: Freedom | None = None,
) -> list[Way]:
    """The best steady way for each wet bulb and load (kW; taken to the nearest node of the grid)."""
    wets = tuple(sorted(wet_bulbs))
    axes = Axes.of(
        design,
        (max(design.local.setpoint - 2.0, SUPPLIES[0]), design.local.setpoint + 9.0),
        (wets[0], wets[-1]),
    )
    axes = replace(axes, wet_bulbs=np.array(wets))
    held, axes = axes.held(design, freedom or Freedom())
    side = PlantSide(held, axes)
    places = [int(np.abs(axes.loads - load).argmin()) for load in loads]
    return [one for wet in wets for one in _at_wet_bulb(side, wet, places, emission or Emission())]


def _at_wet_bulb(side: PlantSide, wet: float, places: Sequence[int], emission: Emission) -> list[Way]:
    """The best way for each of these nodes of the load axis, over all sets and supply temperatures."""
    axes = side.axes
    loads = axes.loads[np.array(places)]
    need = EmissionNeed(steady_trace(loads, np.full(len(loads), wet)), side.design.branch_flow, emission)
    flows = np.stack([need.flow(1.0, float(one)) for one in axes.supplies], axis=1)  # [load, supply]
    air = air_needed(side.design.towers.cell, wet)
    best: list[Way | None] = [None] * len(loads)
    for place, running in enumerate(side.sets):
        if not running.members:
            continue
        set_at = _SetAt(side, place, wet, air, *side.cooled(place, wet, air))
        for row, load in enumerate(loads):
            way = set_at.way(float(load), flows[row])
            before = best[row]
            if before is None or way.power < before.power:
                best[row] = way
    return [one for one in best if one is not None]


@dataclass(frozen=True, slots=True)
class _SetAt:
    """One set of machines at one wet bulb, with what is best for each load and supply temperature."""

    side: PlantSide
    place: int
    wet: float
    air: AirNeeded
    least: Array
    choice: Choice

    def way(self, load: float, flows: Array) -> Way:
        """At the best of the supply temperatures, for which the coils need `flows`."""
        side, axes = self.side, self.side.axes
        running = side.sets[self.place]
        pumping = side.circuits.chilled(running, axes.flows)
        pumps = np.interp(flows, axes.flows, pumping.power)
        wanted = load + np.interp(flows, axes.flows, pumping.to_water)
        over = 10.0 * np.maximum(wanted - axes.loads[-1], 0.0) + 10.0 * np.maximum(
            flows - axes.flows[-1], 0.0
        )
        supply = int((along_first(self.least, axes.loads, wanted[None, :])[0] + over + pumps).argmin())
        at = int(np.abs(axes.loads - wanted[supply]).argmin())
        basin, ratio = int(self.choice.basin[at, supply]), int(self.choice.ratio[at, supply])
        cells = axes.cells[int(self.choice.cells[at, supply])]
        drawn = side.chillers(self.place)[:, supply, basin, ratio]
        chillers = float(np.interp(wanted[supply], axes.loads, drawn))
        ratios = axes.ratios[ratio : ratio + 1]
        flow, own = side.circuits.condenser(running, ratios, cells)
        heat = wanted[supply] + chillers + own.to_water
        cell = side.design.towers.cell
        approach = axes.basins[basin] - own.to_water / heat_rate(1.0) / flow - self.wet
        needed = self.air(flow / cells / cell.design_flow, heat / heat_rate(1.0) / flow, approach)
        fans = cells * float(fan_power(cell, needed, variable=side.design.towers.variable)[0])
        chillers += side.machines.standing(running)
        return Way(
            load=load,
            wet_bulb=self.wet,
            machines=running.name,
            supply=float(axes.supplies[supply]),
            flow=float(flows[supply]),
            condenser_entering=float(axes.basins[basin]),
            condenser_ratio=float(ratios[0]),
            cells=cells,
            fan=float((fans / cells / cell.fan_power) ** (1.0 / 3.0)),
            power=float(chillers + pumps[supply] + own.power[0] + fans),
            chillers=chillers,
            chilled_pumps=float(pumps[supply]),
            condenser_pumps=float(own.power[0]),
            fans=fans,
        )


def ablation(design: CentralDesign, trace: Trace, need: Need, axes: Axes) -> dict[str, float]:
    """KWh of a trace as one thing after the other becomes free to be decided."""
    result = {}
    for name, freedom in ABLATION:
        held, nodes = axes.held(design, freedom)
        power, _ = least_power(power_table(PlantSide(held, nodes)), trace, need)
        result[name] = float(power @ trace.hours)
    return result
