"""The chillers of a plant for a bound: the very equations of hil.plant.chiller_curves on whole grids, and sets of machines.

A machine may be overloaded at a dear price (OVERLOAD). So every load has a finite power, and interpolation near full
load errs to the side of a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from hil.oracle.grids import Array, lower_envelope, places
from hil.plant.central_design import CentralDesign, ChillerUnit
from hil.plant.chiller_curves import KELVIN, LEAST_LIFT, ChillerCurves, PartLoad, Surface, heat_rate

TOO_HOT = (
    0.2  # by this share of it the power rises for each K of condenser water beyond where the machine trips
)
OVERLOAD = 1.0  # kW of electricity for each kW of cooling beyond what the machine has
LOADS = 41  # nodes of one machine's own load axis


def power_of(curves: ChillerCurves, cooling: Array, supply: Array, condenser: Array, ratio: Array) -> Array:
    """Electrical kW at `cooling` kW, leaving chilled and entering condenser degC; `ratio` of condenser flow."""
    rate = heat_rate(curves.condenser_flow) * ratio
    rejected = np.minimum(cooling, curves.maximum_part_load * curves.capacity) * (1.0 + 1.0 / curves.cop)
    leaving = condenser + rejected / rate
    if not curves.leaving:
        entering = leaving - rejected / heat_rate(curves.condenser_flow)
        return _draws(curves, cooling, supply, entering, leaving)[0]
    power = np.zeros(np.broadcast_shapes(cooling.shape, supply.shape, condenser.shape, ratio.shape))
    for _ in range(12):
        power, delivered = _draws(curves, cooling, supply, leaving, leaving)
        leaving = condenser + (delivered + power) / rate
    return power


def _draws(
    curves: ChillerCurves, cooling: Array, supply: Array, condenser: Array, leaving: Array
) -> tuple[Array, Array]:
    available = curves.capacity * _surface(curves.capacity_curve, supply, condenser)
    wanted = cooling / available
    part_load = np.minimum(wanted, curves.maximum_part_load)
    cycling = np.minimum(part_load / curves.minimum_part_load, 1.0)
    loaded = np.maximum(part_load, _minimum_load(curves, leaving - supply))
    shape = _part_load(curves.part_load_curve, condenser, loaded)
    full = available / curves.cop * _surface(curves.eir_curve, supply, condenser)
    full_lift = (
        curves.reference_lift + (condenser - curves.reference_condenser) - (supply - curves.reference_supply)
    )
    full = full * _beyond(curves.eir_curve, supply, condenser, full_lift)
    delivered = part_load * available
    least = delivered * np.maximum(leaving - supply, 0.0) / (supply + KELVIN)
    return np.maximum(full * shape * cycling, least) + OVERLOAD * (cooling - delivered), delivered


def _surface(surface: Surface, x: Array, y: Array) -> Array:
    x, y = np.clip(x, *surface.x_range), np.clip(y, *surface.y_range)
    c1, c2, c3, c4, c5, c6 = surface.c
    return np.asarray(c1 + c2 * x + c3 * x * x + c4 * y + c5 * y * y + c6 * x * y)


def _beyond(surface: Surface, x: Array, y: Array, lift: Array) -> Array:
    colder = np.maximum(surface.x_range[0] - x, 0.0)
    outside = colder + np.maximum(y - surface.y_range[1], 0.0)
    dearer = lift / np.maximum(lift - outside, LEAST_LIFT) * (x + colder + KELVIN) / (x + KELVIN)
    return np.where(outside > 0.0, np.maximum(dearer, 1.0), 1.0)


def _part_load(curve: PartLoad, x: Array, y: Array) -> Array:
    x, y = np.clip(x, *curve.x_range), np.clip(y, *curve.y_range)
    c1, c2, c3, c4, c5, c6, c7, c8, c9, c10 = curve.c
    return np.asarray(
        c1 + x * (c2 + x * (c3 + c7 * x + c9 * y) + y * (c6 + c10 * y)) + y * (c4 + y * (c5 + c8 * y))
    )


def _minimum_load(curves: ChillerCurves, lift: Array) -> Array:
    if not curves.centrifugal:
        return np.full_like(lift, curves.minimum_unloading)
    excess = lift / curves.reference_lift - 1.0
    return np.asarray(curves.minimum_unloading + 0.5 * np.clip(excess, 0.0, 0.6))


@dataclass(frozen=True, slots=True)
class RunningSet:
    """Which machines run: the unit numbers from 0, for equal machines the first ones."""

    members: tuple[int, ...]
    counts: tuple[int, ...]  # of each class of equal machines

    @property
    def name(self) -> str:
        return "+".join(str(place + 1) for place in self.members) or "none"


@dataclass(frozen=True, slots=True)
class Machines:
    """All chillers of a design, grouped into classes of equal ones."""

    units: tuple[ChillerUnit, ...]
    classes: tuple[tuple[int, ...], ...]

    @staticmethod
    def of(design: CentralDesign) -> Machines:
        """Equal are those with the same curves, drops and (where they have their own) pumps."""
        groups: dict[object, list[int]] = {}
        for place, unit in enumerate(design.chillers):
            pumps = [
                group.pumps[place] if group.dedicated else None
                for group in (design.chilled, design.condenser)
            ]
            groups.setdefault((repr(unit), repr(pumps)), []).append(place)
        return Machines(design.chillers, tuple(tuple(one) for one in groups.values()))

    def sets(self) -> list[RunningSet]:
        """Every set of machines that differs in what it can do; none at all is the first."""
        ranges = [range(len(members) + 1) for members in self.classes]
        return [
            RunningSet(
                tuple(
                    sorted(
                        place
                        for members, count in zip(self.classes, counts, strict=True)
                        for place in members[:count]
                    )
                ),
                counts,
            )
            for counts in product(*ranges)
        ]

    def standing(self, running: RunningSet) -> float:
        """KW of those that stand."""
        return sum(
            unit.timing.standing for place, unit in enumerate(self.units) if place not in running.members
        )

    def class_powers(self, supplies: Array, basins: Array, ratios: Array) -> list[tuple[Array, Array]]:
        """For each class: its load axis (kW) and one machine's power over load, supply, basin and flow ratio.

        Convex over load: so unequal loading of equal machines can gain nothing.
        """
        result = []
        for members in self.classes:
            curves = self.units[members[0]].curves
            loads = np.linspace(0.0, 1.25 * curves.capacity, LOADS)
            grid = power_of(
                curves,
                loads[:, None, None, None],
                supplies[None, :, None, None],
                basins[None, None, :, None],
                ratios[None, None, None, :],
            )
            rate = heat_rate(curves.condenser_flow) * ratios
            leaving = basins[:, None] + (loads[:, None, None, None] + grid) / rate
            grid *= 1.0 + TOO_HOT * np.maximum(leaving - self.units[members[0]].timing.hot, 0.0)
            result.append((loads, lower_envelope(loads, grid)))
        return result


def set_power(running: RunningSet, classes: Sequence[tuple[Array, Array]], loads: Array) -> Array:
    """Least power of a set over its total load (first axis), the load shared out in the best way."""
    total: Array | None = None
    for count, (axis, powers) in zip(running.counts, classes, strict=True):
        if count == 0:
            continue
        own = count * _at(powers, axis, loads / count)
        total = own if total is None else _best_split(total, own)
    if total is None:
        raise ValueError("no machine runs in this set")
    return total


def _at(powers: Array, axis: Array, loads: Array) -> Array:
    """One machine's power at other loads; beyond its axis OVERLOAD goes on."""
    index = places(axis, loads)
    low = np.minimum(index.astype(np.intp), len(axis) - 2)
    share = (index - low)[:, None, None, None]
    beyond = np.maximum(loads - axis[-1], 0.0)[:, None, None, None]
    return np.asarray((1.0 - share) * powers[low] + share * powers[low + 1] + OVERLOAD * beyond)


def _best_split(one: Array, other: Array) -> Array:
    """Least sum over all ways to share a load between two (equally spaced loads from 0 on)."""
    result = one + other[:1]
    for place in range(1, len(one)):
        np.minimum(result[place:], one[: len(one) - place] + other[place], out=result[place:])
    return np.asarray(result)
