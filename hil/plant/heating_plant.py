"""Heat pumps and other sources on a stratified heating tank, from which a building draws.

Each source has its charging pump of fixed flow from the tank's bottom back to its top; the load draws from the top and
gives back to the bottom: a given heat, or a building that takes what its valves and the water's temperature let it, and a
cylinder of tap water. A mixing valve may give the building colder water than the tank holds. Local control, where nobody
commands: every source by the tank's own thermostat, the later in the list the colder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from hil.plant.chiller_curves import heat_rate
from hil.plant.ground import Ground, GroundDesign
from hil.plant.heat_makers import SETPOINTS, HeatMakers, LocalThermostats
from hil.plant.heat_pump import HeatPumpOutputs, HeatPumpTable
from hil.plant.heat_source import SourceDesign
from hil.plant.heated_building import HeatedBuilding
from hil.plant.hot_water import HotWater
from hil.plant.load import Outdoors
from hil.plant.tank import Tank, TankDesign
from hil.plant.variables import Inputs, Outputs, commanded, outputs_of, switch, within

FINEST = 60.0  # s: the longest part of a step
INDOORS = 20.0  # degC around the tank


def nothing(_utc: float) -> float:
    """No heat is given beside the building's."""
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatingDesign:
    """What the plant is made of. `wanted`: kW of heat at an instant (UTC seconds), where there is no building."""

    machines: tuple[HeatPumpTable, ...]
    tank: TankDesign
    wanted: Callable[[float], float] = nothing
    ground: GroundDesign | None = None
    sources: tuple[SourceDesign, ...] = ()
    setpoint: float = 45.0
    band: float = 5.0  # K of the tank's thermostat
    later: float = (
        0.0  # K by which each source of the list comes later than the one before, by its own thermostat
    )
    back: float = 30.0  # degC of the water that comes back from a given load, and of an empty tank
    lifted: bool = (
        False  # valves lift the water back to each source, so that it gives its set-point to the tank's top
    )
    heat_counts: bool = False  # what is stored is told as heat, not as negative cold

    def __post_init__(self) -> None:
        if self.ground is None and not all(machine.air for machine in self.machines):
            raise ValueError("a brine machine needs its boreholes")


@dataclass(slots=True)
class HeatBalance:
    """Heat in kWh since the start."""

    made: float = 0.0
    delivered: float = 0.0
    ambient: float = 0.0
    electricity: float = 0.0
    undelivered: float = 0.0
    renewable: float = 0.0  # out of air and ground


