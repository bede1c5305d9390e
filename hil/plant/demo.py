"""The demonstration site as physics: plant, building, garage, street lamps and weather, coupled and seeded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hil.plant.building import Zone, ZoneDesign, ZoneFlows
from hil.plant.cooling_plant import CoolingPlant, PlantDesign
from hil.plant.garage import Garage, GarageDesign
from hil.plant.street import StreetDesign, StreetLighting
from hil.plant.street_clouds import Clouds, WeatherSky
from hil.plant.variables import Inputs, Outputs, VariableInfo, describe, number, outputs_of
from hil.plant.weather import Climate, Weather

FINEST = 10.0  # s; longer steps of the water side are cut
COMMANDS = (
    "enable", "speed_command", "chilled_water_setpoint", "demand_limit", "lamp_level", "lamp_switch", "zone_setpoint",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDesign:
    """All that the demonstration site is made of."""

    plant: PlantDesign
    climate: Climate
    zones: Sequence[ZoneDesign]
    garage: GarageDesign
    street: StreetDesign


@dataclass(slots=True)
class Balance:
    """Heat in kWh since the start, for the proof that none is lost."""

    into_building: float = 0.0
    coil: float = 0.0
    machines: float = 0.0  # electrical energy that became heat in the water
    rejected: float = 0.0


class DemoPlant:
    """One site. `start` is UTC seconds; the same seed, start and commands give the same run."""

    def __init__(self, design: DemoDesign, start: float, seed: int = 1) -> None:
        self.design = design
        self.utc = start
        self.balance = Balance()
        self.cooling = CoolingPlant(design.plant)
        self.garage = Garage(design.garage, start, utc_offset=design.climate.utc_offset, seed=seed)
        self.zones = tuple(Zone(zone) for zone in design.zones)
        self.street = StreetLighting(
            design.street, start, WeatherSky(design.climate, seed, Clouds(seed=seed))
        )
        self._seed = seed
        self._weather = design.climate.at(start, seed)
        self._flows: list[ZoneFlows] = []
        total = sum(zone.gains for zone in design.zones)
        self._shares = tuple(zone.gains / total for zone in design.zones)

    @property
    def stored(self) -> float:
        """Heat in air, mass and water above 0 degC, kWh."""
        return self.cooling.stored + sum(zone.stored for zone in self.zones)

    @property
    def weather(self) -> Weather:
        return self._weather

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        left = dt
        while left > 1e-9:
            part = min(left, FINEST)
            left -= part
            self._step_heat(part, inputs)
        self.garage.step(dt, inputs)
        self.street.step(dt, inputs)
        return self.outputs()

    def variables(self) -> Mapping[str, VariableInfo]:
        wanted = [f"{zone.design.name}.zone_setpoint" for zone in self.zones]
        return describe((*self.outputs(), *wanted), COMMANDS)

    def _step_heat(self, dt: float, inputs: Inputs) -> None:
        self.utc += dt
        self._weather = self.design.climate.at(self.utc, self._seed)
        local = self.design.climate.local(self.utc)
        supply, flow = self.cooling.supply.temperature, self.cooling.chilled.point.flow
        self._flows = []
        for zone, share in zip(self.zones, self._shares, strict=True):
            wanted = number(inputs, f"{zone.design.name}.zone_setpoint", zone.design.setpoint, 18.0, 32.0)
            self._flows.append(zone.step(dt, self._weather, local, supply, flow * share, wanted))
        self.cooling.step(dt, inputs, self._weather.wet_bulb, sum(one.coil for one in self._flows))
        self._account(dt)

    def _account(self, dt: float) -> None:
        hours = dt / 3600.0
        plant = self.cooling
        water_heat = 0.9 * (plant.chilled.power + plant.condenser.power)
        self.balance.into_building += hours * sum(one.gains + one.outdoor for one in self._flows)
        self.balance.coil += hours * sum(one.coil for one in self._flows)
        self.balance.machines += hours * (plant.compressor_power + water_heat)
        self.balance.rejected += hours * plant.rejected

    def outputs(self) -> Outputs:
        """Every variable, as of the last step."""
        weather = self._weather
        result = self.cooling.outputs() | self.garage.outputs()
        result |= outputs_of(
            "weather",
            {
                "outdoor_dry_bulb": weather.dry_bulb,
                "outdoor_wet_bulb": weather.wet_bulb,
                "outdoor_humidity": weather.humidity,
                "irradiance": weather.irradiance,
            },
        )
        result |= self.street.outputs()
        for zone, flows in zip(self.zones, self._flows, strict=False):
            quantities = {"zone_temp": zone.air, "valve": 100.0 * flows.valve, "cooling": flows.coil}
            result |= outputs_of(zone.design.name, quantities)
        return result
