"""Sources of heating water without a compressor: gas boilers, electric heaters, the station of a district network.

Each has a pump of fixed flow, takes water in and gives it out at its set-point as far as its capacity goes. Below its lowest
steady output it burns by turns: its heat is the mean of that, as for chillers that cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from hil.plant.chiller_curves import heat_rate
from hil.plant.meter import EnergyRegister

START = 60.0  # s from enable to heat: purge and ignition of a boiler; others are given the same
STANDING = (
    0.003  # of capacity: what a warm boiler loses while it is enabled (EN 15502-1 allows about as much)
)
CYCLING = (
    0.03  # of its heat lost more at no load than at the lowest steady one, from starts and purges; own choice
)


class Fuel(StrEnum):
    """What it takes its heat from."""

    GAS = "gas"
    ELECTRICITY = "electricity"
    DISTRICT = "district"


CONDENSING = ((30.0, 0.996), (60.0, 0.936))
"""Efficiency (lower heating value) by entering water, degC: the least that directive 92/42/EEC asks of a condensing boiler of 400 kW
at 30 degC of return and at a mean of 70 degC; straight between, held beyond."""
NO_LOSS = ((0.0, 0.99),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDesign:
    """One source. `efficiency`: (entering degC, heat over fuel), rising by temperature."""

    name: str
    capacity: float  # kW
    fuel: Fuel = Fuel.GAS
    lowest: float = 0.2  # share of capacity at which it still runs steadily
    efficiency: tuple[tuple[float, float], ...] = CONDENSING
    highest: float = 85.0  # degC leaving
    rise: float = 15.0  # K at full load, by which its pump is sized

    @property
    def flow(self) -> float:
        """l/s of its pump."""
        return self.capacity / heat_rate(1.0) / self.rise

    def efficiency_at(self, entering: float) -> float:
        """Heat over fuel."""
        points = self.efficiency
        if entering <= points[0][0]:
            return points[0][1]
        for (low, first), (high, second) in pairwise(points):
            if entering <= high:
                return first + (second - first) * (entering - low) / (high - low)
        return points[-1][1]


class HeatSource:
    """One source as it runs. All kW are means over the last step."""

    def __init__(self, design: SourceDesign) -> None:
        self.design = design
        self.heating = 0.0
        self.fuel = 0.0  # kW of gas, of heat from the network, or of electricity
        self.leaving = 0.0
        self.running = False
        self.starts = 0
        self.hours = 0.0
        self.broken = False
        self.wanted = False
        self.setpoint = 0.0
        self.burnt = EnergyRegister(digits=9)
        self.energy = EnergyRegister()
        self._waiting = START

    @property
    def power(self) -> float:
        """Electrical kW, with its pump."""
        pump = 0.01 * self.heating  # EN 14825 allowances are of this size
        return pump + (self.fuel if self.design.fuel is Fuel.ELECTRICITY else 0.0)

    def step(self, dt: float, entering: float) -> float:
        """Heat in kW that it gave to water coming in at `entering` degC."""
        design = self.design
        share = self._start(dt)
        rate = heat_rate(design.flow)
        wanted = rate * (min(self.setpoint, design.highest) - entering)
        heat = min(max(wanted, 0.0), design.capacity)
        load = heat / design.capacity
        lost = CYCLING * max(1.0 - load / design.lowest, 0.0) if load > 0.0 else 0.0
        self.heating = heat * share
        self.leaving = entering + (self.heating / rate)
        standing = STANDING * design.capacity * share if design.fuel is Fuel.GAS else 0.0
        self.fuel = self.heating * (1.0 + lost) / design.efficiency_at(entering) + standing
        self.hours += share * dt / 3600.0
        self.energy.count(dt, self.power)
        self.burnt.count(dt, self.fuel)
        return self.heating

    def _start(self, dt: float) -> float:
        """Share of the step in which it runs."""
        if not self.wanted or self.broken:
            self._waiting, self.running = START, False
            return 0.0
        waited = min(self._waiting, dt)
        self._waiting -= waited
        if self._waiting <= 0.0 and not self.running:
            self.running = True
            self.starts += 1
        return (dt - waited) / dt

    def quantities(self) -> dict[str, float | bool]:
        """What is shown of it."""
        fueled = {} if self.design.fuel is Fuel.ELECTRICITY else {
            "fuel": self.fuel,
            "fuel_energy": self.burnt.value,
        }  # fmt: skip
        return fueled | {
            "enable": self.wanted,
            "status": self.running,
            "alarm": self.broken,
            "available": not self.broken,
            "hot_water_setpoint": self.setpoint,
            "hot_water_supply_temp": self.leaving,
            "heating": self.heating,
            "power": self.power,
            "energy": self.energy.value,
            "load": 100.0 * self.heating / self.design.capacity,
            "runtime": self.hours,
            "starts": float(self.starts),
        }
