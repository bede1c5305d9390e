"""Centrifugal pumps in parallel on one system curve, by the affinity laws.

Head of a pump at relative speed n: H = n2 h0 - a Q2 (m, l/s); system: H = static + k Q2. With a static head the
power of a slowed pump falls less than with the cube of the speed, which is why it is modelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

GRAVITY = 9.81


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpCurve:
    """One pump: shut-off head (m), design point, efficiencies. `drive` is the converter's, 1.0 without one."""

    design_flow: float  # l/s
    design_head: float  # m
    shut_off: float = 1.25  # shut-off head as a multiple of the design head
    efficiency: float = 0.80  # of the pump at its best point
    motor: float = 0.93
    drive: float = 0.97

    def head(self, flow: float, speed: float) -> float:
        """Head in m at `flow` l/s and relative speed 0..1."""
        top = self.shut_off * self.design_head
        slope = (top - self.design_head) / self.design_flow**2
        return speed**2 * top - slope * flow**2

    def flow(self, head: float, speed: float) -> float:
        """Flow in l/s against `head`; 0 where the check valve stays shut."""
        top = self.shut_off * self.design_head
        spare = speed**2 * top - head
        slope = (top - self.design_head) / self.design_flow**2
        return sqrt(spare / slope) if spare > 0.0 else 0.0

    def power(self, flow: float, head: float, speed: float) -> float:
        """Electrical kW. Efficiency falls off parabolically beside the best flow of that speed."""
        if speed <= 0.0 or flow <= 0.0:
            return 0.0
        off_best = flow / (self.design_flow * speed) - 1.0
        pump = max(self.efficiency * (1.0 - 0.6 * off_best**2), 0.2)
        drive = self.drive * (1.0 - 0.03 * (1.0 - speed))
        return flow * GRAVITY * head / 1e3 / (pump * self.motor * drive)


@dataclass(frozen=True, slots=True)
class SystemCurve:
    """What the pipes ask for: static head (m) and the flow-dependent part."""

    static: float
    resistance: float  # m per (l/s)2

    @staticmethod
    def through(flow: float, head: float, static: float = 0.0) -> SystemCurve:
        """The curve that needs `head` m at `flow` l/s."""
        return SystemCurve(static, (head - static) / flow**2)

    def head(self, flow: float) -> float:
        return self.static + self.resistance * flow**2


@dataclass(frozen=True, slots=True)
class PumpingPoint:
    """What a group of pumps settles at: total flow (l/s), head (m), each pump's flow and kW."""

    flow: float
    head: float
    flows: tuple[float, ...]
    powers: tuple[float, ...]


def settle(curves: Sequence[PumpCurve], speeds: Sequence[float], system: SystemCurve) -> PumpingPoint:
    """Where parallel pumps at these relative speeds meet the system curve (bisection on the head)."""

    def surplus(head: float) -> float:
        pumped = sum(curve.flow(head, speed) for curve, speed in zip(curves, speeds, strict=True))
        return pumped - sqrt(max(head - system.static, 0.0) / system.resistance)

    low = system.static
    high = max(
        (curve.shut_off * curve.design_head * speed**2 for curve, speed in zip(curves, speeds, strict=True)),
        default=0.0,
    )
    if high <= low:
        return PumpingPoint(0.0, system.static, (0.0,) * len(curves), (0.0,) * len(curves))
    for _ in range(40):
        middle = (low + high) / 2.0
        low, high = (middle, high) if surplus(middle) > 0.0 else (low, middle)
    head = (low + high) / 2.0
    flows = tuple(curve.flow(head, speed) for curve, speed in zip(curves, speeds, strict=True))
    powers = tuple(
        curve.power(flow, head, speed) for curve, flow, speed in zip(curves, flows, speeds, strict=True)
    )
    return PumpingPoint(sum(flows), head, flows, powers)
