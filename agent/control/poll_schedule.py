"""When each item of a bus is due, and how a unit that does not answer is asked less and less."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.core.driver import ReadItem

UNIT_BACK_OFF = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # poll periods after the 1st, 2nd ... failure
LONGEST_UNIT_BACK_OFF = 60.0  # site seconds
SILENT = 3  # times on end without an answer: more than a reply that got lost


@dataclass(slots=True)
class UnitHealth:
    """How one device on the line has answered lately."""

    failures: int = 0
    error: str = ""
    since: float = 0.0  # elapsed site seconds of the last change between up and down
    resume_at: float = 0.0


class PollSchedule:
    """A heap of due times over the driver's plan. All times are elapsed site seconds."""

    def __init__(self) -> None:
        self.plan: Sequence[ReadItem] = ()
        self.units: dict[str, UnitHealth] = {}
        self._heap: list[tuple[float, int, ReadItem]] = []

    def take(self, plan: Sequence[ReadItem], now: float) -> None:
        """Follow a new plan: what stays keeps its time, what is new is due at once."""
        if plan is self.plan:
            return
        kept = {id(item): due for due, _, item in self._heap}
        self._heap = [(kept.get(id(item), now), number, item) for number, item in enumerate(plan)]
        heapq.heapify(self._heap)
        self.plan = plan

    def restart(self, now: float) -> None:
        """Everything is due at once: the line is back. Who had failed comes later: it may break the line again."""
        failed = {device for device, unit in self.units.items() if unit.failures}
        self._heap = [
            (now + (item.period if item.device in failed else 0.0), number, item)
            for _, number, item in self._heap
        ]
        heapq.heapify(self._heap)

    def _everybody(self) -> set[str]:
        return {item.device for item in self.plan}

    def next_due(self, now: float, may_poll: Callable[[str], bool]) -> ReadItem | None:
        """The item whose time has come, already put back with its next time."""
        while self._heap and self._heap[0][0] <= now:
            due, number, item = self._heap[0]
            unit = self.units.get(item.device)
            waits = unit is not None and unit.resume_at > now
            later = unit.resume_at if unit is not None and waits else _next_slot(due, item.period, now)
            heapq.heapreplace(self._heap, (later, number, item))
            if not waits and may_poll(item.device):
                return item
        return None

    def rest(self, now: float) -> float:
        """Site seconds until something is due."""
        return max(0.0, self._heap[0][0] - now) if self._heap else 1.0

    def failed(self, item: ReadItem, error: str, now: float) -> bool:
        """The unit did not answer; True when that is new."""
        unit = self.units.setdefault(item.device, UnitHealth())
        new = unit.failures == 0
        if new:
            unit.since = now
        wait = item.period * UNIT_BACK_OFF[min(unit.failures, len(UNIT_BACK_OFF) - 1)]
        unit.failures += 1
        unit.error = error
        unit.resume_at = now + min(wait, max(LONGEST_UNIT_BACK_OFF, item.period))
        return new

    def failing(self, device: str) -> bool:
        """Whether the unit did not answer the last time it was asked."""
        unit = self.units.get(device)
        return unit is not None and unit.failures > 0

    def silent(self, device: str) -> bool:
        """Whether the unit has not answered for several times on end: it is cut off, not only a reply lost."""
        unit = self.units.get(device)
        return unit is not None and unit.failures >= SILENT

    def answered(self, device: str, now: float, soon: float) -> int:
        """The unit answered; how often it had failed before. Its other items need not sit out the back-off.

        Where every unit had failed, the fault was the line's: the others are asked `soon` (site seconds), whatever is left
        of their back-off; not at once, since a late copy of what they said before may still be on its way.
        """
        unit = self.units.get(device)
        if unit is None or unit.failures == 0:
            return 0
        if all(one.failures for one in self.units.values()) and self._everybody() == set(self.units):
            for other in self.units.values():
                other.resume_at = min(other.resume_at, now + soon)
            self._heap = [
                (due if item.device == device else min(due, now + soon), number, item)
                for due, number, item in self._heap
            ]
        failures, unit.failures, unit.error, unit.resume_at, unit.since = unit.failures, 0, "", 0.0, now
        self._heap = [
            (min(due, now + item.period) if item.device == device else due, number, item)
            for due, number, item in self._heap
        ]
        heapq.heapify(self._heap)
        return failures


def _next_slot(due: float, period: float, now: float) -> float:
    """The next time on the item's own grid; slots that were missed are skipped, never caught up in a burst."""
    following = due + period
    return following if following > now else now + period - (now - due) % period
