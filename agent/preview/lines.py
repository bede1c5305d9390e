"""The line of one commanded point through time, kept where it changes; and two of them side by side."""

from __future__ import annotations

from collections.abc import Sequence

from agent.control.preview_job import PointReplay
from agent.core.point import Point, Value

MOST_CORNERS = 2000  # of a line that is handed on; more are thinned evenly
MOST_SEGMENTS = 300
Corner = tuple[float, Value | None]


class Line:
    """Values in steps; equal ones in a row are one corner."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self.corners: list[Corner] = []
        self.last: Value | None = None
        self.values: list[Value | None] = []
        self.times: list[float] = []
        self._total, self._count = 0.0, 0

    def add(self, utc: float, value: Value | None) -> None:
        if not self.corners or value != self.last:
            self.corners.append((utc, value))
            self.last = value
        self.values.append(value)
        self.times.append(utc)
        if value is not None and not isinstance(value, str):
            self._total += float(value)
            self._count += 1

    @property
    def mean(self) -> float | None:
        return self._total / self._count if self._count else None

    @property
    def changes(self) -> int:
        return max(len(self.corners) - 1, 0)


def compared(old: Line, new: Line, step: float) -> PointReplay:
    """Where and for how long they differ."""
    segments: list[tuple[float, float, Value | None, Value | None]] = []
    differing = 0
    before: tuple[Value | None, Value | None] | None = None
    for utc, one, other in zip(old.times, old.values, new.values, strict=True):
        if one == other:
            before = None
            continue
        differing += 1
        if before == (one, other) and utc - segments[-1][1] < 1.5 * step:
            segments[-1] = (segments[-1][0], utc, one, other)
        else:
            segments.append((utc, utc, one, other))
        before = (one, other)
    point = old.point
    return PointReplay(
        point=point.id,
        label=point.label,
        unit=point.unit,
        kind=point.kind.value,
        changes_old=old.changes,
        changes_new=new.changes,
        hours_differing=differing * step / 3600.0,
        mean_old=old.mean,
        mean_new=new.mean,
        segments=tuple((a, b + step, one, other) for a, b, one, other in segments[:MOST_SEGMENTS]),
        segments_total=len(segments),
        line_old=thinned(old.corners),
        line_new=thinned(new.corners),
    )


def thinned(corners: Sequence[Corner], most: int = MOST_CORNERS) -> tuple[Corner, ...]:
    if len(corners) <= most:
        return tuple(corners)
    last = len(corners) - 1
    return tuple(corners[at * last // (most - 1)] for at in range(most))
