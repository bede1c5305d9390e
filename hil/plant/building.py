"""Zones of a building, two resistances and two capacities each (2R2C), cooled by coils on the chilled water.

Air: gains, sun share and fresh air against the coil; mass: everything slow behind it. Moisture of the fresh air is a
load on the coil, not a state. Outputs are heat in kW; `coil` is what the water carries away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hil.plant.variables import LITRE_MASS, WATER_CP
from hil.plant.weather import Weather

Profile = tuple[float, ...]

OFFICE: Profile = (
    *(0.18,) * 6, 0.25, 0.45, 0.75, 0.95, 1.0, 1.0,
    0.85, 0.95, 1.0, 1.0, 0.98, 0.9, 0.7, 0.5, 0.38, 0.3, 0.24, 0.2,
)  # fmt: skip
RETAIL: Profile = (
    *(0.12,) * 7, 0.2, 0.3, 0.55, 0.8, 0.9,
    1.0, 0.95, 0.9, 0.9, 0.92, 0.95, 1.0, 1.0, 0.95, 0.8, 0.4, 0.18,
)  # fmt: skip
ROUND_THE_CLOCK: Profile = (0.85,) * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneDesign:
    """One zone. Conductances kW/K, capacities kWh/K, gains kW, aperture m2 of full sun."""

    name: str
    gains: float  # people, light and equipment at their full
    use: Profile
    weekend: float = 0.4  # share of the gains above their night level that is left at weekends
    fresh_air: float  # kW/K sensible, with everybody in
    moisture: float  # kW per K of outdoor dew point above that of the supply air
    aperture: float
    envelope: float  # mass to outside
    inner: float  # mass to air
    air_capacity: float
    mass_capacity: float
    setpoint: float = 25.0

    def occupancy(self, local: datetime) -> float:
        """Share of the full use, 0..1, interpolated between hours."""
        now, after = self.use[local.hour], self.use[(local.hour + 1) % 24]
        share = now + (after - now) * (local.minute * 60 + local.second) / 3600
        low = min(self.use)
        return low + (share - low) * (self.weekend if local.weekday() >= 5 else 1.0)


@dataclass(frozen=True, slots=True)
class ZoneFlows:
    """What crossed the zone's borders in one step, kW."""

    gains: float
    outdoor: float  # in through fresh air, moisture, envelope and sun
    coil: float  # out through the chilled water
    valve: float


class Zone:
    """One zone's two temperatures."""

    COIL_EFFECTIVENESS = 0.75
    BAND = 1.5  # K of throttling range of the coil valve
    SUPPLY_DEW_POINT = 12.0

    def __init__(self, design: ZoneDesign, temperature: float | None = None) -> None:
        start = design.setpoint - 0.5 if temperature is None else temperature
        self.design = design
        self.air = start
        self.mass = start

    @property
    def stored(self) -> float:
        """Heat held above 0 degC, kWh."""
        return self.design.air_capacity * self.air + self.design.mass_capacity * self.mass

    def valve(self, setpoint: float) -> float:
        return min(max((self.air - setpoint) / self.BAND + 0.5, 0.0), 1.0)

    def step(
        self, dt: float, weather: Weather, local: datetime, supply: float, flow: float, setpoint: float
    ) -> ZoneFlows:
        """`supply` degC and `flow` l/s of chilled water offered to this zone's coil."""
        design = self.design
        use = design.occupancy(local)
        valve = self.valve(setpoint)
        offered = self.COIL_EFFECTIVENESS * flow * LITRE_MASS * WATER_CP * (self.air - supply)
        coil = valve * max(offered, 0.0)
        moisture_load = design.moisture * use * max(weather.dew_point - self.SUPPLY_DEW_POINT, 0.0)
        moisture = min(moisture_load, 0.45 * coil)  # what the coil does not dry stays outside this balance
        gains = design.gains * use
        sun = design.aperture * weather.irradiance / 1e3
        fresh = design.fresh_air * use * (weather.dry_bulb - self.air)
        envelope = design.envelope * (weather.dry_bulb - self.mass)
        inner = design.inner * (self.mass - self.air)
        hours = dt / 3600.0
        self.air += (gains + fresh + 0.4 * sun + inner + moisture - coil) * hours / design.air_capacity
        self.mass += (envelope + 0.6 * sun - inner) * hours / design.mass_capacity
        return ZoneFlows(gains, fresh + envelope + sun + moisture, coil, valve)


def demo_zones() -> Sequence[ZoneDesign]:
    """Two office blocks, shops and a part that is used round the clock; about 1.7 MW on a summer afternoon.

    Gains of 90 W/m2 over 9,000 m2 at full use and 30 m3/h of fresh air a person are ordinary for such a mix.
    """

    def zone(name: str, share: float, use: Profile, weekend: float) -> ZoneDesign:
        return ZoneDesign(
            name=name,
            gains=1000.0 * share,
            use=use,
            weekend=weekend,
            fresh_air=22.0 * share,
            moisture=32.0 * share,
            aperture=380.0 * share,
            envelope=14.0 * share,
            inner=120.0 * share,
            air_capacity=90.0 * share,
            mass_capacity=900.0 * share,
        )

    return (
        zone("zone_1", 0.32, OFFICE, 0.3),
        zone("zone_2", 0.28, OFFICE, 0.3),
        zone("zone_3", 0.28, RETAIL, 1.1),
        zone("zone_4", 0.12, ROUND_THE_CLOCK, 1.0),
    )
