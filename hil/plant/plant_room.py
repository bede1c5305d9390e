"""A chilled-water plant with its weather: a complete plant for a bench, ready to be put behind faces."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from hil.plant.central_panel import COMMANDS
from hil.plant.central_plant import CentralPlant
from hil.plant.load import Outdoors
from hil.plant.variables import Inputs, Outputs, VariableInfo, describe, outputs_of
from hil.plant.weather import Climate

FINEST = 300.0  # s: weather is taken anew after so long


class PlantRoom:
    """One plant in one climate. `start` is UTC seconds; the same start, seed and commands give the same run."""

    def __init__(self, plant: CentralPlant, climate: Climate, start: float, seed: int = 1) -> None:
        self.plant = plant
        self.utc = start
        self._climate = climate
        self._seed = seed
        self._weather = climate.at(start, seed)

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        parts = max(ceil(dt / FINEST - 1e-9), 1)
        for _ in range(parts):
            self.utc += dt / parts
            self._weather = self._climate.at(self.utc, self._seed)
            self.plant.step(dt / parts, inputs, Outdoors(self.utc, self._weather))
        return self.outputs()

    def outputs(self) -> Outputs:
        """Every variable, as of the last step."""
        weather = self._weather
        return self.plant.outputs() | outputs_of(
            "weather",
            {
                "outdoor_dry_bulb": weather.dry_bulb,
                "outdoor_wet_bulb": weather.wet_bulb,
                "outdoor_humidity": weather.humidity,
                "irradiance": weather.irradiance,
            },
        )

    def variables(self) -> Mapping[str, VariableInfo]:
        theirs = self.plant.load.commands()
        quantities = {*COMMANDS, *(name.rpartition(".")[2] for name in theirs)}
        return describe((*self.outputs(), *theirs), quantities)

    def stored(self) -> Mapping[str, float]:
        return self.plant.stored()

    def failures(self) -> Mapping[str, str]:
        return self.plant.failures()

    def fail(self, name: str, amount: float) -> None:
        self.plant.fail(name, amount)

    def mend(self, name: str) -> None:
        self.plant.mend(name)
