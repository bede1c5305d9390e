"""Clouds over the street lamps: cover that wanders through the day, and now and then a storm at noon.

Each day is drawn from the seed and its date alone, knots of ten minutes joined by straight lines, so that the sky is the
same for every step size. Where a weather model knows the cloud cover, hand that in instead (`StreetLighting(sky=...)`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import cos, exp, log, pi
from random import Random
from typing import Protocol

from hil.plant.lighting_sky import SkyState
from hil.plant.weather import Climate

KNOT = 600.0  # s
_KNOTS = 144


class Sky(Protocol):
    """Whoever knows the clouds."""

    def at(self, utc: float) -> SkyState: ...


@dataclass(frozen=True, slots=True)
class ClearSky:
    """Never a cloud: for astronomical comparisons."""

    def at(self, utc: float) -> SkyState:
        del utc
        return SkyState()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clouds:
    """Seeded clouds. `storms` a year at one place, most of them between 11 and 18 o'clock in the warm half of the year.

    50 thunderstorm days a year are usual in the south of China (20-30 in the north; climatological atlases). Under a
    deep storm cloud between 0.5 and 20 % of the light of the overcast sky is left (assumed, log-uniform).
    """

    seed: int
    utc_offset: float = 8 * 3600.0
    mean: float = 0.6  # cover of the year; 0.5-0.7 over most of China
    storms: float = 50.0

    def at(self, utc: float) -> SkyState:
        local = utc + self.utc_offset
        day, second = divmod(local, 86400.0)
        place, part = divmod(second / KNOT, 1.0)
        knots = _day(self, int(day))
        ahead = int(place) + 1
        after = knots[ahead] if ahead < _KNOTS else _day(self, int(day) + 1)[0]
        before = knots[int(place)]
        return SkyState(
            before[0] + part * (after[0] - before[0]),
            exp(log(before[1]) + part * (log(after[1]) - log(before[1]))),
        )


@dataclass(frozen=True, slots=True)
class WeatherSky:
    """The cloud cover of a weather model; a storm of `storms` breaks only where half the sky is covered anyway."""

    climate: Climate
    seed: int
    storms: Clouds

    def at(self, utc: float) -> SkyState:
        cover = self.climate.at(utc, self.seed).cloud
        storm = self.storms.at(utc).storm
        return SkyState(1.0, storm) if storm < 1.0 and cover >= 0.5 else SkyState(cover)


@lru_cache(maxsize=16)
def _day(clouds: Clouds, day: int) -> tuple[tuple[float, float], ...]:
    """(cover, share of light that a storm leaves) every ten minutes of a local day."""
    random = Random(f"sky/{clouds.seed}/{day}")
    spread = 1.5
    level = random.betavariate(spread * clouds.mean, spread * (1.0 - clouds.mean))
    cover: list[float] = []
    wander = 0.0
    for _ in range(_KNOTS):
        wander = 0.9 * wander + random.gauss(0.0, 0.08)
        cover.append(min(max(level + wander, 0.0), 1.0))
    light = [1.0] * _KNOTS
    summer = 1.0 - cos(2.0 * pi * ((day + 10) % 365.2425) / 365.2425)  # 0 at the winter solstice, 2 in June
    if random.random() < clouds.storms * summer / 365.2425:
        first = round(random.triangular(11.0, 18.0, 14.0) * 3600.0 / KNOT)
        long = random.randint(2, 6)
        left = exp(random.uniform(log(0.005), log(0.2)))
        for place in range(first, min(first + long, _KNOTS)):
            cover[place], light[place] = 1.0, left
    return tuple(zip(cover, light, strict=True))
