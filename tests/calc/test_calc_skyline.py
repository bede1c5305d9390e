"""agent.calc.skyline: the sun goes behind a ridge before it sets."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.calc.skyline import (
    FLAT,
    LONGEST_SHADE,
    Skyline,
    behind_terrain,
    elevation_angle,
    make_skyline,
    ridge_skyline,
    shaded,
)
from agent.calc.sun import SunEvent, nights, sun_day
from agent.calc.sun_position import sun_direction
from agent.calc.sun_solver import Spot

LHASA, SHENZHEN = Spot(29.65, 91.14), Spot(22.55, 114.06)


def ring(height: float) -> Skyline:
    return Skyline(((0.0, height), (180.0, height)))


@pytest.mark.parametrize(
    ("spot", "height", "least", "most"), [(LHASA, 5.0, 24.0, 30.0), (SHENZHEN, 2.0, 9.0, 13.0)]
)
@pytest.mark.parametrize("day", ["2026-03-20", "2026-06-21", "2026-12-21"])
def test_a_ridge_takes_as_many_minutes_as_an_ephemeris_says(spot, height, least, most, day):
    """A 5 degree ridge: 26-29 min at Lhasa; 2 degrees: 11-12 min at Shenzhen (JPL ephemeris, refraction of the flat horizon)."""
    flat = sun_day(date.fromisoformat(day), spot.latitude, spot.longitude, "Asia/Shanghai")
    for event, rising in ((flat.sunset, False), (flat.sunrise, True)):
        seen = behind_terrain(event.timestamp(), spot, ring(height), rising=rising)
        assert least < abs(seen - event.timestamp()) / 60.0 < most
        assert (seen > event.timestamp()) is rising


def test_the_edge_is_where_the_last_of_the_disc_goes():
    flat = sun_day(date(2026, 11, 22), 29.65, 91.14, "Asia/Shanghai").sunset.timestamp()
    hill = Skyline(((200.0, 0.0), (240.0, 6.0), (280.0, 3.0), (300.0, 0.0)))
    seen = behind_terrain(flat, LHASA, hill, rising=False)
    assert shaded(seen + 1.0, LHASA, hill)
    assert not shaded(seen - 1.0, LHASA, hill)
    altitude, azimuth = sun_direction(seen, 29.65, 91.14)
    assert altitude == pytest.approx(hill.at(azimuth) - 0.2667, abs=0.2)  # a few minutes of refraction


def test_a_ridge_that_the_sun_does_not_pass_changes_nothing():
    flat = sun_day(date(2026, 6, 21), 22.55, 114.06, "Asia/Shanghai").sunset.timestamp()
    south = Skyline(((120.0, 0.0), (180.0, 30.0), (240.0, 0.0)))
    assert behind_terrain(flat, SHENZHEN, south, rising=False) == flat
    assert behind_terrain(flat, SHENZHEN, FLAT, rising=False) == flat


def test_a_gorge_moves_the_night_by_two_hours_and_no_more():
    flat = sun_day(date(2026, 12, 21), 29.65, 91.14, "Asia/Shanghai").sunset.timestamp()
    assert behind_terrain(flat, LHASA, ring(60.0), rising=False) == flat - 7200.0


def test_terrain_moves_sunset_and_leaves_twilight_alone():
    utc = sun_day(date(2026, 11, 22), 29.65, 91.14, "Asia/Shanghai").sunset.timestamp() + 3600.0
    for on, off in ((SunEvent.SUNSET, SunEvent.DAWN), (SunEvent.DUSK, SunEvent.SUNRISE)):
        plain = nights(utc, LHASA, on, off)[1]
        valley = nights(utc, LHASA, on, off, ring(5.0))[1]
        assert (valley.start < plain.start) is (on is SunEvent.SUNSET)
        assert (valley.end > plain.end) is (off is SunEvent.SUNRISE)


def test_three_points_of_a_ridge_make_its_skyline():
    """500 m at 5 km are 5.7 degrees; over 50 km the earth's curve takes 0.2 of them."""
    ridge = ridge_skyline([(100.0, 500.0, 5000.0), (80.0, 300.0, 4000.0), (120.0, 200.0, 3000.0)])
    assert ridge.at(100.0) == pytest.approx(5.69, abs=0.01)
    assert ridge.at(90.0) == pytest.approx((4.27 + 5.69) / 2, abs=0.01)
    assert [ridge.at(azimuth) for azimuth in (70.0, 130.0, 270.0)] == [0.0, 0.0, 0.0]
    assert elevation_angle(5000.0, 50_000.0) == pytest.approx(5.71 - 0.19, abs=0.02)
    assert elevation_angle(100.0, 100_000.0) < 0.0  # below the horizon: no ridge
    assert not ridge_skyline([(100.0, 100.0, 100_000.0)])


def test_a_ridge_across_north_is_one_ridge():
    ridge = ridge_skyline([(350.0, 100.0, 1000.0), (10.0, 100.0, 1000.0), (0.0, 200.0, 1000.0)])
    assert ridge.at(5.0) > 5.7
    assert ridge.at(180.0) == 0.0


@pytest.mark.parametrize(
    ("heights", "ridge", "words"),
    [
        (((90.0, 70.0),), (), "terrain of 70 degrees"),
        (((90.0, 3.0), (450.0, 4.0)), (), "one azimuth"),
        (((90.0, 3.0),), ((90.0, 100.0, 1000.0),), "not both"),
        ((), ((90.0, 100.0, 0.0),), "no point of a ridge"),
    ],
)
def test_what_no_terrain_can_be_is_refused(heights, ridge, words):
    with pytest.raises(ValueError, match=words):
        make_skyline(heights, ridge)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(0, 359), st.floats(0, 40)), max_size=5, unique_by=lambda one: one[0]),
    st.floats(-60, 60),
    st.integers(0, 365),
)
def test_any_terrain_only_lengthens_the_night(heights, latitude, day):
    spot, skyline = Spot(latitude, 100.0), Skyline(tuple(heights))
    utc = 1.77e9 + day * 86400.0
    for plain, valley in zip(nights(utc, spot), nights(utc, spot, skyline=skyline), strict=True):
        assert plain.start - LONGEST_SHADE <= valley.start <= plain.start
        assert plain.end <= valley.end <= plain.end + LONGEST_SHADE
