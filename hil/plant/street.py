"""Street and landscape lighting: lamp circuits, the daylight over them, and the truth about switching too late.

A circuit is switched by its contactor and may be dimmed. Light is *needed* while the natural illuminance on the
ground lies below the circuit's limit or, for circuits judged by the sun itself, while the sun stands below a height
over the terrain. Crossing times inside a step are found by interpolation, so that seconds count at any step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log

from hil.plant.horizon import HorizonProfile
from hil.plant.lamp import Lamp
from hil.plant.lighting_sky import ground_illuminance
from hil.plant.meter import EnergyRegister
from hil.plant.street_clouds import ClearSky, Sky
from hil.plant.variables import Inputs, Outputs, VariableInfo, describe, number, switch
from hil.plant.weather_sun import sun_at

FINEST = 60.0  # s: longer steps are cut; the sun moves a quarter of a degree meanwhile
SUNSET = -0.8333  # degrees of the sun's centre: 34' of refraction and 16' of radius (USNO)
LED_STREET = Lamp(full=80.0, flux=11_000.0, standby=0.5)

Timer = tuple[float, float]
"""Local hours of the old mechanical timer: on, off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitDesign:
    """One circuit. `limit` lx: 30 for main roads, 20 for side roads (CJJ 45-2015, clause on switching).

    `need_altitude`: judged by the sun instead, needed while its centre stands lower than this over the terrain
    (-0.8333 is sunset). `curfew`: local hours in which no light is needed. `timers`: by season, first one from January,
    one for each equal part of the year.
    """

    name: str
    count: int
    lamp: Lamp = LED_STREET
    limit: float = 30.0
    need_altitude: float | None = None
    curfew: Timer | None = None
    timers: tuple[Timer, ...] = ((18.0, 6.5),)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetDesign:
    """A place with its circuits. `horizon`: terrain by azimuth."""

    latitude: float
    longitude: float
    circuits: tuple[CircuitDesign, ...]
    utc_offset: float = 8 * 3600.0  # s, for timers and curfews
    horizon: HorizonProfile = field(default_factory=HorizonProfile)


class Circuit:
    """One circuit's state and counters."""

    __slots__ = ("burning_energy", "design", "early_off", "early_on", "energy", "late_off", "late_on", "level", "need", "needed_energy", "out", "welded")  # fmt: skip

    def __init__(self, design: CircuitDesign) -> None:
        self.design = design
        self.level = 0.0
        self.energy = EnergyRegister(15_000.0)
        self.need = 0.0  # above zero: light is needed
        self.late_on = 0.0  # s dark though needed, while the sun goes down (or stands under a storm)
        self.early_off = 0.0  # s dark though needed, while the sun comes up
        self.early_on = 0.0  # s burning though not needed, afternoon
        self.late_off = 0.0  # s, forenoon
        self.burning_energy = 0.0  # kWh while not needed
        self.needed_energy = 0.0  # kWh that exact switching at this level would have taken
        self.welded = False  # the contactor never lets go
        self.out = False  # ... never pulls in

    @property
    def power(self) -> float:
        """kW; behind an open contactor nothing is drawn."""
        design = self.design
        if self.level <= 0.0:
            return 0.0
        return design.count * design.lamp.power(design.lamp.light(self.level)) / 1e3

    def count(self, dt: float, needed: float, afternoon: bool) -> None:
        """`needed` s of `dt` in which light was needed."""
        power, spare = self.power, dt - needed
        self.energy.count(dt, power)
        self.needed_energy += self.design.count * self.design.lamp.power(1.0) * needed / 3.6e6
        if self.level > 0.0:
            self.burning_energy += power * spare / 3600.0
            self.early_on += spare if afternoon else 0.0
            self.late_off += 0.0 if afternoon else spare
        else:
            self.late_on += needed if afternoon else 0.0
            self.early_off += 0.0 if afternoon else needed

    def outputs(self) -> Mapping[str, float | bool]:
        return {
            "lamp_switch": self.level > 0.0,
            "lamp_level_status": self.level,
            "power": self.power,
            "energy": self.energy.value,
            "light_needed": self.need > 0.0,
            "late_switch_on_seconds": self.late_on,
            "early_off_seconds": self.early_off,
            "early_on_seconds": self.early_on,
            "late_off_seconds": self.late_off,
            "burning_by_day_seconds": self.early_on + self.late_off,
            "burning_by_day_energy": self.burning_energy,
            "needed_energy": self.needed_energy,
        }


