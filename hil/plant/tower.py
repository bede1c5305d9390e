"""One open cooling-tower cell: what leaves it at a given water, air and wet bulb. Pure; fans follow the cube law.

Two models behind one face. `YorkCurve`: the YorkCalc correlation gives the approach from wet bulb, range and the ratio
of water to air; with the heat to be rejected that is a quadratic in the range, solved in closed form. `Merkel`: an
effectiveness-NTU counterflow between water and moist air. Both: EnergyPlus Engineering Reference, cooling towers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, sqrt
from typing import Protocol

from hil.plant.variables import LITRE_MASS, WATER_CP
from hil.plant.weather import vapour_pressure


class TowerModel(Protocol):
    """What cools the water of a cell; flows as shares of the design flows."""

    def leaving(self, entering: float, wet_bulb: float, water: float, air: float) -> tuple[float, bool]:
        """Leaving water in degC, and whether that lies inside the measured range."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class YorkCurve:
    """The 27 coefficients and where they were measured. Beyond, the edge is held and flagged."""

    c: tuple[float, ...]
    wet_bulb_range: tuple[float, float]
    approach_range: tuple[float, float]
    range_range: tuple[float, float]
    maximum_ratio: float

    def in_range(self, wet_bulb: float, ratio: float) -> tuple[float, float, float]:
        """Approach = a + b R + c R2 at this wet bulb (degC) and water-to-air ratio."""
        wet = min(max(wet_bulb, self.wet_bulb_range[0]), self.wet_bulb_range[1])
        ratio = min(ratio, self.maximum_ratio)
        return (self._sum(0, wet, ratio), self._sum(3, wet, ratio), self._sum(6, wet, ratio))

    def _sum(self, first: int, wet: float, ratio: float) -> float:
        c, square = self.c, wet * wet
        constant = c[first] + c[first + 1] * wet + c[first + 2] * square
        linear = c[first + 9] + c[first + 10] * wet + c[first + 11] * square
        return constant + ratio * (
            linear + ratio * (c[first + 18] + c[first + 19] * wet + c[first + 20] * square)
        )

    def approach(self, wet_bulb: float, water_range: float, ratio: float) -> float:
        """K above the wet bulb at which the water leaves."""
        a, b, c = self.in_range(wet_bulb, ratio)
        raw = a + b * water_range + c * water_range**2
        return min(max(raw, self.approach_range[0]), self.approach_range[1])

    def leaving(self, entering: float, wet_bulb: float, water: float, air: float) -> tuple[float, bool]:
        a, b, c = self.in_range(wet_bulb, water / air)
        water_range = _solve(c, 1.0 + b, a + wet_bulb - entering)
        highest = entering - wet_bulb - self.approach_range[0]
        water_range = min(max(water_range, 0.0), max(highest, 0.0))
        low, high = self.wet_bulb_range
        inside = (
            low <= wet_bulb <= high
            and self.range_range[0] <= water_range <= self.range_range[1]
            and water / air <= self.maximum_ratio
        )
        return entering - water_range, inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Merkel:
    """Merkel's theory as effectiveness-NTU: the air as a stream of equivalent heat capacity along saturation.

    UA = UA0 * fwb * fair * fwat with the default corrections of CoolingTower:VariableSpeed:Merkel, each a quadratic
    in (design wet bulb - wet bulb), air ratio and water ratio. Made by `for_design`.
    """

    water_rate: float  # kW/K at design
    air_flow: float  # kg/s of air at design
    design_wet_bulb: float
    conductance: float = 1.0  # UA0, kW/K on the air's dry basis
    wet_bulb_term: tuple[float, float, float] = (1.0, 0.0081, 0.0)
    air_term: tuple[float, float, float] = (0.0, 1.3, -0.3)
    water_term: tuple[float, float, float] = (0.1082, 1.667, -0.7713)

    @staticmethod
    def for_design(
        *, flow: float, entering: float, leaving: float, wet_bulb: float, ratio: float = 1.2
    ) -> Merkel:
        """The cell that cools `flow` l/s so at design; `ratio` is its mass of water to mass of air."""
        rate = flow * LITRE_MASS * WATER_CP
        start = Merkel(water_rate=rate, air_flow=flow * LITRE_MASS / ratio, design_wet_bulb=wet_bulb)
        if not wet_bulb < leaving < entering:
            raise ValueError(f"a tower cannot cool from {entering} to {leaving} at a wet bulb of {wet_bulb}")
        low, high = 1e-3 * rate, 100.0 * rate
        for _ in range(60):
            middle = sqrt(low * high)
            warm = (
                replace(start, conductance=middle).leaving(entering, wet_bulb, 1.0, 1.0)[0] > leaving + 1e-9
            )
            low, high = (middle, high) if warm else (low, middle)
        if high >= 99.0 * rate:
            raise ValueError(
                "no such tower: too little air for this duty, choose a smaller ratio of water to air"
            )
        return replace(start, conductance=sqrt(low * high))

    def leaving(self, entering: float, wet_bulb: float, water: float, air: float) -> tuple[float, bool]:
        below = self.design_wet_bulb - wet_bulb
        transfer = self.conductance * _square(self.wet_bulb_term, min(max(below, -10.0), 25.0))
        transfer *= _square(self.air_term, min(max(air, 0.05), 1.0))
        transfer *= _square(self.water_term, min(max(water, 0.3), 1.0))
        water_rate, air_flow = self.water_rate * water, self.air_flow * air
        first, air_out = saturated_enthalpy(wet_bulb), entering
        out = entering
        for _ in range(30):
            equivalent = (saturated_enthalpy(air_out) - first) / max(air_out - wet_bulb, 1e-6)
            air_rate = air_flow * equivalent
            smaller, larger = min(air_rate, water_rate), max(air_rate, water_rate)
            units = transfer * equivalent / AIR_CP / smaller
            heat = _counterflow(units, smaller / larger) * smaller * (entering - wet_bulb)
            before, out = out, entering - heat / water_rate
            air_out = 0.5 * (air_out + wet_bulb + heat / air_rate)
            if abs(out - before) < 1e-6:
                break
        return out, 0.2 <= air <= 1.0 and 0.3 <= water <= 1.05 and -10.0 <= below <= 25.0


