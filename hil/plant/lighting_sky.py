"""Daylight on the open ground from the height of the sun, day and twilight, clear to overcast.

Clear: P. K. Seidelmann (ed.), Explanatory Supplement to the Astronomical Almanac (1992), illuminance of the sun by
altitude (after Janiczek and DeYoung, USNO Circular 171, 1987): log10 E = a + b x + c x2 + d x3, x = altitude/90.
Overcast and the share of the direct beam: IES RP-21 (1984), Recommended Practice for the Calculation of Daylight
Availability: sky 0.8 + 15.5 sqrt(sin h) klx clear, 0.3 + 21.0 sin h klx overcast; sun 127.5 exp(-0.21/sin h) klx.
Between them by cloud cover N as global radiation does: 1 - (1 - overcast/clear) N**3.4 (Kasten and Czeplak 1980).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, radians, sin, sqrt

_CLEAR: tuple[tuple[float, tuple[float, float, float, float]], ...] = (
    (20.0, (3.74, 3.97, -4.07, 1.47)),
    (5.0, (3.05, 13.28, -45.98, 64.33)),
    (-0.8, (2.88, 22.26, -207.64, 1034.30)),
    (-5.0, (2.88, 21.81, -258.11, -858.36)),
    (-12.0, (2.70, 12.17, -431.69, -1899.83)),
    (-18.0, (13.84, 262.72, 1447.42, 2797.93)),
)
NIGHT = 0.001  # lx of stars and airglow


@dataclass(frozen=True, slots=True)
class SkyState:
    """What is between sun and ground: covered share of the sky, and what a storm cloud lets through besides."""

    cover: float = 0.0
    storm: float = 1.0


def clear_illuminance(altitude: float) -> float:
    """Lx on the open ground under a clear sky, sun included; `altitude` of the sun's centre in degrees, no refraction."""
    for lowest, (a, b, c, d) in _CLEAR:
        if altitude >= lowest:
            x = altitude / 90.0
            return float(10.0 ** (a + x * (b + x * (c + x * d)))) + NIGHT
    return NIGHT


def direct_share(altitude: float) -> float:
    """Share of the clear illuminance that comes straight from the sun."""
    if altitude <= 0.0:
        return 0.0
    height = sin(radians(altitude))
    sun = 127.5 * exp(-0.21 / height) * height
    return sun / (sun + 0.8 + 15.5 * sqrt(height))


def overcast_share(altitude: float) -> float:
    """Illuminance of the overcast sky as a share of the clear one; in twilight as with the sun on the horizon."""
    height = sin(radians(max(altitude, 0.0)))
    sun = 127.5 * exp(-0.21 / height) * height if height > 0.0 else 0.0
    return (0.3 + 21.0 * height) / (0.8 + 15.5 * sqrt(height) + sun)


def ground_illuminance(altitude: float, skyline: float, open_sky: float, state: SkyState) -> float:
    """Lx on the ground. `skyline` degrees of terrain in the direction of the sun, `open_sky` share of the dome seen."""
    clear = clear_illuminance(altitude)
    beam = clear * direct_share(altitude)
    lit = open_sky * (clear - beam) + (beam if altitude > skyline else 0.0)
    cover = float(state.cover**3.4)
    grey = open_sky * clear * overcast_share(altitude)
    return max(((1.0 - cover) * lit + cover * grey) * state.storm, NIGHT)
