"""5.20.8 Minimum-flow bypass: the chillers' own minimum, as one set-point for their common flow, changed slowly.

Own additions: a trend, so that coil valves that shut together are met in time; and beyond a bypass that is fully open the same loop
raises the pumps' speed, since a slow pump cannot press the minimum flow through any bypass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.chiller_plant.pi_loop import WIDE_OPEN, Loop, clipped, controlled, launched
from policies.chiller_plant.plant_layout import Machine

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence

AHEAD = 60.0  # s for which a falling flow is thought on


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumFlow:
    """Set-point in l/s on its way to `target` at `rate`; loop 0..1 bypass, 1..2 pumps; flow of the tick before."""

    setpoint: float = 0.0
    target: float = 0.0
    rate: float = 0.0
    loop: Loop = WIDE_OPEN
    flow: float | None = None

    @property
    def bypass(self) -> float:
        """% of opening."""
        return 100.0 * clipped(self.loop.output, 0.0, 1.0)

    @property
    def pumps(self) -> float:
        """Loop output 0..1 below which the pumps may not go."""
        return clipped(self.loop.output - 1.0, 0.0, 1.0)


def minimum_of(machines: Sequence[Machine]) -> float:
    """5.20.8.2: the highest ratio of minimum to design flow among the running ones, times their design flows, l/s."""
    ratio = max((one.minimum_flow / one.chilled_flow for one in machines), default=0.0)
    return ratio * sum(one.chilled_flow for one in machines)


def minimum_flow(
    rule: PlantSequence,
    before: MinimumFlow,
    seconds: float,
    *,
    target: float,
    flow: float | None,
    proven: bool,
    ceiling: float,
) -> MinimumFlow:
    """`proven`: a chilled-water pump runs; else the valve stands open. `ceiling`: 1 without variable pumps, else 2."""
    setpoint, rate = _ramped(rule, before, seconds, target)
    if not proven or target <= 0.0:
        return MinimumFlow(setpoint=target, target=target, loop=launched(1.0))
    if flow is None:
        return MinimumFlow(setpoint=setpoint, target=target, rate=rate, loop=before.loop)
    falling = min(flow - before.flow, 0.0) / seconds if before.flow is not None and seconds > 0.0 else 0.0
    expected = max(flow + falling * AHEAD, 0.0)
    error = (setpoint * (1.0 + rule.flow_margin) - expected) / max(setpoint, 1e-3)
    loop = controlled(
        before.loop, error, seconds, gain=rule.bypass_gain, reset=rule.bypass_reset, high=ceiling
    )
    return MinimumFlow(setpoint=setpoint, target=target, rate=rate, loop=loop, flow=flow)


def _ramped(rule: PlantSequence, before: MinimumFlow, seconds: float, target: float) -> tuple[float, float]:
    """5.20.8.4: X = (new - old) / ramp time each second; from nothing at once."""
    if before.setpoint <= 0.0 or rule.minimum_flow_ramp <= 0.0:
        return target, 0.0
    rate = abs(target - before.setpoint) / rule.minimum_flow_ramp if target != before.target else before.rate
    step = rate * seconds
    return clipped(target, before.setpoint - step, before.setpoint + step), rate
