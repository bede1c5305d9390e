"""When the sun passes a height: our own solver, for any place and any span of time.

It samples the height through the span, finds each turning point between samples, and halves every piece in which the
wanted height is crossed. So it misses neither a day that crosses 00:00 UTC nor a sunset of a minute's night.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from agent.calc.sun_position import sun_altitude

_STEP = 3600.0
_PRECISION = 0.25  # seconds
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Spot:
    """A point on the earth, degrees; north and east positive."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90.0 <= self.latitude <= 90.0 and -180.0 <= self.longitude <= 180.0):
            raise ValueError(f"latitude {self.latitude} / longitude {self.longitude} is not a place on earth")

    def altitude(self, utc: float) -> float:
        return sun_altitude(utc, self.latitude, self.longitude)


def crossings(spot: Spot, start: float, end: float, altitude: float, *, rising: bool) -> Iterator[float]:
    """UTC seconds in [start, end) at which the sun's centre passes `altitude` (degrees) upwards or downwards."""
    sign = 1.0 if rising else -1.0
    marks = list(_pieces(spot, start, end))
    for left, right in pairwise(marks):
        below = sign * (spot.altitude(left) - altitude) < 0.0
        if below and sign * (spot.altitude(right) - altitude) >= 0.0:
            yield _halve(spot, left, right, altitude, sign)


def seconds_off(spot: Spot, utc: float, altitude: float, *, rising: bool) -> float:
    """How far `utc` is from the moment the sun passes `altitude`, about; infinite on the wrong slope."""
    sign = 1.0 if rising else -1.0
    rate = sign * (spot.altitude(utc + 30.0) - spot.altitude(utc - 30.0)) / 60.0
    if rate <= 0.0:
        return float("inf")
    return abs(spot.altitude(utc) - altitude) / rate


def turning_point(spot: Spot, left: float, right: float, sign: float) -> float:
    """The highest (sign 1) or lowest (sign -1) stand between two instants, by golden section."""
    while right - left > 1.0:
        low, high = right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
        if sign * spot.altitude(low) >= sign * spot.altitude(high):
            right = high
        else:
            left = low
    return (left + right) / 2.0


def _pieces(spot: Spot, start: float, end: float) -> Iterator[float]:
    """Instants between which the height only rises or only falls."""
    if end <= start:
        return
    count = max(2, round((end - start) / _STEP))
    times = [start + (end - start) * index / count for index in range(count + 1)]
    heights = [spot.altitude(time) for time in times]
    yield start
    for index in range(1, count):
        before, here, after = heights[index - 1 : index + 2]
        if (here >= before and here >= after) or (here <= before and here <= after):
            sign = 1.0 if here >= before else -1.0
            yield turning_point(spot, times[index - 1], times[index + 1], sign)
        else:
            yield times[index]
    yield end


def _halve(spot: Spot, left: float, right: float, altitude: float, sign: float) -> float:
    while right - left > _PRECISION:
        middle = (left + right) / 2.0
        if sign * (spot.altitude(middle) - altitude) < 0.0:
            left = middle
        else:
            right = middle
    return right
