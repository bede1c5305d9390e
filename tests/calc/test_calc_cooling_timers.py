"""Cooling from three sensors, and the timers and filters that policies keep in their state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.calc.cooling import cooling
from agent.calc.timers import held, passed, slope, smoothed


@pytest.mark.parametrize(
    ("flow", "supply", "back", "kw"),
    [
        (50.0, 7.0, 12.0, 1047.5),  # 50 l/s x 4.19 kJ/(l K) x 5 K
        (0.0, 7.0, 12.0, 0.0),
        (-0.3, 7.0, 12.0, 0.0),  # a meter at rest
        (50.0, 7.0, 6.5, 0.0),  # two sensors that differ by their tolerance
        (100.0, -2.0, 3.0, 2095.0),  # glycol, ice
    ],
)
def test_cooling(flow: float, supply: float, back: float, kw: float) -> None:
    assert cooling(flow, supply, back).kw == pytest.approx(kw)


@pytest.mark.parametrize(
    ("flow", "supply", "back", "word"),
    [
        (-5.0, 7.0, 12.0, "flow"),
        (float("nan"), 7.0, 12.0, "flow"),
        (4.3e307, 7.0, 7.0, "flow"),  # wrong word order
        (50.0, 90.0, 12.0, "supply"),
        (50.0, 7.0, float("nan"), "return"),
        (50.0, 12.0, 7.0, "not plausible"),  # exchanged sensors
        (50.0, 7.0, 40.0, "not plausible"),
    ],
)
def test_sensors_that_cannot_be_right_give_no_figure(
    flow: float, supply: float, back: float, word: str
) -> None:
    found = cooling(flow, supply, back)
    assert found.kw is None
    assert word in found.fault


@given(st.floats(), st.floats(), st.floats())
def test_cooling_is_a_number_or_a_fault(flow: float, supply: float, back: float) -> None:
    found = cooling(flow, supply, back)
    assert (found.kw is None) == bool(found.fault)
    assert found.kw is None or found.kw >= 0.0


@pytest.mark.parametrize(
    ("elapsed", "before", "seconds"),
    [(100.0, None, 0.0), (100.0, 90.0, 10.0), (100.0, 5.0, 30.0), (3.0, 100.0, 0.0)],
)
def test_passed_neither_jumps_nor_runs_back(elapsed: float, before: float | None, seconds: float) -> None:
    assert passed(elapsed, before, 30.0) == seconds


def test_held_starts_anew_at_every_break() -> None:
    total = 0.0
    for condition, expected in [(True, 10.0), (True, 20.0), (False, 0.0), (True, 10.0)]:
        total = held(total, condition, 10.0)
        assert total == expected


def test_a_lag_starts_at_its_value_and_trails_a_ramp_by_slope_times_time_constant() -> None:
    assert smoothed(None, 7.0, 10.0, 300.0) == 7.0
    lagged: float | None = None
    value = 7.0
    for _ in range(400):
        value += 0.01 * 10.0
        lagged = smoothed(lagged, value, 10.0, 300.0)
    assert lagged is not None
    assert slope(value, lagged, 300.0) == pytest.approx(0.01, rel=0.03)
