"""Before the retrofit of a garage: every lamp burns at all hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class AlwaysState:
    """Nothing to remember."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightingAlways:
    """Lamps that are never switched."""

    kind: ClassVar[str] = "baseline.lighting_always"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = ()
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("lamp_level", "lamp_group", Priority.SCHEDULE),
        RoleClaim("lamp_switch", "lamp_group", Priority.SCHEDULE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    level: float = parameter(100.0, unit="%", low=1.0, high=100.0, help="level of every lamp group")

    def initial_state(self) -> AlwaysState:
        return AlwaysState()

    def decide(self, snapshot: Snapshot, state: AlwaysState) -> tuple[Sequence[Command], AlwaysState]:
        return tuple(
            Command(
                point=group.roles[role],
                priority=Priority.SCHEDULE,
                source=self.name,
                value=value,
                reason="always lit",
            )
            for group in snapshot.equipment("lamp_group")
            for role, value in (("lamp_level", self.level), ("lamp_switch", True))
            if role in group.roles
        ), state
