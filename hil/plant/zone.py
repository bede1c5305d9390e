"""One zone: air and mass, three resistances and two capacities (3R2C), moisture and carbon dioxide of the air.

The air-handling unit mixes return and fresh air and cools the mixture in a coil on the chilled water. Air and mass are solved
together by backward Euler, which is stable at any step; the coil's heat of a step is fixed before, so that what the
water carries away is what the air has lost. Network: ISO 13790 / VDI 6007 style, glass and leaks straight to the air.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from hil.plant.coil import Coil, CoilDesign, CoilFlow
from hil.plant.people import (
    CARBON_DIOXIDE,
    EMPTY,
    LATENT_HEAT,
    OFFICE_EQUIPMENT,
    OFFICE_LIGHTS,
    OFFICE_PEOPLE,
    OUTDOOR_CARBON_DIOXIDE,
    SENSIBLE,
    Use,
)
from hil.plant.weather import Weather
from hil.plant.weather_air import AIR_CP, AIR_DENSITY, LATENT, humidity_ratio, vapour_of, vapour_pressure
from hil.plant.weather_sun import Plane

BUFFER = 4.0  # air and what follows it within minutes (furniture, papers) over air alone; EnergyPlus' multiplier is 1-10
DAMPING = 3.0  # moisture held by furnishings over that of the air (EnergyPlus latent multiplier)
_RADIANT = (
    0.4  # share of gains that goes to surfaces (ASHRAE Fundamentals 2017, chapter 18, tables 1, 3 and 14)
)
_SUN_TO_AIR = 0.2
_GLASS = 0.1  # incidence modifier b0 of ordinary glazing (ASHRAE 93)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Glass of one side: m2, where it looks, solar heat gain coefficient with its shading."""

    area: float
    plane: Plane
    gain: float = 0.3

    def lets_in(self, weather: Weather) -> float:
        """KW of sun."""
        if weather.irradiance <= 0.0:
            return 0.0
        direct, around = self.plane.receives(weather.sky)
        cosine = self.plane.incidence(weather.sun) if direct > 0.0 else 0.0
        bent = max(1.0 - _GLASS * (1.0 / cosine - 1.0), 0.0) if cosine > 0.05 else 0.0
        return self.area * self.gain * (direct * bent + 0.9 * around) / 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneDesign:
    """One zone. Floor m2; conductances kW/K; gains kW/m2; air kg/s."""

    name: str
    floor: float
    coil: CoilDesign
    height: float = 3.6
    people: float = 0.1  # a m2: 10 m2 each (GB 50189-2015 table B.0.4-4)
    lights: float = 0.009
    equipment: float = 0.015
    use: tuple[Use, Use, Use] = (OFFICE_PEOPLE, OFFICE_LIGHTS, OFFICE_EQUIPMENT)
    windows: tuple[Window, ...] = ()
    glass: float = 0.0  # outside to air, windows
    leaks: float = 0.15  # air changes an hour; offices under slight pressure leak little
    wall: float = 0.0  # outside to mass
    inner: float | None = (
        None  # mass to air; else 9 W/m2K over 2.5 m2 of surface a m2 of floor (ISO 13790 7.2.2.2)
    )
    mass: float = 0.046  # kWh/K a m2 of floor: 165 kJ/(m2 K), a medium building (ISO 13790 table 12)
    fresh: float = 0.0083  # m3/s a person: 30 m3/h (GB 50736-2012 table 3.0.6-1)
    fan: float = (
        0.0005  # kW per m3/h of supply air, 0.5 W (fan-coil and air-handling units of ordinary pressure)
    )
    setpoint: float = 25.0
    heating: float = 0.0  # kW of local heat at most, with its own thermostat at `heating_setpoint`
    heating_setpoint: float = 18.0
    lowest_air: float = (
        0.4  # share of the supply air the unit's own fan speed falls to with its valve; 1: constant
    )
    hours: tuple[float, float] = (0.0, 24.0)  # local time switch of the unit on working days
    fresh_hours: tuple[float, float] = (7.0, 20.0)  # local time switch of the fresh-air damper
    fresh_off_days: bool = False  # whether the damper opens on days off too (shops)
    weekend: bool = True  # whether the unit runs on days off too

    @property
    def air_mass(self) -> float:
        """Kg of air."""
        return self.floor * self.height * AIR_DENSITY

    @property
    def air_capacity(self) -> float:
        """KWh/K."""
        return BUFFER * self.air_mass * AIR_CP / 3600.0

    @property
    def inner_conductance(self) -> float:
        return 0.009 * 2.5 * self.floor if self.inner is None else self.inner

    @property
    def leak_air(self) -> float:
        """Kg/s."""
        return self.leaks * self.air_mass / 3600.0


@dataclass(slots=True)
class ZoneBalance:
    """KWh since the start, for the proof that none is lost. Moisture as latent heat at 2,501 kJ/kg."""

    gains: float = 0.0
    outdoor: float = 0.0  # glass, wall, sun, leaks and fresh air, moisture included
    coil: float = 0.0
    heating: float = 0.0


@dataclass(frozen=True, slots=True)
class Presence:
    """What people and local control make of this step."""

    people: float  # persons
    gains: float  # kW of lights and equipment
    running: bool  # the unit's fan
    damper: float  # share of the design fresh air
    air: float = 1.0  # share of the design supply air


