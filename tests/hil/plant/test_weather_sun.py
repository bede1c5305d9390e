"""The sun of the plant stands where the ephemeris has it, and shines on tilted planes as in the textbook."""

import warnings
from datetime import UTC, datetime
from math import cos, radians

import pytest
from skyfield.api import Loader, wgs84
from skyfield_data import get_skyfield_data_path

from hil.plant.weather_air import (
    dew_point_of,
    enthalpy,
    humidity_ratio,
    station_pressure,
    vapour_of,
    vapour_pressure,
    wet_bulb,
)
from hil.plant.weather_sun import Plane, Sky, Sun, diffuse_share, sun_at


@pytest.mark.parametrize("place", [(22.55, 114.06), (39.9, 116.4), (1.37, 103.98), (-33.9, 18.4)])
def test_position_against_the_ephemeris(place: tuple[float, float]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the earth's rotation is only forecast for this year: milliseconds
        loader = Loader(get_skyfield_data_path())
    scale = loader.timescale(builtin=True)
    ephemeris = loader("de421.bsp")
    spot = ephemeris["earth"] + wgs84.latlon(*place)
    for month in range(1, 13):
        moment = datetime(2026, month, 11, (7 * month) % 24, 20, tzinfo=UTC)
        height, azimuth, _ = spot.at(scale.from_datetime(moment)).observe(ephemeris["sun"]).apparent().altaz()
        sun = sun_at(moment.timestamp(), *place)
        assert sun.altitude == pytest.approx(height.degrees, abs=0.03)
        if abs(height.degrees) < 80.0:
            assert (sun.azimuth - azimuth.degrees + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=0.1)
    ephemeris.close()


def test_incidence_of_a_textbook() -> None:
    # Duffie and Beckman, example 1.6.1: Madison (43 N), 13 February, 10:30 solar time, surface 45 degrees towards
    # 15 degrees west of south: 35.0 degrees. Declination -14 and hour angle -22.5 degrees put the sun at 29.4 / 154.8
    sun = Sun(altitude=29.39, azimuth=154.8, sine=0.4907, normal=1400.0)
    assert Plane(45.0, 195.0).incidence(sun) == pytest.approx(0.819, abs=0.004)


def test_a_horizontal_plane_gets_what_is_measured_and_one_behind_the_sun_only_the_sky() -> None:
    sky = Sky(Sun(30.0, 180.0, 0.5, 1367.0), 500.0, 150.0)
    direct, around = Plane(0.0, 0.0).receives(sky)
    assert direct + around == pytest.approx(sky.horizontal)
    direct, around = Plane(90.0, 0.0).receives(sky)
    assert direct == 0.0
    assert 0.0 < around < 150.0
    assert Plane(60.0, 180.0).receives(sky)[0] > Plane(0.0, 0.0).receives(sky)[0]


def test_hay_and_davies_of_a_textbook() -> None:
    # Duffie and Beckman eq. 2.16.4 by hand, with an anisotropy of 0.26 / 2.05, slope 60 degrees, ground 0.60

    sine = 0.5
    sun = Sun(30.0, 180.0, sine, 2.05 / sine)
    plane = Plane(60.0, 180.0)
    sky = Sky(sun, 0.26 / sine, 0.78)
    direct, around = plane.receives(sky, albedo=0.60)
    rb = plane.incidence(sun) / sine
    anisotropy = 0.26 / 2.05
    by_hand = (0.26 + 0.78 * anisotropy) * rb + 0.78 * (1 - anisotropy) * (1 + cos(radians(60))) / 2
    by_hand += 1.04 * 0.60 * (1 - cos(radians(60))) / 2
    assert direct + around == pytest.approx(by_hand, rel=1e-6)


def test_diffuse_share_of_erbs() -> None:
    # Erbs et al. 1982, as tabulated by Duffie and Beckman figure 2.10.2
    assert diffuse_share(0.1) == pytest.approx(0.991)
    assert diffuse_share(0.5) == pytest.approx(0.659, abs=0.01)
    assert diffuse_share(0.9) == 0.165
    assert diffuse_share(0.8) == pytest.approx(0.165, abs=0.01)


@pytest.mark.parametrize(
    ("dry", "humidity", "wet", "ratio", "energy"),
    [
        (25.0, 50.0, 17.9, 0.00988, 50.3),
        (30.0, 40.0, 20.1, 0.01056, 57.1),
        (35.0, 60.0, 28.2, 0.02142, 90.2),
        (10.0, 80.0, 8.2, 0.00608, 25.4),
    ],
)
def test_moist_air_of_the_psychrometric_chart(
    dry: float, humidity: float, wet: float, ratio: float, energy: float
) -> None:
    # ASHRAE psychrometric chart no. 1, sea level, read to 0.1 K and 1 %
    found = humidity_ratio(vapour_pressure(dry) * humidity / 100.0)
    assert found == pytest.approx(ratio, rel=0.01)
    assert wet_bulb(dry, humidity) == pytest.approx(wet, abs=0.15)
    assert enthalpy(dry, found) == pytest.approx(energy, rel=0.01)
    assert vapour_of(found) == pytest.approx(vapour_pressure(dry) * humidity / 100.0)
    assert dew_point_of(vapour_pressure(dry)) == pytest.approx(dry)


def test_air_gets_thin_with_height() -> None:
    assert station_pressure(1500.0) == pytest.approx(845.6, abs=0.5), "ASHRAE Fundamentals chapter 1 table 1"
