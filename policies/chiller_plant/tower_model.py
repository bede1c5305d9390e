"""How cold the towers make the water: Merkel's theory as effectiveness and transfer units, fitted to the plant's own cells.

Q = eff * ma * (hs(entering) - h(wet bulb)); eff of a counterflow with NTU and m* = ma cs / (mw cp); NTU = e^a * w^b * f^d with w and f the
water and air of a cell as shares of design (Braun, Klein and Mitchell 1989, ASHRAE Transactions 95(2); EnergyPlus Engineering Reference,
variable-speed Merkel towers). Equations at sea level: only differences count, and the fit takes the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log

from agent.calc.cooling import WATER
from agent.calc.psychrometrics import SEA_LEVEL, saturation
from policies.chiller_plant.pump_model import ridge

RATIO = 1.2  # water to air by mass at design, usual of induced-draught cells
NATURAL = 0.1  # of the air moves with the fan standing
ENOUGH = 36
NOISE = 0.10
WIDEST = 40.0  # K of approach: nothing runs there, but a search may ask
LEAST_APPROACH, LEAST_RANGE = 0.6, 0.8  # K: nearer than this a sensor's error is all that is seen


@dataclass(frozen=True, slots=True, kw_only=True)
class TowerModel:
    """Equal cells. `flow` l/s, `power` kW of one at design; fan power follows the speed with `exponent`."""

    count: int
    flow: float
    power: float
    a: float = 0.2  # NTU 1.22 at design: 37/32 degC at a wet bulb of 28 with RATIO
    b: float = 0.5
    d: float = -0.3
    exponent: float = 3.0
    samples: int = 0
    error: float | None = None  # K, of the leaving water
    variable: bool = True

    def draws(self, speed: float, cells: int) -> float:
        """Fans of so many cells at speed 0..1, kW."""
        return cells * self.power * float(speed**self.exponent)

    def cold(self, air: AirSide, heat: float, flow: float, speed: float, cells: int, guess: float) -> float:
        """Temperature in degC at which the water comes back, rejecting `heat` kW from `flow` l/s. `guess`: the same, roughly.

        Never below the wet bulb.
        """
        f = max(NATURAL, speed)
        w = flow / (cells * self.flow)
        ma = f * cells * self.flow / RATIO
        units = exp(self.a + self.b * log(w) + self.d * log(f))
        span = heat / (WATER * flow)
        found = guess
        for _ in range(2):
            hot = found + span
            cs = max((air.enthalpy(hot) - air.enthalpy(found)) / span, 0.5)
            wet = ma * cs / (WATER * flow)
            if 0.999 < wet < 1.001:
                effect = units / (1.0 + units)
            else:
                decay = exp(min(-units * (1.0 - wet), 30.0))
                effect = (1.0 - decay) / (1.0 - wet * decay)
            found = air.temperature(air.least + heat / (effect * ma)) - span
        return min(max(air.wet_bulb, found), air.wet_bulb + WIDEST)


class AirSide:
    """Saturated air around one wet bulb: enthalpy and its inverse as cubics through exact points, for speed."""

    __slots__ = ("_down", "_hot", "_most", "_up", "least", "wet_bulb")

    def __init__(self, wet_bulb: float) -> None:
        self.wet_bulb = wet_bulb
        nodes = [wet_bulb + step for step in (0.0, 4.5, 12.0, 20.0)]
        values = [saturated(one) for one in nodes]
        self.least, self._hot, self._most = values[0], nodes[3], values[3]
        self._up = _newton(nodes, values)
        self._down = _newton(values, nodes)

    def enthalpy(self, temperature: float) -> float:
        """KJ/kg."""
        (x0, x1, x2), (c0, c1, c2, c3) = self._up
        temperature = min(temperature, self._hot)
        return c0 + (temperature - x0) * (c1 + (temperature - x1) * (c2 + (temperature - x2) * c3))

    def temperature(self, enthalpy: float) -> float:
        """The inverse, degC; beyond the last point straight on."""
        (x0, x1, x2), (c0, c1, c2, c3) = self._down
        if enthalpy > self._most:
            return self._hot + 0.15 * (enthalpy - self._most)
        return c0 + (enthalpy - x0) * (c1 + (enthalpy - x1) * (c2 + (enthalpy - x2) * c3))


Cubic = tuple[tuple[float, float, float], tuple[float, float, float, float]]


def _newton(x: Sequence[float], y: Sequence[float]) -> Cubic:
    """Divided differences."""
    c = list(y)
    for order in range(1, 4):
        for at in range(3, order - 1, -1):
            c[at] = (c[at] - c[at - 1]) / (x[at] - x[at - order])
    return (x[0], x[1], x[2]), (c[0], c[1], c[2], c[3])


def saturated(temperature: float) -> float:
    """KJ per kg of dry air (ASHRAE Handbook Fundamentals 2017, chapter 1)."""
    pressure = saturation(temperature)
    moisture = 0.621945 * pressure / (SEA_LEVEL - pressure)
    return 1.006 * temperature + moisture * (2501.0 + 1.86 * temperature)


@dataclass(frozen=True, slots=True, kw_only=True)
class TowerSample:
    """Five steady minutes: water to and from the towers and wet bulb in degC, l/s, fan speed 0..1, cells with water, fan kW."""

    hot: float
    cold: float
    wet_bulb: float
    flow: float
    speed: float
    cells: int
    power: float | None = None


def fit_tower(samples: Sequence[TowerSample], start: TowerModel) -> TowerModel:
    """Transfer units are measured by inverting the effectiveness, so that the fit is linear in their logarithm."""
    import numpy as np

    rows, seen, used = [], [], []
    for one in samples:
        units = _units(one, start)
        if units is not None:
            w, f = one.flow / (one.cells * start.flow), max(one.speed, NATURAL)
            rows.append((1.0, log(w), log(f)))
            seen.append(log(units))
            used.append(one)
    if len(rows) < ENOUGH:
        return _with_fans(samples, start)
    usual, spread = (start.a, start.b, start.d), (0.4, 0.15, 0.15)
    a, b, d = ridge(rows, seen, usual, spread, 2.0 * NOISE)
    found = replace(start, a=a, b=b, d=d, samples=len(rows))
    miss = [_foretold(found, one) - one.cold for one in used]
    return _with_fans(samples, replace(found, error=float(np.sqrt(np.mean(np.square(miss))))))


def _foretold(model: TowerModel, one: TowerSample) -> float:
    heat = one.flow * WATER * (one.hot - one.cold)
    return model.cold(AirSide(one.wet_bulb), heat, one.flow, one.speed, one.cells, one.cold)


def _with_fans(samples: Sequence[TowerSample], start: TowerModel) -> TowerModel:
    """The fans' power over their speed."""
    drew = [one for one in samples if one.power and one.speed > 0.15 and one.cells > 0]
    if len(drew) < ENOUGH:
        return start
    rows = [(1.0, log(one.speed)) for one in drew]
    seen = [log((one.power or 1.0) / one.cells / start.power) for one in drew]
    first, exponent = ridge(rows, seen, (0.0, start.exponent), (0.5, 0.3))
    return replace(start, power=start.power * exp(first), exponent=min(max(exponent, 1.5), 3.5))


def _units(one: TowerSample, start: TowerModel) -> float | None:
    """Measured NTU; None where the sample tells nothing."""
    span = one.hot - one.cold
    if one.flow <= 0.0 or one.cells < 1 or span < LEAST_RANGE or one.cold - one.wet_bulb < LEAST_APPROACH:
        return None
    ma = max(one.speed, NATURAL) * one.cells * start.flow / RATIO
    enthalpy = saturated(one.hot)
    heat = one.flow * WATER * span
    effect = heat / (ma * (enthalpy - saturated(one.wet_bulb)))
    wet = ma * (enthalpy - saturated(one.cold)) / span / (WATER * one.flow)
    if not 0.02 < effect < 0.98 or effect * wet >= 0.995:
        return None
    if abs(wet - 1.0) < 1e-3:
        return effect / (1.0 - effect)
    return log((1.0 - effect * wet) / (1.0 - effect)) / (1.0 - wet)
