"""A tank run by the clock: charged in the valley by as many machines as that takes, released at the peak by its pump's pressure control."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from hil.baselines.clock import TimeSwitch, local_time, read_spans
from hil.baselines.machines import Voice, capacity_of, of_kind, switches

LEAD = 120.0  # s for which pumps run before machines start


@dataclass(frozen=True, slots=True)
class Storing:
    """Whether it charges and since when (elapsed s); full until the next valley, empty until the next charge."""

    charging: bool = False
    since: float = 0.0
    full: bool = False
    empty: bool = False
    chosen: int = 0  # machines that fill it in this valley
    flow: float = 0.0  # % while releasing


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageClock:
    """Tank by the clock. While it charges it holds the chillers; all else is the sequence's."""

    kind: ClassVar[str] = "baseline.storage_clock"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("state_of_charge", "tank", without="neither charged nor released"),
        RoleNeed("differential_pressure", "loop", required=False, without="`release_flow`, always"),
        RoleNeed("tank_bottom_temp", "tank", required=False, without="released by its charge alone"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("charge", "tank", Priority.SEQUENCE),
        RoleClaim("discharge", "tank", Priority.SEQUENCE),
        RoleClaim("flow_command", "tank", Priority.SEQUENCE),
        RoleClaim("enable", "chiller", Priority.LOAD_SHEDDING),
        RoleClaim("chilled_water_setpoint", "chiller", Priority.LOAD_SHEDDING),
        RoleClaim("enable", "pump", Priority.LOAD_SHEDDING),
        RoleClaim("enable", "tower", Priority.LOAD_SHEDDING),
    )

    name: str = parameter("", help="name of this policy in the site file")
    charge: str = parameter("00:00-08:00", help="when it is charged")
    release: str = parameter("10:00-12:00, 14:00-19:00", help="when it is released")
    machines: int = parameter(2, low=1, high=20, help="so many of the first chillers charge it at most")
    setpoint: float = parameter(
        5.0, unit="degC", low=2.0, high=12.0, help="supply temperature while charging"
    )
    charge_flow: float = parameter(80.0, unit="%", low=5.0, high=100.0, help="flow while charging")
    release_flow: float = parameter(95.0, unit="%", low=5.0, high=100.0, help="most flow while releasing")
    pressure: float = parameter(
        60.0, unit="kPa", low=5.0, high=400.0, help="its pump holds this difference at the loop's sensor"
    )
    held: int = parameter(
        -1,
        low=-1,
        high=20,
        help="the last so many chillers run beside it while releasing; -1: not its business",
    )
    beside: tuple[int, ...] = parameter(
        (), help="months in which those run beside it, in the others none; the whole year when not given"
    )
    warmest: float = parameter(10.0, unit="degC", low=4.0, high=18.0, help="water from the tank: empty above")
    calendar: str = parameter("daily", help="calendar of the time switch; daily knows no days off")

    def __post_init__(self) -> None:
        TimeSwitch(self.charge, (), self.calendar)
        TimeSwitch(self.release, tuple(self.beside), self.calendar)  # refuses spans and months that are none

    def initial_state(self) -> Storing:
        return Storing()

    def decide(self, snapshot: Snapshot, state: Storing) -> tuple[Sequence[Command], Storing]:
        tank = next(iter(snapshot.equipment("tank")), None)
        level = None if tank is None else snapshot.number_of(tank, "state_of_charge")
        if tank is None or level is None:
            return (), state
        valley = TimeSwitch(self.charge, (), self.calendar).on(snapshot)
        peak = TimeSwitch(self.release, (), self.calendar).on(snapshot)
        bottom = snapshot.number_of(tank, "tank_bottom_temp")
        spent = level < 3.0 or (bottom is not None and bottom > self.warmest)
        state = replace(
            state,
            full=valley and (state.full or level > 97.0),
            empty=not valley and (state.empty or spent),
        )
        charging = valley and not state.full
        if charging is not state.charging:
            chosen = self._needed(snapshot, tank, level) if charging else 0
            state = replace(state, charging=charging, since=snapshot.elapsed, chosen=chosen)
        release = peak and not state.empty
        state = replace(state, flow=self._flow(snapshot, state.flow) if release else 0.0)
        return tuple(self._commands(snapshot, tank, state, release=release)), state

    def _needed(self, snapshot: Snapshot, tank: Equipment, level: float) -> int:
        """As many machines as fill it within the valley, at 85 % of their capacity."""
        missing = (1.0 - level / 100.0) * tank.nameplate.get("holds", 0.0)
        hours = sum(last - first for first, last in read_spans(self.charge)) / 60.0
        each = 0.85 * hours * max((capacity_of(one) for one in of_kind(snapshot, "chiller")[:1]), default=0.0)
        return (
            min(max(ceil(missing / each), 1), self.machines)
            if each > 0.0 and missing > 0.0
            else self.machines
        )

    def _flow(self, snapshot: Snapshot, flow: float) -> float:
        """One step of the pump's own pressure control, from half of its flow on."""
        loop = next(iter(snapshot.equipment("loop")), None)
        found = None if loop is None else snapshot.number_of(loop, "differential_pressure")
        if found is None:
            return self.release_flow
        start = flow or 0.5 * self.release_flow
        by = min(max(15.0 * (self.pressure - found) / self.pressure, -8.0), 8.0)
        return min(max(start + by, 5.0), self.release_flow)

    def _commands(
        self, snapshot: Snapshot, tank: Equipment, state: Storing, *, release: bool
    ) -> Iterator[Command]:
        voice = Voice(self.name, Priority.SEQUENCE)
        flow = self.charge_flow if state.charging else state.flow or self.release_flow
        yield from voice.wish(tank, "charge", state.charging, f"valley {self.charge}")
        yield from voice.wish(tank, "discharge", release, f"peak {self.release}")
        yield from voice.wish(tank, "flow_command", flow, "as much as is wanted")
        names = [one.id for one in of_kind(snapshot, "chiller")]
        if state.charging:
            chosen = frozenset(names[: state.chosen])
            started = snapshot.elapsed - state.since >= LEAD
            yield from self._machines(snapshot, chosen if started else frozenset(), "charges the tank")
            yield from self._pumps(snapshot, chosen, "charges the tank")
        elif release and self.held >= 0:
            month = local_time(snapshot).month
            held = self.held if not self.beside or month in self.beside else 0
            chosen = frozenset(names[len(names) - held :])
            yield from self._machines(snapshot, chosen, "beside the tank")
            yield from self._pumps(snapshot, chosen, "beside the tank")

    def _machines(self, snapshot: Snapshot, chosen: frozenset[str], why: str) -> Iterator[Command]:
        voice = Voice(self.name, Priority.LOAD_SHEDDING)
        for one in of_kind(snapshot, "chiller"):
            yield from voice.wish(one, "enable", one.id in chosen, why)
            if why.startswith("charges"):
                yield from voice.wish(one, "chilled_water_setpoint", self.setpoint, why)

    def _pumps(self, snapshot: Snapshot, chosen: frozenset[str], why: str) -> Iterator[Command]:
        """With towers; they follow the chosen machines."""
        voice = Voice(self.name, Priority.LOAD_SHEDDING)
        for kind in ("pump", "tower"):
            yield from switches(snapshot, voice, kind, chosen, why)
