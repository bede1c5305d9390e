"""A tank for low loads: one machine works at a load it likes and fills it, then rests while the tank alone carries the coils.

At a tenth of its capacity a machine with its pumps and fans draws two to three times as much for a kWh of cold as at half of it. So while
the coils take little, machine and tank work in turns; at all other times the tank takes what running machines have to spare, until it is
full. Prices play no part: `chiller_plant.storage` is for those, and an area has one of the two. Starting and stopping stays with the
sequence; machines are held off only while the tank carries everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.calc.timers import passed, smoothed
from agent.core.command import Command
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.chiller_plant.emergency_word import in_emergency
from policies.chiller_plant.low_load_flow import flowing
from policies.chiller_plant.low_load_rule import followed, judged
from policies.chiller_plant.low_load_state import LowLoadPicture, LowLoadState, Turn
from policies.chiller_plant.low_load_wishes import commands, relinquished
from policies.chiller_plant.plant_layout import read_layout
from policies.chiller_plant.plant_load import plant_load
from policies.chiller_plant.tank_sight import tank_of, tank_sight
from policies.chiller_plant.tank_wishes import TANK_CLAIMS

_PATIENCE = 3.0  # ticks; a longer gap counts as this long: nobody saw what happened in it
_LOAD_LAG = 120.0  # s
_MEASURED = ("flow x dT", "heat meter")  # of the loop: machines' own figures do not tell coils from tank


@dataclass(frozen=True, slots=True, kw_only=True)
class LowLoad:
    """One tank beside one plant under `chiller_plant.sequence`."""

    kind: ClassVar[str] = "chiller_plant.low_load"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("status", "chiller", without="the tank rests: nobody sees whether a machine has come"),
        RoleNeed(
            "state_of_charge", "tank", required=False, without="`stored` or the tank's temperatures tell"
        ),
        RoleNeed("tank_flow", "tank", without="the tank rests"),
        RoleNeed("tank_top_temp", "tank", required=False, without="full by its charge alone"),
        RoleNeed("tank_bottom_temp", "tank", required=False, without="empty by its charge alone"),
        RoleNeed("chilled_water_flow", "loop", without="load is not known: the tank rests"),
        RoleNeed("chilled_water_supply_temp", "loop", without="load is not known: the tank rests"),
        RoleNeed("chilled_water_return_temp", "loop", without="load is not known: the tank rests"),
        RoleNeed(
            "differential_pressure", "loop", required=False, without="flow by the load while it is alone"
        ),
        RoleNeed("requests", "loop", required=False, without="the highest pressure while it is alone"),
        RoleNeed("plant_requests", "loop", required=False, without="taken as asked for"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = TANK_CLAIMS

    name: str = parameter("", help="name of this policy in the site file")
    rest_below: float = parameter(
        30.0,
        unit="%",
        low=2.0,
        high=80.0,
        help="of the smallest machine: a load below it may be left to the tank",
        restarts=("low",),
    )
    rest_delay: float = parameter(
        300.0, unit="s", low=60.0, high=7200.0, help="for which it must be so low", restarts=("low",)
    )
    rest_least: float = parameter(
        3600.0, unit="s", low=600.0, high=28_800.0, help="the tank must last so long, or machines go on"
    )
    work_least: float = parameter(
        1800.0, unit="s", low=300.0, high=14_400.0, help="a machine works so long before it rests"
    )
    begin_requests: float = parameter(
        1.0, low=0.0, high=100.0, help="plant requests up to which the tank begins alone; 0: machines begin"
    )
    fill_up_to: float = parameter(
        70.0, unit="%", low=20.0, high=100.0, help="of running machines: up to there they fill the tank"
    )
    charge_setpoint: float = parameter(6.0, unit="degC", low=3.0, high=12.0, help="water that is stored")
    warm: float = parameter(12.0, unit="degC", low=6.0, high=25.0, help="water of an empty tank")
    warmest: float = parameter(10.0, unit="degC", low=4.0, high=20.0, help="water from the tank: empty above")
    supply_warm: float = parameter(
        13.0, unit="degC", low=5.0, high=25.0, help="supply above it while the tank is alone: machines come"
    )
    emptiest: float = parameter(
        10.0, unit="%", low=0.0, high=50.0, help="of its charge: lost to the thermocline"
    )
    fullest: float = parameter(96.0, unit="%", low=50.0, high=100.0, help="of its charge: full")
    pressure_min: float = parameter(
        20.0, unit="kPa", low=2.0, high=300.0, help="least while the tank is alone"
    )
    pressure_max: float = parameter(
        60.0, unit="kPa", low=5.0, high=500.0, help="most while the tank is alone"
    )

    def __post_init__(self) -> None:
        for low, high in (
            ("charge_setpoint", "warmest"),
            ("warmest", "warm"),
            ("warmest", "supply_warm"),
            ("emptiest", "fullest"),
            ("pressure_min", "pressure_max"),
        ):
            if getattr(self, low) >= getattr(self, high):
                raise ValueError(f"{low} must lie below {high}")

    def initial_state(self) -> LowLoadState:
        return LowLoadState()

    def decide(self, snapshot: Snapshot, state: LowLoadState) -> tuple[Sequence[Command], LowLoadState]:
        tank, layout = tank_of(snapshot), read_layout(snapshot.model)
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        state = replace(state, elapsed=snapshot.elapsed, since=state.since + seconds)
        if tank is None:
            return (), state
        sight = tank_sight(snapshot, tank, cold=self.charge_setpoint, warm=self.warm, back=self.warm)
        load = plant_load(snapshot, ())
        known = load.kw is not None and load.source in _MEASURED
        fault = sight.fault or ("" if known else "load is not measured")
        fault = fault or ("" if sight.flow is not None else "the tank's flow is not measured")
        fault = fault or ("" if layout.machines else "no chiller with a capacity")
        fault = fault or in_emergency(snapshot)
        if fault:
            reason = f"{fault}: the tank rests"
            kept = replace(state, turn=Turn.IDLE, since=0.0, low=0.0, flow=0.0, load=None, why=reason)
            return relinquished(self.name, snapshot, tank, layout, reason), kept
        picture = LowLoadPicture(
            rule=self, snapshot=snapshot, layout=layout, tank=tank, sight=sight, seconds=seconds
        )
        state = replace(state, load=smoothed(state.load, load.kw or 0.0, seconds, _LOAD_LAG))
        state = flowing(picture, judged(picture, followed(picture, state)))
        return commands(picture, state), state
