"""What the box's wall clock is set by: one record, in order with the samples. No sample is ever given another time than it was read at.

A box without battery clock and network starts in a wrong year; once NTP is there its clock is set. Whoever wants its samples at
their true time adds what this record says, and can tell afterwards which were moved and by what.
"""

from __future__ import annotations

from agent.core.clock import Clock
from agent.core.point import Point
from agent.core.reading import ReadingBlock

DEVICE = "plantroom"
POINT = f"{DEVICE}.clock_set_by"
POINTS = (POINT,)
SET_BY = Point(id=POINT, unit="s", label="The box's wall clock was set by")
SMALLEST = 1.0  # s; the kernel's slow corrections move elapsed time as well
AT_ONCE = 0.1  # s of elapsed time within which both clocks must have been asked


class ClockRecord:
    """Compares wall time with elapsed time, which nobody can set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._difference: float | None = None

    def look(self) -> ReadingBlock | None:
        """The record of a clock that was set since the last look; None: it was not."""
        clock = self._clock
        before = clock.elapsed()
        now = clock.utc()
        elapsed = clock.elapsed()
        # the process stood still in between: the next look tells
        if elapsed - before > AT_ONCE * clock.speed:
            return None
        last, self._difference = self._difference, now - elapsed
        if last is None or abs(self._difference - last) < SMALLEST * clock.speed:
            return None
        step = round(self._difference - last, 3)
        return ReadingBlock(DEVICE, POINTS, (step,), now, elapsed, time_trusted=clock.trusted())
