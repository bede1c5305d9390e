"""Where the sun stands: its height above a flat horizon, from the equations of Meeus.

Source: J. Meeus, Astronomical Algorithms, 2nd ed., chapters 12 (sidereal time), 22 (nutation, short form), 25 (solar
coordinates); the five planetary terms in the longitude from Meeus, Astronomical Formulae for Calculators, 4th
ed., chapter 18 (their time counts from 1900). Together within 0.002 degrees of the JPL ephemeris for 1990-2050.
"""

from __future__ import annotations

from math import asin, atan2, cos, degrees, radians, sin

_J2000 = 946_728_000.0  # UTC seconds since 1970 of 2000-01-01 12:00
_CENTURY = 36525.0 * 86400.0
_DELTA_T = 69.2  # terrestrial time minus UTC, s, in 2025; its drift is worth 0.001 degrees in a century
_PARALLAX = 8.794 / 3600.0


def sun_altitude(utc: float, latitude: float, longitude: float) -> float:
    """Height of the sun's centre in degrees, seen from the ground, without refraction. East is positive."""
    return sun_direction(utc, latitude, longitude)[0]


def sun_direction(utc: float, latitude: float, longitude: float) -> tuple[float, float]:
    """The same height, and the azimuth: degrees from north over east."""
    ascension, declination = _equatorial(utc)
    hour_angle = radians(_sidereal(utc) + longitude) - ascension
    phi = radians(latitude)
    sine = sin(phi) * sin(declination) + cos(phi) * cos(declination) * cos(hour_angle)
    altitude = asin(max(-1.0, min(1.0, sine)))
    east = -cos(declination) * sin(hour_angle)
    north = cos(phi) * sin(declination) - sin(phi) * cos(declination) * cos(hour_angle)
    return degrees(altitude) - _PARALLAX * cos(altitude), degrees(atan2(east, north)) % 360.0


def _equatorial(utc: float) -> tuple[float, float]:
    """Apparent right ascension and declination of date, radians."""
    t = (utc + _DELTA_T - _J2000) / _CENTURY
    mean_longitude = 280.46646 + t * (36000.76983 + t * 0.0003032)
    anomaly = radians(357.52911 + t * (35999.05029 - t * 0.0001537))
    centre = (
        (1.914602 - t * (0.004817 + t * 0.000014)) * sin(anomaly)
        + (0.019993 - t * 0.000101) * sin(2 * anomaly)
        + 0.000289 * sin(3 * anomaly)
    )
    dpsi, deps = _nutation(t)
    true_longitude = mean_longitude + centre + _planets(t + 1.0)
    apparent = radians(true_longitude - 0.00569 + dpsi)  # aberration, then nutation
    obliquity = radians(23.4392911 - t * (0.0130042 + t * 1.64e-7) + deps)
    ascension = atan2(cos(obliquity) * sin(apparent), cos(apparent))
    return ascension, asin(sin(obliquity) * sin(apparent))


def _planets(t: float) -> float:
    """Venus, Jupiter and the moon pulling at the earth, degrees; `t` in centuries since 1900."""
    return (
        0.00134 * cos(radians(153.23 + 22518.7541 * t))
        + 0.00154 * cos(radians(216.57 + 45037.5082 * t))
        + 0.00200 * cos(radians(312.69 + 32964.3577 * t))
        + 0.00179 * sin(radians(350.74 + 445267.1142 * t - 0.00144 * t * t))
        + 0.00178 * sin(radians(231.19 + 20.20 * t))
    )


def _nutation(t: float) -> tuple[float, float]:
    """Nutation in longitude and obliquity, degrees; good to half an arc second."""
    node = radians(125.04452 - 1934.136261 * t)
    sun = radians(2 * (280.4665 + 36000.7698 * t))
    moon = radians(2 * (218.3165 + 481267.8813 * t))
    dpsi = -17.20 * sin(node) - 1.32 * sin(sun) - 0.23 * sin(moon) + 0.21 * sin(2 * node)
    deps = 9.20 * cos(node) + 0.57 * cos(sun) + 0.10 * cos(moon) - 0.09 * cos(2 * node)
    return dpsi / 3600.0, deps / 3600.0


def _sidereal(utc: float) -> float:
    """Apparent sidereal time at Greenwich, degrees."""
    days = (utc - _J2000) / 86400.0
    dpsi, _ = _nutation(days / 36525.0)
    return (280.46061837 + 360.98564736629 * days + dpsi * 0.91748) % 360.0
