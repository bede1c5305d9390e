"""How much light one row's lamps should add to the sun's: the law of the loop, without clock or site.

The sensor sees sun and lamps together, late. What the lamps gave to the smoothed reading is known, so the rest is the sun, and
what the lamps must add follows at once: a change of the sun is answered in one go and not hunted after. Inside the
deadband nothing moves. More light comes at once; less waits, the row at the window least, and comes down slowly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.calc.timers import held, smoothed
from policies.lighting.daylight_state import RowWatch

NEAR = 0.5  # % of level: arrived
PLENTY = 1.25  # times the band's upper edge from the sun alone: a row may go out


@dataclass(frozen=True, slots=True, kw_only=True)
class BandRules:
    """What staff set. lx, % and s."""

    high: float
    target: float
    deadband: float
    minimum: float
    full: float  # lx of the lamps alone at full level, of rows that do not know their own
    down_delay: float
    off_after: float


def looked(watch: RowWatch, reading: float, running: float, seconds: float, response: float) -> RowWatch:
    """The watch after one more reading; `running` is the level (%) the lamps were at when it was taken."""
    return replace(
        watch,
        lux=smoothed(watch.lux, reading, seconds, response),
        seen=smoothed(watch.seen, running, seconds, response),
        raw=reading,
        same=held(watch.same, reading == watch.raw, seconds),
    )


def wished(
    rules: BandRules, watch: RowWatch, level: float, rank: int, full: float | None, seconds: float
) -> tuple[float, RowWatch]:
    """The level (%) that holds the band, and the watch with its timers. `level` is the present one."""
    lux, seen = watch.lux or 0.0, watch.seen or 0.0
    gain = (full or rules.full) / 100.0
    sun = lux - gain * seen
    need = min(max((rules.target - sun) / gain, rules.minimum), 100.0)
    bright = held(watch.bright, lux > PLENTY * rules.high and level <= rules.minimum + NEAR, seconds)
    if level < rules.minimum and lux > rules.high:
        need = 0.0  # out by daylight, and it stays out while the sun alone gives more than the band
    elif 0.0 < rules.off_after <= bright:
        need = 0.0
    moving = abs(need - level) > NEAR if watch.moving else abs(lux - rules.target) > rules.deadband
    moving = moving or level < rules.minimum or need < rules.minimum
    if not moving:
        return level, replace(watch, moving=False, down=0.0, bright=bright)
    down = held(watch.down, need < level - NEAR, seconds)
    wait = need < level and down < rules.down_delay * (rank + 1)
    return level if wait else need, replace(watch, moving=True, down=down, bright=bright)
