"""Well-mixed bodies of water: headers of the loop, the basin of a tower. Exact for constant inflow over a step."""

from __future__ import annotations

from math import exp

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

    def through(self, dt: float, flow: float, entering: float) -> float:
        """`flow` l/s of `entering` degC passes; returns the mean temperature at which it left."""
        turns = flow * dt / self.volume
        if turns <= 1e-9:
            return self.temperature
        leaving = self.outlook(turns, entering)
        self.temperature += turns * (entering - leaving)
        return leaving

    def outlook(self, turns: float, entering: float) -> float:
        """Mean leaving temperature while `turns` volumes of `entering` degC pass; changes nothing."""
        if turns <= 1e-9:
            return self.temperature
        return entering + (self.temperature - entering) * (1.0 - exp(-turns)) / turns

    def inflow(self, dt: float, flow: float, temperature: float) -> None:
        """For short steps: `flow` l/s comes in at `temperature` and as much leaves at the node's own."""
        self.temperature += min(flow * dt / self.volume, 1.0) * (temperature - self.temperature)

    def settle(self, dt: float, flow: float, entering: float, leaving: float) -> None:
        """`flow` l/s came in at `entering` and left at `leaving`, whatever was said of it before."""
        self.temperature += flow * dt / self.volume * (entering - leaving)

    def heat(self, dt: float, power: float) -> None:
        """`power` kW straight into the water."""
        self.temperature += power * dt / (self.volume * LITRE_MASS * WATER_CP)
