"""A garage: traffic, lamp groups along the ramp and the aisles, and what the electricity meter sees of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hil.plant.lighting import LampDesign, LampGroup, RadarDesign
from hil.plant.meter import EnergyRegister
from hil.plant.traffic import Traffic
from hil.plant.variables import Inputs, Outputs, number, outputs_of

FINEST = 1.0  # s; longer steps are cut, so that nobody is driven past unseen


def demo_groups() -> Sequence[LampDesign]:
    """Eight groups, 290 lamps of 0-16 W with radar, as in the retrofits of garages."""
    aisles = [LampDesign(name=f"aisle_{letter}", lamps=42) for letter in "abcdef"]
    return (LampDesign(name="ramp", lamps=24), *aisles, LampDesign(name="stairs", lamps=14))


class Garage:
    """Everything in the garage, stepped together. Local control of the lamps is full light."""

    def __init__(
        self, groups: Sequence[LampDesign], start: float, *, utc_offset: timedelta, seed: int
    ) -> None:
        aisles = [group.name for group in groups if group.name.startswith("aisle")]
        self.groups = tuple(LampGroup(group, RadarDesign(), seed) for group in groups)
        self.energy = EnergyRegister(8_400.0)
        self._traffic = Traffic(aisles, start, seed, utc_offset)
        self._utc = start
        self._presence: dict[str, bool] = {}
        self._commands: dict[str, float] = {}

    @property
    def power(self) -> float:
        return sum(group.power for group in self.groups)

    def step(self, dt: float, inputs: Inputs) -> None:
        for group in self.groups:
            name = group.design.name
            self._commands[name] = number(inputs, f"{name}.lamp_level", 100.0)
        left = dt
        while left > 1e-9:
            part = min(left, FINEST)
            left -= part
            self._utc += part
            present = self._traffic.present(self._utc)
            power = 0.0
            for group in self.groups:
                name = group.design.name
                self._presence[name] = group.step(part, name in present, self._commands[name])
                power += group.power
            self.energy.count(part, power)

    def outputs(self) -> Outputs:
        result = outputs_of("garage", {"power": self.power, "energy": self.energy.value})
        for group in self.groups:
            name = group.design.name
            result |= group.outputs(self._presence.get(name, False), self._commands.get(name, 100.0))
        return result
