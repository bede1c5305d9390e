"""A building that is heated with water: air and mass of all its rooms, emitters, and thermostats on their valves.

Two-node network of ISO 13790 (air, mass) for the rooms; emitters by EN 442: heat goes with a power of the mean over-temperature of the
water. Thermostatic valves pass less water the warmer the rooms are: hot water then comes back colder, and cold water
comes back hardly colder and leaves rooms cool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from hil.plant.chiller_curves import heat_rate
from hil.plant.load import Outdoors
from hil.plant.people import Working, weekdays
from hil.plant.weather import local_time

BAND = 2.0  # K over which thermostatic valves close (EN 215)
REFERENCE = 20.0  # degC: mass above it is stored heat
OPEN_BY = 300.0  # s: a valve head follows the room with about this lag


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatedBuildingDesign:
    """Sizes. kW, kW/K, kWh/K, m2."""

    name: str = "rooms"
    loss: float  # kW/K to the outside, air change included
    air: float  # kWh/K of air and what follows it at once
    mass: float  # kWh/K of walls and ceilings
    coupling: float  # kW/K between them
    emitters: float  # kW at the design temperatures below
    supply: float = 50.0  # degC, design
    back: float = 40.0  # degC, design
    exponent: float = 1.3  # of emitters, EN 442; floors have 1.1
    setpoint: float = 20.0  # degC of the thermostats' middle
    gains: float = 0.0  # kW by people, lights and equipment in working hours
    idle: float = 0.0  # kW at other times
    window: float = 0.0  # m2 that let the horizontal's sunshine in
    hours: tuple[float, float] = (7.0, 20.0)
    utc_offset: timedelta = timedelta(hours=8)

    @property
    def flow(self) -> float:
        """l/s with all valves open."""
        return self.emitters / heat_rate(1.0) / (self.supply - self.back)


class HeatedBuilding:
    """One building. `draw` says what it would take at a supply temperature, `absorb` gives it that."""

    def __init__(self, design: HeatedBuildingDesign, working: Working = weekdays) -> None:
        self.design = design
        self.working = working
        self.temperature = design.setpoint
        self.mass = design.setpoint
        self.opening = 0.5
        self.occupied = False
        self.shortfall = 0.0  # K below the thermostats' middle
        self.delivered = 0.0  # kWh since the start

    @property
    def stored(self) -> float:
        """Heat above the reference, kWh."""
        design = self.design
        return design.air * (self.temperature - REFERENCE) + design.mass * (self.mass - REFERENCE)

    def draw(self, supply: float) -> tuple[float, float]:
        """Heat in kW at this supply temperature, and what comes back, degC."""
        rate = heat_rate(self.design.flow * max(self.opening, 0.0))
        if rate <= 1e-9 or supply <= self.temperature:
            return 0.0, min(supply, self.temperature)
        low, high = self.temperature, supply
        for _ in range(24):  # the emitters' heat falls with the return, the water's rises: one crossing
            back = 0.5 * (low + high)
            if self._emitted(0.5 * (supply + back)) > rate * (supply - back):
                high = back
            else:
                low = back
        back = 0.5 * (low + high)
        return rate * (supply - back), back

    def _emitted(self, mean: float) -> float:
        design = self.design
        over = 0.5 * (design.supply + design.back) - design.setpoint
        result: float = design.emitters * (max(mean - self.temperature, 0.0) / over) ** design.exponent
        return result

    def absorb(self, dt: float, heat: float, outdoors: Outdoors) -> None:
        """`heat` kW from the water over the step, and the weather's share."""
        design, weather = self.design, outdoors.weather
        local = local_time(outdoors.utc, design.utc_offset)
        hour = local.hour + local.minute / 60.0
        self.occupied = self.working(local.date()) and design.hours[0] <= hour < design.hours[1]
        gains = design.gains if self.occupied else design.idle
        sun = design.window * weather.irradiance / 1e3
        into_mass = design.coupling * (self.temperature - self.mass)
        lost = design.loss * (self.temperature - weather.dry_bulb)
        hours = dt / 3600.0
        self.temperature += (heat + gains + sun - lost - into_mass) * hours / design.air
        self.mass += into_mass * hours / design.mass
        self.delivered += heat * hours
        target = min(max((design.setpoint + 0.5 * BAND - self.temperature) / BAND, 0.0), 1.0)
        self.opening += (target - self.opening) * min(dt / OPEN_BY, 1.0)
        self.shortfall = max(design.setpoint - 0.5 * BAND - self.temperature, 0.0)

    def quantities(self) -> Mapping[str, float | bool]:
        """What is shown of it."""
        return {
            "zone_temp": self.temperature,
            "mass_temp": self.mass,
            "valve": 100.0 * self.opening,
            "occupied": self.occupied,
        }
