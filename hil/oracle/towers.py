"""Towers turned round: how much air a cell needs to cool water by a range to an approach, and what its fans draw.

`YorkCurve` is a quadratic in the ratio of water to air and is solved in closed form; `Merkel` is tabulated once a wet bulb.
A need beyond full fans has a finite, dear price, so that tables stay smooth up to their edges.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hil.oracle.grids import Array, look_up, places
from hil.plant.tower import AIR_CP, Merkel, Tower, YorkCurve
from hil.plant.weather import vapour_pressure

AirNeeded = Callable[[Array, Array, Array], Array]
"""Share of the design air for a water share, a range (K) and an approach (K)."""

MOST = 2.0  # times the design air: as far as needs are told apart
BEYOND = 10.0  # by this share of it the power rises for each share of air beyond full


def air_needed(tower: Tower, wet_bulb: float) -> AirNeeded:
    """At this wet bulb (degC). Raises TypeError for a model that is not known here."""
    if isinstance(tower.model, YorkCurve):
        return _york(tower.model, wet_bulb)
    if isinstance(tower.model, Merkel):
        return _merkel(tower.model, wet_bulb)
    raise TypeError(f"no inverse of {type(tower.model).__name__}")


def fan_power(tower: Tower, needed: Array, *, variable: bool, slowest: float = 0.1) -> Array:
    """KW of one cell's fan for this share of air, averaged over time where it can only be on or off."""
    if variable:
        speed = np.where(needed <= tower.natural, 0.0, np.maximum(needed, slowest))
        power = speed**3
    else:
        power = np.clip((needed - tower.natural) / (1.0 - tower.natural), 0.0, None)
    return np.asarray(tower.fan_power * power * (1.0 + BEYOND * np.maximum(needed - 1.0, 0.0)))


def _york(curve: YorkCurve, wet_bulb: float) -> AirNeeded:
    wet = min(max(wet_bulb, curve.wet_bulb_range[0]), curve.wet_bulb_range[1])
    sums = [
        curve.c[first] + curve.c[first + 1] * wet + curve.c[first + 2] * wet * wet
        for first in range(0, 27, 3)
    ]

    def needed(water: Array, water_range: Array, approach: Array) -> Array:
        constant, linear, square = (
            sums[first] + water_range * (sums[first + 1] + water_range * sums[first + 2])
            for first in (0, 3, 6)
        )
        short = approach - constant
        root = np.maximum(linear * linear + 4.0 * square * short, 0.0)
        divisor = np.maximum(linear + np.sqrt(root), 1e-9)
        ratio = np.maximum(2.0 * short / divisor, 1e-6)
        air = np.minimum(water / ratio, MOST)
        air = np.where(approach < curve.approach_range[0], MOST, air)
        return np.where(ratio >= curve.maximum_ratio, 0.0, air)

    return needed


_WATERS = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.25, 1.5])
_RANGES = np.array([0.2, 0.6, 1.2, 2.0, 3.0, 4.0, 5.0, 6.0, 7.5, 9.0, 12.0, 16.0])
_APPROACHES = np.concatenate((np.linspace(0.25, 6.0, 24), [6.5, 7.0, 8.0, 9.0, 10.0, 12.0, 14.0, 18.0, 22.0]))
_AIRS = np.concatenate((np.linspace(0.05, 1.0, 20), [1.15, 1.35, 1.6, MOST]))


def _merkel(model: Merkel, wet_bulb: float) -> AirNeeded:
    shape = (len(_WATERS), len(_RANGES), len(_APPROACHES), len(_AIRS))
    water, ranges, approach, air = np.meshgrid(_WATERS, _RANGES, _APPROACHES, _AIRS, indexing="ij")
    left = merkel_leaving(model, wet_bulb + approach + ranges, wet_bulb, water, air) - wet_bulb
    table = np.empty(shape[:3])
    for place in np.ndindex(shape[:3]):
        table[place] = np.interp(-_APPROACHES[place[2]], -left[place], _AIRS)
    axes = (_WATERS, _RANGES, _APPROACHES)

    def needed(water: Array, water_range: Array, approach: Array) -> Array:
        indices = [places(axis, one) for axis, one in zip(axes, (water, water_range, approach), strict=True)]
        return look_up(table, np.broadcast_arrays(*indices))

    return needed


def merkel_leaving(model: Merkel, entering: Array, wet_bulb: float, water: Array, air: Array) -> Array:
    """`Merkel.leaving` on grids, except that its air correction goes on beyond the design air."""
    below = model.design_wet_bulb - wet_bulb
    transfer = model.conductance * _square(model.wet_bulb_term, np.clip(below, -10.0, 25.0))
    transfer = transfer * _square(model.air_term, np.clip(air, 0.05, MOST))
    transfer = transfer * _square(model.water_term, np.clip(water, 0.3, 1.0))
    water_rate, air_flow = model.water_rate * water, model.air_flow * air
    first = _saturated(np.asarray(wet_bulb))
    air_out = out = entering
    for _ in range(30):
        equivalent = (_saturated(air_out) - first) / np.maximum(air_out - wet_bulb, 1e-6)
        air_rate = air_flow * equivalent
        smaller, larger = np.minimum(air_rate, water_rate), np.maximum(air_rate, water_rate)
        units = transfer * equivalent / AIR_CP / smaller
        ratio = np.minimum(smaller / larger, 1.0 - 1e-6)
        decay = np.exp(-units * (1.0 - ratio))
        heat = (1.0 - decay) / (1.0 - ratio * decay) * smaller * (entering - wet_bulb)
        out = entering - heat / water_rate
        air_out = 0.5 * (air_out + wet_bulb + heat / air_rate)
    return np.asarray(out)


def _square(c: tuple[float, float, float], x: Array | float) -> Array:
    return np.asarray(c[0] + c[1] * x + c[2] * x * x)


_NODES = np.linspace(-30.0, 80.0, 1101)
_PRESSURES = np.array([vapour_pressure(float(one)) for one in _NODES])


def _saturated(temperature: Array) -> Array:
    """kJ/kg of saturated air at sea level, as hil.plant.tower has it."""
    pressure = np.interp(temperature, _NODES, _PRESSURES)
    moisture = 0.621945 * pressure / (1013.25 - pressure)
    return np.asarray(AIR_CP * temperature + moisture * (2501.0 + 1.86 * temperature))
