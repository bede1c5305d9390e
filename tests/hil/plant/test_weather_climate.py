"""Made weather has the statistics it was made from, whatever is asked first."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from statistics import correlation, mean, pstdev
from typing import Any

import pytest

from hil.climates import load_climate
from hil.plant.climate import MonthlyStatistics, cloudiness, outside_the_air
from hil.plant.climate_noise import clearness_curve, normal
from hil.plant.climate_tables import MonthTable
from hil.plant.weather import Weather

PLACES: dict[str, Any] = json.loads(files("hil").joinpath("data", "weather_statistics.json").read_text())[
    "places"
]
START = datetime(2014, 12, 31, 16, tzinfo=UTC).timestamp()  # midnight in China and Singapore
YEARS = 6
Days = dict[int, list[list[Weather]]]


def days_by_month(name: str) -> Days:
    climate = load_climate(name)
    result: Days = {month: [] for month in range(1, 13)}
    for number in range(YEARS * 365):
        midnight = START + 86400.0 * number
        day = [climate.at(midnight + 1800.0 + 3600.0 * hour, seed=7) for hour in range(24)]
        result[climate.local(midnight).month].append(day)
    return result


@pytest.fixture(scope="module")
def days_of() -> Callable[[str], Days]:
    """Made once for a place, and let go with this file."""
    return cache(days_by_month)


@pytest.fixture(scope="module", params=sorted(PLACES))
def made(
    request: pytest.FixtureRequest, days_of: Callable[[str], Days]
) -> tuple[dict[str, Any], MonthlyStatistics, Days]:
    data = PLACES[request.param]
    return data, MonthlyStatistics.from_mapping(data), days_of(request.param)


def test_means_ranges_and_spread_of_temperature(made: tuple[dict[str, Any], MonthlyStatistics, Days]) -> None:
    # six years: a monthly mean still wanders by its spread times sqrt(memory 4 / 180 days), so 0.15 of it
    data, _, days = made
    for month, wanted in enumerate(data["dry_bulb"], start=1):
        spread = data["daily_deviation"][month - 1]
        daily = [mean(one.dry_bulb for one in day) for day in days[month]]
        assert mean(daily) == pytest.approx(wanted, abs=0.1 + 0.4 * spread)
        assert pstdev(daily) == pytest.approx(spread, rel=0.4)
        swing = mean(max(w.dry_bulb for w in day) - min(w.dry_bulb for w in day) for day in days[month])
        assert swing == pytest.approx(data["daily_range"][month - 1], abs=1.7)
    whole_year = mean(w.dry_bulb for month in days.values() for day in month for w in day)
    assert whole_year == pytest.approx(mean(data["dry_bulb"]), abs=0.4)
    ranges = [max(w.dry_bulb for w in d) - min(w.dry_bulb for w in d) for m in days.values() for d in m]
    assert mean(ranges) == pytest.approx(mean(data["daily_range"]), rel=0.08)


def test_humidity_and_sunshine(made: tuple[dict[str, Any], MonthlyStatistics, Days]) -> None:
    data, statistics, days = made
    for month in range(1, 13):
        hours = [one for day in days[month] for one in day]
        dew = mean(one.dew_point for one in hours)
        assert dew == pytest.approx(
            statistics.dew_point[month - 1], abs=0.4 + 0.4 * data["daily_deviation"][month - 1]
        )
        if "relative_humidity" in data:
            wanted = data["relative_humidity"][month - 1]
            assert mean(one.humidity for one in hours) == pytest.approx(wanted, abs=4.0)  # points of %
        if "horizontal_irradiation" in data:
            wanted = data["horizontal_irradiation"][month - 1]
            assert mean(one.irradiance for one in hours) * 0.024 == pytest.approx(wanted, rel=0.09)


def test_the_sky_is_consistent(made: tuple[dict[str, Any], MonthlyStatistics, Days]) -> None:
    _, _, days = made
    for day in days[7][:20]:
        for one in day:
            assert one.irradiance == pytest.approx(one.sky.horizontal, abs=1e-6)
            assert one.irradiance == 0.0 or one.sun.sine > 0.0
            assert 0.0 <= one.beam < 1100.0
            assert one.diffuse >= 0.0
            assert one.dew_point - 0.1 <= one.wet_bulb <= one.dry_bulb
            assert 0.0 <= one.cloud <= 1.0


def test_yesterday_is_remembered_as_long_as_measured(
    made: tuple[dict[str, Any], MonthlyStatistics, Days],
) -> None:
    data, _, days = made
    found = []
    for month in days.values():
        daily = [mean(one.dry_bulb for one in day) for day in month]
        runs = [daily[at : at + 28] for at in range(0, len(daily) - 28, 31)]
        found += [correlation(run[:-1], run[1:]) for run in runs]
    # short runs are biased low by about (1 + 4 r) / n (Kendall 1954)
    bias = (1.0 + 4.0 * data["persistence"]) / 28.0
    assert mean(found) + bias == pytest.approx(data["persistence"], abs=0.12)


@pytest.mark.parametrize("made", ["shenzhen"], indirect=True)
def test_shenzhen_is_as_damp_as_its_weather_file(
    made: tuple[dict[str, Any], MonthlyStatistics, Days],
) -> None:
    # wet bulb of the SWERA file: median 21.8, 99th percentile 27.9 degC (its towers must not be flattered)
    _, _, days = made
    wet = sorted(w.wet_bulb for month in days.values() for day in month for w in day)
    assert wet[len(wet) // 2] == pytest.approx(21.8, abs=0.8)
    assert wet[int(0.99 * len(wet))] == pytest.approx(27.9, abs=0.7)


@pytest.mark.parametrize("made", ["wuhan"], indirect=True)
def test_wuhan_gets_the_irradiation_its_city_reports(
    made: tuple[dict[str, Any], MonthlyStatistics, Days],
) -> None:
    # 104-113 kcal/cm2 a year; 4.187 MJ per 1,000 kcal
    _, _, days = made
    year = sum(w.irradiance for month in days.values() for day in month for w in day) * 0.0036 / YEARS
    assert 0.97 * 104 * 41.87 < year < 1.05 * 113 * 41.87


def test_any_order_of_asking_gives_the_same_weather_and_each_seed_another() -> None:
    one, other = load_climate("beijing"), load_climate("beijing")
    times = [START + 7777.0 * number for number in range(300)]
    forward = [one.at(time, 5) for time in times]
    backward = [other.at(time, 5) for time in reversed(times)]
    assert forward == backward[::-1]
    assert [one.at(time, 6) for time in times] != forward


def test_weather_never_jumps() -> None:
    climate = load_climate("wuhan")
    for number in range(20 * 1440):
        if number % 7 == 0 or number % 1440 in (0, 1439):
            now, then = (climate.at(START + 60.0 * (number + step), 2) for step in (0, 1))
            assert abs(now.dry_bulb - then.dry_bulb) < 0.15
            assert abs(now.dew_point - then.dew_point) < 0.15
            assert abs(now.irradiance - then.irradiance) < 25.0


def test_sunshine_outside_the_air_of_a_textbook() -> None:
    # Duffie and Beckman, Solar Engineering of Thermal Processes, example 1.10.1: 43 degrees north, 15 April: 33.8 MJ/m2,
    # with the book's solar constant of 1367
    assert outside_the_air(43.0, 105) * 3.6 * 1367 / 1361 == pytest.approx(33.8, rel=0.002)


def test_a_months_line_has_the_months_mean() -> None:
    means = (3.0, 5.0, 9.0, 15.0, 21.0, 25.0, 28.0, 27.0, 22.0, 16.0, 10.0, 5.0)
    table = MonthTable(means)
    july = [table.at(date(2026, 7, day), part / 8 + 1 / 16) for day in range(1, 32) for part in range(8)]
    assert mean(july) == pytest.approx(28.0, abs=0.02)
    with pytest.raises(ValueError, match="twelve"):
        MonthTable(means[:11])


def test_daily_clearness_has_the_wanted_mean_and_spread() -> None:
    curve = clearness_curve(0.42, 0.18)
    values = [curve(normal(1, "test", day)) for day in range(4000)]
    assert mean(values) == pytest.approx(0.42, abs=0.01)
    assert pstdev(values) == pytest.approx(0.18, abs=0.01)


def test_clouds_of_the_formula() -> None:
    # Kasten and Czeplak 1980: seven eighths of cover leave 1 - 0.75 * 0.875**3.4 = 0.524 of clear sunshine
    assert cloudiness(0.524 * 0.72) == pytest.approx(0.875, abs=0.002)
    assert (cloudiness(0.75), cloudiness(0.05)) == (0.0, 1.0)
