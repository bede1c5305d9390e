"""Samples of any pace put into columns of equal steps, and a history that is held in memory.

The columns are what learners look at (see agent.core.learning); the store fills them from the disk, benches from memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, inf, isfinite, nan

from agent.core.equipment import AreaModel
from agent.core.learning import Column
from agent.core.point import Value
from agent.core.reading import Reading
from agent.core.snapshot import Artefact

HOLD = 3600.0  # s: so long a value that was not sent again is taken as unchanged


class Bins:
    """Gathers one point's samples, in any order, into steps aligned to multiples of `step`."""

    __slots__ = ("_counts", "_last", "_last_at", "_start", "_step", "_sums")

    def __init__(self, since: float, until: float, step: float) -> None:
        """Raises ValueError for a step that is not positive."""
        if not step > 0.0:
            raise ValueError(f"a step of {step:g} s is not possible")
        self._step = step
        self._start = floor(since / step) * step
        count = max(ceil((until - self._start) / step), 0)
        self._sums = array("d", bytes(8 * count))
        self._counts = array("L", bytes(array("L").itemsize * count))
        self._last = array("d", [nan]) * count
        self._last_at = array("d", [-inf]) * count

    def add(self, time: float, value: Value | None) -> None:
        """One sample; None (nothing known from here on), texts and numbers without end count as unknown."""
        at = int((time - self._start) // self._step)
        if not 0 <= at < len(self._sums):
            return
        number = nan if value is None or isinstance(value, str) else float(value)
        if isfinite(number):
            self._sums[at] += number
            self._counts[at] += 1
        else:
            number = nan
        if time >= self._last_at[at]:
            self._last_at[at], self._last[at] = time, number

    def column(self, hold: float = HOLD) -> Column:
        """Means by step; a step without a sample has what the last one before it said, for `hold` seconds."""
        values = array("d", [nan]) * len(self._sums)
        carried, carried_at = nan, -inf
        for at, count in enumerate(self._counts):
            if count:
                values[at] = self._sums[at] / count
            elif self._last_at[at] == -inf and self._start + at * self._step - carried_at <= hold:
                values[at] = carried
            if self._last_at[at] > -inf:
                carried, carried_at = self._last[at], self._last_at[at]
        return Column(self._start, self._step, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryHistory:
    """A history made of samples in memory: for benches on simulated time, previews and tests.

    `samples` are (UTC seconds, value) by point, in any order.
    """

    model: AreaModel
    since: float
    until: float
    samples: Mapping[str, Sequence[tuple[float, Value | None]]] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    artefacts: Mapping[str, Artefact] = field(default_factory=dict)

    def columns(self, points: Sequence[str], step: float) -> Mapping[str, Column]:
        return {point: self._column(point, step) for point in points}

    def _column(self, point: str, step: float) -> Column:
        bins = Bins(self.since, self.until, step)
        for time, value in self.samples.get(point, ()):
            if self.since <= time <= self.until:
                bins.add(time, value)
        return bins.column()
