"""Registers to days, days to a saving with its interval, and the two parts of it."""

import datetime as dt
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from agent.ledger.register import StoredSample, daily_use, days_between, midnight
from agent.ledger.saving import MeteredDay, compare_periods, split

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = days_between(dt.date(2026, 3, 2), dt.date(2026, 3, 4))


def register(times_and_values):
    return [
        StoredSample("em.energy", time, value, f"1/{n}") for n, (time, value) in enumerate(times_and_values)
    ]


def steady(step=600.0, rate=2.0, begin=-3600.0, end=3 * 86_400.0 + 3600.0):
    start = midnight(DAYS[0], ZONE)
    times = [begin + step * n for n in range(int((end - begin) / step) + 1)]
    return register((start + time, 1000.0 + rate * time / 3600.0) for time in times)


def test_each_day_is_what_its_register_has_counted():
    uses = daily_use(steady(), "em.energy", DAYS, ZONE)
    assert [one.kwh for one in uses] == pytest.approx([48.0] * 3)
    assert [one.day for one in uses] == DAYS
    assert all(one.count == 145 for one in uses)
    assert uses[0].last.place == uses[1].first.place


def test_between_two_readings_the_register_is_straight():
    samples = steady(step=700.0, begin=-350.0)
    uses = daily_use(samples, "em.energy", DAYS, ZONE)
    assert [one.kwh for one in uses] == pytest.approx([48.0] * 3)


def test_a_day_whose_midnight_was_not_read_is_not_known():
    gap = midnight(DAYS[1], ZONE)
    samples = [one for one in steady() if abs(one.time - gap) > 1000.0]
    uses = daily_use(samples, "em.energy", DAYS, ZONE)
    assert [one.kwh is None for one in uses] == [True, True, False]
    assert "around its end" in uses[0].reason
    assert "around its begin" in uses[1].reason


def test_a_meter_that_was_replaced_makes_its_day_unknown():
    noon = midnight(DAYS[1], ZONE) + 43_200.0
    samples = [
        StoredSample(one.point, one.time, one.value - (1000.0 if one.time > noon else 0.0), one.place)
        for one in steady()
    ]
    uses = daily_use(samples, "em.energy", DAYS, ZONE)
    assert [one.kwh is None for one in uses] == [False, True, False]
    assert "went back" in uses[1].reason


def test_the_clock_change_day_is_as_long_as_it_is():
    berlin = ZoneInfo("Europe/Berlin")
    day = dt.date(2026, 3, 29)
    start = midnight(day, berlin)
    samples = register((start + 600.0 * n, n / 6.0) for n in range(-6, 160))
    (use,) = daily_use(samples, "em.energy", [day], berlin)
    assert use.kwh == pytest.approx(23.0)


def metered(values, kinds="w", first=dt.date(2026, 3, 2)):
    return [
        MeteredDay(first + dt.timedelta(days=n), kinds[n % len(kinds)], value)
        for n, value in enumerate(values)
    ]


def test_welchs_interval_by_hand():
    # means 10 and 2, variances 1 and 0.25, five days each: R = 0.2, SE2 = 0.2 and 0.05, delta method
    before = metered([9.0, 11.0, 10.0, 9.0, 11.0])
    after = metered([1.5, 2.5, 2.0, 1.5, 2.5])
    found = compare_periods(before, after, 0.9)
    assert found.share == pytest.approx(0.8)
    spread = (0.05 + 0.04 * 0.2) / 100.0
    freedom = (0.05 + 0.008) ** 2 / ((0.05**2 + 0.008**2) / 4.0)
    assert found.freedom == pytest.approx(freedom)
    assert found.high - found.share == pytest.approx(1.9942 * spread**0.5, rel=1e-4)  # t 0.95 at 5.25
    assert found.before_error == pytest.approx(0.2**0.5)
    assert found.by_kind


def test_the_interval_covers_the_truth_as_often_as_it_says():
    from random import Random

    chance, hit = Random(3), 0
    for _ in range(400):
        before = metered([chance.gauss(100.0, 8.0) for _ in range(8)])
        after = metered([chance.gauss(20.0, 6.0) for _ in range(8)])
        found = compare_periods(before, after, 0.9)
        hit += found.low <= 0.8 <= found.high
    assert abs(hit / 400.0 - 0.9) < 0.045  # three standard errors


def test_kinds_of_days_are_weighted_as_they_were_monitored():
    before = metered([10.0, 10.2, 4.0, 4.2] * 2, "wwoo")
    after = metered([2.0, 2.2, 2.1, 2.0, 1.0, 1.2], "wwwwoo")
    found = compare_periods(before, after)
    assert found.by_kind
    assert found.before == pytest.approx(fmean([10.1] * 4 + [4.1] * 2))
    assert found.after == pytest.approx(fmean([one.kwh for one in after]))


def test_without_enough_days_of_a_kind_plain_means_stand_and_that_is_said():
    found = compare_periods(metered([10.0, 10.0, 4.0], "wwo"), metered([2.0, 2.0, 1.0], "wwo"))
    assert not found.by_kind
    assert found.before == pytest.approx(8.0)
    assert "plain means" in found.method


def test_a_baseline_that_never_changes_has_no_spread_of_its_own():
    found = compare_periods(metered([276.0] * 3), metered([40.0] * 3))
    assert (found.low, found.high) == (found.share, found.share)
    assert "any degrees of freedom" in found.method


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ([1.0], [1.0, 1.0], "baseline period has 1"),
        ([1.0, 1.0], [], "monitoring period has 0"),
        ([0.0] * 3, [1.0] * 3, "nothing was used"),
    ],
)
def test_too_little_is_refused(before, after, says):
    with pytest.raises(ValueError, match=says):
        compare_periods(metered(before), metered(after))


def test_swap_and_control_apart():
    found = compare_periods(metered([276.0] * 3), metered([41.4] * 3))
    part = split(found, 25.1 * 458, 16.0 * 458)
    assert part.swap == pytest.approx(1.0 - 16.0 / 25.1)
    assert part.swap + part.control == pytest.approx(found.share)
