"""What one chiller draws: the EIR form, fitted to its own readings and continued beyond them by what is usual for its kind.

P = P0 * cap(x, y) * heat(x, y) * part(q), q = load / (Q0 * cap(x, y)): full-load power, its change with the temperatures and with part
load (EnergyPlus Engineering Reference, Chiller:Electric:EIR and ReformulatedEIR). x: K of leaving chilled water above 7 degC. y: K of
condenser water above 30 degC entering (`mix` 0) or 35 degC leaving (`mix` 1), whichever tells more about this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.calc.cooling import WATER
from policies.chiller_plant.plant_layout import Compressor

SUPPLY = 7.0  # degC where x is 0
ENTERING = 30.0  # degC where y is 0, entering; GB/T 18430.1 standard condition
RISE = 5.0  # K more where y is counted at the leaving water
REJECTED = 1.18  # heat into the condenser over cooling, at a COP of 5.5: only to tell the leaving from the entering water
COP = 5.5  # of a machine whose nameplate says nothing: near the minimum of GB 19577-2015 class 3 for centrifugals
LEAST = 0.1  # of capacity: below it a machine draws what it draws there (hot gas or cycling)

Quadratic = tuple[float, float, float]
Biquadratic = tuple[float, float, float, float, float, float]
Range = tuple[float, float]

# Medians, and below standard deviations, of 14 electric chillers of 0.8-5.7 MW by class in the EnergyPlus 25.2 data set; `part` as its
# values at a quarter, three fifths and all of the load, `heat` as c0 + cx x + cxx x2 + cy y + cyy y2 + cxy xy.
PARTS: Mapping[Compressor, Quadratic] = {
    Compressor.VARIABLE_SPEED: (0.210, 0.506, 1.0),
    Compressor.CONSTANT_SPEED: (0.333, 0.593, 1.0),
    Compressor.POSITIVE_DISPLACEMENT: (0.335, 0.598, 1.0),
}
HEATS: Mapping[Compressor, Biquadratic] = {
    Compressor.VARIABLE_SPEED: (1.0, -0.0250, 0.0028, 0.0286, 0.0002, -0.0002),
    Compressor.CONSTANT_SPEED: (1.0, -0.0175, 0.0021, 0.0244, 0.0002, 0.0),
    Compressor.POSITIVE_DISPLACEMENT: (1.0, -0.0235, 0.0020, 0.0369, 0.0005, -0.0006),
}
PART_SPREAD: Quadratic = (0.05, 0.04, 0.15)  # the last also takes a nameplate power that is wrong
HEAT_SPREAD: Biquadratic = (0.003, 0.009, 0.0012, 0.009, 0.0005, 0.0006)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineCurve:
    """One machine. kW; ranges are what the readings covered, outside them the kind's own shape goes on."""

    compressor: Compressor
    capacity: float  # Q0
    power: float  # P0, at full load and the reference temperatures
    part: Quadratic  # c0 + c1 q + c2 q2
    heat: Biquadratic
    mix: float = 1.0
    samples: int = 0  # 0: nothing but the nameplate
    error: float | None = None  # CV-RMSE of the fit
    loads: Range = (0.0, 0.0)  # of q
    supplies: Range = (0.0, 0.0)  # of x
    condensers: Range = (0.0, 0.0)  # of y
    of: str = ""  # the sister machine this was taken from, where it has no readings of its own

    def available(self, x: float, y: float) -> float:
        """Capacity in kW at these temperatures."""
        return self.capacity * capacity_share(x, y)

    def draws(self, load: float, x: float, y: float) -> float:
        """Electrical kW at `load` kW."""
        share = capacity_share(x, y)
        q = load / (self.capacity * share)
        q = max(q, LEAST)
        (ql, qh), (xl, xh), (yl, yh) = self.loads, self.supplies, self.condensers
        if self.samples and ql <= q <= qh and xl <= x <= xh and yl <= y <= yh:
            c0, c1, c2 = self.part
            h0, hx, hxx, hy, hyy, hxy = self.heat
            shape = c0 + q * (c1 + q * c2)
            return self.power * share * shape * (h0 + x * (hx + x * hxx + y * hxy) + y * (hy + y * hyy))
        return self._beyond(q, x, y, share)

    def _beyond(self, q: float, x: float, y: float, share: float) -> float:
        """The edge of what was seen, continued as machines of this kind go on."""
        usual_part, usual_heat = PART_CURVES[self.compressor], HEATS[self.compressor]
        shape, heat = part_of(usual_part, q), heat_of(usual_heat, x, y)
        if self.samples:
            q_in, x_in, y_in = _into(q, self.loads), _into(x, self.supplies), _into(y, self.condensers)
            shape *= part_of(self.part, q_in) / part_of(usual_part, q_in)
            heat *= heat_of(self.heat, x_in, y_in) / heat_of(usual_heat, x_in, y_in)
        return self.power * share * shape * heat

    def covers(self, load: float, x: float, y: float) -> bool:
        """Whether this lies in what the readings covered."""
        q = load / self.available(x, y)
        return self.samples > 0 and all(
            low <= value <= high
            for value, (low, high) in ((q, self.loads), (x, self.supplies), (y, self.condensers))
        )

    def condenser(self, entering: float, load: float, flow: float) -> float:
        """`y` at this entering temperature (degC), load (kW) and condenser flow (l/s)."""
        return entering - ENTERING + self.mix * (REJECTED * load / (WATER * flow) - RISE)


def capacity_share(x: float, y: float) -> float:
    """Capacity against that at 7/30 degC: the medians of the same machines; readings seldom show it."""
    x = -3.0 if x < -3.0 else min(x, 4.0)
    y = -12.0 if y < -12.0 else min(y, 8.0)
    return 1.0 + x * (0.042 - 0.005 * x) - y * (0.030 + 0.0012 * y)


def part_of(c: Quadratic, q: float) -> float:
    return c[0] + q * (c[1] + q * c[2])


def heat_of(c: Biquadratic, x: float, y: float) -> float:
    """`c` over the temperatures; never under a third, whatever the corner."""
    x, y = min(max(x, -4.0), 8.0), min(max(y, -30.0), 20.0)
    found = c[0] + x * (c[1] + x * c[2] + y * c[5]) + y * (c[3] + y * c[4])
    return max(found, 0.33)


def through(values: Quadratic) -> Quadratic:
    """The quadratic through these values at q = 0.25, 0.6 and 1."""
    low, middle, full = values
    first, second = (middle - low) / 0.35, (full - middle) / 0.4
    c2 = (second - first) / 0.75
    c1 = first - c2 * 0.85
    return (full - c1 - c2, c1, c2)


PART_CURVES: Mapping[Compressor, Quadratic] = {kind: through(values) for kind, values in PARTS.items()}


def usual_curve(compressor: Compressor, capacity: float, power: float | None = None) -> MachineCurve:
    """What nameplate and kind say, before any reading. kW."""
    return MachineCurve(
        compressor=compressor,
        capacity=capacity,
        power=power or capacity / COP,
        part=PART_CURVES[compressor],
        heat=HEATS[compressor],
    )


def _into(value: float, span: Range) -> float:
    return min(max(value, span[0]), span[1])
