"""The skyline of a place: how high the terrain stands in every direction."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import atan2, degrees, radians, sin

EARTH = 6_371_000.0  # m
_REFRACTION = (
    0.13  # share of the earth's curvature that refraction of a sight line takes back (surveyors' mean)
)


@dataclass(frozen=True, slots=True)
class HorizonProfile:
    """Heights in degrees by azimuth (degrees from north over east), joined by straight lines all the way round."""

    heights: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        ordered = tuple(sorted((azimuth % 360.0, height) for azimuth, height in self.heights))
        object.__setattr__(self, "heights", ordered)

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

    def open_sky(self) -> float:
        """Share of a uniform sky's light that reaches the ground: 1 - mean of sin2(height) (cosine-weighted dome)."""
        steps = 72
        return 1.0 - sum(sin(radians(max(self.at(5.0 * n), 0.0))) ** 2 for n in range(steps)) / steps


def skyline_height(above: float, distance: float) -> float:
    """Degrees under which something `above` m higher than the place stands, `distance` m away, on a round earth."""
    drop = (1.0 - _REFRACTION) * distance * distance / (2.0 * EARTH)
    return degrees(atan2(above - drop, distance))
