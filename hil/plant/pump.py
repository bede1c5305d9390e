"""A centrifugal pump by the affinity laws: pure functions of flow, head and speed.

Head at relative speed n: H = n2 h0 - a Q2 (m, l/s). With a static head in the system the power of a slowed pump falls
less than with the cube of the speed, which is why head and flow are modelled and not a power law.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

GRAVITY = 9.81
CHURNING = 0.4  # of the power at the best flow: radial pumps of low specific speed, 0.3 to 0.5 (Gulich, Centrifugal Pumps, 4.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpCurve:
    """One pump: design point and efficiencies. `drive` is the converter's, 1.0 without one.

    Shut-off at 1.25 of the design head is a usual flat curve (Hydraulic Institute 9.6: 1.1 to 1.3); efficiencies are
    those of medium end-suction pumps and IE3 motors of 15 to 75 kW (IEC 60034-30-1: 92 to 95 %).
    """

    design_flow: float  # l/s
    design_head: float  # m
    shut_off: float = 1.25  # shut-off head as a multiple of the design head
    efficiency: float = 0.80  # of the pump at its best point
    motor: float = 0.93
    drive: float = 0.97

    @property
    def top(self) -> float:
        """Shut-off head in kPa at full speed."""
        return self.shut_off * self.design_head * GRAVITY

    @property
    def slope(self) -> float:
        """The fall of head in kPa per (l/s)2."""
        return (self.shut_off - 1.0) * self.design_head * GRAVITY / self.design_flow**2

    @property
    def to_water(self) -> float:
        """Share of the electrical power that ends up as heat in the water: all but motor and drive losses."""
        return self.motor * self.drive

    def head(self, flow: float, speed: float) -> float:
        """Head in m at `flow` l/s and relative speed 0..1."""
        return (speed**2 * self.top - self.slope * flow**2) / GRAVITY

    def flow(self, head: float, speed: float) -> float:
        """Flow in l/s against `head` m; 0 where the check valve stays shut."""
        spare = speed**2 * self.top - head * GRAVITY
        return sqrt(spare / self.slope) if spare > 0.0 else 0.0

    def speed(self, flow: float, head: float) -> float:
        """Relative speed that gives `flow` l/s against `head` m; above 1 the pump cannot."""
        return sqrt((head * GRAVITY + self.slope * flow**2) / self.top)

    def power(self, flow: float, head: float, speed: float) -> float:
        """Electrical kW. Efficiency falls off parabolically beside the best flow of that speed.

        Against a shut valve it churns: the power falls to `CHURNING` of that at the best flow and no further.
        """
        if speed <= 0.0:
            return 0.0
        off_best = flow / (self.design_flow * speed) - 1.0
        pump = max(self.efficiency * (1.0 - 0.6 * off_best**2), 0.2)
        drive = self.drive * (1.0 - 0.03 * (1.0 - speed))
        least = CHURNING * speed**3 * self.design_flow * self.design_head / self.efficiency
        return max(flow * head / pump, least) * GRAVITY / 1e3 / (self.motor * drive)
