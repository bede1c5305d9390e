"""Sorted, disjoint, closed ranges of integers: what an uplink has not yet delivered, in a few numbers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise

Range = tuple[int, int]
"""First and last, both inside."""


class Ranges:
    """A set of integers kept as ranges. Growing at the end and asking for the front cost nothing."""

    __slots__ = ("_firsts", "_lasts", "count")

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self.count = 0  # integers inside
        for first, last in ranges:
            self.add(first, last)

    def __iter__(self) -> Iterator[Range]:
        return iter(zip(self._firsts, self._lasts, strict=True))

    def __len__(self) -> int:
        return len(self._firsts)

    def __contains__(self, number: int) -> bool:
        at = bisect_left(self._lasts, number)
        return at < len(self._firsts) and self._firsts[at] <= number

    @property
    def first(self) -> int | None:
        return self._firsts[0] if self._firsts else None

    def add(self, first: int, last: int) -> None:
        """Add first..last; joins what it touches."""
        if last < first:
            return
        lasts = self._lasts
        if not lasts or first > lasts[-1] + 1:
            self._firsts.append(first)
            lasts.append(last)
            self.count += last - first + 1
        elif first == lasts[-1] + 1:
            lasts[-1] = last
            self.count += last - first + 1
        else:
            self._merge(first, last)

    def _merge(self, first: int, last: int) -> None:
        low = bisect_left(self._lasts, first - 1)
        high = bisect_right(self._firsts, last + 1)
        if low < high:
            first = min(first, self._firsts[low])
            last = max(last, self._lasts[high - 1])
        self._replace(low, high, [(first, last)])

    def remove(self, first: int, last: int) -> int:
        """Take first..last out; returns how many integers were inside."""
        low = bisect_left(self._lasts, first)
        high = bisect_right(self._firsts, last)
        if low >= high:
            return 0
        left = []
        if self._firsts[low] < first:
            left.append((self._firsts[low], first - 1))
        if self._lasts[high - 1] > last:
            left.append((last + 1, self._lasts[high - 1]))
        before = self.count
        self._replace(low, high, left)
        return before - self.count

    def overlap(self, first: int, last: int) -> list[Range]:
        """What lies inside first..last."""
        low = bisect_left(self._lasts, first)
        high = bisect_right(self._firsts, last)
        return [(max(first, self._firsts[at]), min(last, self._lasts[at])) for at in range(low, high)]

    def holes(self, first: int, last: int) -> list[Range]:
        """What of first..last is not inside."""
        found = []
        for low, high in self.overlap(first, last):
            if first < low:
                found.append((first, low - 1))
            first = high + 1
        if first <= last:
            found.append((first, last))
        return found

    def coarse(self, limit: int) -> list[Range]:
        """At most `limit` ranges that cover everything inside; the narrowest holes are closed first."""
        ranges = list(self)
        if len(ranges) <= limit:
            return ranges
        holes = sorted(range(1, len(ranges)), key=lambda at: ranges[at][0] - ranges[at - 1][1], reverse=True)
        cuts = sorted([0, *holes[: limit - 1], len(ranges)])
        return [(ranges[low][0], ranges[high - 1][1]) for low, high in pairwise(cuts)]

    def _replace(self, low: int, high: int, ranges: list[Range]) -> None:
        self.count -= sum(self._lasts[at] - self._firsts[at] + 1 for at in range(low, high))
        self.count += sum(last - first + 1 for first, last in ranges)
        self._firsts[low:high] = [first for first, _ in ranges]
        self._lasts[low:high] = [last for _, last in ranges]
