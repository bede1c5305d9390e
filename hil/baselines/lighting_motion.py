"""Lamps that dim and light up at movement, with one hold time: what a retrofit with radar lamps does out of the box.

Alone, each group knows only its own radar. With `neighbours` the groups next to a movement light up too, which is what
makers call group communication. A radar that says nothing lights its group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from agent.calc.timers import passed
from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot

PATIENCE = 60.0  # s: a longer gap between two looks counts as this long


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionState:
    """Seconds of light left after the last movement, by group; groups that are not named have none."""

    elapsed: float | None = None
    left: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LightingMotion:
    """Full light at movement, a hold, then dim."""

    kind: ClassVar[str] = "baseline.lighting_motion"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (RoleNeed("presence", "lamp_group", without="the group is lit"),)
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("lamp_level", "lamp_group", Priority.SEQUENCE),)

    name: str = parameter("", help="name of this policy in the site file")
    dim_level: float = parameter(10.0, unit="%", low=0.0, high=100.0, help="level where nobody is")
    hold: float = parameter(30.0, unit="s", low=0.0, high=3600.0, help="light after the last movement")
    neighbours: bool = parameter(True, help="the groups next door light up as well")

    def initial_state(self) -> MotionState:
        return MotionState()

    def decide(self, snapshot: Snapshot, state: MotionState) -> tuple[Sequence[Command], MotionState]:
        seconds = passed(snapshot.elapsed, state.elapsed, max(3.0 * snapshot.model.area.tick, PATIENCE))
        left = {group: rest - seconds for group, rest in state.left.items() if rest > seconds}
        groups = [one for one in snapshot.equipment("lamp_group") if "lamp_level" in one.roles]
        for group in groups:
            if snapshot.value(group, "presence") is not False:
                left[group.id] = self.hold
                if self.neighbours:
                    left.update(dict.fromkeys(group.next_to, self.hold))
        commands = [
            Command(
                point=group.roles["lamp_level"],
                priority=Priority.SEQUENCE,
                source=self.name,
                value=100.0 if group.id in left else self.dim_level,
                reason="movement" if group.id in left else "nobody",
            )
            for group in groups
        ]
        return commands, MotionState(elapsed=snapshot.elapsed, left=left)
