"""The terrain around a place: how high it stands in every direction, and when the sun goes behind it.

A skyline is entered by azimuth, or computed from points of a ridge (height above the lamps and distance; three are enough for a
valley's side). It moves sunrise and sunset only: civil twilight is the light of the whole sky, which a ridge hardly takes.

Refraction: Bennett 1982, The Calculation of Astronomical Refraction in Marine Navigation, Journal of Navigation 35(2);
scaled so that a flat horizon gives the 34' of agent.calc.sun. Curvature with the surveyors' mean refraction of 0.13.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, degrees, radians, tan

from agent.calc.sun_position import sun_direction
from agent.calc.sun_solver import Spot

EARTH = 6_371_000.0  # m
HIGHEST = 60.0  # degrees
LONGEST_SHADE = 2 * 3600.0
"""A ridge moves an edge of the night by no more than this (s): under a bright sky a hidden sun is no reason to light lamps."""

_REFRACTION = 0.13  # share of the earth's curvature that refraction of a sight line takes back
_RADIUS = 16.0 / 60.0  # of the sun, degrees
_STEP = 60.0
_PRECISION = 0.5


@dataclass(frozen=True, slots=True)
class Skyline:
    """Heights in degrees by azimuth (degrees from north over east), joined by straight lines all the way round."""

    heights: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for a height that no terrain has, or two at one azimuth."""
        marks = tuple(sorted((azimuth % 360.0, height) for azimuth, height in self.heights))
        for azimuth, height in marks:
            if not 0.0 <= height <= HIGHEST:
                raise ValueError(
                    f"terrain of {height:g} degrees at {azimuth:g}: 0 to {HIGHEST:g} is possible"
                )
        if len({azimuth for azimuth, _ in marks}) < len(marks):
            raise ValueError("two heights of the terrain stand at one azimuth")
        object.__setattr__(self, "heights", marks)

    def __bool__(self) -> bool:
        return any(height > 0.0 for _, height in self.heights)

    def at(self, azimuth: float) -> float:
        """Degrees above the flat horizon."""
        marks = self.heights
        if not marks:
            return 0.0
        azimuth %= 360.0
        place = bisect_right(marks, (azimuth, float("inf")))
        (left, low), (right, high) = marks[place - 1], marks[place % len(marks)]
        width = (right - left) % 360.0 or 360.0
        return low + (high - low) * ((azimuth - left) % 360.0) / width


FLAT = Skyline()


def ridge_skyline(points: Iterable[tuple[float, float, float]]) -> Skyline:
    """Of points of one ridge: azimuth (degrees), height above the lamps and distance (m). Beside its ends the land is flat.

    Raises ValueError for points that are no ridge.
    """
    marks = []
    for azimuth, above, distance in points:
        if not 10.0 <= distance <= 300_000.0 or not -9_000.0 <= above <= 9_000.0:
            raise ValueError(f"{above:g} m at a distance of {distance:g} m is no point of a ridge")
        marks.append((azimuth % 360.0, max(0.0, elevation_angle(above, distance))))
    if not marks:
        return Skyline()
    marks.sort()
    # the ridge begins behind the widest gap between two of its points
    gaps = [(marks[n][0] - marks[n - 1][0]) % 360.0 or 360.0 for n in range(len(marks))]
    first = gaps.index(max(gaps))
    ends = [] if max(gaps) <= 2.0 else [(marks[first][0] - 1.0, 0.0), (marks[first - 1][0] + 1.0, 0.0)]
    return Skyline((*marks, *ends))


def make_skyline(
    heights: tuple[tuple[float, float], ...], ridge: tuple[tuple[float, float, float], ...]
) -> Skyline:
    """Of what was entered, one way or the other. Raises ValueError."""
    if heights and ridge:
        raise ValueError("give the terrain by its heights (horizon) or by points of a ridge, not both")
    return ridge_skyline(ridge) if ridge else Skyline(heights)


def elevation_angle(above: float, distance: float) -> float:
    """Degrees under which something `above` m higher than the eye stands, `distance` m away, on a round earth."""
    drop = (1.0 - _REFRACTION) * distance * distance / (2.0 * EARTH)
    return degrees(atan2(above - drop, distance))


def shaded(utc: float, spot: Spot, skyline: Skyline) -> bool:
    """Whether the whole disc of the sun is hidden by the terrain (or the flat horizon)."""
    altitude, azimuth = sun_direction(utc, spot.latitude, spot.longitude)
    height = skyline.at(azimuth)
    return altitude < height - _refraction(height) - _RADIUS


@lru_cache(maxsize=1024)
def behind_terrain(flat: float, spot: Spot, skyline: Skyline, *, rising: bool) -> float:
    """UTC seconds of the visible sunrise (first sight) or sunset (last sight); `flat`: the one over a flat horizon."""
    if not skyline or skyline.at(sun_direction(flat, spot.latitude, spot.longitude)[1]) <= 0.0:
        return flat
    hidden = flat
    for minutes in range(1, round(LONGEST_SHADE / _STEP) + 1):
        seen = flat + minutes * (_STEP if rising else -_STEP)
        if not shaded(seen, spot, skyline):
            return _edge(hidden, seen, spot, skyline)
        hidden = seen
    return hidden


def _edge(hidden: float, seen: float, spot: Spot, skyline: Skyline) -> float:
    while abs(seen - hidden) > _PRECISION:
        middle = (hidden + seen) / 2.0
        if shaded(middle, spot, skyline):
            hidden = middle
        else:
            seen = middle
    return hidden


def _refraction(apparent: float) -> float:
    """Degrees by which the air lifts what stands at an apparent height (degrees)."""
    bennett = 1.0 / tan(radians(apparent + 7.31 / (apparent + 4.4))) / 60.0
    return bennett * 34.0 / 34.478
