"""The two plots of a report: bars by day or group, with a limit across, and a bar with its interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from agent.ledger.drawing import BLUE, GREY, RED, Box, Drawing, Line, Shape, Words

WIDE, HIGH = 505.0, 150.0
LEFT, UNDER, OVER = 40.0, 26.0, 14.0
MOST_LABELS = 12
LETTER = 4.2  # wide, in the size of labels


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` None: not known, an empty place."""

    label: str
    value: float | None
    colour: str = BLUE


def bars(
    found: Sequence[Bar], unit: str, about: str, limit: float | None = None, limit_words: str = ""
) -> Drawing:
    """One bar after the other from zero; a line across at the limit."""
    top = max([one.value for one in found if one.value is not None] + [limit or 0.0], default=0.0)
    step = _step(top)
    top = max(ceil(top / step - 1e-9), 1) * step
    shapes = [*_axis(top, step, unit), *_bars(found, top)]
    if limit is not None:
        y = _y(limit, top)
        shapes.append(Line(LEFT, y, WIDE, y, RED, 1.0))
        shapes.append(Words(WIDE, OVER - 5.0, limit_words, 8.0, "end", RED))  # above the bars, not on them
    return Drawing(WIDE, HIGH, tuple(shapes), about)


def interval(low: float, middle: float, high: float, limit: float, words: str) -> Drawing:
    """A saving (shares) with its interval on the scale from 0 to 100 %, and the limit."""
    y, reach = 26.0, WIDE - LEFT

    def x(share: float) -> float:
        return LEFT + min(max(share, 0.0), 1.0) * reach

    shapes: list[Shape] = [Line(LEFT, y, WIDE, y, GREY, 0.6)]
    for tenth in range(0, 11, 2):
        at = x(tenth / 10.0)
        shapes += [
            Line(at, y - 3.0, at, y + 3.0),
            Words(at, y + 15.0, f"{10 * tenth} %", 8.0, "middle" if tenth < 10 else "end"),
        ]
    shapes.append(Box(x(low), y - 5.0, max(x(high) - x(low), 1.0), 10.0, "#93c5fd"))
    shapes.append(Line(x(middle), y - 9.0, x(middle), y + 9.0, BLUE, 2.0))
    shapes.append(Line(x(limit), y - 14.0, x(limit), y + 8.0, RED, 1.2))
    shapes.append(Words(x(limit) - 3.0, y - 8.0, f"limit {100.0 * limit:g} %", 8.0, "end", RED))
    return Drawing(WIDE, 46.0, tuple(shapes), words)


def _bars(found: Sequence[Bar], top: float) -> Iterator[Shape]:
    wide = (WIDE - LEFT) / max(len(found), 1)
    longest = max((len(one.label) for one in found), default=0)
    most = max(min(MOST_LABELS, int((WIDE - LEFT) / (LETTER * longest + 8.0))), 1)
    every = ceil(len(found) / most)
    for place, one in enumerate(found):
        x = LEFT + place * wide
        if one.value is not None:
            y = _y(one.value, top)
            yield Box(x + 0.1 * wide, y, 0.8 * wide, HIGH - UNDER - y, one.colour)
        if place % every == 0:
            yield Words(x + 0.5 * wide, HIGH - UNDER + 11.0, one.label, 7.0, "middle")


def _axis(top: float, step: float, unit: str) -> Iterator[Shape]:
    for number in range(round(top / step) + 1):
        y = _y(number * step, top)
        yield Line(LEFT, y, WIDE, y, "#cbd5e1", 0.4)
        yield Words(LEFT - 4.0, y + 3.0, f"{number * step:g}", 8.0, "end")
    yield Words(LEFT, OVER - 5.0, unit, 8.0, "end")


def _y(value: float, top: float) -> float:
    return OVER + (HIGH - UNDER - OVER) * (1.0 - value / top)


def _step(top: float) -> float:
    """A round number, of which four to eight reach the top."""
    if top <= 0.0:
        return 1.0
    whole: float = 10.0 ** floor(log10(top))
    share = top / whole
    return whole * (0.2 if share < 1.6 else 0.5 if share < 4.0 else 1.0)
