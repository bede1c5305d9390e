"""The snapshot: the frozen process image one tick decides on. The only thing a policy sees besides its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.core.decision import Decision
from agent.core.equipment import AreaModel, Authority, Equipment
from agent.core.point import Value
from agent.core.reading import Quality, Reading

NEVER_READ = Reading(None, 0.0, float("-inf"), Quality.BAD, "never read")


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something learned or forecast by the planner, with its age and fingerprint."""

    kind: str
    version: int
    made: float  # elapsed site seconds
    digest: str
    content: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One area at one instant.

    `utc` is seconds since 1970; `utc_trusted` says whether the wall clock may be believed;
    `elapsed` is monotonic site seconds, the only clock that timers may use.
    `decisions` are those of the tick before. `locked_out` names equipment under local maintenance lock-out.
    """

    model: AreaModel
    readings: Mapping[str, Reading]
    utc: float
    utc_trusted: bool
    elapsed: float
    authority: Authority
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    artefacts: Mapping[str, Artefact] = field(default_factory=dict)
    locked_out: frozenset[str] = frozenset()
    number: int = 0

    def equipment(self, kind: str) -> Iterator[Equipment]:
        """The area's equipment of one kind, in the order of the configuration."""
        return (one for one in self.model.equipment.values() if one.kind == kind)

    def reading(self, equipment: Equipment, role: str) -> Reading:
        """What plays `role` on this equipment; BAD "never read" where nothing does."""
        point = equipment.roles.get(role)
        return NEVER_READ if point is None else self.readings.get(point, NEVER_READ)

    def value(self, equipment: Equipment, role: str, max_age: float | None = None) -> Value | None:
        """The value for control: None when it is BAD, missing or older than `max_age` site seconds."""
        reading = self.reading(equipment, role)
        if not reading.usable or (max_age is not None and reading.age(self.elapsed) > max_age):
            return None
        return reading.value

    def number_of(self, equipment: Equipment, role: str, max_age: float | None = None) -> float | None:
        """Like `value`, as a float; None where the value is text."""
        value = self.value(equipment, role, max_age)
        return None if value is None or isinstance(value, str) else float(value)

    def decided(self, equipment: Equipment, role: str) -> Value | None:
        """The final value of the last decision on this role; None when nothing was decided."""
        decision = self.decisions.get(equipment.roles.get(role, ""))
        return None if decision is None else decision.value
