"""Several plants of one site, each with its own objects: `north_chiller_1` is chiller 1 of the plant `north`.

They stand in the same weather and know nothing of each other but what their mains feel: the object `mains` is the power of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from hil.plant.variables import Failing, Inputs, Outputs, Plant, Storing, VariableInfo


class Several:
    """Plants by name. Fulfils `Plant`, `Storing` and `Failing`. Each must show `plant_meter.power`."""

    METER = "plant_meter.power"

    def __init__(self, plants: Mapping[str, Plant]) -> None:
        self.plants = dict(plants)

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        result: Outputs = {}
        power = 0.0
        for name, plant in self.plants.items():
            prefix = f"{name}_"
            own = {key[len(prefix) :]: value for key, value in inputs.items() if key.startswith(prefix)}
            shown = plant.step(dt, own)
            power += float(shown[self.METER])
            result |= {f"{prefix}{key}": value for key, value in shown.items()}
        result["mains.power"] = power
        return result

    def variables(self) -> Mapping[str, VariableInfo]:
        found = {
            f"{name}_{key}": info
            for name, plant in self.plants.items()
            for key, info in plant.variables().items()
        }
        return found | {"mains.power": VariableInfo("kW")}

    def stored(self) -> Mapping[str, float]:
        return {
            f"{name}_{key}": kwh
            for name, plant in self.plants.items()
            if isinstance(plant, Storing)
            for key, kwh in plant.stored().items()
        }

    def failures(self) -> Mapping[str, str]:
        return {
            f"{name}_{key}": what
            for name, plant in self.plants.items()
            if isinstance(plant, Failing)
            for key, what in plant.failures().items()
        }

    def fail(self, name: str, amount: float) -> None:
        """Raises KeyError for what cannot break here."""
        plant, own = self._of(name)
        plant.fail(own, amount)

    def mend(self, name: str) -> None:
        plant, own = self._of(name)
        plant.mend(own)

    def _of(self, name: str) -> tuple[Failing, str]:
        for prefix, plant in self.plants.items():
            own = name.removeprefix(f"{prefix}_")
            if own != name and isinstance(plant, Failing) and own in plant.failures():
                return cast("Failing", plant), own
        raise KeyError(name)
