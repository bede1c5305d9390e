"""The past of a run on virtual time, for policies that learn: one value a grid step of every point of their areas.

Kept in arrays as long as the longest window of a learner; the store of a real agent keeps the same on disk.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.app.build import Parts
from agent.calc.columns import Bins
from agent.control.learning_job import Job
from agent.core.equipment import AreaModel
from agent.core.learning import Column
from agent.core.reading import Reading
from agent.core.snapshot import Artefact

FINEST = 300.0  # s between samples; what learners look at are means over quarters of an hour and more


class Past:
    """Samples by point, on a common grid of times."""

    def __init__(self, pace: float) -> None:
        self.times = array("d")  # UTC seconds
        self.values: dict[str, array[float]] = {}
        self._every = max(pace, FINEST)
        self._keep = 0.0
        self._next = -math.inf

    def follow(self, parts: Parts) -> None:
        """From now on keep what the learners of these parts may ask for."""
        lessons = parts.planning.lessons.values()
        self._keep = max((one.learning.window for one in lessons), default=0.0)
        areas = {one.area for one in lessons}
        points = dict.fromkeys(point for area in areas for point in parts.loops[area].setup.model.points)
        self.values = {point: array("d") for point in points}

    def sample(self, parts: Parts) -> None:
        """At a grid step of the bench, after the buses were read."""
        now = parts.clock.utc()
        if not self.values or now < self._next - 1e-6:
            return
        self._next = now + self._every
        self.times.append(now)
        for point, values in self.values.items():
            reading = parts.table.reading(point)
            value = reading.value if reading.usable else None
            values.append(math.nan if value is None or isinstance(value, str) else float(value))
        self._forget(now)

    def history(self, job: Job) -> PastHistory:
        """What this learner may know."""
        return PastHistory(self, job)

    def _forget(self, now: float) -> None:
        """Now and then, and a tenth at once: what is older than any window."""
        first = now - 1.1 * self._keep
        if self.times[0] >= first:
            return
        cut = next(index for index, time in enumerate(self.times) if time >= now - self._keep)
        del self.times[:cut]
        for values in self.values.values():
            del values[:cut]


@dataclass(frozen=True, slots=True)
class PastHistory:
    """Fulfils agent.core.learning.History."""

    past: Past
    job: Job

    @property
    def model(self) -> AreaModel:
        return self.job.model

    @property
    def since(self) -> float:
        """Not before the run began: an empty past costs learners as much as a full one."""
        begun = self.past.times[0] if self.past.times else self.job.until
        return max(self.job.until - self.job.window, begun)

    @property
    def until(self) -> float:
        return self.job.until

    @property
    def readings(self) -> Mapping[str, Reading]:
        return self.job.readings

    @property
    def artefacts(self) -> Mapping[str, Artefact]:
        return self.job.artefacts

    def columns(self, points: Sequence[str], step: float) -> Mapping[str, Column]:
        since = self.since
        times = self.past.times[bisect_left(self.past.times, since) :]
        return {point: self._column(point, step, since, times) for point in points}

    def _column(self, point: str, step: float, since: float, times: array[float]) -> Column:
        bins = Bins(since, self.until, step)
        values = self.past.values.get(point)
        if values is not None:
            for time, value in zip(times, values[len(values) - len(times) :], strict=True):
                bins.add(time, value)
        return bins.column()
