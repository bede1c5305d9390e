"""What a circuit's pumps draw at least for a flow, with the machines of a set in it. Valves stand open, speeds are free.

Machines of a set share the flow by their reference flows; pumps of a common header by their design flows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np

from hil.oracle.grids import Array, lower_envelope
from hil.oracle.machines import Machines, RunningSet
from hil.plant.central_design import CentralDesign, PumpGroup
from hil.plant.pump import GRAVITY, PumpCurve

BEYOND = 10.0  # by this share of it the power rises for each share of speed beyond full


@dataclass(frozen=True, slots=True)
class Pumping:
    """Electrical kW, and how much of it heats the water."""

    power: Array
    to_water: Array


def pump_power(pump: PumpCurve, flow: Array, pressure: Array, *, variable: bool, slowest: float) -> Array:
    """KW of one pump at `flow` l/s against at least `pressure` kPa at the lowest speed that does it."""
    lowest = slowest if variable else 1.0
    needed = np.sqrt((pressure + pump.slope * flow**2) / pump.top)
    speed = np.maximum(needed, lowest)
    head = (speed**2 * pump.top - pump.slope * flow**2) / GRAVITY
    off_best = flow / (pump.design_flow * speed) - 1.0
    efficiency = np.maximum(pump.efficiency * (1.0 - 0.6 * off_best**2), 0.2)
    drive = pump.drive * (1.0 - 0.03 * (1.0 - np.minimum(speed, 1.0)))
    power = flow * GRAVITY * head / 1e3 / (efficiency * pump.motor * drive)
    return np.asarray(power * (1.0 + BEYOND * np.maximum(speed - 1.0, 0.0)))


class Circuits:
    """Chilled and condenser water of one design."""

    def __init__(self, design: CentralDesign, machines: Machines, conductance: float | None = None) -> None:
        """`conductance`: of all coil branches, fully open, l/s per square root of kPa; None: as designed."""
        self.design = design
        self.machines = machines
        self._branches = conductance or design.branch_flow / sqrt(design.branch_drop)
        self._mains = design.mains_drop / design.branch_flow**2
        towers = design.towers
        self._riser = design.riser_drop / design.condenser.flow**2
        self._nozzle = towers.nozzle_drop / (design.condenser.flow / towers.count) ** 2

    @property
    def resistance(self) -> float:
        """Of mains and open branches, kPa per (l/s)2."""
        return self._mains + 1.0 / self._branches**2

    def chilled(self, running: RunningSet, flow: Array, *, economiser: bool = False) -> Pumping:
        """At coil flows `flow` (l/s, rising). The machines never get less than their flow switches ask."""
        design, units = self.design, self.design.chillers
        extra = design.economiser.drop / design.branch_flow**2 if design.economiser and economiser else 0.0
        pressure = (self.resistance + extra) * flow**2
        members = running.members or tuple(range(len(units)))
        least = sum(units[n].timing.minimum_flow * units[n].curves.chilled_flow for n in running.members)
        through = np.maximum(flow, least)
        drops = [units[n].evaporator_drop for n in members]
        shares = [units[n].curves.chilled_flow for n in members]
        if design.secondary is None:
            options = self._options(members, free=not running.members)
            return _least(design.chilled, options, flow, (through, pressure), (drops, shares))
        spare = design.chilled.pressure - design.evaporator_drop
        own = (through / design.chilled.flow) ** 2 * max(spare, 0.0)
        first = _least(design.chilled, [members], flow, (through, own), (drops, shares))
        second = _least(design.secondary, [members], flow, (flow, pressure), None)
        if not running.members:
            return second
        return Pumping(first.power + second.power, first.to_water + second.to_water)

    def condenser(self, running: RunningSet, ratios: Array, cells: int) -> tuple[Array, Pumping]:
        """Flow (l/s) and pumping at these ratios of the reference flows, with so many cells open."""
        units = [self.design.chillers[n] for n in running.members]
        shares = [unit.curves.condenser_flow for unit in units]
        flow = ratios * sum(shares)
        lift = self.design.towers.lift * GRAVITY
        pressure = lift + (self._riser + self._nozzle / cells**2) * flow**2
        drops = [unit.condenser_drop for unit in units]
        return flow, _least(self.design.condenser, [running.members], flow, (flow, pressure), (drops, shares))

    def economiser(self, flow: Array) -> Pumping:
        """Of the economiser's own pump on the tower side."""
        design = self.design.economiser
        if design is None:
            raise ValueError("this plant has no economiser")
        pump = design.pump
        lift = self.design.towers.lift * GRAVITY
        own = max(pump.design_head * GRAVITY - design.condenser_drop - lift, 1.0)
        pressure = lift + (own + design.condenser_drop) * (flow / pump.design_flow) ** 2
        power = pump_power(pump, flow, pressure, variable=True, slowest=0.2)
        return Pumping(power, power * pump.to_water)

    def _options(self, members: tuple[int, ...], *, free: bool) -> list[tuple[int, ...]]:
        """Whose pumps may run: those of the machines, or where none runs any of them."""
        if not free:
            return [members]
        return [one.members for one in self.machines.sets() if one.members]