AIR_CP = 1.006  # kJ/(kg K) of dry air


def saturated_enthalpy(temperature: float) -> float:
    """The kJ per kg of dry air of saturated air at sea level (ASHRAE Handbook Fundamentals, psychrometrics)."""
    pressure = vapour_pressure(temperature)
    moisture = 0.621945 * pressure / (1013.25 - pressure)
    return AIR_CP * temperature + moisture * (2501.0 + 1.86 * temperature)


def _counterflow(units: float, ratio: float) -> float:
    """Effectiveness of a counterflow exchanger."""
    if ratio > 1.0 - 1e-6:
        return units / (1.0 + units)
    decay = exp(-units * (1.0 - ratio))
    return (1.0 - decay) / (1.0 - ratio * decay)


def _square(c: Sequence[float], x: float) -> float:
    return c[0] + c[1] * x + c[2] * x * x


def _solve(square: float, linear: float, constant: float) -> float:
    """The root of square x2 + linear x + constant that goes over into -constant/linear."""
    if abs(square) < 1e-12:
        return -constant / linear
    discriminant = max(linear * linear - 4.0 * square * constant, 0.0)
    return -2.0 * constant / (linear + sqrt(discriminant)) if linear > 0.0 else -constant / linear


@dataclass(frozen=True, slots=True, kw_only=True)
class TowerPoint:
    """Leaving water (degC), heat given to the air (kW), fan power (kW); flagged outside the measured range."""

    leaving: float
    rejected: float
    fan_power: float
    extrapolated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tower:
    """One cell: design water flow (l/s) and fan power (kW). A standing fan still draws `natural` of the air.

    0.1 of the design air by natural draught: EnergyPlus' default `free convection` share of an induced-draught cell.
    """

    model: TowerModel
    design_flow: float
    fan_power: float
    natural: float = 0.1

    def point(
        self, entering: float, flow: float, wet_bulb: float, fan: float, *, fouled: float = 0.0
    ) -> TowerPoint:
        """`entering` degC, `flow` l/s, relative fan speed 0..1 (air follows speed, power its cube).

        `fouled` 0..1: share of the fill that is blocked for the air.
        """
        fan_power = self.fan_power * fan**3
        if flow <= 0.0 or entering <= wet_bulb:
            return TowerPoint(leaving=entering, rejected=0.0, fan_power=fan_power, extrapolated=False)
        air = max(fan, self.natural) * (1.0 - min(fouled, 0.95))
        leaving, inside = self.model.leaving(entering, wet_bulb, flow / self.design_flow, air)
        rejected = flow * LITRE_MASS * WATER_CP * (entering - leaving)
        return TowerPoint(leaving=leaving, rejected=rejected, fan_power=fan_power, extrapolated=not inside)