class StreetLighting:
    """All circuits of a place under one sky, and the lux sensor on its roof (object `lux_sensor`)."""

    def __init__(self, design: StreetDesign, start: float, sky: Sky | None = None) -> None:
        self.design = design
        self.utc = start
        self.circuits = tuple(Circuit(one) for one in design.circuits)
        self.sensor_fault: tuple[str, float] | None = None
        self._sky = sky or ClearSky()
        self._open = design.horizon.open_sky()
        self._look()
        self._shown = self.illuminance

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        left = dt
        while left > 1e-9:
            part = min(left, FINEST)
            left -= part
            for circuit in self.circuits:  # in each piece: the old timer may switch inside a long step
                circuit.level = self._level(circuit, inputs)
            self._advance(part)
        return self.outputs()

    @property
    def power(self) -> float:
        """KW of all circuits."""
        return sum(circuit.power for circuit in self.circuits)

    def variables(self) -> Mapping[str, VariableInfo]:
        levels = [f"{one.design.name}.lamp_level" for one in self.circuits]
        return describe((*self.outputs(), *levels), ("lamp_switch", "lamp_level"))

    def outputs(self) -> Outputs:
        """Every variable, as of the last step."""
        result: Outputs = {
            "daylight.illuminance": self.illuminance,
            "daylight.sun_altitude": self.altitude,
            "daylight.sun_azimuth": self.azimuth,
            "daylight.cloud_cover": self.cover,
            "lux_sensor.illuminance": self._sensed(),
        }
        for circuit in self.circuits:
            for what, value in circuit.outputs().items():
                result[f"{circuit.design.name}.{what}"] = value
        return result

    def failures(self) -> Mapping[str, str]:
        """Names of what can be broken, and what the amount means."""
        found = {
            "lux_sensor.dead": "reads nothing at all: 0 lx",
            "lux_sensor.stuck": "shows what it showed when it froze",
            "lux_sensor.dirty": "share of the light that its dirt takes away, 0-1",
            "lux_sensor.lamp": "lx that a lamp beside it throws on it while any circuit burns",
        }
        for circuit in self.circuits:
            found[f"{circuit.design.name}.contactor_welded"] = "burns for ever"
            found[f"{circuit.design.name}.contactor_dead"] = "stays dark"
        return found

    def fail(self, name: str, amount: float = 1.0) -> None:
        """Break something. Raises KeyError for a name that `failures` does not know."""
        if name not in self.failures():
            raise KeyError(name)
        owner, _, what = name.rpartition(".")
        if owner == "lux_sensor":
            self._shown = self._sensed()
            self.sensor_fault = (what, amount)
            return
        circuit = next(one for one in self.circuits if one.design.name == owner)
        circuit.welded = amount > 0.0 if what == "contactor_welded" else circuit.welded
        circuit.out = amount > 0.0 if what == "contactor_dead" else circuit.out

    def mend(self, name: str) -> None:
        self.fail(name, 0.0)
        if name.startswith("lux_sensor."):
            self.sensor_fault = None

    def _advance(self, dt: float) -> None:
        """One piece of at most `FINEST` s: counters by where each need crosses zero inside it."""
        self.utc += dt
        before = [circuit.need for circuit in self.circuits]
        self._look()
        afternoon = self.azimuth >= 180.0  # in the west, also below the horizon until midnight
        for circuit, first in zip(self.circuits, before, strict=True):
            circuit.count(dt, dt * _share_above(first, circuit.need), afternoon)

    def _look(self) -> None:
        """Sun, sky and needs at this instant."""
        design = self.design
        self.altitude, self.azimuth, *_ = sun_at(self.utc, design.latitude, design.longitude)
        skyline = design.horizon.at(self.azimuth)
        state = self._sky.at(self.utc)
        self.cover = state.cover
        self.illuminance = ground_illuminance(self.altitude, skyline, self._open, state)
        for circuit in self.circuits:
            circuit.need = self._need(circuit.design, skyline)

    def _need(self, design: CircuitDesign, skyline: float) -> float:
        if design.curfew is not None and _within(self._hour(), design.curfew):
            return -1.0
        if design.need_altitude is not None:
            return design.need_altitude + skyline - self.altitude
        return log(design.limit / self.illuminance)

    def _level(self, circuit: Circuit, inputs: Inputs) -> float:
        name = circuit.design.name
        if circuit.out:
            return 0.0
        on = circuit.welded or switch(inputs, f"{name}.lamp_switch", self._timer(circuit.design))
        return number(inputs, f"{name}.lamp_level", 100.0) if on else 0.0

    def _timer(self, design: CircuitDesign) -> bool:
        local = self.utc + self.design.utc_offset
        season = int((local / 86400.0 % 365.2425) / 365.2425 * len(design.timers))
        return _within(self._hour(), design.timers[season])

    def _hour(self) -> float:
        return (self.utc + self.design.utc_offset) % 86400.0 / 3600.0

    def _sensed(self) -> float:
        if self.sensor_fault is None:
            return self.illuminance
        what, amount = self.sensor_fault
        if what == "lamp":
            burning = any(one.level > 0.0 for one in self.circuits)
            return self.illuminance + (amount if burning else 0.0)
        return {"dead": 0.0, "stuck": self._shown, "dirty": self.illuminance * (1.0 - amount)}[what]


def _within(hour: float, span: Timer) -> bool:
    """Whether an hour lies in a span that may reach over midnight."""
    start, end = span
    return start <= hour < end if start <= end else hour >= start or hour < end


def _share_above(first: float, last: float) -> float:
    """Share of a straight line from `first` to `last` that lies above zero."""
    if first > 0.0 and last > 0.0:
        return 1.0
    if first <= 0.0 and last <= 0.0:
        return 0.0
    return max(first, last) / (max(first, last) - min(first, last))
