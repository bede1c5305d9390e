"""Weather from published monthly statistics, so that nothing has to be downloaded: any year, any number of years.

Day to day the air warms and cools and the sky clears as a first-order autoregressive series of the size and memory that
were measured; within the day temperature follows the daily-range profile of ASHRAE Handbook Fundamentals (2009) chapter 14
table 6, sunshine that of Collares-Pereira and Rabl (1979, Solar Energy 22) with passing clouds. A counter-based generator:
a day depends only on seed, place and date, never on what was asked before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import acos, cos, pi, radians, sin, sqrt, tan
from random import Random
from typing import Any

from hil.plant.climate_noise import clearness_curve, correlated, normal
from hil.plant.climate_tables import MonthTable
from hil.plant.weather import Hours, Place, Weather, local_time, sunny_hours, weather_at
from hil.plant.weather_air import dew_point_of, vapour_pressure
from hil.plant.weather_sun import SOLAR_CONSTANT, diffuse_share

# Share of the daily range below the maximum at 1:00 ... 24:00 (ASHRAE).
_PROFILE = (
    0.88, 0.92, 0.95, 0.98, 1.0, 0.98, 0.91, 0.74, 0.55, 0.38, 0.23, 0.13,
    0.05, 0.0, 0.0, 0.06, 0.14, 0.24, 0.39, 0.50, 0.59, 0.68, 0.75, 0.82,
)  # fmt: skip
_MEAN = sum(_PROFILE) / 24.0
_EPOCH = date(1970, 1, 1).toordinal()
_CLEAREST = 0.8  # hourly clearness of very clean air


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyStatistics:
    """What is published of a place, by month. Units as in data/weather_statistics.json."""

    place: Place
    dry_bulb: tuple[float, ...]
    daily_range: tuple[float, ...]
    dew_point: tuple[float, ...]
    clearness: tuple[float, ...]  # daily irradiation as a share of that outside the air
    daily_deviation: tuple[float, ...]
    clearness_deviation: tuple[float, ...]
    persistence: float
    clearness_persistence: float
    extremes: tuple[float, float]
    wind: float

    @staticmethod
    def from_mapping(data: Mapping[str, Any]) -> MonthlyStatistics:
        """One place of data/weather_statistics.json. Raises KeyError for what is missing."""
        place = Place(
            latitude=data["latitude"],
            longitude=data["longitude"],
            altitude=data["altitude"],
            utc_offset=timedelta(hours=data["utc_offset_hours"]),
        )
        dry = tuple(data["dry_bulb"])
        return MonthlyStatistics(
            place=place,
            dry_bulb=dry,
            daily_range=tuple(data["daily_range"]),
            dew_point=tuple(data["dew_point"]) if "dew_point" in data else _dew_points(dry, data),
            clearness=_clearness(place.latitude, data),
            daily_deviation=tuple(data["daily_deviation"]),
            clearness_deviation=tuple(data["clearness_deviation"]),
            persistence=data["persistence"],
            clearness_persistence=data["clearness_persistence"],
            extremes=(data["extremes"][0], data["extremes"][1]),
            wind=data["wind"],
        )


def outside_the_air(latitude: float, day: int) -> float:
    """KWh/m2 of a day on the horizontal outside the air; `day` of the year (Duffie and Beckman eq. 1.10.3)."""
    declination = radians(23.45) * sin(2.0 * pi * (284 + day) / 365.0)
    phi = radians(latitude)
    sunset = _sunset(phi, declination)
    distance = 1.0 + 0.033 * cos(2.0 * pi * day / 365.0)
    return (
        24.0 / pi * SOLAR_CONSTANT / 1e3 * distance
        * (cos(phi) * cos(declination) * sin(sunset) + sunset * sin(phi) * sin(declination))
    )  # fmt: skip


def _sunset(phi: float, declination: float) -> float:
    return acos(max(-1.0, min(1.0, -tan(phi) * tan(declination))))


def _dew_points(dry: Sequence[float], data: Mapping[str, Any]) -> tuple[float, ...]:
    # the mean of a day's humidity lies above that of its mean temperature: 1.5 % of it at usual ranges
    pairs = zip(dry, data["relative_humidity"], strict=True)
    return tuple(dew_point_of(0.985 * humidity / 100.0 * vapour_pressure(mean)) for mean, humidity in pairs)


def _clearness(latitude: float, data: Mapping[str, Any]) -> tuple[float, ...]:
    if "sunshine" in data:
        return tuple(0.19 + 0.54 * share for share in data["sunshine"])
    middles = (17, 47, 75, 105, 135, 162, 198, 228, 258, 288, 318, 344)  # Klein's mean days
    return tuple(
        irradiation / outside_the_air(latitude, day)
        for irradiation, day in zip(data["horizontal_irradiation"], middles, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Day:
    """What noise makes of one day: wander at its midnights, range in K, clearness."""

    start: float
    end: float
    range: float
    clearness: float


class StatisticalClimate:
    """Weather of one place from its monthly statistics. Fulfils `Climate`."""

    def __init__(self, statistics: MonthlyStatistics) -> None:
        self.statistics = statistics
        self.place = statistics.place
        self._dry = MonthTable(statistics.dry_bulb)
        self._dew = MonthTable(statistics.dew_point)
        self._spread = MonthTable(statistics.daily_deviation)
        self._curves = [
            clearness_curve(mean, deviation)
            for mean, deviation in zip(statistics.clearness, statistics.clearness_deviation, strict=True)
        ]
        self._hours = lru_cache(maxsize=8)(self._make_hours)
        self._day = lru_cache(maxsize=16)(self._make_day)
        self._suns = lru_cache(maxsize=8)(lambda midnight: sunny_hours(self.place, midnight))
        self._shift = self.place.utc_offset.total_seconds()

    @property
    def utc_offset(self) -> timedelta:
        return self.place.utc_offset

    def local(self, utc: float) -> datetime:
        return local_time(utc, self.place.utc_offset)

    def at(self, utc: float, seed: int = 0) -> Weather:
        day = int((utc + self._shift) // 86400.0)
        return weather_at(self._hours(seed, day), self.place, utc)

    def _make_day(self, seed: int, day: int) -> _Day:
        """`day` counts local days since 1970."""
        facts = self.statistics
        # the mean of a day lies between its two midnights: spread and memory of these follow from the measured ones
        memory = 2.0 * facts.persistence - 1.0
        wider = sqrt(2.0 / (1.0 + memory))
        start, end = (wider * correlated(seed, "air", one, memory) for one in (day, day + 1))
        sky = correlated(seed, "sky", day, facts.clearness_persistence)
        warm = (start + end) / 2.0
        month = date.fromordinal(day + _EPOCH).month - 1
        # warm days are sunny ones: correlation 0.4 (0.3 to 0.6 in the files of Shenzhen, Singapore and Shanghai)
        clearness = self._curves[month](0.4 * warm + 0.917 * sky)
        mean = facts.clearness[month]
        swing = 1.0 + 0.5 * max(min((clearness - mean) / mean, 1.0), -1.0)
        return _Day(start, end, facts.daily_range[month] * swing * _NARROWER, clearness)

    def _make_hours(self, seed: int, day: int) -> Hours:
        midnight = day * 86400.0 - self._shift
        dry, dew = self._temperatures(seed, day)
        suns = self._suns(midnight)
        clear = self._clear_hours(seed, day, suns)
        share = [k * (1.0 - diffuse_share(k)) for k in clear]
        cloud = [cloudiness(k) for k in clear]
        wind = self.statistics.wind * (0.75 + 0.5 * Random(f"{seed}/wind/{day}").random())
        return Hours(
            midnight=midnight,
            dry=dry,
            dew=dew,
            clear=_ends(clear),
            beam=_ends(share),
            cloud=_ends(cloud),
            wind=(wind,) * 26,
            pressure=self.place.pressure,
        )

    def _temperatures(self, seed: int, day: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        before, today, after = (self._day(seed, one) for one in (day - 1, day, day + 1))
        calendar = date.fromordinal(day + _EPOCH)
        low, high = self.statistics.extremes
        dry, dew = [], []
        for hour in range(25):
            part = hour / 24.0
            other = before if hour < 12 else after
            width = today.range + (other.range - today.range) * abs(part - 0.5)
            mean = self._dry.at(calendar, part)
            wander = self._spread.at(calendar, part) * (today.start + part * (today.end - today.start))
            value = mean + wander + width * (_MEAN - _PROFILE[(hour - 1) % 24])
            dry.append(min(max(value, low), high))
            damp = self._dew.at(calendar, part) + _follows(mean) * wander
            damp += _own(mean) * (normal_between(seed, day, part))
            dew.append(min(damp, dry[-1] - 0.2))
        return tuple(dry), tuple(dew)

    def _clear_hours(self, seed: int, day: int, suns: Sequence[tuple[float, float]]) -> list[float]:
        """Clearness of each hour: the day's, shaped by the height of the sun, with passing clouds."""
        clearness = self._day(seed, day).clearness
        most = max(top for top, _ in suns)
        if most <= 0.0:
            return [clearness] * 24
        random = Random(f"{seed}/cloud/{day}")
        unsettled = 0.35 * (1.0 - abs(2.0 * clearness / 0.75 - 1.0))
        passing, shape = 0.0, []
        for top, _ in suns:
            passing = 0.6 * passing + 0.8 * random.gauss(0.0, 1.0)
            shape.append((0.75 + 0.25 * top / most) * max(1.0 + unsettled * passing, 0.2))
        wanted = clearness * sum(top for top, _ in suns)
        for _ in range(3):  # what the clearest hours cannot hold goes to the others
            given = sum(top * min(one, _CLEAREST) for one, (top, _) in zip(shape, suns, strict=True))
            shape = [min(one, _CLEAREST) * wanted / given for one in shape]
        return [min(one, _CLEAREST) for one in shape]


_NARROWER = (
    0.93  # the mean profile's range is smaller than the mean of daily ranges, which noise and change widen
)


def cloudiness(clearness: float) -> float:
    """Covered share of the sky (Kasten and Czeplak 1980, Solar Energy 24: global = clear * (1 - 0.75 N**3.4))."""
    covered = (1.0 - min(clearness / 0.72, 1.0)) / 0.75
    return float(min(covered, 1.0) ** (1.0 / 3.4))


def _follows(mean: float) -> float:
    """K of dew point that come with one K of a warm spell: monsoon winters 1.1-1.3, tropical summers 0.2-0.4."""
    return min(max(1.1 - 0.07 * (mean - 16.0), 0.3), 1.1)


def _own(mean: float) -> float:
    """K by which the dew point wanders by itself at midnight: 1 in the tropics, 4 in a cold winter."""
    return min(max(4.2 - 0.11 * mean, 1.1), 4.0)


def normal_between(seed: int, day: int, part: float) -> float:
    """The dew point's own wander between two midnights."""
    return (1.0 - part) * normal(seed, "dew", day) + part * normal(seed, "dew", day + 1)


def _ends(values: Sequence[float]) -> tuple[float, ...]:
    return (values[0], *values, values[-1])
