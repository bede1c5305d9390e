"""Single values to reading blocks: as few blocks as honesty about time and quality allows. Pure.

A block has one time and one reason. Values of one device whose times lie within `GRAIN` share a block dated by the
first of them; values of another quality or reason, and a second value of the same point, start a block of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from agent.core.point import Value
from agent.core.reading import Quality, ReadingBlock

Sample = tuple[str, Value | None, Quality, str, float]
"""Point, value, quality, reason, time (UTC seconds)."""

GRAIN = 0.1  # seconds; what a server writes in one go is stamped microseconds to milliseconds apart

_Draft = tuple[float, Quality, str, dict[str, Value | None]]


def pack(
    device: str,
    samples: Iterable[Sample],
    elapsed: float,
    *,
    trusted: bool = True,
    shared: tuple[str, ...] = (),
) -> list[ReadingBlock]:
    """Blocks in an order that keeps each point's values in sequence. `shared` is reused where the points are equal."""
    done: list[_Draft] = []
    drafts: dict[str, _Draft] = {}
    seen: set[str] = set()
    for point, value, quality, reason, time in samples:
        if point in seen:
            done.extend(drafts.values())
            drafts.clear()
            seen.clear()
        draft = drafts.get(reason)
        if draft is None or draft[1] is not quality or not -GRAIN <= time - draft[0] <= GRAIN:
            if draft is not None:
                done.append(draft)
            draft = drafts[reason] = (time, quality, reason, {})
        draft[3][point] = value
        seen.add(point)
    done.extend(drafts.values())
    return [_block(device, draft, elapsed, trusted, shared) for draft in done]


def _block(
    device: str, draft: _Draft, elapsed: float, trusted: bool, shared: tuple[str, ...]
) -> ReadingBlock:
    time, quality, reason, values = draft
    points = tuple(values)
    return ReadingBlock(
        device,
        shared if points == shared else points,
        tuple(values.values()),
        time,
        elapsed,
        None if quality is Quality.GOOD else (quality,) * len(points),
        reason,
        trusted,
    )
