"""Monthly means turned into a line through the year whose monthly means are those of the table."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date


class MonthTable:
    """Twelve monthly means. Straight between mid-months; the nodes are lifted so that the means come out right."""

    def __init__(self, means: Sequence[float]) -> None:
        """Raises ValueError unless there are twelve."""
        if len(means) != 12:
            raise ValueError(f"a year has twelve months, not {len(means)}")
        nodes = list(means)
        for _ in range(50):
            for month, mean in enumerate(means):
                sides = nodes[month - 1] + nodes[(month + 1) % 12]
                # straight lines to both sides, half gone at the border: the mean is 3/4 node and 1/8 of each neighbour
                nodes[month] = (mean - sides / 8.0) / 0.75
        self._nodes = tuple(nodes)

    def at(self, day: date, part: float) -> float:
        """`part` 0..1 of the day."""
        length = monthrange(day.year, day.month)[1]
        place = (day.day - 1 + part) / length - 0.5
        month = day.month - 1
        here = self._nodes[month]
        other = self._nodes[month - 1] if place < 0.0 else self._nodes[(month + 1) % 12]
        return here + (other - here) * abs(place)