Parts = tuple[Sequence[float], Sequence[float]]
"""Drop (kPa at the reference flow) and reference flow (l/s) of each machine in the circuit."""


Duty = tuple[Array, Array]
"""l/s that the pumps carry, and kPa behind the machines."""


def _least(
    group: PumpGroup, options: Sequence[tuple[int, ...]], axis: Array, duty: Duty, parts: Parts | None
) -> Pumping:
    """Least over the ways to run the pumps, along a rising axis; pumps may also take turns, hence the envelope."""
    flow, pressure = duty
    if group.dedicated:
        ways = _dedicated(group, options, flow, pressure, parts)
    else:
        ways = _headered(group, flow, pressure, parts)
    least = lower_envelope(axis, np.min(np.stack(ways), axis=0))
    return Pumping(least, least * min(pump.to_water for pump in group.pumps))


def _dedicated(
    group: PumpGroup, options: Sequence[tuple[int, ...]], flow: Array, pressure: Array, parts: Parts | None
) -> list[Array]:
    ways = []
    for members in options:
        drops, shares = parts or ([0.0] * len(members), [1.0] * len(members))
        if len(members) != len(drops):  # nobody cools: any of them may carry the water
            drops, shares = [drops[n] for n in members], [shares[n] for n in members]
        total: Array = np.zeros_like(flow)
        for place, drop, share in zip(members, drops, shares, strict=True):
            own = flow * share / sum(shares)
            total = total + pump_power(
                group.pumps[place],
                own,
                pressure + drop * (own / share) ** 2,
                variable=group.variable,
                slowest=group.minimum / 100.0,
            )
        ways.append(total)
    return ways


def _headered(group: PumpGroup, flow: Array, pressure: Array, parts: Parts | None) -> list[Array]:
    machines = 0.0
    if parts is not None:
        machines = 1.0 / sum(share / sqrt(drop) for drop, share in zip(*parts, strict=True)) ** 2
    kinds: dict[PumpCurve, int] = {}
    for pump in group.pumps:
        kinds[pump] = kinds.get(pump, 0) + 1
    ways = []
    for counts in product(*(range(count + 1) for count in kinds.values())):
        capacity = sum(count * pump.design_flow for count, pump in zip(counts, kinds, strict=True))
        if capacity <= 0.0:
            continue
        total: Array = np.zeros_like(flow)
        for count, pump in zip(counts, kinds, strict=True):
            own = flow * pump.design_flow / capacity
            total = total + count * pump_power(
                pump,
                own,
                pressure + machines * flow**2,
                variable=group.variable,
                slowest=group.minimum / 100.0,
            )
        ways.append(total)
    return ways
