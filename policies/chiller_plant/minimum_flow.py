"""5.20.8 Minimum-flow bypass: the chillers' own minimum, as one set-point for their common flow, changed slowly.

Own additions: a trend, so that coil valves that shut together are met in time; beyond a bypass that is fully open the same loop
raises the pumps' speed, since a slow pump cannot press the minimum flow through any bypass; and while the coils draw so little that
their valves may be shut before anybody looks again, the pumps stay as fast as the open bypass alone needs (`bypass_speed`).
What the coils draw is taken at the wanted pressure: how far their valves stand open, whatever our own pumps and bypass do just now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import TYPE_CHECKING

from agent.calc.timers import smoothed
from agent.core.frozen import quick
from policies.chiller_plant.pi_loop import WIDE_OPEN, Loop, clipped, controlled, launched
from policies.chiller_plant.plant_layout import Machine

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence

AT_END = 0.9  # of the bypass
AHEAD = 120.0  # s for which a falling flow is thought on: the stroke of coil valves
OWN = 0.95  # of the minimum flow: below it, a bypass that acts by itself has come to its end
FADE = 300.0  # s in which a fall that was met is forgotten
PUSH = 2.5  # of it goes to the pumps: a bypass at its end wants pressure
SHORT = 0.9  # of the minimum flow: less is met at once, by pumps
MOST_PUSH = 1.5  # times the speed, from one look to the next
SPAN = 3.0  # of the loop for the pumps: their speed moves the flow three times as much as the bypass does
AMPLE = 1.5  # of the minimum flow: coils that draw more do not shut between two looks
LEAST_SEEN = 0.1  # of the wanted pressure: below it the pressure tells nothing of the valves
LAG = 40.0  # s over which a fall is taken, so that noise is none


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumFlow:
    """Set-point in l/s on its way to `target` at `rate`; loop 0..1 bypass, from there on pumps."""

    setpoint: float = 0.0
    target: float = 0.0
    rate: float = 0.0
    loop: Loop = WIDE_OPEN
    flow: float | None = None  # what the coils draw, lagged
    wanting: bool = False  # flow below the minimum with half the margin
    ahead: float = 0.0  # opening, and pump speed, 0..1 that a falling flow will need
    floor: float = 0.0  # pump speed 0..1 at which the open bypass alone would do,
    opening: float = 0.0  # and that bypass 0..1
    push: float = 0.0  # pump speed 0..1 that a flow much too small has called for

    @property
    def bypass(self) -> float:
        """% of opening."""
        return 100.0 * clipped(max(self.loop.output, self.ahead, self.opening), 0.0, 1.0)

    @property
    def short(self) -> bool:
        """The bypass is at its end and the flow is still wanting: no pump may be slowed now."""
        return self.loop.output > AT_END and self.wanting

    @property
    def pumps(self) -> float:
        """Loop output 0..1 below which the pumps may not go."""
        return clipped(
            max((self.loop.output - 1.0) / SPAN, PUSH * self.ahead, self.floor, self.push), 0.0, 1.0
        )


WITH_PUMPS = 1.0 + SPAN


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Minimum flow of the machines that count now, and of all (for which a bypass is sized), l/s.

    The loop's error is a share of the latter, so that one gain fits whatever runs. `low` is 1 where no bypass is ours to
    move, `high` 1 where no pump can be sped up, else `WITH_PUMPS`; the loop moves between them.
    """

    target: float
    whole: float
    low: float
    high: float
    coming: float | None = None  # with a machine that is about to start, where the target cannot count it yet
    turning: float = 0.0  # % of speed that the pumps have
    # pumps on a header: what a machine gets that is about to start is taken from the others
    shared: bool = False


def minimum_of(machines: Sequence[Machine]) -> float:
    """5.20.8.2: the highest ratio of minimum to design flow among the running ones, times their design flows, l/s."""
    ratio = max((one.minimum_flow / one.chilled_flow for one in machines), default=0.0)
    return ratio * sum(one.chilled_flow for one in machines)


def drawn(flow: float | None, pressure: float | None, wanted: float) -> float | None:
    """What the coils would draw at the wanted pressure, l/s; the flow as it is where no pressure tells more."""
    if flow is None or pressure is None or pressure < LEAST_SEEN * wanted:
        return flow
    return flow * sqrt(wanted / pressure)


