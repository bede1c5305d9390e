"""The least power of a plant over load, wet bulb, supply temperature and coil flow, over all its machines and speeds.

For each set of machines: the best sharing of the load (hil.oracle.machines), then the best basin temperature, condenser
flow and number of cells, fans included; then over all sets the chilled-water pumps are added and the best is taken, and
the lower convex envelope over the load, so that no plant can beat it by cycling between two ways to run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hil.oracle.axes import FURTHEST, NEAREST, Axes
from hil.oracle.grids import Array, Boolean, Indices, along_first, lower_envelope
from hil.oracle.machines import Machines, RunningSet, set_power
from hil.oracle.pumping import Circuits, Pumping
from hil.oracle.towers import AirNeeded, air_needed, fan_power
from hil.plant.central_design import CentralDesign
from hil.plant.chiller_curves import heat_rate


@dataclass(frozen=True, slots=True)
class Choice:
    """Indices into the axes that were best for each load and supply temperature, and the kW of fans and pumps."""

    basin: Indices
    ratio: Indices
    cells: Indices  # index into `Axes.cells`


@dataclass(frozen=True, slots=True)
class PowerTable:
    """kW over [load, supply, flow] for each wet bulb. `heat`: pumps' heat in kW that the chillers take besides."""

    axes: Axes
    power: Array  # [wet bulb, load at the coils, supply, flow], convex over the load
    raw: Array  # the same before the envelope
    best: Indices  # place of the best set in `sets`, before the envelope
    sets: tuple[RunningSet, ...]
    standing: float  # kW when everything stands


Block = tuple[slice, slice]
"""Which nodes of the load and of the supply temperature."""
EVERYTHING: Block = (slice(None), slice(None))


