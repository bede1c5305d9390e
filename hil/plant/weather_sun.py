"""The sun over a place and what it sends onto a plane.

Position: the low-precision formulas of the Astronomical Almanac, section C (0.01 degrees between 1950 and 2050). Split
into beam and diffuse: Erbs, Klein and Duffie 1982, Solar Energy 28(4). Tilted planes: Hay and Davies 1980, as in Duffie
and Beckman, Solar Engineering of Thermal Processes, 4th ed., eq. 2.16.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, atan2, cos, degrees, pi, radians, sin
from typing import NamedTuple

SOLAR_CONSTANT = 1361.0  # W/m2 (Kopp and Lean 2011)
_RADIAN = pi / 180.0
_TURN = 2.0 * pi


class Sun(NamedTuple):
    """Where the sun's centre stands, without refraction: degrees, azimuth clockwise from north; W/m2 outside the air."""

    altitude: float
    azimuth: float
    sine: float  # of the altitude
    normal: float  # irradiance on a plane that faces the sun


def sun_at(utc: float, latitude: float, longitude: float) -> Sun:
    """`utc` in seconds since 1970; degrees, north and east positive."""
    days = utc / 86400.0 - 10957.5
    anomaly = (357.528 + 0.9856003 * days) * _RADIAN
    ecliptic = (280.460 + 0.9856474 * days + 1.915 * sin(anomaly) + 0.020 * sin(2.0 * anomaly)) * _RADIAN
    obliquity = (23.439 - 4.0e-7 * days) * _RADIAN
    sine = sin(ecliptic)
    ascension = atan2(cos(obliquity) * sine, cos(ecliptic))
    declination = asin(sin(obliquity) * sine)
    hour = (280.46062 + 360.98564737 * days + longitude) * _RADIAN - ascension
    phi = latitude * _RADIAN
    height = sin(phi) * sin(declination) + cos(phi) * cos(declination) * cos(hour)
    east = -cos(declination) * sin(hour)
    north = sin(declination) * cos(phi) - cos(declination) * cos(hour) * sin(phi)
    distance = 1.00014 - 0.01671 * cos(anomaly) - 0.00014 * cos(2.0 * anomaly)
    return Sun(
        degrees(asin(max(-1.0, min(1.0, height)))),
        degrees(atan2(east, north) % _TURN),
        height,
        SOLAR_CONSTANT / (distance * distance),
    )


def diffuse_share(clearness: float) -> float:
    """Share of the horizontal irradiance that comes from the whole sky."""
    k = clearness
    if k <= 0.22:
        return 1.0 - 0.09 * k
    if k <= 0.8:
        return 0.9511 + k * (-0.1604 + k * (4.388 + k * (-16.638 + k * 12.336)))
    return 0.165


class Sky(NamedTuple):
    """Sunshine at one instant, W/m2: facing the sun, and from the whole sky on the horizontal."""

    sun: Sun
    beam: float
    diffuse: float

    @property
    def horizontal(self) -> float:
        return self.beam * max(self.sun.sine, 0.0) + self.diffuse


@dataclass(frozen=True, slots=True)
class Plane:
    """A window, a wall, a module. `tilt` 0 looks up, 90 is upright; `azimuth` clockwise from north."""

    tilt: float = 90.0
    azimuth: float = 180.0

    def incidence(self, sun: Sun) -> float:
        """Cosine of the angle between the plane's normal and the sun; 0 when the sun is behind it or down."""
        if sun.sine <= 0.0:
            return 0.0
        tilt = radians(self.tilt)
        flat = cos(radians(sun.altitude)) * cos(radians(sun.azimuth - self.azimuth))
        return max(sun.sine * cos(tilt) + flat * sin(tilt), 0.0)

    def receives(self, sky: Sky, albedo: float = 0.2) -> tuple[float, float]:
        """W/m2 of direct and of diffuse (sky and ground) light."""
        cosine = self.incidence(sky.sun)
        seen = (1.0 + cos(radians(self.tilt))) / 2.0
        anisotropy = min(sky.beam / sky.sun.normal, 1.0)
        # a low sun would make the circumsolar part endless: as usual it is held at 5 degrees
        circumsolar = anisotropy * cosine / max(sky.sun.sine, 0.0872) if cosine > 0.0 else 0.0
        around = sky.diffuse * (circumsolar + (1.0 - anisotropy) * seen)
        return sky.beam * cosine, around + albedo * sky.horizontal * (1.0 - seen)
