"""A chilled-water coil: dry or wet, counterflow.

Source: Braun, Klein and Mitchell 1989, Effectiveness models for cooling towers and cooling coils, ASHRAE Transactions
95(2): a dry coil by temperature, a wet one by enthalpy with the slope of saturated air along the water; the larger of both
is within a few percent of a partly wet coil. Water side 3.30 times the air side's conductance at design as in EnergyPlus'
Coil:Cooling:Water; film conductances follow flow**0.85 and air**0.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import NamedTuple

from hil.plant.variables import LITRE_MASS, WATER_CP
from hil.plant.weather_air import (
    AIR_CP,
    LATENT,
    SEA_LEVEL,
    VAPOUR_CP,
    enthalpy,
    humidity_ratio,
    vapour_pressure,
    wet_bulb,
)

_INNER = 3.30  # water side over air side


class CoilFlow(NamedTuple):
    """What one coil does: kW taken from the air, of that kW sensible, kg/s of water that drips, degC of water leaving."""

    total: float
    sensible: float
    condensate: float
    water_leaving: float


_IDLE = CoilFlow(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoilDesign:
    """A coil as it is bought: kW at these air and water temperatures. `air` in kg/s, `water` in l/s."""

    capacity: float
    air: float
    water: float
    dry: float = 27.0  # degC entering air; 27/19.5 and water of 7 degC are the rating of GB/T 19232 fan coils
    wet: float = 19.5
    entering: float = 7.0  # degC of the water

    @property
    def ratio(self) -> float:
        """Humidity ratio of the entering design air."""
        low, high = 0.0, humidity_ratio(vapour_pressure(self.dry))
        for _ in range(40):
            middle = (low + high) / 2.0
            pressure = 1013.25 * middle / (0.621945 + middle)
            humid = 100.0 * pressure / vapour_pressure(self.dry)
            low, high = (middle, high) if wet_bulb(self.dry, humid) < self.wet else (low, middle)
        return low


class Coil:
    """A coil whose conductance gives its design capacity."""

    __slots__ = ("_outer", "design")

    def __init__(self, design: CoilDesign) -> None:
        """Raises ValueError for a capacity that no coil can have at these flows."""
        self.design = design
        ratio = design.ratio
        low, high = 0.001 * design.air, 200.0 * design.air
        self._outer = high
        if self.cool(design.dry, ratio, design.air, design.entering, design.water).total < design.capacity:
            raise ValueError(f"no coil carries {design.capacity:g} kW at {design.air:g} kg/s of air")
        for _ in range(50):
            self._outer = (low + high) / 2.0
            found = self.cool(design.dry, ratio, design.air, design.entering, design.water)
            low, high = (self._outer, high) if found.total < design.capacity else (low, self._outer)

    def cool(self, dry: float, ratio: float, air: float, entering: float, water: float) -> CoilFlow:
        """Air of `dry` degC and `ratio` kg/kg at `air` kg/s against `water` l/s that enters at `entering` degC."""
        stream = water * LITRE_MASS * WATER_CP
        if air <= 1e-6 or stream <= 1e-5 or abs(dry - entering) < 1e-9:
            return _IDLE
        outer = self._outer * (air / self.design.air) ** 0.8
        inner = _INNER * self._outer * (water / self.design.water) ** 0.85
        heat = air * (AIR_CP + VAPOUR_CP * ratio)
        least, most = (heat, stream) if heat < stream else (stream, heat)
        units = outer * inner / ((outer + inner) * least)
        total = sensible = counterflow(units, least / most) * least * (dry - entering)
        if total <= 0.0:  # the water is the warmer one: a coil heats as well as it cools
            return CoilFlow(total, total, 0.0, entering + total / stream)
        leaving_ratio = ratio
        wet = self._wet(dry, ratio, (air, heat, stream), entering, (outer, inner))
        if wet is not None and wet[0] > total:
            total, leaving_ratio = wet
            latent = max(air * (ratio - leaving_ratio) * LATENT, 0.0)
            sensible = max(total - latent, 0.0)
            total = sensible + latent
        return CoilFlow(total, sensible, max(air * (ratio - leaving_ratio), 0.0), entering + total / stream)

    def _wet(
        self,
        dry: float,
        ratio: float,
        streams: tuple[float, float, float],
        entering: float,
        films: tuple[float, float],
    ) -> tuple[float, float] | None:
        """The kW and the leaving humidity ratio of a coil that is wet all over; None where the air is too dry."""
        air, heat, stream = streams
        outer, inner = films
        cold = saturated(entering)
        hot = enthalpy(dry, ratio)
        if hot <= cold or ratio <= humidity_ratio(vapour_pressure(entering)):
            return None
        specific = heat / air
        leaving = entering + 5.0
        total = 0.0
        for _ in range(2):
            slope = (saturated(leaving) - cold) / (leaving - entering)
            units = outer / specific / (1.0 + slope * outer / (specific * inner)) / air
            capacity = air * slope / stream
            if capacity <= 1.0:
                total = counterflow(units, capacity) * air * (hot - cold)
            else:  # the water is the smaller stream
                total = counterflow(units * capacity, 1.0 / capacity) / capacity * air * (hot - cold)
            leaving = max(entering + total / stream, entering + 0.1)
        through = exp(-outer / heat)
        surface_enthalpy = hot - total / air / (1.0 - through)
        surface = saturation_temperature(surface_enthalpy)
        out = surface + (dry - surface) * through
        left = (hot - total / air - AIR_CP * out) / (LATENT + VAPOUR_CP * out)
        return total, min(left, ratio)


def counterflow(units: float, ratio: float) -> float:
    """Effectiveness of a counterflow exchanger (Kays and London)."""
    if ratio > 0.999:
        return units / (1.0 + units)
    decay = exp(-units * (1.0 - ratio))
    return (1.0 - decay) / (1.0 - ratio * decay)


def saturated(temperature: float) -> float:
    """Enthalpy of saturated air at sea level, kJ/kg."""
    return enthalpy(temperature, humidity_ratio(vapour_pressure(temperature)))


def saturation_temperature(wanted: float) -> float:
    """The temperature at which saturated air has this enthalpy; 0.01 K between -10 and 35 degC."""
    guess = -6.0 + 0.87 * wanted - 0.00725 * wanted * wanted + 3.2e-5 * wanted**3 - 5.0e-8 * wanted**4
    for _ in range(2):  # Newton, with the slope of the Magnus form
        vapour = vapour_pressure(guess)
        ratio = humidity_ratio(vapour)
        steeper = ratio * 4283.8 / (243.12 + guess) ** 2 * SEA_LEVEL / (SEA_LEVEL - vapour)
        slope = AIR_CP + VAPOUR_CP * ratio + steeper * (LATENT + VAPOUR_CP * guess)
        guess += (wanted - enthalpy(guess, ratio)) / slope
    return guess
