"""A switching clock that is set once a season, to its darkest day, so that nobody stands in the dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from hil.baselines.switching_clock import local_time, seasonal_times


@dataclass(frozen=True, slots=True)
class TimerState:
    """Nothing to remember."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightingTimer:
    """The fixed seasonal timer of outdoor lamps."""

    kind: ClassVar[str] = "baseline.lighting_timer"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = ()
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("lamp_switch", "lamp_group", Priority.SCHEDULE),)

    name: str = parameter("", help="name of this policy in the site file")
    groups: tuple[str, ...] = parameter((), help="lamp groups it switches; all of its area when not given")
    seasons: int = parameter(4, low=1, high=12, help="settings a year; 12 must be a multiple of it")
    rounding: float = parameter(600.0, unit="s", low=60.0, high=3600.0, help="times are set in such steps")
    end: float = parameter(
        0.0,
        unit="h",
        low=0.0,
        high=24.0,
        help="local hour at which evening lighting ends; 0: it burns until morning",
    )

    def initial_state(self) -> TimerState:
        return TimerState()

    def decide(self, snapshot: Snapshot, state: TimerState) -> tuple[Sequence[Command], TimerState]:
        place = snapshot.model.place
        day, second = local_time(snapshot.utc, place)
        times = seasonal_times(place, day, self.seasons, self.rounding)
        on = times.burns(second) if self.end <= 0.0 else times.on <= second < self.end * 3600.0
        return tuple(
            Command(
                point=group.roles["lamp_switch"],
                priority=Priority.SCHEDULE,
                source=self.name,
                value=on,
                reason="by the seasonal clock",
            )
            for group in snapshot.equipment("lamp_group")
            if "lamp_switch" in group.roles and (not self.groups or group.id in self.groups)
        ), state
