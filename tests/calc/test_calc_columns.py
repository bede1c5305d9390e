"""Samples of any pace in columns of equal steps; days and quarter hours of the site's own calendar."""

from datetime import UTC, date, datetime
from math import isnan, nan
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.calc.columns import HOLD, Bins
from agent.calc.day_kind import DayKind, local_day


def column(samples, since=0.0, until=50.0, step=10.0, hold=HOLD):
    bins = Bins(since, until, step)
    for time, value in samples:
        bins.add(time, value)
    found = bins.column(hold)
    return [None if isnan(value) else value for value in found.values]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([], [None] * 5),
        ([(1, 2.0), (2, 4.0), (12, 5)], [3.0, 5.0, 5.0, 5.0, 5.0]),  # not sent again: as it was
        ([(1, True), (5, False), (11, True)], [0.5, 1.0, 1.0, 1.0, 1.0]),
        ([(1, 2.0), (12, None)], [2.0, None, None, None, None]),  # lost: unknown from there on
        ([(5, None), (6, 3.0), (8, None), (31, 4.0)], [3.0, None, None, 4.0, 4.0]),
        ([(8, 1.0), (2, 9.0)], [5.0, 1.0, 1.0, 1.0, 1.0]),  # out of order: the later one holds
        ([(1, "on"), (11, nan), (21, float("inf"))], [None] * 5),
        ([(-1, 7.0), (50, 7.0), (51, 7.0)], [None] * 5),
    ],
)
def test_columns(samples, expected):
    assert column(samples) == expected


def test_a_value_does_not_hold_for_ever():
    assert column([(5, 2.0)], hold=20.0) == [2.0, 2.0, 2.0, None, None]


def test_steps_lie_on_multiples_whatever_the_window():
    bins = Bins(1234.0, 3000.0, 900.0)
    assert bins.column().start == 900.0
    assert len(bins.column().values) == 3
    with pytest.raises(ValueError, match="step"):
        Bins(0.0, 1.0, 0.0)


@given(st.lists(st.tuples(st.integers(0, 99), st.floats(-1e6, 1e6)), max_size=40))
def test_each_step_is_the_mean_of_its_samples(samples):
    found = column(samples, until=100.0, hold=0.0)
    for at, value in enumerate(found):
        mine = [number for time, number in samples if time // 10 == at]
        assert (value is None) == (not mine)
        assert value is None or value == pytest.approx(fmean(mine), abs=1e-3)


@pytest.mark.parametrize(
    ("utc", "timezone", "expected"),
    [
        (
            datetime(2026, 7, 24, 15, 59, tzinfo=UTC),
            "Asia/Shanghai",
            (date(2026, 7, 24), DayKind.WORKDAY, 95),
        ),
        (datetime(2026, 7, 24, 16, 0, tzinfo=UTC), "Asia/Shanghai", (date(2026, 7, 25), DayKind.REST_DAY, 0)),
        (datetime(2026, 7, 26, 12, 0, tzinfo=UTC), "UTC", (date(2026, 7, 26), DayKind.REST_DAY, 48)),
        # the hour that comes twice is the same quarter hour twice
        (
            datetime(2026, 10, 25, 0, 20, tzinfo=UTC),
            "Europe/Berlin",
            (date(2026, 10, 25), DayKind.REST_DAY, 9),
        ),
        (
            datetime(2026, 10, 25, 1, 20, tzinfo=UTC),
            "Europe/Berlin",
            (date(2026, 10, 25), DayKind.REST_DAY, 9),
        ),
    ],
)
def test_the_day_and_its_quarter_hour(utc, timezone, expected):
    assert local_day(utc.timestamp(), timezone) == expected
