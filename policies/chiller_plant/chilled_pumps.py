"""5.20.6 (and 5.20.7) Chilled-water pumps: lead with the first open valve, lag by flow ratio, speed by the remote pressure.

Dedicated pumps follow their machine. With secondary pumps those hold the pressure, and the primary ones follow the machines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from agent.calc.timers import held
from agent.core.frozen import quick
from policies.chiller_plant.pi_loop import WIDE_OPEN, Loop, controlled, launched
from policies.chiller_plant.rotation import Log, lead_lag

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence


FALL = 0.1 / 60.0  # of the range per s that a speed may fall: the bypass must be able to follow


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Pumping:
    """Pumps of one circuit that are wanted, timers of their staging (s), speed loop, and s without a pressure."""

    on: tuple[str, ...] = ()
    more: float = 0.0
    less: float = 0.0
    loop: Loop = WIDE_OPEN
    blind: float = 0.0


def flow_ratio_number(
    rule: PlantSequence, before: Pumping, seconds: float, ratio: float | None, total: int
) -> tuple[int, float, float]:
    """5.20.6.6: how many pumps, and the two timers. `ratio`: flow over design flow; `total`: pumps at design."""
    running = max(len(before.on), 1)
    if ratio is None:
        return running, 0.0, 0.0
    more = held(before.more, ratio > running / total - rule.pump_margin and running < total, seconds)
    less = held(before.less, ratio <= (running - 1) / total - rule.pump_margin and running > 1, seconds)
    if more >= rule.pump_delay:
        return running + 1, 0.0, 0.0
    if less >= rule.pump_delay:
        return running - 1, 0.0, 0.0
    return running, more, less


def speed_loop(
    rule: PlantSequence,
    before: Pumping,
    seconds: float,
    pressure: float | None,
    wanted: float,
    *,
    fall: float = FALL,
    proven: bool,
) -> tuple[Loop, float]:
    """5.20.6.7-8: loop 0..1 and seconds without a pressure; it starts from full speed, and holds while blind.

    Own choice: it works on the root of the pressure, which goes with the speed, so that one gain fits all speeds.
    """
    if not proven:
        return launched(1.0), 0.0
    if pressure is None:
        return before.loop, before.blind + seconds
    error = (sqrt(wanted) - sqrt(max(pressure, 0.0))) / sqrt(rule.pressure_max)
    loop = controlled(before.loop, error, seconds, gain=rule.pump_gain, reset=rule.pump_reset)
    least = before.loop.output - fall * seconds
    if loop.output >= least:
        return loop, 0.0
    return Loop(integral=max(loop.integral, least), output=least), 0.0


def speed_of(output: float, minimum: float) -> float:
    """Loop output 0..1 to % of speed."""
    return minimum + output * (100.0 - minimum)


def chosen(
    ids: Sequence[str], logs: Mapping[str, Log], before: Sequence[str], number: int
) -> tuple[str, ...]:
    """So many pumps of a header by rotation."""
    return lead_lag(ids, logs, before, min(number, len(ids)))
