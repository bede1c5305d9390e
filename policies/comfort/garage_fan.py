"""Garage fans by carbon monoxide: as many stages or as much speed as the worst sensor asks for, and a purge a day.

A garage that cannot be measured is aired: a sensor that is silent, shows the impossible, or does not move for days counts as the limit
reached. Above the limit fans run at the priority of a critical service. A fan runs long enough to be worth its start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from agent.calc.timers import passed
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot

FAN, SENSOR, HALL = "garage_fan", "gas_sensor", "garage"
_PATIENCE = 3.0  # ticks; a longer gap counts as this long
_MOVED = 0.5  # ppm: less is noise


@dataclass(frozen=True, slots=True, kw_only=True)
class GasWatch:
    """One sensor: what it read when it last moved, and how long ago that was (s)."""

    mark: float | None = None
    still: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FanState:
    """Of the whole garage: fans wanted, seconds since that changed, since any fan ran, and of a purge still to go."""

    elapsed: float | None = None
    stage: int = 0
    since: float = 0.0
    idle: float = 0.0
    purge: float = 0.0
    sensors: Mapping[str, GasWatch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Air:
    """The worst of what is measured (ppm; None: not to be known), and what is wrong with sensors."""

    ppm: float | None
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GarageFan:
    """Runs garage fans by carbon monoxide."""

    kind: ClassVar[str] = "comfort.garage_fan"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("carbon_monoxide", SENSOR, without="all fans run"),
        RoleNeed("alarm", FAN, required=False, without="a fan that fails is not replaced by another"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("enable", FAN, Priority.SEQUENCE),
        RoleClaim("enable", FAN, Priority.CRITICAL_SERVICE),
        RoleClaim("speed_command", FAN, Priority.SEQUENCE),
        RoleClaim("speed_command", FAN, Priority.CRITICAL_SERVICE),
        RoleClaim("alarm", HALL, Priority.SEQUENCE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    equipment: tuple[str, ...] = parameter(
        (), help="fans, sensors and garage that belong together; all of its area when not given"
    )
    start: float = parameter(25.0, unit="ppm", low=5.0, high=100.0, help="where the first fan starts")
    full: float = parameter(50.0, unit="ppm", low=10.0, high=150.0, help="where all run at full speed")
    stop: float = parameter(15.0, unit="ppm", low=1.0, high=100.0, help="where the last one stops")
    limit: float = parameter(
        100.0,
        unit="ppm",
        low=20.0,
        high=300.0,
        help="where fans run whatever else is asked, and the garage raises the alarm",
    )
    lowest_speed: float = parameter(40.0, unit="%", low=10.0, high=100.0, help="of fans with a converter")
    shortest_run: float = parameter(
        600.0, unit="s", low=0.0, high=3600.0, help="no stage goes sooner than this after it came"
    )
    purge_every: float = parameter(
        86400.0,
        unit="s",
        low=0.0,
        high=604800.0,
        help="fans run at least once in so long; 0: never without need",
    )
    purge_for: float = parameter(900.0, unit="s", low=60.0, high=7200.0, help="and for so long")
    frozen_after: float = parameter(
        259200.0,
        unit="s",
        low=0.0,
        high=2_592_000.0,
        help="a sensor above 1 ppm that stands so long is not believed; 0: it may",
    )
    stale_after: float = parameter(
        120.0, unit="s", low=10.0, high=3600.0, help="a reading older than this counts as none"
    )

    def __post_init__(self) -> None:
        if not self.stop < self.start < self.full <= self.limit:
            raise ValueError("stop lies below start, then come full and limit")

    def initial_state(self) -> FanState:
        return FanState()

    def decide(self, snapshot: Snapshot, state: FanState) -> tuple[Sequence[Command], FanState]:
        fans = [one for one in self._chosen(snapshot, FAN) if "enable" in one.roles]
        if not fans:
            return (), state
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        sensors, air = self._look(snapshot, state, seconds)
        purge = max(state.purge - seconds, 0.0)
        if 0.0 < self.purge_every <= state.idle:
            purge = self.purge_for
        wanted, reason = self._stage(air, len(fans), state.stage, purge)
        since = state.since + seconds
        if wanted < state.stage and since < self.shortest_run:
            wanted, reason = (
                state.stage,
                f"{reason}; each stage runs {self.shortest_run / 60.0:g} min at least",
            )
        state = FanState(
            elapsed=snapshot.elapsed,
            stage=wanted,
            since=since if wanted == state.stage else 0.0,
            idle=0.0 if wanted else state.idle + seconds,
            purge=purge,
            sensors=sensors,
        )
        urgent = air.ppm is None or air.ppm >= self.limit
        commands = [*self._commands(snapshot, fans, state, air, reason, urgent=urgent)]
        return [*commands, *self._alarm(snapshot, air)], state

    def _chosen(self, snapshot: Snapshot, kind: str) -> Iterator[Equipment]:
        return (one for one in snapshot.equipment(kind) if not self.equipment or one.id in self.equipment)

    def _look(
        self, snapshot: Snapshot, state: FanState, seconds: float
    ) -> tuple[Mapping[str, GasWatch], Air]:
        watches, doubts, seen = {}, [], []
        for one in self._chosen(snapshot, SENSOR):
            name = one.name or one.id
            found = snapshot.number_of(one, "carbon_monoxide", self.stale_after)
            before = state.sensors.get(one.id, GasWatch())
            if found is None or found < -_MOVED:
                watches[one.id] = GasWatch()
                doubts.append(f"{name} is silent" if found is None else f"{name} shows {found:.0f} ppm")
                continue
            moved = before.mark is None or abs(found - before.mark) > _MOVED
            watch = (
                GasWatch(mark=found) if moved else GasWatch(mark=before.mark, still=before.still + seconds)
            )
            watches[one.id] = watch
            if found > 1.0 and 0.0 < self.frozen_after <= watch.still:
                doubts.append(f"{name} has stood at {found:.0f} ppm for {watch.still / 86400.0:.0f} days")
                continue
            seen.append(found)
        worst = None if doubts or not seen else max(seen)
        return watches, Air(worst, tuple(doubts) or (() if seen else ("there is no sensor",)))

    def _stage(self, air: Air, fans: int, before: int, purge: float) -> tuple[int, str]:
        """How many fans, and why. Stages lie evenly between start and full; each goes where the one below would stop."""
        if air.ppm is None:
            return fans, f"{air.doubts[0]}: all fans run"
        step = (self.full - self.start) / max(fans - 1, 1)
        up = sum(air.ppm >= self.start + n * step for n in range(fans))
        keep = sum(air.ppm > self.stop + n * step for n in range(fans))
        stage = max(up, min(before, keep))
        reason = f"carbon monoxide at {air.ppm:.0f} ppm"
        if stage == 0 and purge > 0.0:
            return 1, f"{reason}; purged for {purge / 60.0:.0f} min, nobody asked for air in a long while"
        return stage, reason

    def _commands(
        self,
        snapshot: Snapshot,
        fans: Sequence[Equipment],
        state: FanState,
        air: Air,
        reason: str,
        *,
        urgent: bool,
    ) -> Iterator[Command]:
        """Fans with a fault come last, so that a sound one runs in their place."""
        order = sorted(fans, key=lambda one: snapshot.value(one, "alarm") is True)
        running = {one.id for one in order[: state.stage]}
        priority = Priority.CRITICAL_SERVICE if urgent else Priority.SEQUENCE
        for one in fans:
            on = one.id in running
            yield self._command(one.roles["enable"], on, reason, priority if on else Priority.SEQUENCE)
            if "speed_command" in one.roles:
                speed = self._speed(air) if on else 0.0
                yield self._command(
                    one.roles["speed_command"], speed, reason, priority if on else Priority.SEQUENCE
                )

    def _speed(self, air: Air) -> float:
        if air.ppm is None:
            return 100.0
        share = min(max((air.ppm - self.stop) / (self.full - self.stop), 0.0), 1.0)
        return round(self.lowest_speed + share * (100.0 - self.lowest_speed))

    def _alarm(self, snapshot: Snapshot, air: Air) -> Iterator[Command]:
        told = list(air.doubts)
        if air.ppm is not None and air.ppm >= self.limit:
            told.insert(0, f"carbon monoxide at {air.ppm:.0f} ppm, above {self.limit:g}")
        reason = "; ".join(told) or "sensors speak and move"
        for hall in self._chosen(snapshot, HALL):
            if "alarm" in hall.roles:
                yield self._command(hall.roles["alarm"], bool(told), reason, Priority.SEQUENCE)

    def _command(self, point: str, value: bool | float, reason: str, priority: Priority) -> Command:
        return Command(point=point, priority=priority, source=self.name, value=value, reason=reason)
