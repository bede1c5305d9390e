"""The snapshot: the frozen process image one tick decides on. The only thing a policy sees besides its state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.core.decision import Decision
from agent.core.equipment import AreaModel, Authority, Equipment
from agent.core.frozen import quick
from agent.core.point import Value
from agent.core.reading import Quality, Reading

NEVER_READ = Reading(None, 0.0, float("-inf"), Quality.BAD, "never read")
NOBODY = ""  # no point has this id


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something learned or forecast by the planner, with its age and fingerprint (see agent.core.learning).

    `content` holds plain values only, so that it comes back the same from the store and from a recorded tick.
    """

    kind: str
    version: int
    made: float  # elapsed site seconds
    digest: str  # SHA-256 of the canonical content
    content: Any
    utc: float = 0.0  # when it was made, for people and for a clock that can prove time off


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One area at one instant.

    `utc` is seconds since 1970; `utc_trusted` says whether the wall clock may be believed;
    `elapsed` is monotonic site seconds, the only clock that timers may use.
    `decisions` are those of the tick before. `artefacts` are by the name of the policy that learned them,
    those of the whole site. `locked_out` names equipment under local maintenance lock-out.
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

    def sees(self, points: Iterable[str]) -> bool:
        """Whether any of these points can be read."""
        return any(self.readings.get(point, NEVER_READ).usable for point in points)

    def value(self, equipment: Equipment, role: str, max_age: float | None = None) -> Value | None:
        """The value for control: None when it is BAD, missing or older than `max_age` site seconds."""
        # written out, as the one below: policies ask a hundred times a tick
        reading = self.readings.get(equipment.roles.get(role, NOBODY), NEVER_READ)
        if reading.quality is Quality.BAD or (
            max_age is not None and self.elapsed - reading.elapsed > max_age
        ):
            return None
        return reading.value

    def number_of(self, equipment: Equipment, role: str, max_age: float | None = None) -> float | None:
        """Like `value`, as a float; None where the value is text."""
        reading = self.readings.get(equipment.roles.get(role, NOBODY), NEVER_READ)
        if reading.quality is Quality.BAD or (
            max_age is not None and self.elapsed - reading.elapsed > max_age
        ):
            return None
        value = reading.value
        return None if value is None or isinstance(value, str) else float(value)

    def decided(self, equipment: Equipment, role: str) -> Value | None:
        """The final value of the last decision on this role; None when nothing was decided."""
        decision = self.decisions.get(equipment.roles.get(role, ""))
        return None if decision is None else decision.value

    def age_of(self, artefact: Artefact) -> float:
        """Site seconds since it was made; time the box was off counts as far as a trusted clock proves it."""
        off = self.utc - artefact.utc if self.utc_trusted and artefact.utc > 0.0 else 0.0
        return max(self.elapsed - artefact.made, off, 0.0)

    def learned(self, name: str, kind: str, version: int, max_age: float) -> Artefact | None:
        """What policy `name` has learned; None when there is none of this kind and version, or it is too old."""
        found = self.artefacts.get(name)
        if found is None or (found.kind, found.version) != (kind, version):
            return None
        return found if self.age_of(found) <= max_age else None
