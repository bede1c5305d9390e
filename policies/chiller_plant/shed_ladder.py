"""The shed ladder: under a demand limit or a demand-response event the plant gives way rung by rung, and comes back the same way.

It bounds what others want (priority 10) and starts nothing: the sequence goes on within the bounds. What it takes is given back at once where
supply temperature, flow or drying are at risk, and in an emergency all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.calc.psychrometrics import dew_point
from agent.calc.timers import passed
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.chiller_plant.efficiency import plant_power
from policies.chiller_plant.emergency_word import in_emergency
from policies.chiller_plant.plant_layout import Layout, read_layout
from policies.chiller_plant.shed_ladder_rungs import (
    CAPACITY,
    Ladder,
    Need,
    begun,
    capacity_limit,
    limit_now,
    moved,
    rooms_warmer,
    speed_limit,
    spoken,
    units_off,
    warmest,
)

_PATIENCE = 3.0  # ticks; a longer gap counts as this long: nobody saw what happened in it
NEAR_RISK = 1.0  # K below a risk in which nothing more is taken
NEAR = 1.1  # of the machines' least flow: no pump may be slowed any more


@dataclass(frozen=True, slots=True, kw_only=True)
class ShedLadder:
    """Holds a plant below a limit of its power, or gives way in an event."""

    kind: ClassVar[str] = "chiller_plant.shed_ladder"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed(
            "power", "chiller", required=False, without="the loop's power; without it a limit is not held"
        ),
        RoleNeed("power", "loop", required=False, without="the sum of all meters of the area"),
        RoleNeed("power_limit", "plant", required=False, without="parameter `limit`"),
        RoleNeed("demand_event", "plant", required=False, without="no events"),
        RoleNeed(
            "chilled_water_supply_temp", "loop", without="supply is not warmed, machines are not stopped"
        ),
        RoleNeed("chilled_water_flow", "loop", required=False, without="pumps are not slowed"),
        RoleNeed("outdoor_humidity", "weather", required=False, without="taken as damp: coils must dry"),
        RoleNeed("zone_temp", "zone", required=False, without="rooms are not watched"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("chilled_water_setpoint", "chiller", Priority.DEMAND_LIMIT),
        RoleClaim("demand_limit", "chiller", Priority.DEMAND_LIMIT),
        RoleClaim("enable", "chiller", Priority.DEMAND_LIMIT),
        RoleClaim("speed_command", "pump", Priority.DEMAND_LIMIT),
        RoleClaim("speed_command", "tower", Priority.DEMAND_LIMIT),
        RoleClaim("zone_setpoint", "zone", Priority.DEMAND_LIMIT),
    )

    name: str = parameter("", help="name of this policy in the site file")
    limit: float = parameter(
        0.0,
        unit="kW",
        low=0.0,
        high=1e6,
        help="of the plant, always; 0: only what `power_limit` or an event say",
    )
    event_limit: float = parameter(
        0.0, unit="kW", low=0.0, high=1e6, help="of the plant in an event; 0: `event_rungs` are taken instead"
    )
    event_rungs: float = parameter(3.0, low=0.0, high=5.0, help="taken in an event without a limit")
    rungs: float = parameter(
        4.0, low=0.0, high=5.0, help="at most: 1 supply, 2 capacity, 3 speeds, 4 machines, 5 zones"
    )
    rung_time: float = parameter(300.0, unit="s", low=30.0, high=3600.0, help="for one rung down")
    restore_time: float = parameter(600.0, unit="s", low=60.0, high=7200.0, help="for one rung back")
    margin: float = parameter(3.0, unit="%", low=0.0, high=30.0, help="below the limit that is aimed at")
    spread: float = parameter(
        10.0, unit="%", low=1.0, high=50.0, help="below the limit before anything comes back"
    )
    band: float = parameter(
        10.0, unit="%", low=1.0, high=100.0, help="of the limit: so far above, one rung a time"
    )
    rebound: float = parameter(
        5.0, unit="%", low=0.0, high=100.0, help="above what was drawn before, after an event"
    )
    rebound_time: float = parameter(3600.0, unit="s", low=0.0, high=14400.0, help="for which that holds")
    supply_raise: float = parameter(
        3.0, unit="K", low=0.0, high=10.0, help="by which the supply may get warmer"
    )
    supply_most: float = parameter(12.0, unit="degC", low=3.0, high=25.0, help="and to which at most")
    supply_risk: float = parameter(
        14.0, unit="degC", low=4.0, high=30.0, help="supply at which something is given back"
    )
    humid_dew_point: float = parameter(
        13.0, unit="degC", low=-20.0, high=40.0, help="damper outdoors: coils must dry"
    )
    humid_supply_max: float = parameter(
        10.0, unit="degC", low=3.0, high=25.0, help="warmest set-point on damp days"
    )
    capacity_floor: float = parameter(60.0, unit="%", low=20.0, high=100.0, help="left to each machine")
    speed_floor: float = parameter(60.0, unit="%", low=20.0, high=100.0, help="left to pumps and fans")
    minimum_units: int = parameter(1, low=0, high=20, help="machines that stay")
    zone_raise: float = parameter(2.0, unit="K", low=0.0, high=6.0, help="by which rooms may get warmer")
    zone_risk: float = parameter(
        29.0, unit="degC", low=18.0, high=40.0, help="room at which something is given back"
    )

    def __post_init__(self) -> None:
        if self.supply_most >= self.supply_risk:
            raise ValueError("supply_most must lie below supply_risk, or what is taken is given back at once")
        if self.spread <= self.margin:
            raise ValueError("spread must lie above margin, or rungs would come and go")

    def initial_state(self) -> Ladder:
        return Ladder()

    def decide(self, snapshot: Snapshot, state: Ladder) -> tuple[Sequence[Command], Ladder]:
        layout = read_layout(snapshot.model)
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        state = replace(state, elapsed=snapshot.elapsed)
        urgent = in_emergency(snapshot)
        if urgent:
            state = replace(state, position=0.0, ended=1e9)
            return self._commands(snapshot, layout, state, f"{urgent}: nothing is shed"), state
        need = self._need(snapshot, layout)
        was_on = state.on
        state = moved(self, state, need, seconds)
        if state.on and not was_on:
            state = begun(state, *_found(snapshot, layout))
        why = spoken(state, need, limit_now(self, state, need))
        return self._commands(snapshot, layout, state, why), state

    def _need(self, snapshot: Snapshot, layout: Layout) -> Need:
        """What is allowed, and what is at risk."""
        others = (
            *layout.chilled.all,
            *layout.secondary.all,
            *layout.condenser.all,
            *layout.free,
            *layout.towers,
        )
        power, _ = plant_power(snapshot, [one.equipment for one in layout.machines.values()], others)
        told = None if layout.switch is None else snapshot.number_of(layout.switch, "power_limit")
        event = layout.switch is not None and snapshot.value(layout.switch, "demand_event") is True
        limits = [one for one in (self.limit, told, self.event_limit if event else 0.0) if one]
        return Need(
            power=power,
            limit=min(limits, default=None),
            event=event,
            risk=self._risk(snapshot, layout, 0.0),
            near=bool(self._risk(snapshot, layout, NEAR_RISK)),
            short=self._short(snapshot, layout),
        )

    def _risk(self, snapshot: Snapshot, layout: Layout, near: float) -> str:
        """What is at risk, or (`near`, K) not far from it."""
        supply = None if layout.loop is None else snapshot.number_of(layout.loop, "chilled_water_supply_temp")
        if supply is None:
            return "the supply temperature cannot be read"
        if supply > self.supply_risk - near:
            return f"the supply is at {supply:.1f} degC"
        for zone in snapshot.equipment("zone"):
            warm = snapshot.number_of(zone, "zone_temp")
            if (
                warm is not None
                and warm > self.zone_risk - near
                and snapshot.value(zone, "occupied") is not False
            ):
                return f"{zone.name or zone.id} is at {warm:.1f} degC"
        return ""

    def _short(self, snapshot: Snapshot, layout: Layout) -> bool:
        flow = None if layout.loop is None else snapshot.number_of(layout.loop, "chilled_water_flow")
        running = [one for one in layout.machines.values() if snapshot.value(one.equipment, "status") is True]
        return flow is None or flow < NEAR * sum(one.minimum_flow for one in running)

    def _damp(self, snapshot: Snapshot, layout: Layout) -> bool:
        one = layout.weather
        outdoor = None if one is None else snapshot.number_of(one, "outdoor_dry_bulb")
        humid = None if one is None else snapshot.number_of(one, "outdoor_humidity")
        if outdoor is None or humid is None or humid <= 1.0:
            return True
        return dew_point(outdoor, min(humid, 100.0)) > self.humid_dew_point

    def _commands(self, snapshot: Snapshot, layout: Layout, state: Ladder, why: str) -> list[Command]:
        """Bounds and stops; a point that is not touched is given back."""
        low = warmest(self, state, damp=self._damp(snapshot, layout))
        limit, speed = capacity_limit(self, state), speed_limit(self, state)
        found: list[Command | None] = []
        stopped = _stopped(self, layout, state)
        for id_, machine in layout.machines.items():
            one = machine.equipment
            found.append(self._bound(snapshot, one, "chilled_water_setpoint", why, low=low))
            found.append(self._bound(snapshot, one, "demand_limit", why, high=limit))
            held = id_ in stopped or (state.rung(CAPACITY) > 0.0 and id_ not in state.running)
            found.append(self._bound(snapshot, one, "enable", why, value=False if held else None))
        turning = (*layout.chilled.all, *layout.secondary.all, *layout.condenser.all, *layout.towers)
        found.extend(self._bound(snapshot, one, "speed_command", why, high=speed) for one in turning)
        raised = rooms_warmer(self, state)
        for id_, setpoint in state.rooms:
            zone = snapshot.model.equipment.get(id_)
            if zone is not None:
                warm = setpoint + raised if raised > 0.0 else None
                found.append(self._bound(snapshot, zone, "zone_setpoint", why, low=warm))
        return [one for one in found if one is not None]

    def _bound(
        self,
        snapshot: Snapshot,
        one: Equipment,
        role: str,
        reason: str,
        *,
        value: bool | None = None,
        low: float | None = None,
        high: float | None = None,
    ) -> Command | None:
        point = snapshot.model.points.get(one.roles.get(role, ""))
        if point is None or not point.commandable:
            return None
        return Command(
            point=point.id,
            priority=Priority.DEMAND_LIMIT,
            source=self.name,
            reason=reason,
            value=value,
            low=None if low is None else round(low, 1),
            high=None if high is None else round(high, 0),
        )


def _found(
    snapshot: Snapshot, layout: Layout
) -> tuple[float | None, tuple[str, ...], tuple[tuple[str, float], ...]]:
    """Set-point in force, machines that run, set-points of zones."""
    machines = [one.equipment for one in layout.machines.values()]
    running = [one for one in machines if snapshot.value(one, "status") is True]
    decided = [snapshot.decided(one, "chilled_water_setpoint") for one in running]
    shown = [snapshot.number_of(one, "chilled_water_setpoint") for one in running]
    known = [float(one) for one in (*decided, *shown) if isinstance(one, int | float)]
    rooms = ((one.id, snapshot.number_of(one, "zone_setpoint")) for one in snapshot.equipment("zone"))
    return (
        min(known, default=None),
        tuple(one.id for one in running),
        tuple((id_, wanted) for id_, wanted in rooms if wanted is not None),
    )


def _stopped(rule: ShedLadder, layout: Layout, state: Ladder) -> tuple[str, ...]:
    """The smallest first: the large ones carry what is left."""
    there = [id_ for id_ in state.running if id_ in layout.machines]
    order = sorted(there, key=lambda id_: layout.machines[id_].capacity)
    return tuple(order[: units_off(rule, state)])
