"""Weather from monthly statistics: hourly means by month, and a day-to-day wander of the right size and memory.

Deterministic: the same seed and instant always give the same weather, so a run can be repeated from any point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import atan, exp, sqrt
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Weather:
    """Outdoor air at one instant: degC, degC, %, W/m2 on the horizontal, degC."""

    dry_bulb: float
    dew_point: float
    humidity: float
    irradiance: float
    wet_bulb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Climate:
    """Monthly statistics of one place. Tables are [month][hour of local standard time]."""

    dry_bulb: tuple[tuple[float, ...], ...]
    dew_point: tuple[tuple[float, ...], ...]
    irradiance: tuple[tuple[float, ...], ...]
    daily_deviation: tuple[float, ...]
    persistence: float
    utc_offset: timedelta

    @staticmethod
    def from_mapping(data: Mapping[str, Any]) -> Climate:
        """From data/shenzhen_weather.json."""

        def table(key: str) -> tuple[tuple[float, ...], ...]:
            return tuple(tuple(row) for row in data[key])

        return Climate(
            dry_bulb=table("dry_bulb"),
            dew_point=table("dew_point"),
            irradiance=table("horizontal_irradiance"),
            daily_deviation=tuple(data["daily_deviation"]),
            persistence=data["persistence"],
            utc_offset=timedelta(hours=data["utc_offset_hours"]),
        )

    def local(self, utc: float) -> datetime:
        """Local standard time of this place."""
        return datetime.fromtimestamp(utc, UTC) + self.utc_offset

    def at(self, utc: float, seed: int = 0) -> Weather:
        """The weather at `utc` (seconds since 1970)."""
        local = self.local(utc)
        day = local.toordinal()
        part = (local.hour * 60 + local.minute) / 1440 + local.second / 86400
        wander = (1.0 - part) * _wander(seed, day, self.persistence) + part * _wander(
            seed, day + 1, self.persistence
        )
        shift = wander * self.daily_deviation[local.month - 1]
        dry = _interpolate(self.dry_bulb, local) + shift
        dew = min(_interpolate(self.dew_point, local) + 0.6 * shift, dry - 0.2)
        humidity = 100.0 * vapour_pressure(dew) / vapour_pressure(dry)
        sun = max(_interpolate(self.irradiance, local), 0.0)
        return Weather(dry, dew, humidity, sun, wet_bulb(dry, humidity))


def vapour_pressure(temperature: float) -> float:
    """Saturation vapour pressure in hPa over water (Magnus form, WMO No. 8 annex 4.B)."""
    return 6.112 * exp(17.62 * temperature / (243.12 + temperature))


def wet_bulb(dry: float, humidity: float) -> float:
    """Wet bulb in degC from dry bulb and relative humidity in % (Stull 2011, J. Appl. Meteor. 50, eq. 1)."""
    rh = min(max(humidity, 5.0), 99.0)
    return (
        dry * atan(0.151977 * sqrt(rh + 8.313659))
        + atan(dry + rh)
        - atan(rh - 1.676331)
        + 0.00391838 * rh * sqrt(rh) * atan(0.023101 * rh)
        - 4.686035
    )


def _interpolate(table: Sequence[Sequence[float]], local: datetime) -> float:
    """Between hourly means, which stand for the middle of their hour."""
    position = local.hour + local.minute / 60 + local.second / 3600 - 0.5
    first = int(position // 1)
    share = position - first
    row = table[local.month - 1]
    return (1.0 - share) * row[first % 24] + share * row[(first + 1) % 24]


@lru_cache(maxsize=64)
def _wander(seed: int, day: int, persistence: float) -> float:
    """A first-order autoregressive normal series, rebuilt from its last 20 innovations."""
    spread = sqrt(1.0 - persistence**2)
    return sum(
        persistence**back * spread * max(min(Random(f"{seed}/{day - back}").gauss(0.0, 1.0), 2.0), -2.0)
        for back in range(20)
    )
