"""Air-handling units of zones by the clock: on in hours, off after them and on days off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from hil.baselines.clock import TimeSwitch
from hil.baselines.machines import Voice


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing to remember."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneClock:
    """Switches zones; all of its area, or the named ones."""

    kind: ClassVar[str] = "baseline.zone_clock"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = ()
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("enable", "zone", Priority.SCHEDULE),
        RoleClaim("zone_setpoint", "zone", Priority.SCHEDULE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    equipment: tuple[str, ...] = parameter((), help="zones it switches; all of its area when not given")
    hours: str = parameter("07:00-20:00", help="when they are on, such as 07:00-20:00")
    months: tuple[int, ...] = parameter((), help="months in which they are; the whole year when not given")
    calendar: str = parameter("cn", help="calendar of the time switch; daily knows no days off")
    setpoint: float = parameter(25.0, unit="degC", low=18.0, high=30.0, help="room temperature wanted")

    def __post_init__(self) -> None:
        _ = self.clock

    @property
    def clock(self) -> TimeSwitch:
        return TimeSwitch(self.hours, tuple(self.months), self.calendar)

    def initial_state(self) -> Nothing:
        return Nothing()

    def decide(self, snapshot: Snapshot, state: Nothing) -> tuple[Sequence[Command], Nothing]:
        on = self.clock.on(snapshot)
        voice = Voice(self.name, Priority.SCHEDULE)
        commands: list[Command] = []
        for one in snapshot.equipment("zone"):
            if not self.equipment or one.id in self.equipment:
                commands += voice.wish(one, "enable", on, f"time switch {self.hours}")
                commands += voice.wish(one, "zone_setpoint", self.setpoint, "fixed set-point")
        return commands, state
