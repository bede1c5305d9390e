"""Weather at an instant, made from the hours of a day whoever knows them: monthly statistics or a weather file.

Temperatures stand at full hours and run straight between them. Sunshine is kept as clearness of the air at half hours
and multiplied with the sun of the very instant, so that a minute after sunrise is dark and a noon of sun is round.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from hil.plant.variables import Outputs, outputs_of
from hil.plant.weather_air import (
    SEA_LEVEL,
    humidity_ratio,
    station_pressure,
    vapour_pressure,
    wet_bulb,
)
from hil.plant.weather_sun import Sky, Sun, sun_at

__all__ = [
    "Climate",
    "Hours",
    "Place",
    "Weather",
    "hottest",
    "local_time",
    "sunny_hours",
    "vapour_pressure",
    "weather_at",
    "weather_outputs",
    "wet_bulb",
]

_NO_SUN = Sun(-90.0, 0.0, -1.0, 1361.0)


class Weather(NamedTuple):
    """Outdoor air at one instant: degC, degC, %, W/m2 on the horizontal, degC; then what only some need."""

    dry_bulb: float
    dew_point: float
    humidity: float
    irradiance: float
    wet_bulb: float
    beam: float = 0.0  # W/m2 facing the sun
    diffuse: float = 0.0  # W/m2 from the whole sky on the horizontal
    cloud: float = 0.5  # share of the sky that is covered
    sun: Sun = _NO_SUN
    wind: float = 2.0  # m/s
    humidity_ratio: float = 0.01  # kg/kg
    pressure: float = SEA_LEVEL  # hPa

    @property
    def sky(self) -> Sky:
        return Sky(self.sun, self.beam, self.diffuse)


class Climate(Protocol):
    """Where weather comes from. The same instant and seed always give the same weather."""

    @property
    def utc_offset(self) -> timedelta:
        """Local standard time less UTC."""
        ...

    def local(self, utc: float) -> datetime:
        """Local standard time of this place."""
        ...

    def at(self, utc: float, seed: int = 0) -> Weather:
        """The weather at `utc` (seconds since 1970)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the weather is: degrees, north and east positive; m above sea level; local standard time less UTC."""

    latitude: float
    longitude: float
    altitude: float
    utc_offset: timedelta

    @property
    def pressure(self) -> float:
        return station_pressure(self.altitude)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """One local day: 25 values at full hours 0..24; 26 at half hours -0:30, 0:30 ... 24:30."""

    midnight: float  # UTC seconds of local 0:00
    dry: tuple[float, ...]
    dew: tuple[float, ...]
    clear: tuple[float, ...]  # horizontal irradiance as a share of that outside the air
    beam: tuple[float, ...]  # irradiance facing the sun, likewise
    cloud: tuple[float, ...]
    wind: tuple[float, ...]
    pressure: float


def local_time(utc: float, offset: timedelta) -> datetime:
    """Local standard time as an aware UTC datetime that shows local clock digits."""
    return datetime.fromtimestamp(utc, UTC) + offset


def weather_at(hours: Hours, place: Place, utc: float) -> Weather:
    """`utc` must lie in the day of `hours`."""
    position = (utc - hours.midnight) / 3600.0
    hour = min(int(position), 23)
    share = position - hour
    dry = hours.dry[hour] + share * (hours.dry[hour + 1] - hours.dry[hour])
    dew = min(hours.dew[hour] + share * (hours.dew[hour + 1] - hours.dew[hour]), dry)
    half = min(int(position + 0.5), 24)
    part = position + 0.5 - half
    cloud = hours.cloud[half] + part * (hours.cloud[half + 1] - hours.cloud[half])
    wind = hours.wind[half] + part * (hours.wind[half + 1] - hours.wind[half])
    sun = sun_at(utc, place.latitude, place.longitude)
    total = beam = diffuse = 0.0
    if sun.sine > 0.0:
        top = sun.normal * sun.sine
        total = top * (hours.clear[half] + part * (hours.clear[half + 1] - hours.clear[half]))
        beam = sun.normal * (hours.beam[half] + part * (hours.beam[half + 1] - hours.beam[half]))
        beam = min(beam, total / sun.sine)
        diffuse = total - beam * sun.sine
    vapour = vapour_pressure(dew)
    humidity = min(100.0 * vapour / vapour_pressure(dry), 100.0)
    return Weather(
        dry, dew, humidity, total, wet_bulb(dry, humidity, hours.pressure), beam, diffuse, cloud, sun, wind,
        humidity_ratio(vapour, hours.pressure), hours.pressure,
    )  # fmt: skip


def hottest(climate: Climate, utc: float, seed: int = 0) -> float:
    """The highest dry bulb of the local day that holds `utc`, degC: what a weather-triggered tariff asks for."""
    shift = climate.utc_offset.total_seconds()
    midnight = (utc + shift) // 86400.0 * 86400.0 - shift
    return max(climate.at(midnight + 1800.0 * half, seed).dry_bulb for half in range(48))


def weather_outputs(weather: Weather) -> Outputs:
    """The variables of the object `outdoor_air`."""
    return outputs_of(
        "outdoor_air",
        {
            "outdoor_dry_bulb": weather.dry_bulb,
            "outdoor_wet_bulb": weather.wet_bulb,
            "outdoor_humidity": weather.humidity,
            "irradiance": weather.irradiance,
            "cloud_cover": weather.cloud,
        },
    )


def sunny_hours(place: Place, midnight: float) -> tuple[tuple[float, float], ...]:
    """For each hour of the day: mean irradiance outside the air on the horizontal, and share of the hour with sun."""
    result = []
    for hour in range(24):
        suns = [
            sun_at(midnight + 3600.0 * hour + 300.0 + 600.0 * part, place.latitude, place.longitude)
            for part in range(6)
        ]
        up = [sun for sun in suns if sun.sine > 0.0]
        result.append((sum(sun.normal * sun.sine for sun in up) / 6.0, len(up) / 6.0))
    return tuple(result)