class PlantSide:
    """One design on one grid: what depends on machines and tower only, and is used again for every wet bulb."""

    def __init__(
        self,
        design: CentralDesign,
        axes: Axes,
        conductance: float | None = None,
        warmest: Array | None = None,
    ) -> None:
        """`conductance`: see `Circuits`. `warmest`: degC that can come back from the coils for each supply."""
        self.warmest = np.full(len(axes.supplies), np.inf) if warmest is None else warmest
        self.design = design
        self.axes = axes
        self.machines = Machines.of(design)
        self.circuits = Circuits(design, self.machines, conductance)
        self.sets = tuple(self.machines.sets())
        classes = self.machines.class_powers(axes.supplies, axes.basins, axes.ratios)
        self._powers = [
            set_power(one, classes, axes.loads).astype(np.float32) if one.members else None
            for one in self.sets
        ]
        self._condensers: dict[tuple[int, int], tuple[Array, Pumping]] = {}

    def chillers(self, place: int, near: slice = slice(None)) -> Array:
        """Power of one set over [load, supply, basin, ratio]."""
        powers = self._powers[place]
        if powers is None:
            raise ValueError("nothing runs in this set")
        return powers[:, :, near, :].astype(np.float64)

    def condenser(self, place: int, cells: int) -> tuple[Array, Pumping]:
        """Flow and pumping of one set at each of the axes' ratios, with so many cells open."""
        if (place, cells) not in self._condensers:
            found = self.circuits.condenser(self.sets[place], self.axes.ratios, cells)
            self._condensers[place, cells] = found
        return self._condensers[place, cells]

    def at_least(self, place: int, near: slice) -> Array:
        """KW over [load, supply] below which chillers and condenser pumps of a set cannot come, fans for nothing."""
        pumps = np.min([self.condenser(place, cells)[1].power for cells in self.axes.cells], axis=0)
        return np.asarray((self.chillers(place, near) + pumps).min(axis=(2, 3)))

    def near(self, wet_bulb: float) -> slice:
        """The basin temperatures that matter at a wet bulb."""
        basins = self.axes.basins
        first = int(np.searchsorted(basins, wet_bulb + NEAREST))
        last = int(np.searchsorted(basins, wet_bulb + FURTHEST, side="right"))
        first = min(first, len(basins) - 1)
        return slice(first, max(last, first + 1))

    def cooled(
        self, place: int, wet_bulb: float, air: AirNeeded, block: Block = EVERYTHING
    ) -> tuple[Array, Choice]:
        """Least power of chillers, condenser pumps and fans of one set over [load, supply] in this block of them."""
        near = self.near(wet_bulb)
        chillers = self.chillers(place, near)[block]
        basins = self.axes.basins[near]
        heat = self.axes.loads[block[0], None, None, None] + chillers
        shape = chillers.shape[:2]
        every: list[tuple[Array, Indices]] = []
        for cells in self.axes.cells:
            total = chillers + self.rejection(place, wet_bulb, air, (cells, basins, heat))
            flat = total.reshape(*shape, -1)
            index = flat.argmin(axis=2)
            every.append((np.take_along_axis(flat, index[..., None], axis=2)[..., 0], index))
        powers = np.stack([one for one, _ in every])
        cells_index = powers.argmin(axis=0)
        chosen = np.take_along_axis(np.stack([one for _, one in every]), cells_index[None], axis=0)[0]
        start = near.start or 0
        choice = Choice(chosen // len(self.axes.ratios) + start, chosen % len(self.axes.ratios), cells_index)
        return powers.min(axis=0), choice

    def rejection(
        self,
        place: int,
        wet_bulb: float,
        air: AirNeeded,
        at: tuple[int, Array, Array],
        beside: tuple[float, slice] = (0.0, slice(None)),
    ) -> Array:
        """KW of condenser pumps and fans. `at`: open cells, basins (third axis), heat to reject.

        `beside`: l/s of other water over the same cells, and which of the flow ratios are looked at.
        """
        cells, basins, heat = at
        more, looked = beside
        towers = self.design.towers
        flow, pumping = self.condenser(place, cells)
        flow, pumping = flow[looked], Pumping(pumping.power[looked], pumping.to_water[looked])
        rate = heat_rate(1.0) * (flow + more)
        water_range = (heat + pumping.to_water) / rate
        approach = basins[:, None] - pumping.to_water / rate - wet_bulb
        needed = air((flow + more) / cells / towers.cell.design_flow, water_range, approach)
        return np.asarray(pumping.power + cells * fan_power(towers.cell, needed, variable=towers.variable))


def power_table(side: PlantSide) -> PowerTable:
    """For all wet bulbs of the side's axes."""
    axes = side.axes
    rows = [_row(side, float(wet)) for wet in axes.wet_bulbs]
    raw = np.stack([one for one, _ in rows])
    power = np.stack([lower_envelope(axes.loads, one) for one in raw])
    standing = sum(unit.timing.standing for unit in side.design.chillers)
    return PowerTable(axes, power, raw, np.stack([best for _, best in rows]), side.sets, standing)


def _row(side: PlantSide, wet_bulb: float) -> tuple[Array, Indices]:
    """Least power over [load, supply, flow] at one wet bulb, and which set it is.

    A set is looked at only where it might be the best one: where what it takes with fans for nothing is less than what
    another was found to take with them. That leaves nothing out.
    """
    air = air_needed(side.design.towers.cell, wet_bulb)
    limits = [_at_least(side, place, wet_bulb) for place in range(len(side.sets))]
    least = np.full(_shape(side.axes), np.inf)
    best = np.zeros(_shape(side.axes), dtype=np.intp)
    for place in _in_turn(limits):
        block = _block(side, place, limits[place] < least)
        if block is None:
            continue
        power = (
            limits[place] if not side.sets[place].members else _with_pumps(side, place, wet_bulb, air, block)
        )
        best = np.where(power < least, place, best)
        least = np.minimum(least, power)
    if side.design.economiser is not None:
        from hil.oracle.free_cooling import economised

        free = economised(side, wet_bulb, air, least)
        return free, np.where(free < least, FREE, best)
    return least, best


FREE = -1  # instead of a set's place: the economiser is in the circuit
FAR = 1e9  # kW: of what was not looked at


def _in_turn(limits: Sequence[Array]) -> list[int]:
    """Those first that promise to be the best at most nodes."""
    wins = np.bincount(np.stack(limits).argmin(axis=0).ravel(), minlength=len(limits))
    return [int(one) for one in np.argsort(-wins, kind="stable")]


def _block(side: PlantSide, place: int, wanted: Boolean) -> Block | None:
    """The nodes of chillers' load and supply that the wanted ones [load at the coils, supply, flow] need."""
    rows, columns = (np.flatnonzero(wanted.any(axis=others)) for others in ((1, 2), (0, 2)))
    if rows.size == 0:
        return None
    heat = side.circuits.chilled(side.sets[place], side.axes.flows).to_water.max()
    more = int(heat / side.axes.loads[1]) + 2
    return slice(int(rows[0]), int(rows[-1]) + 1 + more), slice(int(columns[0]), int(columns[-1]) + 1)


def _at_least(side: PlantSide, place: int, wet_bulb: float) -> Array:
    """One set over [load, supply, flow] with fans for nothing; the whole of it where no machine runs."""
    axes, running = side.axes, side.sets[place]
    pumping = side.circuits.chilled(running, axes.flows)
    standing = side.machines.standing(running)
    if not running.members:
        cold = axes.loads[:, None, None] > 0.0
        idle = np.where(cold, NOTHING * axes.loads[:, None, None], 0.0) + pumping.power
        return np.asarray(np.broadcast_to(idle, _shape(axes)) + standing)
    limit = side.at_least(place, side.near(wet_bulb))
    return with_heat(limit, axes, pumping.to_water) + pumping.power + standing


def _with_pumps(side: PlantSide, place: int, wet_bulb: float, air: AirNeeded, block: Block) -> Array:
    """One set with its chilled-water pumps, whose heat is load too. Beyond the block: FAR."""
    axes, running = side.axes, side.sets[place]
    pumping = side.circuits.chilled(running, axes.flows)
    cooled = np.full(_shape(axes)[:2], FAR)
    cooled[block], _ = side.cooled(place, wet_bulb, air, block)
    return with_heat(cooled, axes, pumping.to_water) + pumping.power + side.machines.standing(running)


NOTHING = 10.0  # kW for each kW that is wanted of a plant in which no machine runs


def with_heat(cooled: Array, axes: Axes, heat: Sequence[float] | Array) -> Array:
    """[load, supply] of the chillers as [load at the coils, supply, flow]: the pumps' heat comes to the load."""
    wanted = axes.loads[:, None, None] + np.asarray(heat)[None, None, :]
    wanted = np.broadcast_to(wanted, _shape(axes))
    table = np.broadcast_to(cooled[:, :, None], _shape(axes))
    over = np.maximum(wanted - axes.loads[-1], 0.0)
    return np.asarray(along_first(table, axes.loads, wanted) + over)


def _shape(axes: Axes) -> tuple[int, int, int]:
    return len(axes.loads), len(axes.supplies), len(axes.flows)
