"""A central plant in its weather, with the load it serves: what a ready site puts behind its devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hil.plant.central_panel import COMMANDS
from hil.plant.central_plant import CentralPlant
from hil.plant.load import Outdoors
from hil.plant.meter import EnergyRegister
from hil.plant.variables import Inputs, Outputs, Storing, VariableInfo, describe
from hil.plant.weather import Climate

FINEST = 60.0  # s: the longest time for which the weather stands


class ServedPlant:
    """Plant, load and weather from `start` (UTC seconds). Fulfils `Plant`, `Storing` and `Failing`."""

    def __init__(self, plant: CentralPlant, climate: Climate, start: float, seed: int = 1) -> None:
        self.plant = plant
        self.climate = climate
        self.utc = start
        self._seed = seed
        self._weather = climate.at(start, seed)
        self._electricity = EnergyRegister(digits=9)

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        left = dt
        while left > 1e-9:
            part = min(left, FINEST)
            left -= part
            self.utc += part
            self._weather = self.climate.at(self.utc, self._seed)
            self.plant.step(part, inputs, Outdoors(self.utc, self._weather))
            self._electricity.count(part, self.plant.power)
        return self._outputs()

    def variables(self) -> Mapping[str, VariableInfo]:
        """All outputs, and what may be commanded of plant and load."""
        if not self.plant.machines:  # a plant that has not stepped yet has nothing to show
            self.plant.step(0.1, {}, Outdoors(self.utc, self._weather))
        told = dict(describe(self._outputs(), COMMANDS))
        for name in self.plant.load.commands():
            told[name] = replace(told.get(name) or describe((name,), ())[name], input=True)
        return told

    def stored(self) -> Mapping[str, float]:
        """Cold in the water, the tank and, where the load has them, rooms; kWh."""
        load = self.plant.load
        return {**self.plant.stored(), **(load.stored() if isinstance(load, Storing) else {})}

    def failures(self) -> Mapping[str, str]:
        return self.plant.failures()

    def fail(self, name: str, amount: float) -> None:
        """Raises KeyError for a name that is not among `failures`."""
        self.plant.fail(name, amount)

    def mend(self, name: str) -> None:
        self.plant.mend(name)

    def _outputs(self) -> Outputs:
        result = self.plant.outputs()
        weather = self._weather
        result["outdoor_air.outdoor_dry_bulb"] = weather.dry_bulb
        result["outdoor_air.outdoor_wet_bulb"] = weather.wet_bulb
        result["outdoor_air.outdoor_humidity"] = weather.humidity
        result["outdoor_air.irradiance"] = weather.irradiance
        result["plant_meter.power"] = self.plant.power
        result["plant_meter.energy"] = self._electricity.value
        return result
