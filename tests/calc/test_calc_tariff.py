"""Prices at an instant, bills of a month, and the arithmetic by which cold storage is judged."""

import json
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.calc.tariff import Account, DemandCharge, Tariff, bill, tariff_from, total_cost

DATA: dict[str, Any] = json.loads(files("hil").joinpath("data", "tariffs.json").read_text())
TARIFFS = {name: tariff_from(name, data) for name, data in DATA.items() if name != "about"}
GUANGDONG, HUBEI = TARIFFS["guangdong"], TARIFFS["hubei"]
RATIO = GUANGDONG.prices["flat"]


@pytest.mark.parametrize(
    ("tariff", "moment", "hottest", "period"),
    [
        ("guangdong", "2026-04-01T07:59", None, "valley"),
        ("guangdong", "2026-04-01T08:00", None, "flat"),
        ("guangdong", "2026-04-01T11:30", None, "peak"),
        ("guangdong", "2026-07-01T11:30", None, "critical"),
        ("guangdong", "2026-09-30T16:59", None, "critical"),
        ("guangdong", "2026-09-30T17:00", None, "peak"),
        ("guangdong", "2026-05-20T15:30", 35.0, "critical"),
        ("guangdong", "2026-05-20T15:30", 34.9, "peak"),
        ("guangdong", "2026-05-20T15:30", None, "peak"),
        ("guangdong", "2026-05-20T12:30", 38.0, "flat"),
        ("hubei", "2026-07-15T13:00", None, "valley"),
        ("hubei", "2026-07-15T21:00", None, "critical"),
        ("hubei", "2026-07-15T19:00", None, "peak"),
        ("hubei", "2026-01-15T19:00", None, "critical"),
        ("hubei", "2026-01-15T21:00", None, "peak"),
        ("hubei", "2026-01-15T05:59", None, "valley"),
        ("hubei", "2026-01-15T06:00", None, "flat"),
        ("flat", "2026-01-15T06:00", 40.0, "flat"),
    ],
)
def test_which_period_it_is(tariff: str, moment: str, hottest: float | None, period: str) -> None:
    assert TARIFFS[tariff].period(datetime.fromisoformat(moment), hottest) == period


def test_prices_follow_the_ratios_and_funds_are_not_multiplied() -> None:
    noon = datetime(2026, 8, 3, 11, 15, tzinfo=UTC)
    assert GUANGDONG.price(noon) == pytest.approx(RATIO * 1.7 * 1.25)
    data = DATA["guangdong"] | {"surcharge": 0.03}
    assert tariff_from("x", data).price(noon) == pytest.approx(RATIO * 2.125 + 0.03)
    assert TARIFFS["guangzhou_2021"].prices["peak"] / TARIFFS["guangzhou_2021"].prices[
        "flat"
    ] == pytest.approx(1.7, rel=1e-4)


def shifted(load: list[float], share: float, hours: set[int], loss: float) -> list[float]:
    """Move this share of the load in `hours` evenly into 0-8 h, paying the storage's loss."""
    moved = sum(load[hour] * share for hour in hours) * (1.0 + loss)
    return [
        power * (1.0 - share) if hour in hours else power + (moved / 8.0 if hour < 8 else 0.0)
        for hour, power in enumerate(load)
    ]


PEAK = {10, 11, 14, 15, 16, 17, 18}


@pytest.mark.parametrize(("month", "share"), [(4, 0.83), (8, 0.77)])
def test_a_reported_saving_of_a_third_needs_most_of_a_steady_load_shifted(month: int, share: float) -> None:
    """383,000 to 262,800 a month is 31.4 %: with 8 % loss 83 % of the peak load, 77 % with the critical peak."""
    assert pytest.approx(0.314, abs=0.0005) == (383.0 - 262.8) / 383.0
    day = datetime(2026, month, 2, tzinfo=UTC)
    before = total_cost(bill(GUANGDONG, day, 3600.0, [100.0] * 24))
    after = total_cost(bill(GUANGDONG, day, 3600.0, shifted([100.0] * 24, share, PEAK, 0.08)))
    assert 1.0 - after / before == pytest.approx(0.3135, abs=0.003)


def test_an_office_needs_less_shifting() -> None:
    """About 60 % for an office that runs from 8 to 19 h: the same third of the bill."""
    load = [0.0] * 8 + [100.0] * 11 + [0.0] * 5
    day = datetime(2026, 4, 2, tzinfo=UTC)
    before = total_cost(bill(GUANGDONG, day, 3600.0, load))
    shares = [share / 100 for share in range(40, 80)]
    saved = [
        1 - total_cost(bill(GUANGDONG, day, 3600.0, shifted(load, s, PEAK, 0.08))) / before for s in shares
    ]
    reached = next(share for share, saving in zip(shares, saved, strict=True) if saving >= 0.3135)
    assert reached == pytest.approx(0.57, abs=0.04)


