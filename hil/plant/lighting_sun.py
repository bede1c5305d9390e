"""Where the sun stands, for light on streets: low-precision formulae, no refraction, good to 0.02 degrees.

Source: J. Meeus, Astronomical Algorithms, 2nd ed., chapter 25 (low accuracy) and 12 (mean sidereal time), which the solar
calculator of NOAA also uses. The physics keep a sun of their own, so that a schedule is not judged by itself.
"""

from __future__ import annotations

from math import asin, atan2, cos, degrees, radians, sin

_J2000 = 946_728_000.0  # UTC seconds since 1970 of 2000-01-01 12:00
_DELTA_T = 69.2  # s, terrestrial time minus UTC in 2025
SUNSET = -0.8333  # degrees: 34' of refraction and 16' of radius (USNO)


def sun_position(utc: float, latitude: float, longitude: float) -> tuple[float, float]:
    """Altitude above a flat horizon and azimuth from north over east, degrees."""
    days = (utc - _J2000) / 86400.0
    t = (days + _DELTA_T / 86400.0) / 36525.0
    anomaly = radians(357.52911 + 35999.05029 * t)
    centre = (
        (1.914602 - 0.004817 * t) * sin(anomaly)
        + (0.019993 - 0.000101 * t) * sin(2.0 * anomaly)
        + 0.000289 * sin(3.0 * anomaly)
    )
    node = radians(125.04 - 1934.136 * t)
    longitude_of_sun = radians(280.46646 + 36000.76983 * t + centre - 0.00569 - 0.00478 * sin(node))
    obliquity = radians(23.439291 - 0.0130042 * t + 0.00256 * cos(node))
    ascension = atan2(cos(obliquity) * sin(longitude_of_sun), cos(longitude_of_sun))
    declination = asin(sin(obliquity) * sin(longitude_of_sun))
    sidereal = 280.46061837 + 360.98564736629 * days - 0.00478 * 0.9175 * sin(node)
    hour = radians(sidereal + longitude) - ascension
    phi = radians(latitude)
    sine = sin(phi) * sin(declination) + cos(phi) * cos(declination) * cos(hour)
    north = sin(declination) * cos(phi) - cos(declination) * sin(phi) * cos(hour)
    east = -cos(declination) * sin(hour)
    return degrees(asin(max(-1.0, min(1.0, sine)))), degrees(atan2(east, north)) % 360.0
