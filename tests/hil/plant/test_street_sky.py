"""Sun, skyline and daylight against independent figures: the ephemeris, the weather glossary, the daylight standard."""

from datetime import UTC, datetime
from itertools import pairwise
from math import exp, radians, sin
from warnings import catch_warnings, simplefilter

import pytest

from hil.climates import load_climate
from hil.library import load_cities
from hil.plant.horizon import HorizonProfile, skyline_height
from hil.plant.lighting_sky import (
    SkyState,
    clear_illuminance,
    direct_share,
    ground_illuminance,
    overcast_share,
)
from hil.plant.street_clouds import ClearSky, Clouds, WeatherSky
from hil.plant.weather_sun import sun_at

NOON = datetime(2026, 6, 21, 4, tzinfo=UTC).timestamp()


def test_the_sun_stands_where_the_ephemeris_says() -> None:
    # JPL DE421 by skyfield, geometric altitude and azimuth; 0.02 degrees are 5 s of the day
    skyfield_data = pytest.importorskip("skyfield_data")
    from skyfield.api import Loader, wgs84

    with catch_warnings():
        simplefilter("ignore")  # the leap second file of the data package grows old
        load = Loader(skyfield_data.get_skyfield_data_path())
        scale, kernel = load.timescale(builtin=True), load("de421.bsp")
    try:
        for _, latitude, longitude, _ in load_cities()[::7]:
            place = kernel["earth"] + wgs84.latlon(latitude, longitude)
            for day in range(0, 365, 61):
                for hour in (0, 5, 9, 11, 22):
                    utc = datetime(2026, 1, 1, hour, tzinfo=UTC).timestamp() + 86400.0 * day
                    moment = scale.from_datetime(datetime.fromtimestamp(utc, UTC))
                    seen = place.at(moment).observe(kernel["sun"]).apparent().altaz()
                    altitude, azimuth, *_ = sun_at(utc, latitude, longitude)
                    assert altitude == pytest.approx(seen[0].degrees, abs=0.02)
                    apart = (azimuth - seen[1].degrees + 180.0) % 360.0 - 180.0
                    assert abs(apart) * sin(radians(90.0 - min(abs(altitude), 89.0))) < 0.03
    finally:
        kernel.close()


def test_sixty_cities_lie_in_china() -> None:
    cities = load_cities()
    assert len({name for name, *_ in cities}) == 60
    assert all(18.0 < latitude < 54.0 and 73.0 < longitude < 135.5 for _, latitude, longitude, _ in cities)
    by_name = {name: rest for name, *rest in cities}
    assert by_name["Lhasa"] == [29.667, 91.133, 3650]
    assert by_name["Turpan"][2] < 50


@pytest.mark.parametrize(
    ("altitude", "low", "high"),
    [(-0.8333, 410.0, 585.0), (-6.0, 2.0, 3.5), (-12.0, 0.006, 0.010), (60.0, 95_000.0, 115_000.0)],
)
def test_clear_daylight_of_the_glossary(altitude: float, low: float, high: float) -> None:
    # Glossary of Meteorology, civil and astronomical twilight: 585-410 lx at sunset, 3.5-2 lx at -6, 0.008 lx at -12
    # degrees; a high sun: 100 klx and some
    assert low <= clear_illuminance(altitude) <= high


def test_daylight_rises_with_the_sun_without_a_jump() -> None:
    heights = [-18.0 + 0.05 * n for n in range(2160)]
    values = [clear_illuminance(height) for height in heights]
    assert all(b > a * 0.985 for a, b in pairwise(values))  # the pieces' joints
    assert all(b < a * 1.15 for a, b in pairwise(values))


def test_clear_sky_agrees_with_the_daylight_standard() -> None:
    # IES RP-21 clear: 0.8 + 15.5 sqrt(sin h) klx of sky and 127.5 exp(-0.21 m) sin h klx of sun: within 20 %; the
    # standard's sky is that of very clean air (extinction 0.21), the almanac's is below it everywhere
    for height in (10.0, 20.0, 30.0, 45.0, 60.0):
        s = sin(radians(height))
        standard = 1e3 * (0.8 + 15.5 * s**0.5 + 127.5 * exp(-0.21 / s) * s)
        assert clear_illuminance(height) == pytest.approx(standard, rel=0.20)
        overcast = clear_illuminance(height) * overcast_share(height)
        assert overcast == pytest.approx(1e3 * (0.3 + 21.0 * s), rel=0.20)


