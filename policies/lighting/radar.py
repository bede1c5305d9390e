"""Radar lighting: dim where nobody is, bright where somebody is or may be, and ahead of whoever moves.

Doubt means light: a silent or doubtful radar, a fresh start and a hold that was cut by a restart all light the group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from agent.calc.timers import held, passed
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot

_PATIENCE = 3.0  # ticks: longer gaps count as this long, so a pause of the agent never eats up a hold


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWatch:
    """What is remembered of one lamp group, in seconds left or lasted."""

    hold_left: float = 0.0  # own light after the last movement (or doubt)
    ahead_left: float = 0.0  # neighbours' light after the last movement that was really seen
    occupied: float = 0.0  # presence without a break
    started: bool = False  # the present hold comes from a start, not from a movement


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarState:
    """All groups, and when they were last looked at."""

    elapsed: float | None = None
    groups: Mapping[str, GroupWatch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Radar:
    """Dims lamp groups by their radar, lights neighbours ahead."""

    kind: ClassVar[str] = "lighting.radar"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("presence", "lamp_group", without="the group is lit at the presence level"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("lamp_level", "lamp_group", Priority.SEQUENCE),)

    name: str = parameter("", help="name of this policy in the site file")
    dim_level: float = parameter(
        10.0, unit="%", low=0.0, high=100.0, help="level where nobody is; never less than this"
    )
    presence_level: float = parameter(
        100.0, unit="%", low=1.0, high=100.0, help="level where somebody is, or may be"
    )
    hold: float = parameter(
        30.0, unit="s", low=0.0, high=3600.0, help="how long the light stays after the last movement"
    )
    ahead_level: float | None = parameter(
        None,
        unit="%",
        low=0.0,
        high=100.0,
        help="level of the groups next to somebody; the presence level when not given",
    )
    stuck_after: float = parameter(
        7200.0,
        unit="s",
        low=60.0,
        high=604800.0,
        help="presence without a break for so long is called a stuck radar (the light stays on)",
    )
    stale_after: float | None = parameter(
        None,
        unit="s",
        low=0.5,
        high=3600.0,
        help="older presence counts as unknown; as the bus judges if not given",
    )

    def initial_state(self) -> RadarState:
        return RadarState()

    def decide(self, snapshot: Snapshot, state: RadarState) -> tuple[Sequence[Command], RadarState]:
        groups = {one.id: one for one in snapshot.equipment("lamp_group") if "lamp_level" in one.roles}
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        seen = {id_: self._presence(snapshot, one) for id_, one in groups.items()}
        watches = {id_: self._watch(state.groups.get(id_), seen[id_], seconds) for id_ in groups}
        beside = _neighbours(groups)
        commands = [
            self._command(snapshot, one, watches, seen[id_], beside[id_]) for id_, one in groups.items()
        ]
        return commands, RadarState(elapsed=snapshot.elapsed, groups=watches)

    def _presence(self, snapshot: Snapshot, group: Equipment) -> bool | None:
        """True, False or None: unknown. A doubtful "nobody" is no knowledge either."""
        value = snapshot.value(group, "presence", self.stale_after)
        if value is None or isinstance(value, str):
            return None
        if not value and not snapshot.reading(group, "presence").good:
            return None
        return bool(value)

    def _watch(self, before: GroupWatch | None, presence: bool | None, seconds: float) -> GroupWatch:
        if before is None:
            return GroupWatch(
                hold_left=self.hold, ahead_left=self.hold if presence else 0.0, started=presence is False
            )

        def left(seconds_left: float) -> float:
            return max(min(seconds_left, self.hold) - seconds, 0.0)  # a hold tuned shorter counts at once

        return GroupWatch(
            hold_left=left(before.hold_left) if presence is False else self.hold,
            ahead_left=self.hold if presence else left(before.ahead_left),
            occupied=held(before.occupied, presence is True, seconds),
            started=before.started and presence is False,
        )

    def _command(
        self,
        snapshot: Snapshot,
        group: Equipment,
        watches: Mapping[str, GroupWatch],
        presence: bool | None,
        beside: tuple[str, ...],
    ) -> Command:
        level, reason = self._own_light(snapshot, group, watches[group.id], presence)
        if level is None:
            level, reason = self._ahead_light(watches, beside)
        return Command(
            point=group.roles["lamp_level"],
            priority=Priority.SEQUENCE,
            source=self.name,
            value=max(level, self.dim_level),
            reason=reason,
        )

    def _own_light(
        self, snapshot: Snapshot, group: Equipment, watch: GroupWatch, presence: bool | None
    ) -> tuple[float | None, str]:
        name = group.name or group.id
        if presence is None:
            why = snapshot.reading(group, "presence").reason or "no fresh reading"
            return self.presence_level, f"radar of {name} unknown ({why}): lit to be safe"
        if presence and watch.occupied >= self.stuck_after:
            limit = _duration(self.stuck_after)
            return self.presence_level, f"radar of {name} may be stuck: presence for over {limit}; lit"
        if presence:
            return self.presence_level, f"somebody in {name}"
        if watch.hold_left > 0.0:
            if watch.started:
                return (
                    self.presence_level,
                    f"just started, nothing known of {name}: lit for {_duration(self.hold)}",
                )
            return self.presence_level, f"held for {_duration(self.hold)} after the last movement in {name}"
        return None, ""

    def _ahead_light(self, watches: Mapping[str, GroupWatch], beside: tuple[str, ...]) -> tuple[float, str]:
        lively = [id_ for id_ in beside if watches[id_].ahead_left > 0.0]
        if lively:
            level = self.presence_level if self.ahead_level is None else self.ahead_level
            return level, f"lit ahead: movement next door in {', '.join(lively)}"
        return self.dim_level, f"nobody here or next door: dimmed to {self.dim_level:g} %"


def _neighbours(groups: Mapping[str, Equipment]) -> Mapping[str, tuple[str, ...]]:
    """Who is next to whom, both ways whichever side the site file names."""
    beside: dict[str, dict[str, None]] = {id_: {} for id_ in groups}
    for id_, group in groups.items():
        for other in group.next_to:
            if other in groups and other != id_:
                beside[id_][other] = None
                beside[other][id_] = None
    return {id_: tuple(others) for id_, others in beside.items()}


def _duration(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120.0 else f"{seconds / 60.0:g} min"
