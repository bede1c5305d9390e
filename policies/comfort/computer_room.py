"""Computer room: cooling on at 26 degC, off at 24, by turns, and rather too cold than too warm in any doubt.

Two-point control on the warmest sensor that is believed (YOFC headquarters). A room that nobody can see is cooled. A unit that
fails, is silent, or runs without cooling the room is followed by the next one at once; above `assist_at` all of them run.
What is ordinary is asked for as a sequence is; what protects the room at the priority of a critical service, which
passes a machine's rest times where its point declares `safe_end: high`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from agent.calc.timers import passed
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.comfort.room_sensors import RoomSight, SensorRules, SensorWatch, sight_of, watched
from policies.comfort.room_units import (
    LOCKED_OUT,
    Unit,
    UnitRules,
    UnitWatch,
    next_duty,
    read_units,
    running,
    unit_watches,
)

ROOM, UNIT, SENSOR = "computer_room", "split_unit", "room_sensor"
_PATIENCE = 3.0  # ticks; a longer gap counts as this long: nobody saw what happened in it
_SOAK = 60.0  # s a unit must have been seen to run before the one it relieves stops


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomState:
    """What is remembered from look to look."""

    elapsed: float | None = None
    cooling: bool | None = None  # None: nothing decided yet
    assist: bool = False
    duty: str = ""
    turn: float = 0.0  # s the present one has led
    sensors: Mapping[str, SensorWatch] = field(default_factory=dict)
    units: Mapping[str, UnitWatch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputerRoom:
    """Cools one computer room with its split units, on and off by temperature."""

    kind: ClassVar[str] = "comfort.computer_room"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("zone_temp", SENSOR, without="the room is cooled without a break"),
        RoleNeed("status", UNIT, required=False, without="a unit is taken to run when it is told to"),
        RoleNeed("alarm", UNIT, required=False, without="a fault is seen by the run status alone"),
        RoleNeed("available", UNIT, required=False, without="taken as ready"),
        RoleNeed("local_mode", UNIT, required=False, without="taken as under remote control"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("enable", UNIT, Priority.SEQUENCE),
        RoleClaim("enable", UNIT, Priority.CRITICAL_SERVICE),
        RoleClaim("zone_setpoint", UNIT, Priority.SEQUENCE),
        RoleClaim("alarm", ROOM, Priority.SEQUENCE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    equipment: tuple[str, ...] = parameter(
        (), help="units, sensors and room that belong together; all of its area when not given"
    )
    on_at: float = parameter(
        26.0, unit="degC", low=18.0, high=32.0, help="the warmest believed sensor at which cooling begins"
    )
    off_at: float = parameter(
        24.0, unit="degC", low=16.0, high=31.0, help="where it has to come down to before cooling ends"
    )
    assist_at: float = parameter(
        26.5, unit="degC", low=18.0, high=35.0, help="where all units run, whatever else is asked of them"
    )
    limit: float = parameter(
        27.0, unit="degC", low=18.0, high=40.0, help="temperature above which the room raises the alarm"
    )
    unit_setpoint: float = parameter(
        20.0,
        unit="degC",
        low=16.0,
        high=30.0,
        help="set-point of the units' own thermostats, where it can be written: below `off_at`, or they stop by themselves",
    )
    turn: float = parameter(
        7200.0,
        unit="s",
        low=0.0,
        high=2_592_000.0,
        help="a unit leads so long, then the next one does at the next start; 0: another one at each start",
    )
    proof_within: float = parameter(
        120.0, unit="s", low=10.0, high=1800.0, help="a unit that does not run by then is left out"
    )
    judged_after: float = parameter(
        600.0, unit="s", low=60.0, high=3600.0, help="a unit whose room is warmer by then is left out"
    )
    retry_after: float = parameter(
        1800.0, unit="s", low=60.0, high=86400.0, help="a unit that did not cool is tried again after so long"
    )
    frozen_change: float = parameter(
        0.6,
        unit="K",
        low=0.3,
        high=10.0,
        help="a sensor that stood while the others moved by so much is frozen",
    )
    frozen_after: float = parameter(
        600.0, unit="s", low=60.0, high=7200.0, help="and has stood for so long at least"
    )
    still_after: float = parameter(
        900.0,
        unit="s",
        low=0.0,
        high=86400.0,
        help="sensors that stand so long while nothing cools are not believed; 0: a room without load may stand still",
    )
    drift_limit: float = parameter(
        2.0,
        unit="K",
        low=0.5,
        high=10.0,
        help="farther from the other sensors than usual by so much: one drifts",
    )
    learn_time: float = parameter(
        3600.0,
        unit="s",
        low=600.0,
        high=604800.0,
        help="how long sensors are compared before their usual difference is believed; a change begins it anew",
        restarts=("sensors",),
    )
    stale_after: float = parameter(
        120.0, unit="s", low=10.0, high=3600.0, help="a reading older than this counts as none"
    )

    def __post_init__(self) -> None:
        if not self.off_at < self.on_at <= self.assist_at <= self.limit:
            raise ValueError("off_at lies below on_at, then come assist_at and limit")
        if self.unit_setpoint >= self.off_at:
            raise ValueError("unit_setpoint lies below off_at, or the units stop by themselves before")

    def initial_state(self) -> RoomState:
        return RoomState()

    def decide(self, snapshot: Snapshot, state: RoomState) -> tuple[Sequence[Command], RoomState]:
        machines = [one for one in self._chosen(snapshot, UNIT) if "enable" in one.roles]
        if not machines:
            return (), state
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        sensors, sight = self._look(snapshot, machines, state, seconds)
        watches = unit_watches(snapshot, machines, state.units, seconds, sight, self._unit_rules)
        units = read_units(snapshot, machines, watches)
        cooling = self._demand(sight.temperature, state.cooling)
        assist = cooling and self._assist(sight.temperature, state.assist)
        duty, turn = self._duty(units, state, seconds, cooling and not state.cooling, assist)
        state = RoomState(
            elapsed=snapshot.elapsed,
            cooling=cooling,
            assist=assist,
            duty=duty,
            turn=turn,
            sensors=sensors,
            units=watches,
        )
        return [*self._commands(units, sight, state), *self._alarm(snapshot, units, sight)], state

    def _chosen(self, snapshot: Snapshot, kind: str) -> Iterator[Equipment]:
        return (one for one in snapshot.equipment(kind) if not self.equipment or one.id in self.equipment)

    def _look(
        self, snapshot: Snapshot, machines: Sequence[Equipment], state: RoomState, seconds: float
    ) -> tuple[Mapping[str, SensorWatch], RoomSight]:
        found = list(self._chosen(snapshot, SENSOR))
        values = {one.id: self._value(snapshot, one) for one in found}
        names = {one.id: one.name or one.id.replace("_", " ") for one in found}
        cooled = any(
            running(snapshot, one) is not False or snapshot.decided(one, "enable") for one in machines
        )
        sensors = watched(state.sensors, values, seconds, cooled, self._sensor_rules)
        sight = sight_of(sensors, names)
        if any(one.doubt is not state.sensors.get(id_, one).doubt for id_, one in sensors.items()):
            sight = replace(sight, level=None)  # others speak now: no unit is judged by the difference
        return sensors, sight

    def _value(self, snapshot: Snapshot, sensor: Equipment) -> float | None:
        """As of the room: `offset` on the nameplate is what this place is warmer than the room."""
        found = snapshot.number_of(sensor, "zone_temp", self.stale_after)
        return None if found is None else found - sensor.nameplate.get("offset", 0.0)

    @property
    def _sensor_rules(self) -> SensorRules:
        return SensorRules(
            frozen_change=self.frozen_change,
            frozen_after=self.frozen_after,
            still_after=self.still_after,
            drift_limit=self.drift_limit,
            learn_time=self.learn_time,
        )

    @property
    def _unit_rules(self) -> UnitRules:
        return UnitRules(
            proof_within=self.proof_within,
            judged_after=self.judged_after,
            retry_after=self.retry_after,
            warm=self.on_at,
            hot=self.assist_at,
        )

    def _demand(self, temperature: float | None, before: bool | None) -> bool:
        """Two points; a room that nobody sees, or that is met between them, is cooled."""
        if temperature is None or temperature >= self.on_at:
            return True
        return before is not False and temperature > self.off_at

    def _assist(self, temperature: float | None, before: bool) -> bool:
        if temperature is None:
            return before
        ends = self.on_at - 0.25 * (self.on_at - self.off_at)
        return temperature >= self.assist_at or (before and temperature > ends)

    def _duty(
        self, units: Sequence[Unit], state: RoomState, seconds: float, begins: bool, assist: bool
    ) -> tuple[str, float]:
        """Who leads, and since when. Turns change at a start, and when the leader was not enough.

        Where cooling never ends they change in the run, after twice as long.
        """
        due = (state.turn >= self.turn and begins) or state.turn >= max(2.0 * self.turn, 3600.0)
        due = due or (assist and not state.assist)
        duty = next_duty(units, state.duty, due=due and bool(state.duty))
        if duty != state.duty:
            return duty, 0.0
        return duty, state.turn + seconds

    def _commands(self, units: Sequence[Unit], sight: RoomSight, state: RoomState) -> Iterator[Command]:
        lead = next(one for one in units if one.id == state.duty)
        why, blind = self._why(sight, state), sight.temperature is None
        for one in units:
            on, reason, urgent = self._wish(one, lead, units, state, blind=blind)
            priority = Priority.CRITICAL_SERVICE if urgent else Priority.SEQUENCE
            yield self._command(one.point, on, f"{why}; {reason}" if reason else why, priority)
            if one.setpoint is not None and blind:
                yield self._command(one.setpoint, self.off_at, "the unit's own thermostat holds the room")
            elif one.setpoint is not None:
                text = f"below {self.off_at:g} degC, where this policy ends the cooling"
                yield self._command(one.setpoint, self.unit_setpoint, text)

    def _wish(
        self, one: Unit, lead: Unit, units: Sequence[Unit], state: RoomState, *, blind: bool
    ) -> tuple[bool, str, bool]:
        """On or off, why, and whether it protects the room: then rest times and weaker wishes do not count."""
        if not state.cooling:
            return False, "", False
        if state.assist or blind:
            return True, "all units run", True
        if lead.fault:
            return True, f"{lead.name} {lead.fault}, and no other can be relied on: all are tried", True
        if one.fault:
            return not one.hopeless, f"{one.name} {one.fault}; {lead.name} cools", False
        if one is lead:
            stands_in = one.running is not True and any(other.fault for other in units)
            return True, "it stands in" if stands_in else "it is its turn", stands_in
        if one.told and lead.proven < _SOAK:
            return True, f"until {lead.name} is seen to run", False
        return False, f"it is the turn of {lead.name}", False

    def _why(self, sight: RoomSight, state: RoomState) -> str:
        if sight.temperature is None:
            return "the room cannot be seen: cooled to be safe"
        now = f"room at {sight.temperature:.1f} degC"
        if state.assist:
            return f"{now}, too warm for one unit ({self.assist_at:g} degC)"
        if state.cooling:
            return f"{now}, cooled from {self.on_at:g} down to {self.off_at:g} degC"
        return f"{now}, not cooled until {self.on_at:g} degC"

    def _alarm(self, snapshot: Snapshot, units: Sequence[Unit], sight: RoomSight) -> Iterator[Command]:
        """All that somebody has to look at, in one alarm whose reason names it."""
        faults = [one for one in units if one.fault not in ("", LOCKED_OUT)]
        told = [*sight.doubts, *(f"{one.name} {one.fault}" for one in faults)]
        if sight.temperature is not None and sight.temperature > self.limit:
            told.insert(0, f"the room is at {sight.temperature:.1f} degC, above {self.limit:g}")
        reason = "; ".join(told) or "sensors agree, units cool"
        for room in self._chosen(snapshot, ROOM):
            if "alarm" in room.roles:
                yield self._command(room.roles["alarm"], bool(told), reason)

    def _command(
        self, point: str, value: bool | float, reason: str, priority: Priority = Priority.SEQUENCE
    ) -> Command:
        return Command(point=point, priority=priority, source=self.name, value=value, reason=reason)