def test_terrain_takes_the_beam_and_its_share_of_the_sky() -> None:
    state = SkyState()
    free = ground_illuminance(20.0, 0.0, 1.0, state)
    behind = ground_illuminance(20.0, 25.0, 0.9, state)
    assert behind == pytest.approx(0.9 * free * (1.0 - direct_share(20.0)))
    assert ground_illuminance(20.0, 0.0, 1.0, SkyState(1.0)) == pytest.approx(free * overcast_share(20.0))
    half = ground_illuminance(20.0, 0.0, 1.0, SkyState(0.5))
    assert free > half > 0.85 * free, "half a sky of clouds costs little (Kasten and Czeplak)"
    assert ground_illuminance(20.0, 0.0, 1.0, SkyState(1.0, 0.1)) < 0.03 * free


def test_a_skyline_is_read_all_the_way_round() -> None:
    ridge = HorizonProfile(((80.0, 0.0), (90.0, 5.0), (350.0, 2.0), (10.0, 4.0)))
    assert ridge.at(85.0) == pytest.approx(2.5)
    assert ridge.at(0.0) == pytest.approx(3.0), "over north"
    assert ridge.at(450.0) == pytest.approx(5.0)
    assert HorizonProfile().at(123.0) == 0.0
    assert HorizonProfile().open_sky() == 1.0
    everywhere = HorizonProfile(((0.0, 30.0),))
    assert everywhere.open_sky() == pytest.approx(0.75), "1 - sin2(30 degrees)"


def test_a_mountain_over_a_round_earth() -> None:
    assert skyline_height(875.0, 10_000.0) == pytest.approx(
        4.96, abs=0.02
    )  # 5.0 on a flat earth, 6.8 m of curvature
    assert skyline_height(0.0, 20_000.0) < 0.0


def test_clouds_are_the_same_for_every_step_and_storms_come_at_noon() -> None:
    sky, again = Clouds(seed=3), Clouds(seed=3)
    moments = [NOON + 777.0 * n for n in range(500)]
    assert [sky.at(t) for t in moments] == [again.at(t) for t in reversed(moments)][::-1]
    assert all(0.0 <= sky.at(t).cover <= 1.0 for t in moments)
    assert Clouds(seed=4).at(NOON) != sky.at(NOON)
    before, after = sky.at(NOON - 0.5), sky.at(NOON + 0.5)
    assert before.cover == pytest.approx(after.cover, abs=1e-3), "no jump at a knot"
    year = [NOON - NOON % 86400.0 + 600.0 * n for n in range(6 * 24 * 365)]
    stormy = [t for t in year if sky.at(t).storm < 0.99]
    days = {int((t + 8 * 3600.0) // 86400.0) for t in stormy}
    assert len(days) == pytest.approx(50, abs=21), "three standard deviations"
    assert all(10.5 <= (t / 3600.0 + 8.0) % 24.0 <= 19.5 for t in stormy)
    cover = sum(sky.at(t).cover for t in year) / len(year)
    assert cover == pytest.approx(0.6, abs=0.05)
    assert ClearSky().at(NOON) == SkyState()


def test_the_weathers_own_clouds_hang_over_the_street_and_a_storm_needs_clouds() -> None:
    climate, storms = load_climate(), Clouds(seed=3, storms=180.0)
    sky = WeatherSky(climate, 5, storms)
    plain = stormy = 0
    for n in range(6 * 24 * 120):
        utc = NOON + 600.0 * n
        cover, storm = climate.at(utc, 5).cloud, storms.at(utc).storm
        state = sky.at(utc)
        if storm == 1.0 or cover < 0.5:
            plain += 1
            assert state == SkyState(cover)
        else:
            stormy += 1
            assert state == SkyState(1.0, storm)
    assert plain > stormy > 20
