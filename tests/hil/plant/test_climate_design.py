"""Made weather against what engineers design for: outdoor design conditions that were published by others.

GB 50736-2012 annex A: summer dry bulb and wet bulb that are exceeded 50 hours a year on average, winter daily mean that is
fallen short of one day a year (air-conditioning). Singapore: ASHRAE Fundamentals 2009, station 486980, 0.4 % and 99.6 %.
None of them went into hil/data/weather_statistics.json.
"""

from datetime import UTC, datetime
from statistics import mean

import pytest

from hil.climates import load_climate
from hil.plant.weather import Weather

START = datetime(2014, 12, 31, 16, tzinfo=UTC).timestamp()
YEARS = 4
FIFTY = 50.0 / 8760.0
Case = tuple[str, float, float, float, float]

CASES: list[Case] = [
    # place, share of hours above, dry bulb, wet bulb, winter daily mean
    ("beijing", FIFTY, 33.5, 26.4, -9.9),
    ("wuhan", FIFTY, 35.2, 28.4, -2.6),
    ("shenzhen", FIFTY, 33.7, 27.5, 6.0),
    ("singapore", 0.004, 33.2, 27.7, 23.0),
]


@pytest.fixture(scope="module", params=CASES, ids=[case[0] for case in CASES])
def years(request: pytest.FixtureRequest) -> tuple[Case, list[Weather]]:
    climate = load_climate(request.param[0])
    hours = [climate.at(START + 3600.0 * hour, seed=11) for hour in range(YEARS * 8760)]
    return request.param, hours


def above(values: list[float], share: float) -> float:
    return sorted(values)[int((1.0 - share) * len(values))]


def test_the_hottest_and_the_dampest_hours_are_those_one_designs_for(
    years: tuple[Case, list[Weather]],
) -> None:
    (_, share, dry, wet, _), hours = years
    assert above([one.dry_bulb for one in hours], share) == pytest.approx(dry, abs=0.8)
    assert above([one.wet_bulb for one in hours], share) == pytest.approx(wet, abs=1.2)


def test_the_coldest_day_is_the_one_one_designs_for(years: tuple[Case, list[Weather]]) -> None:
    (name, _, _, _, winter), hours = years
    days = sorted(mean(one.dry_bulb for one in hours[at : at + 24]) for at in range(0, len(hours), 24))
    # Four winters: the coldest days of a few cold spells. Those of Shenzhen reach further down than the normal law that
    # makes them, and there is nothing to cool then.
    assert days[YEARS] == pytest.approx(winter, abs=4.0 if name == "shenzhen" else 2.5)


def test_air_is_air(years: tuple[Case, list[Weather]]) -> None:
    _, hours = years
    for one in hours:
        assert 0.0 < one.humidity <= 100.0
        assert one.dew_point - 0.2 <= one.wet_bulb <= one.dry_bulb
        assert 0.0 < one.humidity_ratio < 0.035