class HeatingPlant:
    """Machines, tank and ground, stepped together. A part of premises; fulfils `Storing` and `Failing`."""

    def __init__(
        self,
        design: HeatingDesign,
        building: HeatedBuilding | None = None,
        hot_water: HotWater | None = None,
    ) -> None:
        self.design = design
        self.building = building
        self.hot_water = hot_water
        self.tank = Tank(design.tank)
        self.ground = Ground(design.ground) if design.ground else None
        self.balance = HeatBalance()
        self.heating = 0.0  # kW delivered
        self.supply = self.mixed = design.tank.warm
        self.back = design.back
        self.flow = 0.0
        self._mixing: float | None = None
        local = LocalThermostats(
            setpoint=design.setpoint, band=design.band, later=design.later, lifted=design.lifted
        )
        self.makers = HeatMakers(design.machines, design.sources, local, self.tank, self.ground)

    @property
    def power(self) -> float:
        return self.makers.power

    @property
    def machines(self) -> Sequence[HeatPumpOutputs | None]:
        """What each machine did last."""
        return [unit.out for unit in self.makers.units]

    def stored(self) -> Mapping[str, float]:
        """Heat in kWh, negative as cold: a full heating tank is stored heat, and cold is positive here.

        Where heat is what is sold (`heat_counts`) it is positive, and the ground is a source, no store.
        """
        floor = self.design.tank.volume * heat_rate(1e3) * self.design.back / 3600.0
        held = {"heating_tank": self.tank.stored - floor}
        if self.hot_water is not None:
            held[self.hot_water.design.name] = self.hot_water.stored
        if self.building is not None:
            held[self.building.design.name] = self.building.stored
        if self.design.heat_counts:
            return held
        cold = {name: -heat for name, heat in held.items()}
        return cold | ({"ground": -self.ground.stored} if self.ground else {})

    def commands(self) -> Sequence[str]:
        """Names of what may be commanded."""
        told = list(self.makers.commands())
        told += ["heating.hot_water_setpoint"] if self.building is not None else []
        return [*told, f"{self.hot_water.design.name}.charge"] if self.hot_water is not None else told

    def failures(self) -> Mapping[str, str]:
        """What can break."""
        return dict.fromkeys(self.makers.breakable(), "the machine's own protection has tripped")

    def fail(self, name: str, amount: float) -> None:
        """Raises KeyError for what cannot break here."""
        self.makers.breakable()[name].broken = amount > 0.0

    def mend(self, name: str) -> None:
        self.fail(name, 0.0)

    def step(self, dt: float, inputs: Inputs, outdoors: Outdoors) -> None:
        parts = max(ceil(dt / FINEST - 1e-9), 1)
        for _ in range(parts):
            self._part(dt / parts, inputs, outdoors)

    def _part(self, dt: float, inputs: Inputs, outdoors: Outdoors) -> None:
        charge = self.makers.run(dt, inputs, outdoors.weather.dry_bulb)
        if self.building is None:
            wanted = max(self.design.wanted(outdoors.utc), 0.0)
            gained = self._give(dt, lambda _: (wanted, self.design.back))
        else:
            gained = self._serve(dt, self.building, inputs, outdoors)
            wanted = self.heating
        hours, balance = dt / 3600.0, self.balance
        balance.made += charge * hours
        balance.delivered += self.heating * hours
        balance.ambient += gained * hours
        balance.undelivered += (wanted - self.heating) * hours
        balance.electricity += self.power * hours
        balance.renewable += self.makers.renewable * hours

    def _give(self, dt: float, draw: Callable[[float], tuple[float, float]]) -> float:
        """`draw`: kW and return temperature at a supply temperature. Returns the gain through the tank's wall, kW."""
        self.supply = self.tank.top
        heat = 0.0
        for _ in range(12):  # what is drawn depends on how much
            before = self.supply
            heat, self.back = draw(before)
            self.flow = heat / heat_rate(max(before - self.back, 1.0))
            self.supply = self.tank.outlook(dt, self.flow)
            if abs(self.supply - before) < 1e-3:
                break
        drawn, gained = self.tank.step(dt, self.flow, self.back, INDOORS)
        self.heating = heat_rate(self.flow) * (drawn - self.back)
        return gained

    def _serve(self, dt: float, building: HeatedBuilding, inputs: Inputs, outdoors: Outdoors) -> float:
        """Building and cylinder together; each gets its share of what the tank really gave."""
        told = commanded(inputs, "heating.hot_water_setpoint")
        self._mixing = None if told is None else within(told, SETPOINTS[1], *SETPOINTS)
        water = self.hot_water
        if water is not None:
            water.charging = switch(inputs, f"{water.design.name}.charge", water.local())
        shares = (0.0, 0.0)

        def draw(supply: float) -> tuple[float, float]:
            nonlocal shares
            self.mixed = supply if self._mixing is None else min(supply, self._mixing)
            rooms, back = building.draw(self.mixed)
            tap, behind = (0.0, supply) if water is None else water.draw(supply)
            shares = (rooms, tap)
            flow = rooms / max(supply - back, 0.1) + tap / max(supply - behind, 0.1)
            return rooms + tap, supply - (rooms + tap) / flow if flow > 0.0 else back

        gained = self._give(dt, draw)
        asked = sum(shares)
        given = self.heating / asked if asked > 1e-9 else 0.0
        building.absorb(dt, shares[0] * given, outdoors)
        if water is not None:
            water.absorb(dt, shares[1] * given, outdoors)
        return gained

    def outputs(self) -> Outputs:
        result = outputs_of("heating", self._shown())
        result |= outputs_of("heating" if self.building is None else "tank", _temperatures(self.tank))
        result |= self.makers.outputs()
        if self.building is not None:
            result["heating.hot_water_setpoint"] = self.mixed if self._mixing is None else self._mixing
            result |= outputs_of(self.building.design.name, self.building.quantities())
        if self.hot_water is not None:
            result |= outputs_of(self.hot_water.design.name, self.hot_water.quantities())
        return result

    def _shown(self) -> Mapping[str, float]:
        """What is shown of the plant as a whole."""
        return {
            "hot_water_supply_temp": self.supply if self.building is None else self.mixed,
            "hot_water_return_temp": self.design.back if self.building is None else self.back,
            "hot_water_flow": self.flow if self.building is None else self._loop_flow(),
            "heating": self.heating,
            "heating_energy": self.balance.delivered,
            "renewable_energy": self.balance.renewable,
            "power": self.power,
            "energy": self.balance.electricity,
        }

    def _loop_flow(self) -> float:
        """l/s that carry the heat between mixed supply and return."""
        return self.heating / heat_rate(max(self.mixed - self.back, 0.5))


def _temperatures(tank: Tank) -> Mapping[str, float]:
    return {
        "tank_top_temp": tank.top,
        "tank_middle_temp": tank.temperature(0.5),
        "tank_bottom_temp": tank.bottom,
    }
