"""Days of a comparison, and what electricity costs in parts of months."""

import itertools
from datetime import date

import pytest

from agent.calc.tariff import DemandCharge, Season, Tariff
from hil.bench.watched import Moment
from hil.compare.days import Block, blocks, chosen_days
from hil.compare.spending import Spending, hottest_of, joined
from hil.compare.trace import Tracing

ZONE = "Asia/Shanghai"
JANUARY = Block(date(2025, 1, 6), 1).start(ZONE)
TARIFF = Tariff(
    name="t",
    prices={"peak": 1.0, "flat": 0.5},
    seasons=(Season(spans={"peak": ((600, 720),)}),),
    demand=DemandCharge(price=31.0),
)


def test_days_are_spread_evenly_and_always_the_same():
    assert chosen_days(1) == (date(2025, 6, 30),)  # a Monday, three days at most from the middle
    assert all(
        abs((day - other).days - 365.0 / 30) < 7
        for day, other in zip(chosen_days(30)[1:], chosen_days(30), strict=False)
    )
    assert [day.month for day in chosen_days(12)] == list(range(1, 13))
    assert len(set(chosen_days(365))) == 365
    with pytest.raises(ValueError, match="365"):
        chosen_days(366)


@pytest.mark.parametrize("count", [*range(1, 124), *range(124, 366, 5)])
def test_each_weekday_has_its_share_in_both_halves_of_the_year(count):
    """Even steps would give 52 Sundays, or 53 days whose Mondays all lie in winter."""
    days = chosen_days(count)
    assert len(set(days)) == count
    assert list(days) == sorted(days)
    for weekday in range(7):
        assert abs(sum(day.weekday() == weekday for day in days) - count / 7) <= 2.2
    for half in (range(1, 7), range(7, 13)):
        own = [day for day in days if day.month in half]
        assert abs(sum(day.weekday() >= 5 for day in own) - 2 / 7 * len(own)) <= 2.5
    gaps = [(later - day).days for day, later in itertools.pairwise(days)]
    assert max(gaps, default=0) <= 365.0 / count + 7.5


def test_days_on_end_are_one_block():
    assert blocks(chosen_days(365)) == (Block(date(2025, 1, 1), 365),)
    assert len(blocks(chosen_days(12))) == 12
    assert blocks((date(2025, 1, 31), date(2025, 2, 1), date(2025, 2, 3))) == (
        Block(date(2025, 1, 31), 2),
        Block(date(2025, 2, 3), 1),
    )


def spend(power, hours: float, dt: float = 60.0) -> Spending:
    one = Spending(("p",), ("q",), ZONE, TARIFF)
    for step in range(1, round(hours * 3600.0 / dt) + 1):
        at = step * dt
        one.stepped(Moment(at, JANUARY + at, dt, {"p": power(at / 3600.0), "q": 3.0 * power(at / 3600.0)}))
    return one


@pytest.mark.parametrize("dt", [10.0, 60.0])
def test_energy_by_period_and_the_days_share_of_the_demand(dt):
    one = spend(lambda _: 100.0, 24.0, dt)
    month = one.months[1]
    assert month.kwh == pytest.approx(2400.0)
    assert month.cooling == pytest.approx(7200.0)
    assert month.energy_cost == pytest.approx(200.0 * 1.0 + 2200.0 * 0.5)
    assert month.peak == pytest.approx(100.0)
    assert one.cost(1, 2025) == pytest.approx(1300.0 + 100.0 * 31.0 / 31)  # one day of 31


def test_the_peak_is_a_quarter_of_an_hour_and_not_a_moment():
    one = spend(lambda hour: 1000.0 if 12.0 < hour <= 12.0 + 2.0 / 60.0 else 100.0, 24.0)
    assert 100.0 < one.months[1].peak < 350.0


def test_months_of_several_runs_add_up_and_the_peak_is_the_highest():
    one, other = spend(lambda _: 100.0, 24.0), spend(lambda _: 300.0, 12.0)
    both = joined([one.months, other.months])[1]
    assert both.kwh == pytest.approx(2400.0 + 3600.0)
    assert both.peak == pytest.approx(300.0)
    assert both.seconds == pytest.approx(36 * 3600.0)


def test_the_hottest_hour_is_that_of_the_local_day():
    hottest = hottest_of(lambda utc: (utc - JANUARY) / 3600.0, ZONE)
    assert hottest(date(2025, 1, 6)) == pytest.approx(23.0)


def test_a_trace_holds_means_of_quarters():
    one = Tracing(("p",))
    for step in range(1, 61):
        one.stepped(Moment(step * 60.0, JANUARY + step * 60.0, 60.0, {"p": float(step)}))
    assert one.trace.column("p") == [8.0, 23.0, 38.0, 53.0]
    assert one.trace.seconds == [900.0] * 4
    assert one.trace.utc[-1] == JANUARY + 3600.0
