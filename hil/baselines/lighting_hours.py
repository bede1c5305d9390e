"""Before the retrofit of an office: one switch for all rows, pressed by the first person who comes and the last who goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class HoursState:
    """Nothing to remember."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightingHours:
    """All lamps at one level while anybody is there."""

    kind: ClassVar[str] = "baseline.lighting_hours"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (RoleNeed("presence", "lamp_group", without="nobody is there"),)
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("lamp_level", "lamp_group", Priority.SCHEDULE),)

    name: str = parameter("", help="name of this policy in the site file")
    level: float = parameter(100.0, unit="%", low=1.0, high=100.0, help="level of all lamps when on")

    def initial_state(self) -> HoursState:
        return HoursState()

    def decide(self, snapshot: Snapshot, state: HoursState) -> tuple[Sequence[Command], HoursState]:
        rows = [one for one in snapshot.equipment("lamp_group") if "lamp_level" in one.roles]
        here = any(snapshot.value(one, "presence") is True for one in rows)
        return tuple(
            Command(
                point=one.roles["lamp_level"],
                priority=Priority.SCHEDULE,
                source=self.name,
                value=self.level if here else 0.0,
                reason="somebody is there" if here else "the last one has gone",
            )
            for one in rows
        ), state
