"""A building as the load of a chilled-water plant: one coil branch with its valve and thermostat a zone.

Local control, where nobody commands from outside, is that of an unretrofitted building: units by their time switch (often
always on), each room's thermostat on its own coil valve, fresh air fully open by day (units that bring it stand at night).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from hil.plant.load import BranchDesign, Outdoors
from hil.plant.meter import EnergyRegister
from hil.plant.people import Use, Working, weekdays
from hil.plant.variables import Inputs, Outputs, commanded, number, switch
from hil.plant.weather import Weather, local_time
from hil.plant.zone import Presence, Zone, ZoneDesign

COMFORT_REFERENCE = 25.0  # degC: mass below it is stored cold


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermostat:
    """A room thermostat on an equal-percentage valve: proportional with a slow reset, a motor that takes its time."""

    band: float = 2.0  # K
    reset: float = 1800.0  # s; inf: proportional only
    travel: float = 120.0  # s from closed to open (ordinary valve actuators take 60-150)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingDesign:
    """Zones, their valves' pipes and who works when."""

    zones: tuple[ZoneDesign, ...]
    utc_offset: timedelta
    thermostat: Thermostat = Thermostat()
    drop: float = 60.0  # kPa over coil and open valve at design flow


@dataclass(frozen=True, slots=True)
class _Moment:
    """The local time of one step, and what each kind of use is then: zones of one kind share it."""

    hour: float
    worked: bool
    known: dict[int, tuple[float, float, float]]

    def shares(self, uses: tuple[Use, Use, Use]) -> tuple[float, float, float]:
        found = self.known.get(id(uses))
        if found is None:
            people, lights, equipment = (use.at(self.hour, worked=self.worked) for use in uses)
            found = self.known[id(uses)] = (people, lights, equipment)
        return found


QUANTITIES = (
    "zone_temp", "zone_humidity", "zone_setpoint", "mass_temp", "carbon_dioxide", "occupied", "people", "status",
    "enable", "damper", "damper_command", "latent_cooling", "heating", "power", "energy",
)  # fmt: skip
"""What is shown of a room, in this order."""


class _Room:
    """One zone with its control."""

    __slots__ = ("damper", "energy", "integral", "names", "opening", "presence", "setpoint", "stuck", "zone")

    def __init__(self, design: ZoneDesign) -> None:
        self.zone = Zone(design)
        self.names = tuple(f"{design.name}.{quantity}" for quantity in QUANTITIES)
        self.setpoint = design.setpoint
        self.opening = 0.3
        self.integral = 0.0
        self.stuck = False  # the valve stays where it is
        self.damper = 1.0
        self.presence = Presence(0.0, 0.0, True, 1.0)
        self.energy = EnergyRegister()

    def thermostat(self, dt: float, rules: Thermostat, wanted: float) -> None:
        """`wanted` degC."""
        miss = (self.zone.air - wanted) / rules.band
        if not self.presence.running:
            target, self.integral = 0.0, 0.0
        else:
            held = 0.0 < miss + 0.5 + self.integral < 1.0
            if held or miss * self.integral < 0.0:  # no wind-up
                self.integral = min(max(self.integral + miss * dt / rules.reset, -0.5), 0.5)
            target = min(max(miss + 0.5 + self.integral, 0.0), 1.0)
        reach = 0.0 if self.stuck else dt / rules.travel
        self.opening += min(max(target - self.opening, -reach), reach)

    @property
    def power(self) -> float:
        """Electrical: fan, lights and equipment, kW."""
        return self.zone.fan_power(self.presence) + self.presence.gains


