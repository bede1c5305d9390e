"""Sensors in doubt, area by area: those that stick and those that contradict each other, as alarms that end by themselves.

Looked at once in five minutes of site time, so that a bench that plays a year does not feel it. Equipment may say `stuck_after`
and `contradiction_after` (a duration; 0: never) in the site file.
"""

from __future__ import annotations

from agent.alarms.contradictions import contradictions
from agent.alarms.states import Condition, Severity
from agent.alarms.stuck import StuckSensors
from agent.core.snapshot import Snapshot

EVERY = 300.0
"""Site seconds between looks."""
LASTS = 900.0
"""Site seconds that a contradiction must last: starts and stops, pipes that mix and meters that are polled pass sooner."""


class SensorWatch:
    """Remembers one area's sensors from look to look."""

    def __init__(self) -> None:
        self._looked = float("-inf")
        self._found: tuple[Condition, ...] = ()
        self._since: dict[str, float] = {}
        self._stuck = StuckSensors()

    def look(self, snapshot: Snapshot) -> tuple[Condition, ...]:
        """What is in doubt now."""
        if 0.0 <= snapshot.elapsed - self._looked < EVERY:
            return self._found
        self._looked = snapshot.elapsed
        self._found = (*self._sticking(snapshot), *self._contradicting(snapshot))
        return self._found

    def _sticking(self, snapshot: Snapshot) -> list[Condition]:
        return [
            Condition(f"stuck:{point}", one.id, Severity.WARNING, f"{one.name or one.id}: {text}")
            for point, one, text in self._stuck.look(snapshot)
        ]

    def _contradicting(self, snapshot: Snapshot) -> list[Condition]:
        found, since = [], {}
        for what, one, text in contradictions(snapshot):
            id_ = f"contradiction:{one.id}:{what}"
            since[id_] = self._since.get(id_, snapshot.elapsed)
            lasts = one.nameplate.get("contradiction_after", LASTS)
            if 0.0 < lasts <= snapshot.elapsed - since[id_]:
                found.append(Condition(id_, one.id, Severity.WARNING, f"{one.name or one.id}: {text}"))
        self._since = since
        return found
