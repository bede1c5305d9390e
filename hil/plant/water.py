"""Well-mixed bodies of water: headers of the loop, the basin of a tower."""

from __future__ import annotations

from hil.plant.variables import LITRE_MASS, WATER_CP


class Node:
    """Water of one temperature. `volume` in litres."""

    def __init__(self, volume: float, temperature: float) -> None:
        self.volume = volume
        self.temperature = temperature

    @property
    def stored(self) -> float:
        """Heat held above 0 degC, kWh."""
        return self.volume * LITRE_MASS * WATER_CP * self.temperature / 3600.0

    def inflow(self, dt: float, flow: float, temperature: float) -> None:
        """`flow` l/s comes in at `temperature` and as much leaves at the node's own."""
        share = min(flow * dt / self.volume, 1.0)
        self.temperature += share * (temperature - self.temperature)

    def heat(self, dt: float, power: float) -> None:
        """`power` kW straight into the water."""
        self.temperature += power * dt / (self.volume * LITRE_MASS * WATER_CP)
