"""Open cooling tower by the YorkCalc correlation (EnergyPlus Engineering Reference, CoolingTower:VariableSpeed).

The correlation gives the approach to the wet bulb from wet bulb, range and the ratio of water to air; together with
the heat to be rejected that is a quadratic in the range, solved in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from hil.plant.variables import LITRE_MASS, WATER_CP


@dataclass(frozen=True, slots=True, kw_only=True)
class TowerCurve:
    """The 27 coefficients and where they were measured."""

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
        return sum(
            ratio**power * _polynomial(self.c[9 * power + first : 9 * power + first + 3], wet)
            for power in range(3)
        )

    def approach(self, wet_bulb: float, water_range: float, ratio: float) -> float:
        """K above the wet bulb at which the water leaves."""
        a, b, c = self.in_range(wet_bulb, ratio)
        raw = a + b * water_range + c * water_range**2
        return min(max(raw, self.approach_range[0]), self.approach_range[1])


def _polynomial(c: Sequence[float], x: float) -> float:
    return c[0] + c[1] * x + c[2] * x * x


@dataclass(frozen=True, slots=True, kw_only=True)
class TowerOutputs:
    """Leaving water (degC), heat given to the air (kW), fan power (kW); flagged outside the measured range."""

    leaving: float
    rejected: float
    fan_power: float
    extrapolated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tower:
    """One tower: design water flow (l/s) and fan power (kW). A standing fan still draws `natural` of the air."""

    curve: TowerCurve
    design_flow: float
    fan_power: float
    natural: float = 0.1

    def step(self, entering: float, flow: float, wet_bulb: float, fan: float) -> TowerOutputs:
        """`entering` degC, `flow` l/s, relative fan speed 0..1 (air flow follows speed, power its cube)."""
        fan_power = self.fan_power * fan**3
        if flow <= 0.0 or entering <= wet_bulb:
            return TowerOutputs(leaving=entering, rejected=0.0, fan_power=fan_power, extrapolated=False)
        air = max(fan, self.natural)
        a, b, c = self.curve.in_range(wet_bulb, flow / self.design_flow / air)
        water_range = _solve(c, 1.0 + b, a + wet_bulb - entering)
        highest = entering - wet_bulb - self.curve.approach_range[0]
        water_range = min(max(water_range, 0.0), max(highest, 0.0))
        low, high = self.curve.wet_bulb_range
        return TowerOutputs(
            leaving=entering - water_range,
            rejected=flow * LITRE_MASS * WATER_CP * water_range,
            fan_power=fan_power,
            extrapolated=not (
                low <= wet_bulb <= high
                and self.curve.range_range[0] <= water_range <= self.curve.range_range[1]
            ),
        )


def _solve(square: float, linear: float, constant: float) -> float:
    """The root of square x2 + linear x + constant that goes over into -constant/linear."""
    if abs(square) < 1e-12:
        return -constant / linear
    discriminant = max(linear * linear - 4.0 * square * constant, 0.0)
    return -2.0 * constant / (linear + sqrt(discriminant)) if linear > 0.0 else -constant / linear
