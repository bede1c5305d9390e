"""A switching clock that somebody sets by the sun every few weeks, and not on the day he should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from hil.baselines.switching_clock import human_times, local_time


@dataclass(frozen=True, slots=True)
class HumanState:
    """Nothing to remember."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightingHuman:
    """The late human at the clock of outdoor lamps."""

    kind: ClassVar[str] = "baseline.lighting_human"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = ()
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("lamp_switch", "lamp_group", Priority.SCHEDULE),)

    name: str = parameter("", help="name of this policy in the site file")
    groups: tuple[str, ...] = parameter((), help="lamp groups it switches; all of its area when not given")
    every: int = parameter(14, low=1, high=90, help="days between two settings")
    late: int = parameter(3, low=0, high=30, help="days each setting comes late")
    rounding: float = parameter(300.0, unit="s", low=60.0, high=3600.0, help="times are set in such steps")
    end: float = parameter(
        0.0,
        unit="h",
        low=0.0,
        high=24.0,
        help="local hour at which evening lighting ends; 0: it burns until morning",
    )

    def initial_state(self) -> HumanState:
        return HumanState()

    def decide(self, snapshot: Snapshot, state: HumanState) -> tuple[Sequence[Command], HumanState]:
        place = snapshot.model.place
        day, second = local_time(snapshot.utc, place)
        times = human_times(place, day, self.every, self.late, self.rounding)
        on = times.burns(second) if self.end <= 0.0 else times.on <= second < self.end * 3600.0
        return tuple(
            Command(
                point=group.roles["lamp_switch"],
                priority=Priority.SCHEDULE,
                source=self.name,
                value=on,
                reason="as the clock was last set by hand",
            )
            for group in snapshot.equipment("lamp_group")
            if "lamp_switch" in group.roles and (not self.groups or group.id in self.groups)
        ), state