class Building:
    """Zones behind a plant's pipes. Fulfils `LoadSide`, `Storing` and `Failing`."""

    def __init__(self, design: BuildingDesign, working: Working = weekdays) -> None:
        self.design = design
        self.branches: Sequence[BranchDesign] = tuple(
            BranchDesign(name=zone.name, flow=zone.coil.water, drop=design.drop) for zone in design.zones
        )
        self._working = working
        self._rooms = tuple(_Room(zone) for zone in design.zones)
        self._weather: Weather | None = None

    @property
    def zones(self) -> tuple[Zone, ...]:
        return tuple(room.zone for room in self._rooms)

    def stored(self) -> Mapping[str, float]:
        """Cold in air and mass of each zone, below 25 degC."""
        result = {}
        for room in self._rooms:
            zone, design = room.zone, room.zone.design
            heat = design.air_capacity * (zone.air - COMFORT_REFERENCE)
            heat += design.mass * design.floor * (zone.mass - COMFORT_REFERENCE)
            result[f"{design.name}.mass"] = -heat
        return result

    def failures(self) -> Mapping[str, str]:
        """What can break."""
        return {f"{room.zone.design.name}.valve_stuck": "stays where it is" for room in self._rooms}

    def fail(self, name: str, amount: float) -> None:
        """Raises KeyError for what cannot break here."""
        dict(zip(self.failures(), self._rooms, strict=True))[name].stuck = amount > 0.0

    def mend(self, name: str) -> None:
        self.fail(name, 0.0)

    def openings(
        self, dt: float, inputs: Inputs, outdoors: Outdoors, _offered: Sequence[float]
    ) -> Sequence[float]:
        self._weather = outdoors.weather
        local = local_time(outdoors.utc, self.design.utc_offset)
        moment = _Moment(
            local.hour + local.minute / 60.0 + local.second / 3600.0, self._working(local.date()), {}
        )
        for room in self._rooms:
            self._control(dt, inputs, moment, room)
        return [room.opening for room in self._rooms]

    def _control(self, dt: float, inputs: Inputs, moment: _Moment, room: _Room) -> None:
        design = room.zone.design
        name = design.name
        people, lights, equipment = moment.shares(design.use)
        first, last = design.hours
        timer = first <= moment.hour < last and (design.weekend or moment.worked)
        first, last = design.fresh_hours
        wanted = first <= moment.hour < last and (design.fresh_off_days or moment.worked)
        room.damper = number(inputs, f"{name}.damper_command", 100.0 if wanted else 0.0) / 100.0
        room.presence = Presence(
            people * design.people * design.floor,
            (lights * design.lights + equipment * design.equipment) * design.floor,
            switch(inputs, f"{name}.enable", timer),
            room.damper,
            design.lowest_air + (1.0 - design.lowest_air) * room.opening,
        )
        room.setpoint = number(inputs, f"{name}.zone_setpoint", design.setpoint, 16.0, 35.0)
        room.thermostat(dt, self.design.thermostat, room.setpoint)
        direct = commanded(inputs, f"{name}.valve_command")
        if direct is not None and not room.stuck:
            room.opening = min(max(float(direct) / 100.0, 0.0), 1.0)
        room.energy.count(dt, room.power)

    def absorb(self, dt: float, supply: float, flows: Sequence[float]) -> Sequence[float]:
        weather = self._weather
        if weather is None:
            raise RuntimeError("a load absorbs after its openings were asked")
        return [
            room.zone.step(dt, weather, room.presence, supply, flow).total
            for room, flow in zip(self._rooms, flows, strict=True)
        ]

    def outputs(self) -> Outputs:
        pressure = 1013.25 if self._weather is None else self._weather.pressure
        result: Outputs = {}
        for room in self._rooms:
            zone, presence = room.zone, room.presence
            values = (
                zone.air, zone.humidity(pressure), room.setpoint, zone.mass, zone.carbon_dioxide,
                presence.people > 0.02 * zone.design.people * zone.design.floor, presence.people, presence.running,
                presence.running, 100.0 * room.damper, 100.0 * room.damper, zone.flow.total - zone.flow.sensible, zone.heating,
                room.power, room.energy.value,
            )  # fmt: skip
            result.update(zip(room.names, values, strict=True))
        return result

    def commands(self) -> Sequence[str]:
        wanted = ("enable", "zone_setpoint", "valve_command", "damper_command")
        return [f"{room.zone.design.name}.{quantity}" for room in self._rooms for quantity in wanted]
