"""Heat from the cheapest sources now: heat pumps, boilers, electric heaters and a district network on one tank.

The supply temperature follows the outdoor air and the rooms. Sources run in the order of what a kWh of their heat costs at this instant (price of
electricity, sunshine that would be sold, performance at the present temperatures, gas, carbon), renewable ones first while their share is behind.
The tank is filled while heat is cheaper than soon and let down while it is dearer; a back-up comes only when the supply stays too cold. In doubt
there is heat: what cannot be seen is taken as cold, and near frost everything that can runs at the priority of a critical service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent.calc.tariff_lines import read_tariff
from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.heating_plant.dispatch_state import DispatchState
from policies.heating_plant.dispatch_tick import decided
from policies.heating_plant.sources import KINDS

_ITS_OWN = "its figures are those of the nameplate"


def _source_needs() -> tuple[RoleNeed, ...]:
    needs = []
    for kind in KINDS:
        needs += [
            RoleNeed("status", kind, required=False, without="a source is taken to run when it is told to"),
            RoleNeed("alarm", kind, required=False, without="a fault is seen by the run status alone"),
            RoleNeed("available", kind, required=False, without="taken as ready"),
            RoleNeed("local_mode", kind, required=False, without="taken as under remote control"),
            RoleNeed("heating", kind, required=False, without=_ITS_OWN),
            RoleNeed("power", kind, required=False, without=_ITS_OWN),
        ]
    return (
        *needs,
        RoleNeed("source_entering_temp", "heat_pump", required=False, without="by the outdoor air, or the nameplate"),
        RoleNeed("runtime", "heat_pump", required=False, without="among equal machines the first by name"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One heating station: its sources, its tank, its water."""

    kind: ClassVar[str] = "heating_plant.dispatch"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        *_source_needs(),
        RoleNeed("hot_water_supply_temp", "loop", without="the tank's top must do; no back-up by temperature without it"),
        RoleNeed("hot_water_return_temp", "loop", required=False, without="heat is not measured"),
        RoleNeed("hot_water_flow", "loop", required=False, without="heat meter, else `design_load` by the outdoor air"),
        RoleNeed("heating", "loop", required=False, without="flow and temperatures, else `design_load`"),
        RoleNeed("tank_top_temp", "tank", required=False, without="no tank: sources follow the heat that is taken"),
        RoleNeed("tank_middle_temp", "tank", required=False, without="the other two sensors must do"),
        RoleNeed("tank_bottom_temp", "tank", required=False, without="a full tank is not seen"),
        RoleNeed("outdoor_dry_bulb", "weather", without="heating water as on the coldest day after an hour"),
        RoleNeed("zone_temp", "zone", required=False, without="the curve is not trimmed by the rooms"),
        RoleNeed("power", "grid_meter", required=False, without="sunshine is not used first"),
        RoleNeed("tank_top_temp", "hot_water_tank", required=False, without="the cylinder is always charged"),
    )  # fmt: skip
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        *(RoleClaim("enable", kind, Priority.SEQUENCE) for kind in KINDS),
        *(RoleClaim("enable", kind, Priority.CRITICAL_SERVICE) for kind in KINDS),
        *(RoleClaim("hot_water_setpoint", kind, Priority.SEQUENCE) for kind in KINDS),
        RoleClaim("hot_water_setpoint", "loop", Priority.SEQUENCE),
        RoleClaim("charge", "hot_water_tank", Priority.SEQUENCE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    tariff: tuple[str, ...] = parameter(
        (), help="price of electricity by hours, such as '0:00-8:00 0.33', 'otherwise 0.65'"
    )
    feed_in_price: float = parameter(0.0, low=0.0, high=10.0, help="paid for a kWh that is sold to the grid")
    gas_price: float = parameter(
        0.3,
        low=0.0,
        high=10.0,
        help="of a kWh of gas or other fuel, on the basis of the boilers' `efficiency`",
    )
    district_price: float = parameter(0.4, low=0.0, high=10.0, help="of a kWh of heat from the network")
    district_renewable: float = parameter(
        0.0, unit="%", low=0.0, high=100.0, help="renewable share of the network's heat"
    )
    carbon_price: float = parameter(
        0.0, low=0.0, high=10.0, help="what a kg of carbon dioxide counts in the order; 0: nothing"
    )
    electricity_carbon: float = parameter(
        0.0, low=0.0, high=3.0, help="kg a kWh from the grid; take your grid's figure"
    )
    gas_carbon: float = parameter(0.0, low=0.0, high=3.0, help="kg a kWh of gas")
    district_carbon: float = parameter(0.0, low=0.0, high=3.0, help="kg a kWh of heat from the network")
    renewable_share: float = parameter(
        0.0,
        unit="%",
        low=0.0,
        high=95.0,
        help="of the heat of a month: while it is behind, renewable sources go first; 0: cost alone decides",
    )
    design_outdoor: float = parameter(
        -10.0, unit="degC", low=-40.0, high=10.0, help="coldest day: `supply_cold` holds there"
    )
    supply_cold: float = parameter(
        50.0,
        unit="degC",
        low=25.0,
        high=85.0,
        help="heating water on the coldest day, and when the outdoor air is not known",
    )
    mild_outdoor: float = parameter(
        15.0, unit="degC", low=5.0, high=25.0, help="from here on `supply_mild` holds"
    )
    supply_mild: float = parameter(28.0, unit="degC", low=20.0, high=60.0, help="heating water on a mild day")
    heat_below: float = parameter(
        15.0, unit="degC", low=0.0, high=25.0, help="mean outdoor temperature of a day below which is heated"
    )
    room_setpoint: float = parameter(
        20.0, unit="degC", low=5.0, high=28.0, help="what rooms are to have: they trim the curve"
    )
    trim_gain: float = parameter(
        0.5,
        unit="K",
        low=0.0,
        high=5.0,
        help="by which the curve is moved in an hour for each kelvin the rooms are off",
    )
    trim_most: float = parameter(
        4.0, unit="K", low=0.0, high=15.0, help="by which rooms may move the curve at most"
    )
    design_load: float = parameter(
        0.0,
        unit="kW",
        low=0.0,
        high=500_000.0,
        help="heat on the coldest day, used where heat is not measured; 0: not known",
    )
    tank_usual: float = parameter(
        50.0, unit="%", low=10.0, high=90.0, help="of the tank that is hot while prices stand"
    )
    tank_least: float = parameter(20.0, unit="%", low=0.0, high=50.0, help="while heat will be cheaper soon")
    tank_most: float = parameter(95.0, unit="%", low=50.0, high=100.0, help="while heat will be dearer soon")
    tank_lift: float = parameter(
        8.0, unit="K", low=0.0, high=30.0, help="by which it may be charged above the supply then"
    )
    refill: float = parameter(
        7200.0,
        unit="s",
        low=600.0,
        high=43_200.0,
        help="in which the tank is to come to its target",
        restarts=("more", "less"),
    )
    between: float = parameter(
        300.0, unit="s", low=30.0, high=3600.0, help="between two changes of what runs"
    )
    minimum_on: float = parameter(
        1200.0,
        unit="s",
        low=0.0,
        high=14_400.0,
        help="a source that was started runs so long; a longer guard of its own counts",
    )
    minimum_off: float = parameter(600.0, unit="s", low=0.0, high=14_400.0, help="likewise standing")
    more_after: float = parameter(
        300.0, unit="s", low=0.0, high=7200.0, help="more heat must be wanted so long", restarts=("more",)
    )
    less_after: float = parameter(
        600.0, unit="s", low=0.0, high=7200.0, help="less heat must be wanted so long", restarts=("less",)
    )
    stays: float = parameter(
        8.0,
        unit="%",
        low=0.0,
        high=50.0,
        help="by which a standing source must be cheaper than a running one to take its place",
    )
    too_cold: float = parameter(
        3.0,
        unit="K",
        low=0.5,
        high=15.0,
        help="supply below its set-point that calls one source more",
        restarts=("cold",),
    )
    cold_after: float = parameter(
        1200.0, unit="s", low=60.0, high=14_400.0, help="when it has lasted so long", restarts=("cold",)
    )
    release_after: float = parameter(
        1800.0,
        unit="s",
        low=60.0,
        high=14_400.0,
        help="the supply must hold so long before that source goes",
        restarts=("warm",),
    )
    frost_outdoor: float = parameter(
        3.0, unit="degC", low=-5.0, high=10.0, help="outdoor air below which water may freeze"
    )
    frost_water: float = parameter(
        8.0, unit="degC", low=3.0, high=20.0, help="water or rooms below: all that can runs"
    )
    water_setpoint: float = parameter(
        50.0, unit="degC", low=40.0, high=65.0, help="hot tap water in the cylinder"
    )
    water_band: float = parameter(
        8.0, unit="K", low=1.0, high=15.0, help="by which it cools before it is charged"
    )
    legionella_temp: float = parameter(
        60.0, unit="degC", low=55.0, high=75.0, help="of the cycle that keeps legionella away"
    )
    legionella_hold: float = parameter(1800.0, unit="s", low=60.0, high=14_400.0, help="for which it is held")
    legionella_every: float = parameter(
        604_800.0, unit="s", low=0.0, high=2_592_000.0, help="between two cycles; 0: none"
    )
    proof_within: float = parameter(
        300.0, unit="s", low=30.0, high=1800.0, help="a started source that does not run by then is left out"
    )
    retry_after: float = parameter(
        1800.0, unit="s", low=60.0, high=86_400.0, help="and tried again after so long"
    )

    def __post_init__(self) -> None:
        read_tariff(self.tariff)
        for low, high in (
            ("design_outdoor", "mild_outdoor"),
            ("supply_mild", "supply_cold"),
            ("tank_least", "tank_usual"),
            ("tank_usual", "tank_most"),
            ("water_setpoint", "legionella_temp"),
        ):
            if getattr(self, low) >= getattr(self, high):
                raise ValueError(f"{low} must lie below {high}")
        if self.carbon_price > 0.0 and self.electricity_carbon <= 0.0:
            raise ValueError(
                "carbon_price needs electricity_carbon, and gas_carbon or district_carbon where they are used"
            )

    def initial_state(self) -> DispatchState:
        return DispatchState()

    def decide(self, snapshot: Snapshot, state: DispatchState) -> tuple[Sequence[Command], DispatchState]:
        return decided(self, snapshot, state)