def test_demand_is_the_mean_of_a_quarter_of_an_hour() -> None:
    tariff = TARIFFS["shenzhen_demand"]
    minutes = [100.0] * 60
    minutes[20:25] = [400.0] * 5  # five minutes of 400 kW in the second quarter
    (one,) = bill(tariff, datetime(2026, 3, 2, 9, tzinfo=UTC), 60.0, minutes)
    assert one.demand == pytest.approx(200.0)
    assert one.demand_cost == pytest.approx(200.0 * 39.0)
    (hourly,) = bill(tariff, datetime(2026, 3, 2, 9, tzinfo=UTC), 3600.0, [120.0, 80.0])
    assert hourly.demand == pytest.approx(120.0), "a step longer than the window is its own mean"


def test_each_month_has_its_own_demand() -> None:
    start = datetime(2026, 1, 31, 23, tzinfo=UTC)
    first, second = bill(TARIFFS["hubei"], start, 900.0, [50.0] * 4 + [80.0] * 4)
    assert (first.month, first.demand, second.month, second.demand) == (1, 50.0, 2, 80.0)


@pytest.mark.parametrize(
    ("charge", "demand", "cost"),
    [
        (DemandCharge(price=40.0), 500.0, 20_000.0),
        (DemandCharge(price=40.0, contracted=600.0), 500.0, 24_000.0),
        (DemandCharge(price=40.0, contracted=600.0), 630.0, 24_000.0),
        (DemandCharge(price=40.0, contracted=600.0), 700.0, 40.0 * (600.0 + 2.0 * 70.0)),
    ],
)
def test_two_ways_of_paying_for_demand(charge: DemandCharge, demand: float, cost: float) -> None:
    assert charge.cost(demand) == pytest.approx(cost)


def test_a_day_of_prices_for_a_planner() -> None:
    prices = GUANGDONG.day_prices(date(2026, 8, 1))
    assert len(prices) == 96
    assert prices[0] == pytest.approx(0.38 * RATIO)
    assert sum(prices) / 4 == pytest.approx(RATIO * (8 * 0.38 + 9 + 4 * 1.7 + 3 * 2.125))
    assert HUBEI.day_prices(date(2026, 7, 1), step=60)[13] == pytest.approx(0.45 * 0.66)


@given(
    powers=st.lists(st.floats(-50.0, 500.0), min_size=1, max_size=200),
    name=st.sampled_from(sorted(TARIFFS)),
    offset=st.integers(0, 500_000),
)
def test_a_bill_counts_each_kwh_once_at_its_price(powers: list[float], name: str, offset: int) -> None:
    tariff = TARIFFS[name]
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=offset)
    bills = bill(tariff, start, 300.0, powers)
    assert sum(one.kwh for one in bills) == pytest.approx(sum(max(power, 0.0) for power in powers) / 12.0)
    by_hand = sum(
        max(power, 0.0) / 12.0 * tariff.price(start + timedelta(seconds=300 * number))
        for number, power in enumerate(powers)
    )
    assert sum(sum(one.cost.values()) for one in bills) == pytest.approx(by_hand)


def test_an_account_is_a_bill_that_grows() -> None:
    account = Account(GUANGDONG)
    start = datetime(2026, 6, 30, 22, tzinfo=UTC)
    for minute in range(240):
        account.add(start + timedelta(minutes=minute), 60.0, 30.0)
    assert account.bills() == bill(GUANGDONG, start, 60.0, [30.0] * 240)


@pytest.mark.parametrize(
    "data",
    [
        {"prices": {"flat": 1.0}, "seasons": [{"peak": ["10-12"]}]},
        {"prices": {"flat": 1.0, "peak": 2.0}, "seasons": [{"peak": ["12:00-10:00"]}]},
        {"prices": {"flat": 1.0, "peak": 2.0}, "seasons": [{"peak": ["noon-14:00"]}]},
        {"prices": {"flat": 1.0, "peak": 2.0}, "seasons": [{"peak": ["23:00-25:00"]}]},
        {"prices": {"flat": 1.0}, "critical": {"hours": ["11:00-12:00"]}},
    ],
)  # fmt: skip
def test_a_tariff_that_makes_no_sense_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"price|span|time"):
        tariff_from("x", data)


def test_a_month_no_season_speaks_of_is_an_error() -> None:
    tariff: Tariff = tariff_from("x", {"prices": {"flat": 1.0}, "seasons": [{"months": [1, 2]}]})
    with pytest.raises(ValueError, match="month 3"):
        tariff.price(datetime(2026, 3, 1, tzinfo=UTC))
