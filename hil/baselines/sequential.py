"""A competent plant without optimisation: machines one after the other by load, dedicated pumps, fixed set-points.

One machine more above `up` of the running capacity, one less when the rest could carry the load at `down`; both
must last a dwell. Pumps run at a fixed speed with their machines, fans hold a fixed tower temperature.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from hil.baselines.clock import TimeSwitch
from hil.baselines.machines import Voice, capacity_of, load_of, of_kind, wanted_by

LEAD = 120.0  # s for which pumps run before their machine starts, and after it has stopped


@dataclass(frozen=True, slots=True)
class Staged:
    """Which machines are wanted, in the order of their start, and how long reasons have lasted (s)."""

    on: tuple[str, ...] = ()
    was: tuple[str, ...] = ()  # before the last change: their pumps run on
    changed: float = -1e9  # elapsed s
    high: float = 0.0
    low: float = 0.0
    elapsed: float | None = None
    fan: float = 60.0  # % as it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequential:
    """Staging by load with fixed set-points."""

    kind: ClassVar[str] = "baseline.sequential"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("status", "chiller", without="counts as standing"),
        RoleNeed("load", "chiller", without="counts as no load"),
        RoleNeed("runtime", "chiller", required=False, without="the order of the site file"),
        RoleNeed("alarm", "chiller", required=False, without="counts as well"),
        RoleNeed("chilled_water_supply_temp", "loop", required=False, without="staging by load alone"),
        RoleNeed("condenser_entering_temp", "loop", required=False, without="fans at full speed"),
        RoleNeed("enable", "economiser", required=False, without="no free cooling"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("enable", "chiller", Priority.SEQUENCE),
        RoleClaim("chilled_water_setpoint", "chiller", Priority.SEQUENCE),
        RoleClaim("enable", "pump", Priority.SEQUENCE),
        RoleClaim("speed_command", "pump", Priority.SEQUENCE),
        RoleClaim("enable", "tower", Priority.SEQUENCE),
        RoleClaim("speed_command", "tower", Priority.SEQUENCE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    hours: str = parameter("00:00-24:00", help="when the plant is on, such as 07:00-22:00")
    months: tuple[int, ...] = parameter((), help="months in which it is; the whole year when not given")
    calendar: str = parameter("daily", help="calendar of the time switch; daily knows no days off")
    up: float = parameter(
        90.0, unit="%", low=50.0, high=105.0, help="load of the running capacity for one more"
    )
    down: float = parameter(80.0, unit="%", low=30.0, high=100.0, help="load the rest may have for one less")
    shed_below: float = parameter(
        100.0, unit="%", low=10.0, high=100.0, help="one less only below this load of the running capacity"
    )
    dwell: float = parameter(900.0, unit="s", low=0.0, high=7200.0, help="a reason must last so long")
    spare: int = parameter(0, low=0, high=3, help="machines that run beyond what the load needs")
    least: int = parameter(1, low=0, high=20, help="machines that always run while the plant is on")
    begin: int = parameter(
        0, low=0, high=20, help="machines that start together where none was on; the least when fewer"
    )
    rotate: bool = parameter(
        False, help="the one with the least hours first; else in the order of the site file"
    )
    setpoint: float = parameter(7.0, unit="degC", low=3.0, high=20.0, help="supply temperature, all year")
    deviation: float = parameter(1.5, unit="K", low=0.5, high=5.0, help="supply that much too warm: one more")
    tower_setpoint: float = parameter(28.0, unit="degC", low=10.0, high=35.0, help="water from the towers")
    tower_band: float = parameter(
        2.0, unit="K", low=0.5, high=8.0, help="deviation at which fans change fastest, 10 % a tick"
    )
    free_tower: float = parameter(
        8.0,
        unit="degC",
        low=4.0,
        high=20.0,
        help="water from the towers while an economiser carries the load",
    )
    pump_speed: bool = parameter(True, help="hold pumps at full speed; false leaves their speed to others")

    def __post_init__(self) -> None:
        _ = self.clock

    @property
    def clock(self) -> TimeSwitch:
        return TimeSwitch(self.hours, tuple(self.months), self.calendar)

    def initial_state(self) -> Staged:
        return Staged()

    def decide(self, snapshot: Snapshot, state: Staged) -> tuple[Sequence[Command], Staged]:
        chillers = of_kind(snapshot, "chiller")
        state = replace(self._staged(snapshot, chillers, state), fan=self._fan(snapshot, state.fan))
        return tuple(self._commands(snapshot, chillers, state)), state

    def _tower(self, snapshot: Snapshot) -> float:
        return self.free_tower if self._free(snapshot)[0] else self.tower_setpoint

    def _fan(self, snapshot: Snapshot, speed: float) -> float:
        """One step of the fans' own control: a tenth of the way, since a basin turns over in minutes."""
        water = _basin(snapshot)
        if water is None:
            return 100.0
        by = (water - self._tower(snapshot)) / self.tower_band
        return min(max(speed + 10.0 * min(max(by, -1.0), 1.0), 0.0), 100.0)

    def _staged(self, snapshot: Snapshot, chillers: Sequence[Equipment], state: Staged) -> Staged:
        now = snapshot.elapsed
        seconds = 0.0 if state.elapsed is None else min(now - state.elapsed, 300.0)
        state = replace(state, elapsed=now)
        if not self.clock.on(snapshot):
            return self._change(state, (), now)
        well = {one.id: one for one in chillers if snapshot.value(one, "alarm") is not True}
        on = tuple(name for name in state.on if name in well)
        order = self._order(snapshot, list(well.values()))
        least = min(self.least + self.spare if on else max(self.least + self.spare, self.begin), len(order))
        if len(on) < least:
            return self._change(state, (*on, *[n for n in order if n not in on][: least - len(on)]), now)
        if on != state.on:
            state = self._change(state, on, now)
        if self._free(snapshot)[
            1
        ]:  # machines that stand say nothing of the load: their pumps stay as they are
            return replace(state, high=0.0, low=0.0)
        return self._by_load(snapshot, [well[name] for name in on], order, state, seconds)

    def _by_load(
        self,
        snapshot: Snapshot,
        running: Sequence[Equipment],
        order: Sequence[str],
        state: Staged,
        seconds: float,
    ) -> Staged:
        load = load_of(snapshot, running)
        capacities = sorted(capacity_of(one) for one in running)
        spared = sum(capacities[len(capacities) - self.spare :]) if self.spare else 0.0
        have = sum(capacities) - spared
        rest = have - capacity_of(running[-1]) if running else 0.0
        high = load > self.up / 100.0 * have or self._warm(snapshot)
        low = load < self.down / 100.0 * rest and load < self.shed_below / 100.0 * have
        state = replace(
            state, high=state.high + seconds if high else 0.0, low=state.low + seconds if low else 0.0
        )
        if snapshot.elapsed - state.changed < self.dwell:
            return state
        spare = [name for name in order if name not in state.on]
        if state.high >= self.dwell and spare:
            return self._change(state, (*state.on, spare[0]), snapshot.elapsed)
        if state.low >= self.dwell and len(state.on) > self.least + self.spare:
            return self._change(state, state.on[:-1], snapshot.elapsed)
        return state

    def _warm(self, snapshot: Snapshot) -> bool:
        supply = [snapshot.number_of(one, "chilled_water_supply_temp") for one in snapshot.equipment("loop")]
        return any(one is not None and one > self.setpoint + self.deviation for one in supply)

    def _order(self, snapshot: Snapshot, machines: Sequence[Equipment]) -> Sequence[str]:
        if self.rotate:
            machines = sorted(machines, key=lambda one: snapshot.number_of(one, "runtime") or 0.0)
        return [one.id for one in machines]

    @staticmethod
    def _change(state: Staged, on: tuple[str, ...], now: float) -> Staged:
        if on == state.on:
            return state
        return replace(state, on=on, was=state.on, changed=now, high=0.0, low=0.0)

    def _commands(
        self, snapshot: Snapshot, chillers: Sequence[Equipment], state: Staged
    ) -> Iterator[Command]:
        voice = Voice(self.name, Priority.SEQUENCE)
        moving = snapshot.elapsed - state.changed < LEAD
        wet = frozenset((*state.on, *(state.was if moving else ())))
        why = f"{len(state.on)} of {len(chillers)} by load"
        _, cooled = self._free(snapshot)
        for one in chillers:
            wanted = one.id in state.on and not (moving and one.id not in state.was) and not cooled
            yield from voice.wish(one, "enable", wanted, why)
            yield from voice.wish(one, "chilled_water_setpoint", self.setpoint, "fixed set-point")
        yield from self._pumps(snapshot, voice, wet, why, dry=cooled)
        yield from self._fans(snapshot, voice, wet, self._tower(snapshot), state.fan)

    def _free(self, snapshot: Snapshot) -> tuple[bool, bool]:
        """Whether an economiser runs, and whether the towers are cold enough for it to carry the load alone."""
        free = any(snapshot.value(one, "enable") is True for one in snapshot.equipment("economiser"))
        basin = _basin(snapshot)
        return free, free and basin is not None and basin < self.setpoint - 2.5

    def _pumps(
        self, snapshot: Snapshot, voice: Voice, wet: frozenset[str], why: str, *, dry: bool
    ) -> Iterator[Command]:
        """With their machines. Condenser pumps stand while no machine runs: an economiser has its own."""
        for one in of_kind(snapshot, "pump"):
            stands = dry and one.id.startswith("condenser")
            yield from voice.wish(one, "enable", wanted_by(one, wet) and not stands, why)
            if self.pump_speed:
                yield from voice.wish(one, "speed_command", 100.0, "full speed")

    def _fans(
        self, snapshot: Snapshot, voice: Voice, wet: frozenset[str], setpoint: float, speed: float
    ) -> Iterator[Command]:
        """All cells, at one speed."""
        for one in of_kind(snapshot, "tower"):
            on = bool(wet) and speed > 5.0
            yield from voice.wish(one, "enable", on, f"water from the towers to {setpoint:g} degC")
            yield from voice.wish(one, "speed_command", max(speed, 20.0), "holds that temperature")


def _basin(snapshot: Snapshot) -> float | None:
    found = [snapshot.number_of(one, "condenser_entering_temp") for one in snapshot.equipment("loop")]
    return found[0] if found else None
