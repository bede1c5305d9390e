"""The truth about people and light: who stood in the dark, where and for how long. Counters only ever rise.

A group is *dark* while somebody is in it and its illuminance lies below the limit. Somebody who crosses into a dark group
is a dark arrival at once. A dark spell counts in seconds beyond the allowance (the time a lamp is given to react).
Where somebody appears (car door, stair door) the delay until the light is there is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

_JUST = 1e-6  # lx by which a sum of floats may miss its limit


@dataclass(slots=True)
class DarkCount:
    """What is reported."""

    crossings: int = 0
    dark_arrivals: int = 0
    dark_seconds: float = 0.0
    dark_longest: float = 0.0  # s, the allowance included
    appearances: int = 0
    late_appearances: int = 0  # light later than the allowance
    first_appearance_delay: float = 0.0  # s, the longest
    first_appearance_seconds: float = 0.0  # s, the sum: divided by the appearances it is the mean

    def items(self) -> tuple[tuple[str, float], ...]:
        """By name."""
        return (
            ("crossings", self.crossings),
            ("dark_arrivals", self.dark_arrivals),
            ("dark_seconds", self.dark_seconds),
            ("dark_longest", self.dark_longest),
            ("appearances", self.appearances),
            ("late_appearances", self.late_appearances),
            ("first_appearance_delay", self.first_appearance_delay),
            ("first_appearance_seconds", self.first_appearance_seconds),
        )


class DarkWatch:
    """Keeps count for all groups. Times are any one clock's seconds; light may change linearly between calls."""

    def __init__(self, groups: int, limit: float, allowance: float) -> None:
        self.people = [0] * groups
        self.occupied: set[int] = set()
        self.count = DarkCount()
        self._limit = limit - _JUST
        self._allowance = allowance
        self._since: dict[int, float] = {}  # begin of the dark spell
        self._waiting: dict[int, list[float]] = {}  # who appeared in the dark, and when

    def comes(self, group: int) -> None:
        """Somebody is there now, and nothing is counted."""
        self.people[group] += 1
        self.occupied.add(group)

    def crosses(self, group: int, time: float, lux: float) -> None:
        self.comes(group)
        self.count.crossings += 1
        if lux < self._limit:
            self.count.dark_arrivals += 1
            self._since.setdefault(group, time)

    def appears(self, group: int, time: float, lux: float) -> None:
        self.comes(group)
        self.count.appearances += 1
        if lux < self._limit:
            self._waiting.setdefault(group, []).append(time)
            self._since.setdefault(group, time)

    def leaves(self, group: int, time: float) -> None:
        self.people[group] -= 1
        if self.people[group] <= 0:
            self.people[group] = 0
            self.occupied.discard(group)
            self._end(group, time)

    def passes(self, group: int, start: float, end: float, before: float, after: float) -> None:
        """An occupied group's light went from `before` to `after` lx in a straight line."""
        limit = self._limit
        if before >= limit:
            self._end(group, start)
            if after >= limit:
                return
            start += (end - start) * (before - limit) / (before - after)
        self._since.setdefault(group, start)
        if after >= limit:
            turn = start + (end - start) * (limit - before) / (after - before)
            self._dark(group, start, turn)
            self._end(group, turn)
        else:
            self._dark(group, start, end)

    def _dark(self, group: int, start: float, end: float) -> None:
        since = self._since[group]
        self.count.dark_seconds += max(end - max(start, since + self._allowance), 0.0)
        self.count.dark_longest = max(self.count.dark_longest, end - since)

    def _end(self, group: int, time: float) -> None:
        if self._since.pop(group, None) is None:
            return
        for since in self._waiting.pop(group, ()):
            delay = time - since
            self.count.first_appearance_seconds += delay
            self.count.first_appearance_delay = max(self.count.first_appearance_delay, delay)
            self.count.late_appearances += delay > self._allowance