def minimum_flow(
    rule: PlantSequence,
    before: MinimumFlow,
    seconds: float,
    *,
    wanted: Wanted,
    flow: float | None,
    draw: float | None = None,
    proven: bool,
) -> MinimumFlow:
    """`flow`: l/s through all machines; `draw`: what `drawn` says, None: not known; `proven`: a pump runs, else it stands open."""
    setpoint, rate = _ramped(rule, before, seconds, target := wanted.target)
    if not proven or target <= 0.0:
        return MinimumFlow(setpoint=target, target=target, loop=launched(1.0))
    if flow is None:
        return MinimumFlow(setpoint=setpoint, target=target, rate=rate, loop=before.loop)
    least = setpoint * (1.0 + rule.flow_margin if wanted.low < 1.0 else OWN)
    error = (least - flow) / max(wanted.whole, 1e-3)
    loop = controlled(before.loop, error, seconds, gain=rule.bypass_gain, reset=rule.bypass_reset,
                      low=wanted.low, high=wanted.high)  # fmt: skip
    draw = flow if draw is None else draw
    lagged = draw if before.flow is None else before.flow
    lacking = _lacking(least, flow, max(lagged - draw, 0.0) / max(seconds, LAG))
    watered = setpoint if wanted.coming is None else max(setpoint, wanted.coming)
    pushed_for = watered if wanted.shared else setpoint
    scarce, share = _scarce(rule, watered, draw), watered / max(wanted.whole, 1e-3)
    return MinimumFlow(
        setpoint=setpoint,
        target=target,
        rate=rate,
        loop=loop,
        flow=smoothed(lagged, draw, seconds, LAG),
        wanting=flow < 0.5 * (setpoint + least),
        ahead=max(lacking / max(wanted.whole, 1e-3), before.ahead * exp(-seconds / FADE)),
        floor=scarce * _alone(rule, share),
        opening=scarce * _enough(rule, share, wanted.turning),
        push=max(_pushed(rule, wanted, pushed_for, flow), before.push * exp(-seconds / FADE)),
    )


def _lacking(least: float, flow: float, fall: float) -> float:
    """What a fall of so many l/s each second will cost of the `least` flow; what is lacking already is the loop's affair."""
    ahead = fall * AHEAD
    return clipped(least - max(flow - ahead, 0.0), 0.0, ahead)


def _scarce(rule: PlantSequence, setpoint: float, draw: float) -> float:
    """0..1: how near the coils are to drawing so little that their valves may be shut before the next look."""
    if rule.bypass_speed <= 0.0 or setpoint <= 0.0:
        return 0.0
    return clipped((AMPLE * setpoint - draw) / ((AMPLE - 1.0) * setpoint), 0.0, 1.0)


def _alone(rule: PlantSequence, share: float) -> float:
    """Pump speed 0..1 at which the open bypass passes this share of all minimum flow: through it flow goes with speed."""
    lowest = rule.pump_speed_min
    return clipped((rule.bypass_speed * share - lowest) / max(100.0 - lowest, 1e-3), 0.0, 1.0)


def _enough(rule: PlantSequence, share: float, turning: float) -> float:
    """0..1 of the bypass that passes it at the speed the pumps have: one for all machines is too wide for the smallest."""
    return 1.0 if turning <= 0.0 else clipped(rule.bypass_speed * share / turning, 0.0, 1.0)


def _pushed(rule: PlantSequence, wanted: Wanted, least: float, flow: float) -> float:
    """Pump speed 0..1: through valves as they stand flow goes with speed, and a machine that has water now trips in seconds."""
    if wanted.high <= 1.0 or wanted.turning <= 0.0 or flow >= SHORT * least:
        return 0.0
    lowest = rule.pump_speed_min
    speed = wanted.turning * min(OWN * least / max(flow, 1e-3), MOST_PUSH)
    return clipped((speed - lowest) / max(100.0 - lowest, 1e-3), 0.0, 1.0)


def _ramped(rule: PlantSequence, before: MinimumFlow, seconds: float, target: float) -> tuple[float, float]:
    """5.20.8.4: X = (new - old) / ramp time each second; from nothing at once."""
    if before.setpoint <= 0.0 or rule.minimum_flow_ramp <= 0.0:
        return target, 0.0
    rate = abs(target - before.setpoint) / rule.minimum_flow_ramp if target != before.target else before.rate
    step = rate * seconds
    return clipped(target, before.setpoint - step, before.setpoint + step), rate
