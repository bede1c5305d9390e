"""The table of sixty cities, at a sample: saving against timer and human, nobody in the dark, exact by two other suns."""

import pytest

from hil.library import load_cities
from hil.sites.solar_clock.cities import lines_of, run_city
from hil.sites.solar_clock.city_table import largest_error, show_lines
from tests.calc.test_calc_sun_grid import true_events

PLACES = {name: (latitude, longitude) for name, latitude, longitude, _ in load_cities()}


@pytest.fixture(scope="module")
def lines():
    return {line.circuit: line for line in lines_of(run_city("Harbin", 6, 1))}


def test_a_city_saves_against_the_timer_and_lights_what_the_human_leaves_dark(lines):
    paths = lines["community"]
    assert 8.0 < paths.against_timer < 20.0
    assert paths.minutes == pytest.approx(paths.against_timer / 100.0 * 14 * 60, rel=0.25)
    assert (paths.late_seconds, lines["landscape"].late_seconds) == (0.0, 0.0)
    assert paths.human_late_seconds > 60.0
    assert -2.0 < paths.against_human < 2.0  # he saves as much, in the dark


def test_all_cities_are_within_thirty_seconds_of_the_plants_own_sun():
    for city in ("Shenzhen", "Lhasa", "Urumqi", "Mohe", "Harbin", "Sanya"):
        assert largest_error(*PLACES[city], 2026) <= 30.0, city


def test_the_error_is_seen():
    """Half a degree of longitude is two minutes."""
    latitude, longitude = PLACES["Shenzhen"]
    from hil.sites.solar_clock import city_table

    with pytest.MonkeyPatch.context() as patch:
        honest = city_table.sun_day
        patch.setattr(city_table, "sun_day", lambda day, a, b, zone: honest(day, a, b + 0.5, zone))
        assert 100.0 < largest_error(latitude, longitude, 2026) < 140.0


@pytest.mark.parametrize("city", ["Lhasa", "Mohe", "Guangzhou"])
def test_and_of_an_ephemeris(city):
    from datetime import date

    from agent.calc.sun import sun_day

    latitude, longitude = PLACES[city]
    for month in (1, 3, 6, 9, 12):
        day = date(2026, month, 21)
        true = true_events(latitude, longitude, day, "Asia/Shanghai")
        found = sun_day(day, latitude, longitude, "Asia/Shanghai")
        assert abs(found.sunrise.timestamp() - true["sunrise"][0]) <= 30.0
        assert abs(found.sunset.timestamp() - true["sunset"][0]) <= 30.0


def test_the_table_has_a_line_for_each_circuit_the_mean_and_the_worst(lines, capsys):
    show_lines(list(lines.values()))
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 1 + 3 + 6
    assert shown[0].split()[:2] == ["city", "circuit"]
