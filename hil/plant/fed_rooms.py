"""Rooms whose chilled water comes from elsewhere (district cooling, the house's own plant): always cold, always enough.

The building's own model without a plant before it: for control of the air alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hil.plant.building_load import Building
from hil.plant.load import Outdoors
from hil.plant.variables import Inputs, Outputs


class FedRooms:
    """A building as one part of a property. `supply` degC is what the water comes with."""

    def __init__(self, building: Building, supply: float = 7.0) -> None:
        self.building = building
        self.supply = supply
        self._offered = [branch.flow for branch in building.branches]
        self._names = tuple(branch.name for branch in building.branches)

    @property
    def power(self) -> float:
        """KW of fans, lights and equipment."""
        out = self.building.outputs()
        return sum(float(out[f"{name}.power"]) for name in self._names)

    def step(self, dt: float, inputs: Inputs, outdoors: Outdoors) -> None:
        openings = self.building.openings(dt, inputs, outdoors, self._offered)
        branches = zip(self.building.branches, openings, strict=True)
        self.building.absorb(
            dt, self.supply, [branch.flow * branch.passage(open_) for branch, open_ in branches]
        )

    def outputs(self) -> Outputs:
        return self.building.outputs()

    def commands(self) -> Sequence[str]:
        return self.building.commands()

    def stored(self) -> Mapping[str, float]:
        return self.building.stored()

    def failures(self) -> Mapping[str, str]:
        return self.building.failures()

    def fail(self, name: str, amount: float) -> None:
        """Raises KeyError for what cannot break here."""
        self.building.fail(name, amount)

    def mend(self, name: str) -> None:
        self.building.mend(name)
