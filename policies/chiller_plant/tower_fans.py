"""5.20.12 Cooling towers: how many cells, and the fans that hold the condenser water return at chilled supply plus target lift."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor
from typing import TYPE_CHECKING

from agent.calc.timers import held
from agent.core.frozen import quick, replace
from policies.chiller_plant.pi_loop import SHUT, Loop, Rolling, controlled, launched, mapped, rolled

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence


SLACK = 0.7  # of a cell: a fan that knows only on and off changes when so much is wanted


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Towers:
    """Cells that have water, whether fans may turn, the speed loop, and the times (s) that their rules count."""

    cells: tuple[str, ...] = ()
    opened: float = 0.0  # s since the last cell got its water
    turning: bool = False
    loop: Loop = SHUT
    off: float = 1e6
    at_minimum: float = 0.0
    capped: float = 0.0  # a head-pressure cap at minimum speed
    started: float = 0.0  # s since the plant was enabled
    rise: Rolling = field(default_factory=Rolling)  # return less supply, K
    speed: float = 0.0  # %
    blind: float = 0.0  # s without a temperature


def cell_number(rule: PlantSequence, flow: float, cell: float, total: int) -> int:
    """5.20.12.1.b: as many cells as still get their minimum water, never fewer than carry it. `cell`: design flow, l/s."""
    if flow <= 0.0 or total <= 0:
        return 0
    least = ceil(flow / cell - 0.05)
    most = floor(flow / (rule.cell_flow_min * cell) + 0.05)
    return min(max(least, most, 1), total)


def target_lift(part_load: float, lowest: float, highest: float) -> float:
    """5.20.12.2.a.5: LIFT target in K at a plant part load 0..1."""
    slope = 1.1 * (highest - lowest)
    return max(lowest, min(highest, slope * part_load + highest - slope))


def return_setpoint(
    rule: PlantSequence, *, supply: float, part_load: float, lowest: float, since_start: float
) -> float:
    """5.20.12.2.a.5 and a.14: degC of condenser water leaving the machines; held low, then ramped, after a start.

    Own addition: never above its design value, which a supply reset to warmer water would have it pass at full load.
    """
    highest = max(rule.condenser_return_design - rule.supply_min, lowest)
    final = min(supply + target_lift(part_load, lowest, highest), rule.condenser_return_design)
    first = rule.condenser_return_design - rule.tower_start_offset
    over = since_start - rule.tower_start_hold
    if over <= 0.0:
        return first
    return mapped(over, (0.0, first), (rule.tower_start_ramp, final))


def part_load_cap(part_load: float | None) -> float:
    """5.20.12.2.a.4: highest fan speed in %: 70 at no load to 100 at 50 % plant part load and above."""
    return 100.0 if part_load is None else mapped(part_load, (0.0, 70.0), (0.5, 100.0))


def rise_step(
    rule: PlantSequence, before: Rolling, started: float, seconds: float, rise: float | None
) -> tuple[Rolling, float]:
    """5.20.12.2.a.8: mean rise over five minutes (K); half the design rise in the first five minutes of the plant."""
    fixed = 0.5 * rule.condenser_rise_design
    if rise is None:
        return before, before.mean or fixed
    window = rolled(before, rise, seconds, 300.0)
    mean = None if started < 300.0 else window.mean
    return window, fixed if mean is None else mean


def fan_step(
    rule: PlantSequence,
    before: Towers,
    seconds: float,
    *,
    temperature: float | None,
    setpoint: float,
    head_cap: float,
    part_load: float | None,
) -> Towers:
    """One tick of fan speed and of their on and off, 5.20.12.2.a.6-12."""
    if not before.cells:
        return replace(before, turning=False, loop=launched(0.0), speed=0.0, at_minimum=0.0, capped=0.0,
                       off=before.off + seconds)  # fmt: skip
    if temperature is None:
        return replace(before, turning=True, off=0.0, blind=before.blind + seconds)
    loop = controlled(before.loop, temperature - setpoint, seconds, gain=rule.fan_gain, reset=rule.fan_reset)
    wanted = rule.fan_speed_min + loop.output * (100.0 - rule.fan_speed_min)
    speed = max(min(wanted, head_cap, part_load_cap(part_load)), rule.fan_speed_min)
    least = rule.fan_speed_min + 0.5
    now = replace(
        before,
        loop=loop,
        speed=speed,
        blind=0.0,
        off=0.0 if before.turning else before.off + seconds,
        at_minimum=held(before.at_minimum, before.turning and speed <= least, seconds),
        capped=held(before.capped, head_cap <= least, seconds),
    )
    if before.turning:
        cold = now.at_minimum >= rule.fan_minimum_time and temperature < setpoint - rule.fan_deadband
        return replace(now, turning=False, off=0.0) if cold or now.capped >= rule.fan_minimum_time else now
    warm = temperature > setpoint + rule.fan_deadband and head_cap > least
    return replace(now, turning=True) if warm and now.off >= rule.fan_off_time else now


def fixed_fans(speed: float, number: int, running: int) -> int:
    """Cells whose fans know only on and off: as many as give the air of this speed, with some slack."""
    exact = speed / 100.0 * number
    return running if abs(exact - running) < SLACK and running > 0 else min(max(round(exact), 1), number)
