"""The air of a garage: carbon monoxide of running engines, and the fans that take it out.

One well-mixed volume, exact over any step. Grams a minute and engine are those of the ASHRAE Handbook, HVAC Applications 2011,
chapter 15, table 1 (the fleet of 1996 in summer: 3.66 cold, 1.89 warm; cars of today give less), after Krarti and Ayari 1998. Six
air changes an hour are what codes ask of enclosed garages. Fans follow the laws of affinity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import exp

from hil.plant.load import Outdoors
from hil.plant.meter import EnergyRegister
from hil.plant.people import Working, weekdays
from hil.plant.traffic import ARRIVALS, DEPARTURES, LEISURE
from hil.plant.variables import Inputs, Outputs, number, outputs_of, switch
from hil.plant.weather import local_time

PPM_OF_GRAM = 1e6 * 24.45e-3 / 28.01  # ppm that one gram makes in one cubic metre: ideal gas at 25 degC
COLD, WARM = 3.66, 1.89  # g/min of an engine


@dataclass(frozen=True, slots=True, kw_only=True)
class FanDesign:
    """One exhaust fan: m3/h and kW at full speed."""

    name: str
    flow: float = 9000.0
    power: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GarageAirDesign:
    """One hall. `engines` s run for each car that leaves or comes: 60-180 s in and out is what ASHRAE gives."""

    name: str = "hall"
    volume: float = 4500.0  # m3: 100 to 150 cars
    leaks: float = 0.3  # air changes an hour with the fans off, through the ramp; an assumption
    cars: float = 300.0  # a working day, in and out
    weekend: float = 0.8
    engines: float = 120.0
    fans: tuple[FanDesign, ...] = (
        FanDesign(name="garage_fan_1"),
        FanDesign(name="garage_fan_2"),
        FanDesign(name="garage_fan_3"),
    )  # 27,000 m3/h: six air changes
    sensors: tuple[str, ...] = ("co_1", "co_2")


class GarageFan:
    """One fan with a converter. Local control: on, at full speed, as a time switch or nobody leaves it."""

    def __init__(self, design: FanDesign) -> None:
        self.design = design
        self.tripped = False
        self.allowed = True
        self.speed = 100.0
        self.runtime = 0.0  # h
        self.energy = EnergyRegister()

    @property
    def flow(self) -> float:
        """The m3/s it takes out."""
        return self.design.flow / 3600.0 * self.speed / 100.0

    @property
    def power(self) -> float:
        return float(self.design.power * (self.speed / 100.0) ** 3)

    def step(self, dt: float, inputs: Inputs) -> None:
        name = self.design.name
        self.allowed = switch(inputs, f"{name}.enable", True)
        runs = self.allowed and not self.tripped
        self.speed = number(inputs, f"{name}.speed_command", 100.0) if runs else 0.0
        self.energy.count(dt, self.power)
        self.runtime += dt / 3600.0 if self.speed > 0.0 else 0.0

    def outputs(self) -> Outputs:
        quantities = {
            "enable": self.allowed,
            "status": self.speed > 0.0,
            "alarm": self.tripped,
            "available": not self.tripped,
            "speed": self.speed,
            "power": self.power,
            "energy": self.energy.value,
            "runtime": self.runtime,
        }
        return outputs_of(self.design.name, quantities)


class GarageAir:
    """The hall's air and its fans. Fulfils `Part` of a property and `Failing`."""

    def __init__(
        self, design: GarageAirDesign, utc_offset: timedelta, working: Working = weekdays, ppm: float = 2.0
    ) -> None:
        """`ppm` at the start."""
        self.design = design
        self.fans = tuple(GarageFan(one) for one in design.fans)
        self.ppm = ppm
        self.engines = 0.0  # that run at once, in the mean
        self.queue = 0.0  # that stand in line and run
        self.emitted = 0.0  # g since the start
        self.removed = 0.0
        self._offset = utc_offset
        self._working = working

    @property
    def power(self) -> float:
        """KW of all fans."""
        return sum(one.power for one in self.fans)

    @property
    def held(self) -> float:
        """Grams in the air."""
        return self.ppm * self.design.volume / PPM_OF_GRAM

    def step(self, dt: float, inputs: Inputs, outdoors: Outdoors) -> None:
        design = self.design
        for one in self.fans:
            one.step(dt, inputs)
        out, back = self._moving(outdoors.utc)
        self.engines = (out + back) * design.engines / 3600.0 + self.queue
        grams = ((out * COLD + back * WARM) * design.engines / 3600.0 + self.queue * WARM) / 60.0  # a second
        air = sum(one.flow for one in self.fans) + design.leaks * design.volume / 3600.0  # m3/s
        rate = max(air / design.volume, 1e-9)
        settled = grams * PPM_OF_GRAM / (rate * design.volume)
        before, fading = self.ppm - settled, exp(-rate * dt)
        mean = settled + before * (1.0 - fading) / (rate * dt) if dt > 0.0 else self.ppm
        self.ppm = settled + before * fading
        self.emitted += grams * dt
        self.removed += mean * rate * design.volume / PPM_OF_GRAM * dt

    def _moving(self, utc: float) -> tuple[float, float]:
        """Cars an hour that leave with a cold engine, and that come with a warm one."""
        local = local_time(utc, self._offset)
        if self._working(local.date()):
            cars, away, home = self.design.cars, DEPARTURES, ARRIVALS
        else:
            cars, away, home = self.design.cars * self.design.weekend, LEISURE, LEISURE
        return cars * away[local.hour] / sum(away), cars * home[local.hour] / sum(home)

    def failures(self) -> Mapping[str, str]:
        result = {f"{self.design.name}.queue": "so many cars stand in line with their engines running"}
        return result | {
            f"{one.design.name}.trip": "the fan stands until somebody resets it" for one in self.fans
        }

    def fail(self, name: str, amount: float) -> None:
        """Raises KeyError for what cannot break."""
        if name not in self.failures():
            raise KeyError(name)
        thing, _, what = name.rpartition(".")
        if what == "queue":
            self.queue = max(amount, 0.0)
            return
        next(one for one in self.fans if one.design.name == thing).tripped = amount > 0.0

    def mend(self, name: str) -> None:
        self.fail(name, 0.0)

    def outputs(self) -> Outputs:
        flow = 1e3 * sum(one.flow for one in self.fans)  # l/s
        hall = {"carbon_monoxide": self.ppm, "engines": self.engines, "exhaust_air_flow": flow}
        result = outputs_of(self.design.name, hall)
        for sensor in self.design.sensors:
            result |= outputs_of(sensor, {"carbon_monoxide": self.ppm})
        for one in self.fans:
            result |= one.outputs()
        return result

    def commands(self) -> Sequence[str]:
        return [f"{one.name}.{what}" for one in self.design.fans for what in ("enable", "speed_command")]
