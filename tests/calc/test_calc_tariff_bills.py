"""Bills worked out by hand from published prices: flat, by time of use with critical peak, and in two parts."""

import json
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pytest

from agent.calc.tariff import Tariff, bill, tariff_from, total_cost

DATA: dict[str, Any] = json.loads(files("hil").joinpath("data", "tariffs.json").read_text(encoding="utf-8"))


def tariff(name: str) -> Tariff:
    return tariff_from(name, DATA[name])


def test_a_flat_bill() -> None:
    # 30 days of 100 kW: 72,000 kWh at 0.66
    (june,) = bill(tariff("flat"), datetime(2026, 6, 1, tzinfo=UTC), 3600.0, [100.0] * 720)
    assert june.total == pytest.approx(47_520.00, abs=0.01)


OFFICE = [20.0] * 8 + [200.0] * 11 + [20.0] * 5  # kW by hour: 8 to 19 h


@pytest.mark.parametrize(
    ("day", "hottest", "by_hand"),
    [
        # Guangzhou below 1 kV, fourth quarter of 2021 (annex to Guangdong DRC 2021 No. 331): 0.2556, 0.6725, 1.1433, 1.4291.
        # valley 8 h * 20; flat 8-10, 12-14 at 200 and 19-24 at 20; peak 10-12 and 14-19 at 200
        (date(2021, 11, 16), None, 160 * 0.2556 + (4 * 200 + 5 * 20) * 0.6725 + 7 * 200 * 1.1433),
        # August: 11-12 and 15-17 are critical
        (date(2022, 8, 16), None, 160 * 0.2556 + 900 * 0.6725 + 4 * 200 * 1.1433 + 3 * 200 * 1.4291),
        # an October day on which Guangzhou reaches 35 degC, and one on which it does not
        (date(2021, 10, 6), 35.0, 160 * 0.2556 + 900 * 0.6725 + 4 * 200 * 1.1433 + 3 * 200 * 1.4291),
        (date(2021, 10, 6), 34.9, 160 * 0.2556 + 900 * 0.6725 + 7 * 200 * 1.1433),
    ],
)
def test_an_office_s_day_by_time_of_use(day: date, hottest: float | None, by_hand: float) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    heat = {} if hottest is None else {day: hottest}
    bills = bill(tariff("guangzhou_2021"), start, 3600.0, OFFICE, heat)
    assert total_cost(bills) == pytest.approx(by_hand, abs=0.01)


def test_four_published_prices_are_one_base_its_ratios_and_the_funds() -> None:
    # North Guangdong, July 2026: valley 0.26826875, flat 0.66096875, peak 1.10426875, critical 1.37346875 CNY/kWh. The ratios
    # 0.38 : 1 : 1.7 : 2.125 hold for the price without the funds, which are paid on each kWh alike: 0.0277.
    funds = 0.0277
    one = tariff_from("north", DATA["guangdong"] | {"base": 0.66096875 - funds, "surcharge": funds})
    published = {3: 0.26826875, 9: 0.66096875, 14: 1.10426875, 11: 1.37346875}
    for hour, price in published.items():
        assert one.price(datetime(2026, 7, 14, hour, 30, tzinfo=UTC)) == pytest.approx(price, abs=2e-4)


def test_a_bill_in_two_parts() -> None:
    # Hubei DRC 2024 No. 77, January: critical 18-20, peak 16-18 and 20-24, valley 0-6 and 12-14, flat the rest; ratios 2.0,
    # 1.49, 0.45 on 0.66; demand 39 CNY per kW and month. 31 days of a works that draws 300 kW by day (6-22) and 100 by night,
    # once 520 kW in a quarter of an hour of a flat period.
    day = [100.0] * 24 + [300.0] * 64 + [100.0] * 8
    month = day * 31
    month[40] = 520.0  # 10:00 of the first
    (january,) = bill(tariff("hubei"), datetime(2026, 1, 1, tzinfo=UTC), 900.0, month)
    energy = {
        "valley": 31 * (6 * 100 + 2 * 300),
        "flat": 31 * 8 * 300 + 220 / 4,
        "peak": 31 * (2 * 300 + 2 * 300 + 2 * 100),
        "critical": 31 * 2 * 300,
    }
    assert january.energy == pytest.approx(energy)
    assert january.demand == pytest.approx(520.0)
    by_hand = 0.66 * (
        0.45 * energy["valley"] + energy["flat"] + 1.49 * energy["peak"] + 2.0 * energy["critical"]
    )
    assert january.total == pytest.approx(by_hand + 520.0 * 39.0, abs=0.01)
    assert by_hand == pytest.approx(0.66 * (0.45 * 37_200 + 74_455 + 1.49 * 43_400 + 2.0 * 18_600))
