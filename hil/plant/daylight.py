"""Daylight in an office, row by row from the window: the split-flux (daylight factor) method.

Sources: CIE S 003 / ISO 15469 overcast sky L = Lz (1 + 2 sin h) / 3, whose vertical share is 0.396 of the horizontal;
internally reflected light by the BRE split-flux formula (Hopkinson, Petherbridge and Longmore 1966, Daylighting, chapter
6); luminous efficacies from Littlefair 1985 (Lighting Research and Technology 17): overcast 115, clear sky 130, sun 95 lm/W.
The sky part of each row is the integral of the sky's luminance over the window, done once.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, cos, pi, radians, sin, sqrt

from hil.plant.weather import Weather
from hil.plant.weather_sun import Plane

SKY_EFFICACY = 120.0  # lm/W of diffuse light: between overcast and clear
SUN_EFFICACY = 95.0
VERTICAL_SHARE = 0.396  # vertical over horizontal illuminance under the overcast sky
_STEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Glazing:
    """A window band in the middle of one wall: m; `sill` above the desks (which are 0.75 m above the floor)."""

    width: float
    height: float
    plane: Plane
    sill: float = 0.15
    transmittance: float = 0.6  # of light, with dirt and frame

    @property
    def area(self) -> float:
        return self.width * self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomShape:
    """The room behind it: m; mean reflectances of floor and lower walls, ceiling and upper walls, and of all."""

    width: float
    depth: float
    height: float = 2.8
    lower: float = 0.3
    upper: float = 0.65
    mean: float = 0.5
    outside: float = 39.0  # BRE's C for an unobstructed window, lx per 100 lx outside

    @property
    def surface(self) -> float:
        return 2.0 * (self.width * self.depth + self.height * (self.width + self.depth))


def sky_component(glazing: Glazing, distance: float) -> float:
    """Share of the horizontal illuminance under the overcast sky that comes straight from the sky to a desk.

    The desk stands `distance` m from the middle of the window.
    """
    total = 0.0
    wide, high = glazing.width / _STEPS, glazing.height / _STEPS
    for row in range(_STEPS):
        up = glazing.sill + (row + 0.5) * high
        for column in range(_STEPS):
            aside = -glazing.width / 2.0 + (column + 0.5) * wide
            square = distance * distance + aside * aside + up * up
            sine = up / sqrt(square)
            luminance = (1.0 + 2.0 * sine) / 3.0  # of the zenith's
            solid = wide * high * distance / (square * sqrt(square))
            total += luminance * sine * solid
    return total / (7.0 * pi / 9.0)


def uniform_sky_component(glazing: Glazing, distance: float) -> float:
    """Likewise under a sky of equal luminance, for a window from desk height up: the known closed form."""
    half, high = glazing.width / 2.0, glazing.height
    slant = sqrt(distance * distance + high * high)
    return (atan(half / distance) - distance / slant * atan(half / slant)) / pi


def reflected_component(glazing: Glazing, room: RoomShape) -> float:
    """BRE: 0.85 W / (A (1 - R)) * (C Rfw + 5 Rcw), as a share of the horizontal illuminance; glass not counted."""
    area = 0.85 * glazing.area / (room.surface * (1.0 - room.mean))
    return area * (room.outside * room.lower + 5.0 * room.upper) / 100.0


class Daylight:
    """What comes through one window band to rows of desks, with blinds from 0 (up) to 100 % (down, closed)."""

    BLIND_TRANSMITTANCE = 0.12  # light slats, closed enough to stop the sun (Littlefair 1999: 0.1-0.2)

    def __init__(self, glazing: Glazing, room: RoomShape, rows: tuple[float, ...]) -> None:
        """`rows`: distances of the desks from the window, m."""
        self.glazing = glazing
        self.room = room
        self.rows = rows
        inside = reflected_component(glazing, room)
        self.factors = tuple(
            glazing.transmittance * (sky_component(glazing, distance) + inside) for distance in rows
        )
        # light of the sun that has come in: scattered once by floor and lower walls, then like the rest
        self._spread = glazing.transmittance * glazing.area * room.lower / (room.surface * (1.0 - room.mean))

    def facade(self, weather: Weather) -> tuple[float, float]:
        """Lx on the outside of the glass: of the sun, and of sky and ground."""
        if weather.irradiance <= 0.0:
            return 0.0, 0.0
        direct, around = self.glazing.plane.receives(weather.sky)
        return SUN_EFFICACY * direct, SKY_EFFICACY * around

    def illuminance(self, weather: Weather, blind: float) -> tuple[float, ...]:
        """Lx on the desks of each row by daylight alone; `blind` 0..100 % of the window covered."""
        sun, around = self.facade(weather)
        if around <= 0.0:
            return (0.0,) * len(self.rows)
        covered = blind / 100.0
        sky = (
            around / VERTICAL_SHARE
        )  # the horizontal illuminance of an overcast sky that is as bright on the window
        open_part = (1.0 - covered) + covered * self.BLIND_TRANSMITTANCE
        scattered = (
            sun * self._spread * (1.0 - covered) + covered * self.BLIND_TRANSMITTANCE * sun * self._spread
        )
        return tuple(factor * sky * open_part + scattered for factor in self.factors)


def sun_depth(glazing: Glazing, weather: Weather) -> float:
    """How far the sun reaches into the room at desk height, m: its profile angle against the window's head."""
    sun = weather.sun
    if glazing.plane.incidence(sun) <= 0.0:
        return 0.0
    facing = cos(radians(sun.azimuth - glazing.plane.azimuth))
    steep = sin(radians(sun.altitude)) / max(cos(radians(sun.altitude)) * facing, 1e-6)
    return (glazing.sill + glazing.height) / max(steep, 0.02)
