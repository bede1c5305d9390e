"""Hot tap water: a cylinder that a coil warms from the heating water, and people who draw from it.

The cylinder is mixed; the coil is a heat exchanger to one temperature (effectiveness-NTU, Incropera 11.4). What is drawn is taken as
litres of 40 degC mixed with cold water, so that a warmer cylinder gives fewer of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import exp

from hil.plant.chiller_curves import heat_rate
from hil.plant.load import Outdoors
from hil.plant.weather import local_time

DRAWN_AT = 40.0  # degC at the tap
PATTERN = (1, 1, 1, 1, 1, 3, 8, 10, 7, 5, 4, 5, 6, 5, 4, 4, 4, 5, 6, 7, 6, 4, 2, 1)
"""Share of the day's use by the hour: two peaks, as in the tapping patterns of EN 16147; own rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HotWaterDesign:
    """One cylinder."""

    name: str = "hot_water"
    volume: float  # m3
    daily: float  # m3 at the tap a day
    coil: float  # kW/K
    flow: float  # l/s of heating water through the coil
    cold: float = 10.0  # degC of the mains
    loss: float = 0.005  # kW/K to the room, of an insulated cylinder of some m3
    setpoint: float = 50.0  # degC of its own thermostat
    band: float = 5.0  # K
    utc_offset: timedelta = timedelta(hours=8)


class HotWater:
    """The cylinder. Local control: its thermostat opens the coil."""

    ROOM = 20.0  # degC around it

    def __init__(self, design: HotWaterDesign) -> None:
        self.design = design
        self.temperature = design.setpoint
        self.charging = False
        self.heating = 0.0  # kW through the coil
        self.cool = 0.0  # litres drawn that were below 40 degC
        self._thermostat = False

    @property
    def stored(self) -> float:
        """Heat above the mains' temperature, kWh."""
        return self.design.volume * heat_rate(1e3) * (self.temperature - self.design.cold) / 3600.0

    def local(self) -> bool:
        """What its thermostat wants."""
        design = self.design
        below = design.setpoint - (0.0 if self._thermostat else design.band)
        self._thermostat = self.temperature < below
        return self._thermostat

    def draw(self, supply: float) -> tuple[float, float]:
        """Heat in kW that the coil takes from water at `supply` degC, and what comes back."""
        rate = heat_rate(self.design.flow)
        if not self.charging or supply <= self.temperature:
            return 0.0, supply
        heat = rate * (1.0 - exp(-self.design.coil / rate)) * (supply - self.temperature)
        return heat, supply - heat / rate

    def absorb(self, dt: float, heat: float, outdoors: Outdoors) -> None:
        design = self.design
        hour = local_time(outdoors.utc, design.utc_offset).hour
        tapped = design.daily * 1e3 * PATTERN[hour] / sum(PATTERN) / 3600.0  # l/s at 40 degC
        warm = max(self.temperature, DRAWN_AT)
        drawn = tapped * (DRAWN_AT - design.cold) / (warm - design.cold)
        if self.temperature < DRAWN_AT:
            self.cool += tapped * dt
        lost = heat_rate(drawn) * (self.temperature - design.cold)
        lost += design.loss * (self.temperature - self.ROOM)
        self.temperature += (heat - lost) * dt / (design.volume * heat_rate(1e3))
        self.heating = heat

    def quantities(self) -> Mapping[str, float | bool]:
        """What is shown of it."""
        return {
            "charge": self.charging,
            "tank_top_temp": self.temperature,
            "heating": self.heating,
            "cool_litres": self.cool,
        }
