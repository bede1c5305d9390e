"""The alarm book after ISA-18.2 (ANSI/ISA-18.2-2016, state model): one alarm an id, pure, `now` in UTC seconds handed in.

normal -> unacknowledged -> acknowledged -> normal
                |                ^
                v                | (raised again: unacknowledged)
      returned_unacknowledged -> normal (when acknowledged)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class AlarmState(StrEnum):
    """Where an alarm stands. Normal is not among them: such an alarm has left the book."""

    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned_unacknowledged"


class Severity(StrEnum):
    """How soon somebody has to look."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


_ORDER = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Condition:
    """What is wrong, as the one who watches it sees it. `source` is the watcher: a bus, a policy, the store."""

    id: str
    source: str
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One condition in the book, from its first appearance until it is gone and seen."""

    id: str
    source: str
    severity: Severity
    text: str
    state: AlarmState
    raised: float  # UTC seconds of the appearance that has to be acknowledged
    cleared: float | None = None  # UTC seconds; None while it stands
    acknowledged_by: str | None = None
    acknowledged: float | None = None
    times: int = 1  # appearances since it entered the book

    @property
    def standing(self) -> bool:
        return self.state is not AlarmState.RETURNED


@dataclass(frozen=True, slots=True)
class AlarmBook:
    """All alarms that are not normal. Frozen; round-trips through agent.core.serial."""

    alarms: Mapping[str, Alarm] = field(default_factory=dict)

    def raised(self, condition: Condition, now: float) -> AlarmBook:
        """The condition stands. Raising what already stands changes text and severity only.

        One that comes back unseen, or that grows more severe, has to be acknowledged anew.
        """
        known = self.alarms.get(condition.id)
        if known is None:
            return self._with(_appeared(condition, now, 1))
        if not known.standing:
            return self._with(_appeared(condition, now, known.times + 1))
        if _ORDER.index(condition.severity) > _ORDER.index(known.severity):
            return self._with(_appeared(condition, now, known.times))
        same = replace(known, source=condition.source, severity=condition.severity, text=condition.text)
        return self if same == known else self._with(same)

    def cleared(self, id_: str, now: float) -> AlarmBook:
        """The condition has gone. An acknowledged alarm leaves the book; others wait to be seen."""
        known = self.alarms.get(id_)
        if known is None or not known.standing:
            return self
        if known.state is AlarmState.ACKNOWLEDGED:
            return self._without(id_)
        return self._with(replace(known, state=AlarmState.RETURNED, cleared=now))

    def acknowledge(self, id_: str, actor: str, now: float) -> tuple[AlarmBook, Alarm]:
        """Somebody has seen it. The alarm as it is then; one that had returned leaves the book.

        Raises KeyError when there is no such alarm. Acknowledged once, it keeps its first name.
        """
        known = self.alarms[id_]
        if known.state is AlarmState.ACKNOWLEDGED:
            return self, known
        seen = replace(known, acknowledged_by=actor, acknowledged=now)
        if known.state is AlarmState.RETURNED:
            return self._without(id_), seen
        seen = replace(seen, state=AlarmState.ACKNOWLEDGED)
        return self._with(seen), seen

    def settled(self, source: str, standing: Mapping[str, Condition], now: float) -> AlarmBook:
        """What `source` sees now: raise all that stands, clear every alarm of that source which does not.

        `standing` by alarm id.
        """
        book = self
        for condition in standing.values():
            book = book.raised(condition, now)
        for alarm in self.alarms.values():
            if alarm.source == source and alarm.id not in standing:
                book = book.cleared(alarm.id, now)
        return book

    def sorted(self) -> tuple[Alarm, ...]:
        """For people: the most severe first, then the newest."""
        return tuple(
            sorted(self.alarms.values(), key=lambda one: (-_ORDER.index(one.severity), -one.raised, one.id))
        )

    def _with(self, alarm: Alarm) -> AlarmBook:
        return AlarmBook({**self.alarms, alarm.id: alarm})

    def _without(self, id_: str) -> AlarmBook:
        return AlarmBook({key: alarm for key, alarm in self.alarms.items() if key != id_})


def _appeared(condition: Condition, now: float, times: int) -> Alarm:
    return Alarm(
        id=condition.id,
        source=condition.source,
        severity=condition.severity,
        text=condition.text,
        state=AlarmState.UNACKNOWLEDGED,
        raised=now,
        times=times,
    )
