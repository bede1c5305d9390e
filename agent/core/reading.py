"""A reading: a value, when it was read, and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from agent.core.frozen import quick
from agent.core.point import Value


class Quality(IntEnum):
    """How far a value can be trusted. Control uses GOOD, may use UNCERTAIN, never uses BAD."""

    BAD = 0
    UNCERTAIN = 1
    GOOD = 2


@quick
@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one point.

    `time` is UTC seconds since 1970 of the read (the device's own time stamp where it gives one);
    `elapsed` is monotonic site seconds of the read and is what ages and timers count on.
    A BAD reading keeps the last value (or None) for people to see, never for control.
    """

    value: Value | None
    time: float
    elapsed: float
    quality: Quality = Quality.GOOD
    reason: str = ""

    @property
    def good(self) -> bool:
        return self.quality is Quality.GOOD

    @property
    def usable(self) -> bool:
        return self.quality is not Quality.BAD and self.value is not None

    def age(self, elapsed: float) -> float:
        """Site seconds since the read."""
        return elapsed - self.elapsed


@quick
@dataclass(frozen=True, slots=True)
class ReadingBlock:
    """The readings of one exchange with a device, kept together from the wire to the store.

    `points` and `values` run side by side; `points` is one shared tuple per read plan, so that a block
    of 100 registers costs one object and not 100. `qualities` is None when all values are GOOD.
    """

    device: str
    points: tuple[str, ...]
    values: tuple[Value | None, ...]
    time: float
    elapsed: float
    qualities: tuple[Quality, ...] | None = None
    reason: str = ""
    time_trusted: bool = True

    def readings(self) -> dict[str, Reading]:
        """Each point's own reading; made only where somebody looks at single points."""
        qualities = self.qualities or (Quality.GOOD,) * len(self.points)
        return {
            point: Reading(
                value, self.time, self.elapsed, quality, "" if quality is Quality.GOOD else self.reason
            )
            for point, value, quality in zip(self.points, self.values, qualities, strict=True)
        }


def failed_block(
    device: str, points: tuple[str, ...], time: float, elapsed: float, reason: str
) -> ReadingBlock:
    """What a failed exchange leaves behind: every point BAD with the reason, no value."""
    return ReadingBlock(
        device, points, (None,) * len(points), time, elapsed, (Quality.BAD,) * len(points), reason
    )
