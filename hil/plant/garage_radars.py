"""What the radars of a garage say, by group: what they see, unless they are dead or stuck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hil.plant.garage_days import Event, Happening


class GarageRadars:
    """One bit a group."""

    def __init__(self, groups: int) -> None:
        self.dead: set[int] = set()
        self.stuck: set[int] = set()
        self._seen = [False] * groups

    def say(self, edges: Iterable[Event]) -> Sequence[int]:
        """What has turned since; the groups of those that spoke."""
        spoke = []
        for _, what, group in edges:
            self._seen[group] = what is Happening.SEEN
            spoke.append(group)
        return spoke

    def sees(self, group: int) -> bool:
        return (self._seen[group] and group not in self.dead) or group in self.stuck
