"""What an office counts for whoever judges its lamps: minutes in the band, steps that can be seen, and what exact lamps would take.

Lamps at their minimum may stand under more light than the band: that is the sun's. Exact lamps give each row the band's
lower edge, spill of the neighbours included, at every instant at which somebody is there, and are out otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from hil.plant.lamp import Lamp, Lamps

VISIBLE = 7.0  # % within one second
_ARRIVED = 0.6  # % above the minimum that still count as at it
_ROUNDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Lx that people are to have on their desks, and the level (%) that lamps need not go below."""

    low: float = 300.0
    high: float = 400.0
    minimum: float = 5.0


BAND = Band()


@dataclass(slots=True)
class FadeWatch:
    """The fastest that the light of one row has changed, % within a second, and how often that was too fast."""

    fastest: float = 0.0
    visible: int = 0
    _now: float = 0.0
    _recent: deque[tuple[float, float]] = field(default_factory=deque)  # end of a movement, its %

    def see(self, dt: float, before: float, after: float, fade: float) -> None:
        """One step, in which the light went straight from share to share in `fade` s from dark to full."""
        began, self._now = self._now, self._now + dt
        change = 100.0 * abs(after - before)
        if change <= 0.0:
            return
        moving = min(change / 100.0 * fade, dt)
        change *= min(1.0, 1.0 / moving) if moving > 1.0 else 1.0
        ended = began + moving
        while self._recent and self._recent[0][0] <= ended - 1.0:
            self._recent.popleft()
        peak = change + sum(one for _, one in self._recent)
        self._recent.append((ended, change))
        self.fastest = max(self.fastest, peak)
        self.visible += peak > VISIBLE + 1e-6


@dataclass(slots=True)
class OfficeCounts:
    """Sums since the beginning. Seconds are summed over the rows."""

    band: Band
    lamp: Lamp
    count: int  # lamps a row
    rows: tuple[FadeWatch, ...]
    occupied: float = 0.0
    outside: float = 0.0
    dark: float = 0.0
    exact: float = 0.0  # kWh

    def see(self, dt: float, lux: Sequence[float], lamps: Sequence[Lamps]) -> None:
        """A step with people in the room."""
        for have, row in zip(lux, lamps, strict=True):
            self.occupied += dt
            by_the_sun = 100.0 * row.light <= self.band.minimum + _ARRIVED
            dark = have < self.band.low
            self.dark += dt if dark else 0.0
            self.outside += dt if dark or (have > self.band.high and not by_the_sun) else 0.0

    def burn_exactly(self, dt: float, levels: Sequence[float]) -> None:
        """What exact lamps take in a step, at these shares of the full light."""
        self.exact += self.count * sum(self.lamp.power(one) for one in levels) / 1e3 * dt / 3600.0


def least_levels(day: Sequence[float], wanted: float, full: float, spill: float) -> list[float]:
    """The lowest shares of full light with which every row has `wanted` lx, or full light where that is not enough.

    A row gets `1 - spill` of its own light and half of `spill` of each neighbour's (its own again at a wall). Filling up from
    dark, row by row, again and again, ends at the lowest answer there is.
    """
    last = len(day) - 1
    levels = [0.0] * len(day)
    for _ in range(_ROUNDS):
        before = levels.copy()
        for place, sun in enumerate(day):
            sides = (max(place - 1, 0), min(place + 1, last))
            own = (1.0 - spill) + spill / 2.0 * sum(side == place for side in sides)
            others = spill / 2.0 * sum(levels[side] for side in sides if side != place)
            levels[place] = min(max(((wanted - sun) / full - others) / own, 0.0), 1.0)
        if max(abs(one - other) for one, other in zip(levels, before, strict=True)) < 1e-4:
            break
    return levels
