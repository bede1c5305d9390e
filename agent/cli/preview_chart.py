"""A line through time as one row of characters: what a terminal can show of a commanded point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

BARS = "▁▂▃▄▅▆▇█"
CELLS = 72
UNKNOWN = " "


def strip(
    line: Sequence[Sequence[Any]],
    since: float,
    until: float,
    cells: int = CELLS,
    beside: Sequence[Sequence[Any]] = (),
) -> str:
    """Each cell has the mean of its stretch of time, from the lowest to the highest value of the line and of the one beside it."""
    numbers = [(time, _number(value)) for time, value in line]
    known = [value for _, value in numbers if value is not None]
    if not known:
        return UNKNOWN * cells
    known += [value for _, one in beside if (value := _number(one)) is not None]
    low, high = min(known), max(known)
    if all(isinstance(value, bool) or value is None for _, value in line):
        low, high = 0.0, 1.0
    width = (until - since) / cells
    return "".join(
        _cell(_mean(numbers, since + at * width, since + (at + 1) * width), low, high) for at in range(cells)
    )


def _number(value: Any) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)


def _mean(line: Sequence[tuple[float, float | None]], begin: float, end: float) -> float | None:
    """Weighted by how long each value held."""
    total = seconds = 0.0
    for at, (time, value) in enumerate(line):
        until = line[at + 1][0] if at + 1 < len(line) else end
        share = min(until, end) - max(time, begin)
        if value is not None and share > 0.0:
            total, seconds = total + value * share, seconds + share
    return total / seconds if seconds else None


def _cell(value: float | None, low: float, high: float) -> str:
    if value is None:
        return UNKNOWN
    share = 0.5 if high <= low else (value - low) / (high - low)
    return BARS[min(int(share * len(BARS)), len(BARS) - 1)]
