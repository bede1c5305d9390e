"""5.20.8 Minimum-flow bypass: the chillers' own minimum, as one set-point for their common flow, changed slowly.

Own additions: a trend, so that coil valves that shut together are met in time; and beyond a bypass that is fully open the same loop
raises the pumps' speed, since a slow pump cannot press the minimum flow through any bypass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from agent.calc.timers import smoothed
from policies.chiller_plant.pi_loop import WIDE_OPEN, Loop, clipped, controlled, launched
from policies.chiller_plant.plant_layout import Machine

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence

AT_END = 0.9  # of the bypass
AHEAD = 120.0  # s for which a falling flow is thought on: the stroke of coil valves
OWN = 0.95  # of the minimum flow: below it, a bypass that acts by itself has come to its end
FADE = 300.0  # s in which a fall that was met is forgotten
PUSH = 2.5  # of it goes to the pumps: a bypass at its end wants pressure
LAG = 40.0  # s over which a fall is taken, so that noise is none


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumFlow:
    """Set-point in l/s on its way to `target` at `rate`; loop 0..1 bypass, 1..2 pumps; flow of the tick before."""

    setpoint: float = 0.0
    target: float = 0.0
    rate: float = 0.0
    loop: Loop = WIDE_OPEN
    flow: float | None = None  # lagged
    wanting: bool = False  # flow below the minimum with half the margin
    ahead: float = 0.0  # opening, and pump speed, 0..1 that a falling flow will need

    @property
    def bypass(self) -> float:
        """% of opening."""
        return 100.0 * clipped(max(self.loop.output, self.ahead), 0.0, 1.0)

    @property
    def short(self) -> bool:
        """The bypass is at its end and the flow is still wanting: no pump may be slowed now."""
        return self.loop.output > AT_END and self.wanting

    @property
    def pumps(self) -> float:
        """Loop output 0..1 below which the pumps may not go."""
        return clipped(max(self.loop.output - 1.0, PUSH * self.ahead), 0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Minimum flow of the machines that count now, and of all (for which a bypass is sized), l/s.

    The loop's error is a share of the latter, so that one gain fits whatever runs. `low` is 1 where no bypass is ours to
    move, `high` 1 where no pump can be sped up; the loop moves between them.
    """

    target: float
    whole: float
    low: float
    high: float


def minimum_of(machines: Sequence[Machine]) -> float:
    """5.20.8.2: the highest ratio of minimum to design flow among the running ones, times their design flows, l/s."""
    ratio = max((one.minimum_flow / one.chilled_flow for one in machines), default=0.0)
    return ratio * sum(one.chilled_flow for one in machines)


def minimum_flow(
    rule: PlantSequence,
    before: MinimumFlow,
    seconds: float,
    *,
    wanted: Wanted,
    flow: float | None,
    proven: bool,
) -> MinimumFlow:
    """`flow`: through all machines, l/s; `proven`: a chilled-water pump runs, else the valve stands open."""
    target = wanted.target
    setpoint, rate = _ramped(rule, before, seconds, target)
    if not proven or target <= 0.0:
        return MinimumFlow(setpoint=target, target=target, loop=launched(1.0))
    if flow is None:
        return MinimumFlow(setpoint=setpoint, target=target, rate=rate, loop=before.loop)
    least = setpoint * (1.0 + rule.flow_margin if wanted.low < 1.0 else OWN)
    error = (least - flow) / max(wanted.whole, 1e-3)
    loop = controlled(
        before.loop,
        error,
        seconds,
        gain=rule.bypass_gain,
        reset=rule.bypass_reset,
        low=wanted.low,
        high=wanted.high,
    )
    lagged = flow if before.flow is None else before.flow
    falling = min(flow - lagged, 0.0) / max(seconds, LAG)
    expected = max(flow + falling * AHEAD, 0.0)
    lacking = max(least - expected, 0.0) / max(wanted.whole, 1e-3) if falling < 0.0 else 0.0
    return MinimumFlow(
        setpoint=setpoint,
        target=target,
        rate=rate,
        loop=loop,
        flow=smoothed(lagged, flow, seconds, LAG),
        wanting=flow < 0.5 * (setpoint + least),
        ahead=max(lacking, before.ahead * exp(-seconds / FADE)),
    )


def _ramped(rule: PlantSequence, before: MinimumFlow, seconds: float, target: float) -> tuple[float, float]:
    """5.20.8.4: X = (new - old) / ramp time each second; from nothing at once."""
    if before.setpoint <= 0.0 or rule.minimum_flow_ramp <= 0.0:
        return target, 0.0
    rate = abs(target - before.setpoint) / rule.minimum_flow_ramp if target != before.target else before.rate
    step = rate * seconds
    return clipped(target, before.setpoint - step, before.setpoint + step), rate
