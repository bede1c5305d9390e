"""What a plant with a tank draws to make cold, apart from sending it round: the two no longer happen at the same time.

Chillers, condenser water and towers as ever; pumps only by the hydraulic work they must do at their best efficiency. That
is below what any way to run them costs, whoever's pump it is that moves the water.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from hil.oracle.grids import Array, lower_envelope
from hil.oracle.needs import Need
from hil.oracle.power_table import NOTHING, PlantSide
from hil.oracle.pumping import Circuits
from hil.oracle.towers import air_needed
from hil.oracle.trace import Trace
from hil.plant.central_design import CentralDesign
from hil.plant.chiller_curves import heat_rate


@dataclass(frozen=True, slots=True)
class Distribution:
    """Over [window, supply]: kW to send the water round, of that kW into the water, K between return and supply."""

    power: Array
    to_water: Array
    rise: Array


def best_efficiency(design: CentralDesign) -> float:
    """Of all pumps that may move chilled water, wire to water."""
    groups = [design.chilled.pumps, design.secondary.pumps if design.secondary else ()]
    pumps = [pump for group in groups for pump in group]
    if design.storage:
        pumps.append(design.storage.pump)
    return max(pump.efficiency * pump.motor * pump.drive for pump in pumps)


def distribution(
    design: CentralDesign, circuits: Circuits, trace: Trace, need: Need, supplies: Array
) -> Distribution:
    """Sending the coils of a trace what they need at each of these supply temperatures."""
    flows = np.stack([need.flow(1.0, float(one)) for one in supplies], axis=1)
    flows = np.where(trace.cooling[:, None] > 0.0, flows, 0.0)
    work = circuits.resistance * flows**3 / 1e3
    power = work / best_efficiency(design)
    moving = np.maximum(flows, 1e-9)
    rise = np.where(flows > 0.0, trace.cooling[:, None] / heat_rate(1.0) / moving, 0.0)
    return Distribution(power, work, rise)


def production(side: PlantSide, rises: Array) -> Array:
    """KW over [wet bulb, load, supply], convex over the load. `rises`: most K there can be for each supply."""
    return np.stack([_row(side, float(wet), rises) for wet in side.axes.wet_bulbs])


def _row(side: PlantSide, wet_bulb: float, rises: Array) -> Array:
    axes, design = side.axes, side.design
    air = air_needed(design.towers.cell, wet_bulb)
    flow = axes.loads[:, None] / heat_rate(1.0) / np.maximum(rises, 1.0)[None, :]
    ways = []
    for place, running in enumerate(side.sets):
        standing = side.machines.standing(running)
        if not running.members:
            ways.append(np.broadcast_to(NOTHING * axes.loads[:, None], flow.shape) + standing)
            continue
        units = [design.chillers[n] for n in running.members]
        open_to = sum(one.curves.chilled_flow / sqrt(one.evaporator_drop) for one in units)
        work = flow**3 / open_to**2 / 1e3
        ways.append(side.cooled(place, wet_bulb, air)[0] + work / best_efficiency(design) + standing)
    return lower_envelope(axes.loads, np.min(np.stack(ways), axis=0))
