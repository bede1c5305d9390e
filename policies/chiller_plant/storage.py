"""The tank of a chilled-water plant: charged when electricity is cheap, sold when it is dear, never below its emergency reserve.

A plan for two days comes from the planner (see storage_learning); without one that is fresh and still true the tank goes by the tariff alone (see
storage_rule). Machines stay with the sequence: which of them had best run is said to it as the optimiser says it, water to be stored is
asked for at its own set-point, and only while the tank carries everything are machines held off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.calc.calendar import CALENDARS
from agent.calc.cooling import WATER
from agent.calc.tariff_lines import Prices, read_tariff
from agent.calc.timers import passed, smoothed
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.learning import History, Learning
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.chiller_plant.emergency_word import in_emergency
from policies.chiller_plant.optimiser_wish import ROLE
from policies.chiller_plant.plant_layout import read_layout
from policies.chiller_plant.plant_load import plant_load
from policies.chiller_plant.storage_flow import flowing
from policies.chiller_plant.storage_intent import doubted, intended
from policies.chiller_plant.storage_learning import learn_plan
from policies.chiller_plant.storage_limits import asked, latched
from policies.chiller_plant.storage_plan import LEARNING, StoragePlan
from policies.chiller_plant.storage_state import Intent, Mode, StoragePicture, StorageState
from policies.chiller_plant.storage_wishes import commands, relinquished
from policies.chiller_plant.tank_sight import tank_of, tank_sight
from policies.chiller_plant.tank_wishes import TANK_CLAIMS

_PATIENCE = 3.0  # ticks; a longer gap counts as this long: nobody saw what happened in it
_LOAD_LAG = 300.0  # s
MEASURED = ("flow x dT", "heat meter")  # of the loop
WARMED = 0.7  # K that stored water has taken up


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """One tank beside one plant under `chiller_plant.sequence`."""

    kind: ClassVar[str] = "chiller_plant.storage"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    learning: ClassVar[Learning] = LEARNING
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed(
            "state_of_charge", "tank", required=False, without="`stored` or the tank's temperatures tell"
        ),
        RoleNeed(
            "tank_flow",
            "tank",
            without="machines cannot be told from the tank: staging goes by the coils' load",
        ),
        RoleNeed("tank_top_temp", "tank", required=False, without="full by its charge alone"),
        RoleNeed("tank_bottom_temp", "tank", required=False, without="empty by its charge alone"),
        RoleNeed("chilled_water_flow", "loop", without="load is not known: the tank rests"),
        RoleNeed("chilled_water_supply_temp", "loop", without="load is not known: the tank rests"),
        RoleNeed("chilled_water_return_temp", "loop", without="load is not known: the tank rests"),
        RoleNeed(
            "differential_pressure", "loop", required=False, without="flow by the load while it is alone"
        ),
        RoleNeed("requests", "loop", required=False, without="a fixed pressure while it is alone"),
        RoleNeed("outdoor_dry_bulb", "weather", required=False, without="no critical peak by the weather"),
        RoleNeed("power", "chiller", required=False, without="the month's demand so far is not known"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        *TANK_CLAIMS,
        RoleClaim("valve_command", "bypass", Priority.LOAD_SHEDDING),
        RoleClaim(ROLE, "loop", Priority.LOAD_SHEDDING),
    )

    name: str = parameter("", help="name of this policy in the site file")
    tariff: tuple[str, ...] = parameter(
        (),
        help="prices by hours, such as '0:00-8:00 0.33', '7-9: 11:00-12:00 1.43', 'hot 35: 15:00-17:00 1.43', 'otherwise 0.65'",
    )
    demand_price: float = parameter(0.0, low=0.0, high=1000.0, help="demand charge per kW and month; 0: none")
    start_price: float = parameter(
        100.0,
        low=0.0,
        high=5000.0,
        help="of a machine's start, wear and lost cooling, in the site's currency",
    )
    calendar: str = parameter("cn", help="which days are worked: cn, weekly or daily")
    reserve: float = parameter(
        0.0, unit="min", low=0.0, high=480.0, help="at design load, never sold: 15 for a data centre"
    )
    design_load: float = parameter(
        0.0, unit="kW", low=0.0, high=500_000.0, help="load that the reserve is for; 0: all machines"
    )
    charge_setpoint: float = parameter(5.0, unit="degC", low=1.0, high=12.0, help="water that is stored")
    warm: float = parameter(13.0, unit="degC", low=6.0, high=25.0, help="water of an empty tank")
    warmest: float = parameter(11.0, unit="degC", low=3.0, high=20.0, help="water from the tank: empty above")
    emptiest: float = parameter(
        10.0, unit="%", low=0.0, high=50.0, help="of its charge: lost to the thermocline"
    )
    fullest: float = parameter(96.0, unit="%", low=50.0, high=100.0, help="of its charge: full")
    charge_share: float = parameter(
        0.2,
        unit="1/h",
        low=0.02,
        high=1.0,
        help="of its content that may go in or out in an hour, without `rated_flow`",
    )
    supply_low: float = parameter(6.0, unit="degC", low=2.0, high=20.0, help="coldest supply beside the tank")
    supply_high: float = parameter(
        9.0, unit="degC", low=3.0, high=20.0, help="warmest supply beside the tank"
    )
    too_warm: float = parameter(
        3.0, unit="K", low=0.5, high=10.0, help="supply above `supply_high`: the tank alone is not enough"
    )
    pressure_min: float = parameter(
        34.5, unit="kPa", low=5.0, high=300.0, help="least while the tank is alone"
    )
    pressure_max: float = parameter(
        60.0, unit="kPa", low=5.0, high=500.0, help="most while the tank is alone"
    )
    caution: float = parameter(
        0.3, low=0.0, high=3.0, help="of the forecast's error added to the load that is planned"
    )
    plan_age: float = parameter(
        7200.0, unit="s", low=900.0, high=86_400.0, help="an older plan is not followed"
    )
    departs: float = parameter(
        12.0,
        unit="%",
        low=2.0,
        high=50.0,
        help="of the tank: so far from the plan it is left",
        restarts=("departed",),
    )
    departs_for: float = parameter(1200.0, unit="s", low=0.0, high=14_400.0, help="for which it must be")

    def __post_init__(self) -> None:
        read_tariff(self.tariff, self.demand_price)
        if self.calendar not in CALENDARS:
            raise ValueError(f"calendar must be one of {', '.join(CALENDARS)}")
        for low, high in (
            ("charge_setpoint", "warmest"),
            ("warmest", "warm"),
            ("emptiest", "fullest"),
            ("supply_low", "supply_high"),
            ("pressure_min", "pressure_max"),
        ):
            if getattr(self, low) >= getattr(self, high):
                raise ValueError(f"{low} must lie below {high}")

    def initial_state(self) -> StorageState:
        return StorageState()

    def learn(self, history: History) -> StoragePlan:
        """The plan. Raises NothingToLearnError while a day has not been measured."""
        return learn_plan(self, history)

    def prices(self, timezone: str, hottest: float | None) -> Prices:
        return Prices(tariff=read_tariff(self.tariff, self.demand_price), timezone=timezone, hottest=hottest)

    def least(self, holds: float, capacity: float) -> float:
        """KWh that are never sold: what the thermocline spoils, and the reserve."""
        return self.emptiest / 100.0 * holds + self.reserve / 60.0 * (self.design_load or capacity)

    def discharge_most(self, tank: Equipment, back: float | None) -> float:
        """KW that the tank gives at its design flow to water that comes back with `back` degC."""
        flow = tank.nameplate.get("rated_flow", 0.0)
        by_flow = (
            0.97 * flow * WATER * ((self.warm if back is None else back) - self.charge_setpoint - WARMED)
        )
        return by_flow if by_flow > 0.0 else self.charge_share * tank.nameplate.get("holds", 0.0)

    def decide(self, snapshot: Snapshot, state: StorageState) -> tuple[Sequence[Command], StorageState]:
        tank, layout = tank_of(snapshot), read_layout(snapshot.model)
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        state = replace(
            state,
            elapsed=snapshot.elapsed,
            since=state.since + seconds,
            left_alone=state.left_alone + seconds,
        )
        if tank is None:
            return (), state
        back = self.warm if state.warm is None else state.warm
        sight = tank_sight(snapshot, tank, cold=self.charge_setpoint, warm=self.warm, back=back)
        load = plant_load(snapshot, ())
        measured = (
            load.kw is not None and load.source in MEASURED
        )  # machines' own figures do not tell coils from tank
        fault = sight.fault or ("" if measured else "load is not measured")
        fault = fault or ("" if snapshot.utc_trusted else "the clock cannot be trusted")
        fault = fault or ("" if layout.machines else "no chiller with a capacity")
        fault = fault or in_emergency(snapshot)
        if fault:
            reason = f"{fault}: the tank rests"
            kept = replace(state, mode=Mode.IDLE, since=0.0, alone=False, flow=0.0, load=None, why=reason)
            return relinquished(self, snapshot, tank, layout, reason), kept
        picture = StoragePicture(
            rule=self, snapshot=snapshot, layout=layout, tank=tank, sight=sight, seconds=seconds
        )
        state = replace(state, load=smoothed(state.load, asked(picture, load.kw or 0.0), seconds, _LOAD_LAG))
        plan, state, doubt = doubted(picture, latched(picture, state))
        intent = intended(picture, state, plan, doubt)
        state = flowing(picture, _entered(state, intent, seconds), intent)
        return commands(self, snapshot, tank, layout, state, intent), state


def _entered(state: StorageState, intent: Intent, seconds: float) -> StorageState:
    same = frozenset(intent.names) == frozenset(state.names)
    state = replace(
        state,
        why=intent.reason,
        left_alone=0.0 if intent.alone else state.left_alone,
        names=intent.names,
        named=state.named + seconds if same else 0.0,
    )
    if intent.mode is state.mode and intent.alone is state.alone:
        return state
    flow = state.flow if intent.mode is state.mode else 0.0  # water that turns round begins gently
    return replace(state, mode=intent.mode, alone=intent.alone, since=0.0, trim=1.0, flow=flow)
