"""The plant before the retrofit: everything on by a time switch, constant speed, one fixed set-point, fans on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from hil.baselines.clock import TimeSwitch
from hil.baselines.machines import Voice, of_kind, switches

_HAND = 5.0  # K above that at which all fans run
LEAD = 120.0  # s for which pumps run before machines start, and machines have stopped before pumps do


@dataclass(frozen=True, slots=True)
class Switching:
    """Whether the plant is on, and since when (elapsed s)."""

    on: bool | None = None
    since: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOn:
    """All machines and pumps by the clock."""

    kind: ClassVar[str] = "baseline.all_on"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("alarm", "chiller", required=False, without="nobody resets a tripped machine"),
        RoleNeed("condenser_entering_temp", "loop", required=False, without="all fans on"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("enable", "chiller", Priority.SCHEDULE),
        RoleClaim("chilled_water_setpoint", "chiller", Priority.SCHEDULE),
        RoleClaim("enable", "pump", Priority.SCHEDULE),
        RoleClaim("speed_command", "pump", Priority.SCHEDULE),
        RoleClaim("enable", "tower", Priority.SCHEDULE),
        RoleClaim("speed_command", "tower", Priority.SCHEDULE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    hours: str = parameter("00:00-24:00", help="when the plant is on, such as 07:00-22:00")
    months: tuple[int, ...] = parameter((), help="months in which it is; the whole year when not given")
    calendar: str = parameter("daily", help="calendar of the time switch; daily knows no days off")
    setpoint: float = parameter(7.0, unit="degC", low=3.0, high=20.0, help="supply temperature, all year")
    cold: float = parameter(
        18.0,
        unit="degC",
        low=4.0,
        high=30.0,
        help="water from the towers at which somebody stops the last fan",
    )
    night: int = parameter(0, low=0, high=20, help="machines at the end of the list that run at night too")

    def __post_init__(self) -> None:
        _ = self.clock

    @property
    def clock(self) -> TimeSwitch:
        return TimeSwitch(self.hours, tuple(self.months), self.calendar)

    def initial_state(self) -> Switching:
        return Switching()

    def decide(self, snapshot: Snapshot, state: Switching) -> tuple[Sequence[Command], Switching]:
        on = self.clock.on(snapshot)
        if state.on is not on:
            state = Switching(on, snapshot.elapsed)
        settled = snapshot.elapsed - state.since >= LEAD
        chillers = of_kind(snapshot, "chiller")
        night = frozenset(one.id for one in chillers[len(chillers) - self.night :])
        everyone = frozenset(one.id for one in chillers)
        machines = everyone if on and settled else night
        water = everyone if on or not settled else night
        voice = Voice(self.name, Priority.SCHEDULE)
        why = f"time switch {self.hours}"
        commands: list[Command] = []
        for one in chillers:
            tripped = snapshot.value(one, "alarm") is True  # somebody resets it
            commands += voice.wish(one, "enable", one.id in machines and not tripped, why)
            commands += voice.wish(one, "chilled_water_setpoint", self.setpoint, "fixed set-point")
        commands += switches(snapshot, voice, "pump", water, why, 100.0)
        commands += self._fans(snapshot, voice, len(water))
        return commands, state

    def _fans(self, snapshot: Snapshot, voice: Voice, machines: int) -> Iterator[Command]:
        """As many as machines, at full speed; fewer by hand when the water gets so cold that machines would trip."""
        loop = next(iter(snapshot.equipment("loop")), None)
        water = None if loop is None else snapshot.number_of(loop, "condenser_entering_temp")
        share = 1.0 if water is None else min(max((water - self.cold) / _HAND, 0.0), 1.0)
        for place, one in enumerate(of_kind(snapshot, "tower")):
            on = place < ceil(machines * share)
            yield from voice.wish(one, "enable", on, f"on while water is above {self.cold:g} degC")
            yield from voice.wish(one, "speed_command", 100.0, "full speed")
