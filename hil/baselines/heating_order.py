"""A heating station as it is run by hand: sources in a fixed order, one more when the tank is too cold, one less when it is warm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from hil.baselines.machines import Voice

KINDS = ("heat_pump", "boiler", "electric_heater", "district_heat")


@dataclass(frozen=True, slots=True)
class Cascade:
    """How many sources of the order are on, and since when (elapsed s)."""

    number: int = 0
    since: float = 0.0
    charging: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatingOrder:
    """The cascade of a common controller: one temperature at the top of the tank, one fixed order, one set-point or a heating curve."""

    kind: ClassVar[str] = "baseline.heating_order"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("tank_top_temp", "tank", without="all sources on, each by its own thermostat"),
        RoleNeed("outdoor_dry_bulb", "weather", required=False, without="`setpoint` all the time"),
        RoleNeed("tank_top_temp", "hot_water_tank", required=False, without="tap water is always charged"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        *(RoleClaim("enable", kind, Priority.SCHEDULE) for kind in KINDS),
        *(RoleClaim("hot_water_setpoint", kind, Priority.SCHEDULE) for kind in KINDS),
        RoleClaim("hot_water_setpoint", "loop", Priority.SCHEDULE),
        RoleClaim("charge", "hot_water_tank", Priority.SCHEDULE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    order: tuple[str, ...] = parameter(
        (), help="sources from the first to the last; all as they stand when not given"
    )
    setpoint: float = parameter(
        55.0, unit="degC", low=25.0, high=85.0, help="heating water on the coldest day, or always"
    )
    mild: float = parameter(
        0.0, unit="degC", low=0.0, high=85.0, help="heating water at 15 degC outside; 0: always `setpoint`"
    )
    coldest: float = parameter(
        -7.6, unit="degC", low=-40.0, high=10.0, help="outdoor temperature at which `setpoint` holds"
    )
    band: float = parameter(
        3.0, unit="K", low=1.0, high=20.0, help="below the set-point at the top of the tank one more comes"
    )
    stage: float = parameter(1200.0, unit="s", low=60.0, high=7200.0, help="between two changes")
    season: float = parameter(
        18.0, unit="degC", low=5.0, high=30.0, help="no heating above this outdoor temperature"
    )
    water: float = parameter(50.0, unit="degC", low=40.0, high=65.0, help="tap water")
    water_band: float = parameter(
        8.0, unit="K", low=1.0, high=15.0, help="by which it cools before it is charged"
    )

    def initial_state(self) -> Cascade:
        return Cascade()

    def decide(self, snapshot: Snapshot, state: Cascade) -> tuple[Sequence[Command], Cascade]:
        sources = self._sources(snapshot)
        tank = next(iter(snapshot.equipment("tank")), None)
        top = None if tank is None else snapshot.number_of(tank, "tank_top_temp")
        outdoor = self._outdoor(snapshot)
        building = self._curve(outdoor)
        state = self._charged(snapshot, state)
        heats = outdoor is None or outdoor < self.season
        setpoint = max(building, self.water + 5.0) if state.charging else building
        if top is None:
            state = replace(state, number=len(sources))
        elif snapshot.elapsed - state.since >= self.stage:
            state = self._staged(snapshot, state, sources, top, setpoint, heats=heats)
        if not heats and not state.charging:
            state = replace(state, number=0)
        return list(self._commands(snapshot, state, sources, setpoint, building)), state

    def _sources(self, snapshot: Snapshot) -> list[Equipment]:
        """In order; one in alarm is passed over."""
        there = {one.id: one for one in snapshot.model.equipment.values() if one.kind in KINDS}
        names = self.order or tuple(there)
        return [there[name] for name in names if name in there and not snapshot.value(there[name], "alarm")]

    def _outdoor(self, snapshot: Snapshot) -> float | None:
        station = next(iter(snapshot.equipment("weather")), None)
        return None if station is None else snapshot.number_of(station, "outdoor_dry_bulb")

    def _curve(self, outdoor: float | None) -> float:
        if self.mild <= 0.0 or outdoor is None:
            return self.setpoint
        share = min(max((15.0 - outdoor) / (15.0 - self.coldest), 0.0), 1.0)
        return self.mild + share * (self.setpoint - self.mild)

    def _charged(self, snapshot: Snapshot, state: Cascade) -> Cascade:
        cylinder = next(iter(snapshot.equipment("hot_water_tank")), None)
        if cylinder is None:
            return replace(state, charging=False)
        warm = snapshot.number_of(cylinder, "tank_top_temp")
        below = self.water - (0.0 if state.charging else self.water_band)
        return replace(state, charging=warm is None or warm < below)

    def _staged(
        self,
        snapshot: Snapshot,
        state: Cascade,
        sources: Sequence[Equipment],
        top: float,
        setpoint: float,
        *,
        heats: bool,
    ) -> Cascade:
        wanted = heats or state.charging
        if top < setpoint - self.band and wanted and state.number < len(sources):
            return replace(state, number=state.number + 1, since=snapshot.elapsed)
        if top >= setpoint - 0.5 and state.number > 0:
            return replace(state, number=state.number - 1, since=snapshot.elapsed)
        return replace(state, number=min(state.number, len(sources)))

    def _commands(
        self,
        snapshot: Snapshot,
        state: Cascade,
        sources: Sequence[Equipment],
        setpoint: float,
        building: float,
    ) -> Iterator[Command]:
        voice = Voice(self.name, Priority.SCHEDULE)
        on = {one.id for one in sources[: state.number]}
        for one in snapshot.model.equipment.values():
            if one.kind in KINDS:
                yield from voice.wish(one, "enable", one.id in on, f"{state.number} of the fixed order")
                highest = one.nameplate.get("highest_supply_temp", 85.0)
                yield from voice.wish(
                    one, "hot_water_setpoint", min(setpoint + 1.0, highest), "fixed set-point or curve"
                )
            elif one.kind == "loop":
                yield from voice.wish(one, "hot_water_setpoint", building, "fixed set-point or curve")
            elif one.kind == "hot_water_tank":
                yield from voice.wish(one, "charge", state.charging, f"tap water at {self.water:g} degC")