class Zone:
    """One zone's air, mass, moisture and carbon dioxide."""

    def __init__(self, design: ZoneDesign, temperature: float | None = None) -> None:
        start = design.setpoint if temperature is None else temperature
        self.design = design
        self.coil = Coil(design.coil)
        self.air = start
        self.mass = start
        self.ratio = humidity_ratio(0.55 * vapour_pressure(start))
        self.carbon_dioxide = OUTDOOR_CARBON_DIOXIDE
        self.heating = 0.0
        self.flow = CoilFlow(0.0, 0.0, 0.0, 0.0)
        self.balance = ZoneBalance()

    @property
    def stored(self) -> float:
        """Heat in air and mass above 0 degC and in its moisture, kWh."""
        design = self.design
        sensible = design.air_capacity * self.air + design.mass * design.floor * self.mass
        return sensible + DAMPING * design.air_mass * self.ratio * LATENT / 3600.0

    def humidity(self, pressure: float) -> float:
        """Relative, %."""
        return min(100.0 * vapour_of(self.ratio, pressure) / vapour_pressure(self.air), 100.0)

    def fan_power(self, presence: Presence) -> float:
        """KW; cubic in the air flow."""
        if not presence.running:
            return 0.0
        return self.design.fan * self.design.coil.air / AIR_DENSITY * 3600.0 * presence.air**3

    def step(self, dt: float, weather: Weather, presence: Presence, supply: float, water: float) -> CoilFlow:
        """`water` l/s at `supply` degC went through the coil; what it took."""
        design = self.design
        fresh = presence.damper * design.fresh * design.people * design.floor * AIR_DENSITY
        air = design.coil.air * presence.air if presence.running else 0.0
        fresh = min(fresh, air)
        share = fresh / air if air > 0.0 else 0.0
        mixed = self.air + share * (weather.dry_bulb - self.air)
        mixed_ratio = self.ratio + share * (weather.humidity_ratio - self.ratio)
        self.flow = self.coil.cool(mixed, mixed_ratio, air, supply, water)
        fan = self.fan_power(presence)
        ventilation = fresh * AIR_CP * (weather.dry_bulb - self.air)
        gains = presence.people * SENSIBLE + presence.gains
        self._heat(dt, weather, gains, ventilation + fan - self.flow.sensible)
        self._moisten(dt, weather, presence.people, fresh)
        self._breathe(dt, presence.people, fresh)
        hours = dt / 3600.0
        balance = self.balance
        balance.gains += hours * (gains + fan + presence.people * LATENT_HEAT)
        balance.outdoor += hours * ventilation
        balance.coil += hours * self.flow.total
        balance.heating += hours * self.heating
        return self.flow

    def _heat(self, dt: float, weather: Weather, gains: float, unit: float) -> None:
        """Air and mass together; `unit` kW is what the air-handling unit brings to the air."""
        design = self.design
        self.heating = min(max(design.heating_setpoint + 0.5 - self.air, 0.0), 1.0) * design.heating
        sun = sum(window.lets_in(weather) for window in design.windows)
        outside, inner = weather.dry_bulb, design.inner_conductance
        loose = design.glass + design.leak_air * AIR_CP
        # sol-air temperature of the walls: absorptance 0.6 over 20 W/m2K, half of the horizontal sun on average
        wall_air = outside + 0.015 * weather.irradiance
        hours = dt / 3600.0
        air_share = hours / design.air_capacity
        mass_share = hours / (design.mass * design.floor)
        to_air = (1.0 - _RADIANT) * gains + _SUN_TO_AIR * sun + unit + self.heating
        to_mass = _RADIANT * gains + (1.0 - _SUN_TO_AIR) * sun
        a11 = 1.0 + air_share * (loose + inner)
        a22 = 1.0 + mass_share * (design.wall + inner)
        b1 = self.air + air_share * (to_air + loose * outside)
        b2 = self.mass + mass_share * (to_mass + design.wall * wall_air)
        cross1, cross2 = air_share * inner, mass_share * inner
        determinant = a11 * a22 - cross1 * cross2
        self.air = (b1 * a22 + cross1 * b2) / determinant
        self.mass = (a11 * b2 + cross2 * b1) / determinant
        self.balance.outdoor += hours * (
            sun + loose * (outside - self.air) + design.wall * (wall_air - self.mass)
        )

    def _moisten(self, dt: float, weather: Weather, people: float, fresh: float) -> None:
        design = self.design
        held = DAMPING * design.air_mass
        exchange = (design.leak_air + fresh) * dt / held
        brought = (people * LATENT_HEAT / LATENT - self.flow.condensate) * dt / held
        self.ratio = (self.ratio + brought + exchange * weather.humidity_ratio) / (1.0 + exchange)
        crossed = (design.leak_air + fresh) * (weather.humidity_ratio - self.ratio) * LATENT
        self.balance.outdoor += crossed * dt / 3600.0

    def _breathe(self, dt: float, people: float, fresh: float) -> None:
        """Carbon dioxide, exactly over the step."""
        design = self.design
        exchange = max((design.leak_air + fresh) / design.air_mass, 1e-9)  # 1/s
        volume = design.floor * design.height
        settled = OUTDOOR_CARBON_DIOXIDE + 1e6 * people * CARBON_DIOXIDE / (exchange * volume)
        self.carbon_dioxide = settled + (self.carbon_dioxide - settled) * exp(-exchange * dt)


NO_USE = (EMPTY, EMPTY, EMPTY)
