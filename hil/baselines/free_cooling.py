"""Free cooling by a fixed outdoor temperature: the economiser goes on below it and off above it and a little more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from hil.baselines.machines import Voice


@dataclass(frozen=True, slots=True)
class Free:
    """Whether it is on."""

    on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeCooling:
    """Switches the economiser by dry bulb."""

    kind: ClassVar[str] = "baseline.free_cooling"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (RoleNeed("outdoor_dry_bulb", "weather", without="off"),)
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("enable", "economiser", Priority.SEQUENCE),)

    name: str = parameter("", help="name of this policy in the site file")
    below: float = parameter(5.0, unit="degC", low=-10.0, high=25.0, help="on below this outdoor temperature")
    hysteresis: float = parameter(3.0, unit="K", low=0.5, high=10.0, help="off this much above")

    def initial_state(self) -> Free:
        return Free()

    def decide(self, snapshot: Snapshot, state: Free) -> tuple[Sequence[Command], Free]:
        found = [snapshot.number_of(one, "outdoor_dry_bulb") for one in snapshot.equipment("weather")]
        outdoor = found[0] if found else None
        limit = self.below + (self.hysteresis if state.on else 0.0)
        on = outdoor is not None and outdoor < limit
        voice = Voice(self.name, Priority.SEQUENCE)
        commands: list[Command] = []
        for one in snapshot.equipment("economiser"):
            commands += voice.wish(one, "enable", on, f"below {self.below:g} degC outdoors")
        return commands, Free(on)
