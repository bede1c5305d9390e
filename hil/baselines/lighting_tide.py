"""Tidal dimming by the clock alone: one level for the busy hours, a lower one for the rest, whoever is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class TideState:
    """Nothing to remember."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightingTide:
    """Two levels by local time. An untrusted clock gives the higher one."""

    kind: ClassVar[str] = "baseline.lighting_tide"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = ()
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("lamp_level", "lamp_group", Priority.SCHEDULE),)

    name: str = parameter("", help="name of this policy in the site file")
    busy_level: float = parameter(50.0, unit="%", low=0.0, high=100.0, help="level in the busy hours")
    quiet_level: float = parameter(25.0, unit="%", low=0.0, high=100.0, help="level in the quiet hours")
    busy_from: float = parameter(7.0, unit="h", low=0.0, high=24.0, help="local hour the busy time begins")
    busy_to: float = parameter(22.0, unit="h", low=0.0, high=24.0, help="local hour it ends")

    def initial_state(self) -> TideState:
        return TideState()

    def decide(self, snapshot: Snapshot, state: TideState) -> tuple[Sequence[Command], TideState]:
        local = datetime.fromtimestamp(snapshot.utc, ZoneInfo(snapshot.model.place.timezone))
        hour = local.hour + local.minute / 60.0 + local.second / 3600.0
        busy = not snapshot.utc_trusted or self.busy_from <= hour < self.busy_to
        return tuple(
            Command(
                point=group.roles["lamp_level"],
                priority=Priority.SCHEDULE,
                source=self.name,
                value=self.busy_level if busy else self.quiet_level,
                reason="busy hours" if busy else "quiet hours",
            )
            for group in snapshot.equipment("lamp_group")
            if "lamp_level" in group.roles
        ), state
