"""Power curves of machines as their own meters show them: by position for pumps, fans and lamps, by load for chillers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

BINS = 10  # of a position from 0 to 1
FEWEST = 6  # samples in a bin that is believed
REACH = 1.5  # bins beyond what was seen up to which the nearest one still speaks
FEWEST_LOADS = 30  # samples of a load curve
BEYOND = 1.1  # times the highest load seen


@dataclass(slots=True)
class PositionCurve:
    """Mean power by position: 0 is off, 1 is full. Straight lines between what was seen."""

    sums: list[float] = field(default_factory=lambda: [0.0] * (BINS + 1))
    counts: list[int] = field(default_factory=lambda: [0] * (BINS + 1))

    def see(self, position: float, power: float) -> None:
        at = _bin(position)
        self.sums[at] += power
        self.counts[at] += 1

    def power(self, position: float) -> float | None:
        """None where nothing like it was seen."""
        known = [at for at, count in enumerate(self.counts) if count >= FEWEST]
        if position <= 0.0:
            return self._mean(0) if 0 in known else 0.0
        running = [at for at in known if at > 0]
        if not running:
            return None
        place = max(position * BINS, 1.0)
        below = max((at for at in running if at <= place), default=None)
        above = min((at for at in running if at >= place), default=None)
        if below is None or above is None:
            nearest = running[0] if below is None else running[-1]
            return self._mean(nearest) if abs(place - nearest) <= REACH else None
        if below == above:
            return self._mean(below)
        share = (place - below) / (above - below)
        return (1.0 - share) * self._mean(below) + share * self._mean(above)

    def _mean(self, at: int) -> float:
        return self.sums[at] / self.counts[at]


@dataclass(slots=True)
class LoadCurve:
    """Power over cooling load while the machine runs: a parabola by least squares, inside what was seen."""

    loads: list[float] = field(default_factory=list)
    powers: list[float] = field(default_factory=list)
    _terms: tuple[float, float, float] | None = None

    def see(self, load: float, power: float) -> None:
        self.loads.append(load)
        self.powers.append(power)

    @property
    def known(self) -> bool:
        return len(self.loads) >= FEWEST_LOADS

    def power(self, load: float) -> float | None:
        """None for a load far above any that was seen."""
        if not self.known or load > BEYOND * max(self.loads):
            return None
        if self._terms is None:
            self._terms = _parabola(self.loads, self.powers)
        a, b, c = self._terms
        inside = min(max(load, min(self.loads)), max(self.loads))
        return max(a + b * inside + c * inside * inside, 0.0)


def error_of(fitted: Sequence[float], measured: Sequence[float]) -> float | None:
    """Root mean square of the difference, as a share of the measured mean."""
    mean = sum(measured) / len(measured) if measured else 0.0
    if mean <= 0.0:
        return None
    return sqrt(sum((a - b) ** 2 for a, b in zip(fitted, measured, strict=True)) / len(measured)) / mean


def _bin(position: float) -> int:
    """0 is off alone; a machine that turns is at least in the first bin."""
    return 0 if position <= 0.0 else min(max(round(position * BINS), 1), BINS)


def _parabola(xs: Sequence[float], ys: Sequence[float]) -> tuple[float, float, float]:
    """By load x: a + b x + c x2 by the normal equations; a straight line or a constant where the loads are too much alike."""
    middle = sum(xs) / len(xs)
    spread = sqrt(sum((x - middle) ** 2 for x in xs) / len(xs)) or 1.0
    us = [(x - middle) / spread for x in xs]
    for order in (2, 1, 0):
        sums = [sum(u**power for u in us) for power in range(2 * order + 1)]
        right = [sum(y * u**power for u, y in zip(us, ys, strict=True)) for power in range(order + 1)]
        rows = [[sums[i + j] for j in range(order + 1)] + [right[i]] for i in range(order + 1)]
        found = _solved(rows)
        if found is not None:
            a, b, c = (*found, 0.0, 0.0)[:3]
            return (
                a - b * middle / spread + c * (middle / spread) ** 2,
                b / spread - 2.0 * c * middle / spread**2,
                c / spread**2,
            )
    return sum(ys) / len(ys), 0.0, 0.0


def _solved(rows: list[list[float]]) -> list[float] | None:
    """Gauss with the largest pivot; None for rows that say the same."""
    size = len(rows)
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(rows[row][at]))
        if abs(rows[pivot][at]) < 1e-6 * len(rows[0]):
            return None
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for row in range(size):
            if row != at:
                factor = rows[row][at] / rows[at][at]
                rows[row] = [one - factor * two for one, two in zip(rows[row], rows[at], strict=True)]
    return [row[-1] / row[at] for at, row in enumerate(rows)]
