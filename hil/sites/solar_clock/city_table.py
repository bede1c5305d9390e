"""One line a city: what switching by the sun saves against the fixed seasonal timer and the late human, and how exact it is.

The sun's own error is judged by the plant's formulas, not by ours (hil.plant.weather_sun: Astronomical Almanac, 0.01 degrees).
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from agent.calc.sun import sun_day
from hil.plant.street import SUNSET
from hil.plant.weather_sun import sun_at
from hil.ready_site.ready_site import COMPETENT, POLICY, WEAK

if TYPE_CHECKING:
    from hil.sites.solar_clock.cities import CityRow

EVERY = 5  # days of the year between two at which the error is taken


@dataclass(frozen=True, slots=True)
class CityLine:
    """One circuit of one city."""

    city: str
    circuit: str
    against_timer: float  # %
    against_human: float  # %
    minutes: float  # a day less than the timer
    late_seconds: float  # a day, dark though light was needed, morning and evening
    human_late_seconds: float
    error_seconds: float  # largest of the year


def city_lines(
    rows: Sequence[CityRow], power: Mapping[str, float], errors: Mapping[str, float]
) -> Iterator[CityLine]:
    """`power`: kW of each circuit; `errors`: by city."""
    found = {(row.city, row.circuit, row.arm): row for row in rows}
    for city, circuit in dict.fromkeys((row.city, row.circuit) for row in rows):
        timer, human, own = (found[city, circuit, arm] for arm in (WEAK, COMPETENT, POLICY))
        yield CityLine(
            city,
            circuit,
            100.0 * (1.0 - own.kwh / timer.kwh),
            100.0 * (1.0 - own.kwh / human.kwh),
            60.0 * (timer.kwh - own.kwh) / power[circuit],
            own.late_seconds + own.early_off_seconds,
            human.late_seconds + human.early_off_seconds,
            errors[city],
        )


def largest_error(latitude: float, longitude: float, year: int, timezone: str = "Asia/Shanghai") -> float:
    """Seconds between our sunrise and sunset and those of the plant's sun, the worst of the year."""
    worst, day = 0.0, date(year, 1, 1)
    while day.year == year:
        found = sun_day(day, latitude, longitude, timezone)
        for event in (found.sunrise, found.sunset):
            if event is not None:
                worst = max(worst, _seconds_off(event.timestamp(), latitude, longitude))
        day += timedelta(days=EVERY)
    return worst


def _seconds_off(utc: float, latitude: float, longitude: float) -> float:
    here, later = (sun_at(utc + ahead, latitude, longitude).altitude for ahead in (0.0, 60.0))
    return abs((here - SUNSET) / ((later - here) / 60.0))


def show_lines(lines: Sequence[CityLine]) -> None:
    """The cities, and the mean and worst of each circuit."""
    print(
        f"{'city':14}{'circuit':12}{'vs timer':>9}{'vs human':>9}{'min/d less':>11}"
        f"{'late s/d':>9}{'human late':>11}{'error s':>8}"
    )
    for line in lines:
        _show(line)
    for circuit in dict.fromkeys(line.circuit for line in lines):
        same = [line for line in lines if line.circuit == circuit]
        numbers = [[getattr(line, name) for line in same] for name in CityLine.__slots__[2:]]
        _show(CityLine(f"mean of {len(same)}", circuit, *(sum(one) / len(one) for one in numbers)))
        worst = (min(numbers[0]), min(numbers[1]), min(numbers[2]), *(max(one) for one in numbers[3:]))
        _show(CityLine("worst", circuit, *worst))


def _show(line: CityLine) -> None:
    print(
        f"{line.city:14}{line.circuit:12}{line.against_timer:8.2f}%{line.against_human:8.2f}%{line.minutes:11.1f}"
        f"{line.late_seconds:9.1f}{line.human_late_seconds:11.0f}{line.error_seconds:8.1f}"
    )
