"""Outdoor lamps of sixty cities: a quick way through a year that says what the agent's own bench says."""

from dataclasses import replace
from statistics import mean

import pytest

from agent.core.errors import ConfigurationError
from hil.compare.comparison import Request, compare
from hil.compare.days import blocks, chosen_days
from hil.library import load_cities
from hil.oracle.lighting import lighting_bound
from hil.ready_site.ready_site import load_ready_site
from hil.ready_site.street import make_street, place_of
from hil.sites.solar_clock.cities import ARMS, LOOK, TICK, Switching, run_city

ZONE = "Asia/Shanghai"


@pytest.fixture(scope="module")
def ready():
    return load_ready_site("solar_clock")


def rows(city, days, **wanted):
    found = run_city(city, days, 1)
    return {
        (row.arm, row.circuit): row for row in found if all(getattr(row, k) == v for k, v in wanted.items())
    }


def test_the_site_file_stands_where_its_city_is(ready):
    place = ready.site("policy").place
    assert (place.latitude, place.longitude) == place_of(ready.sizes)


def test_there_are_sixty_cities_and_each_has_its_lamps(ready):
    assert len(load_cities()) == 60
    for name, latitude, longitude, _ in load_cities():
        design = make_street({**ready.sizes, "city": name}, 0.0, 1).design
        assert (design.latitude, design.longitude) == (latitude, longitude)
    with pytest.raises(ConfigurationError, match="no city 'Shenzen'"):
        make_street({**ready.sizes, "city": "Shenzen"}, 0.0, 1)


def test_each_switch_is_found_at_the_tick_at_which_an_agent_would_make_it(ready):
    start = blocks(chosen_days(1))[0].start(ZONE)
    clocks = Switching(ready.site("policy"), *place_of(ready.sizes))
    changes = list(clocks.changes(start, start + 86_400.0))
    assert [sum(commands.values()) for _, commands in changes] == [2, 0, 3, 2]  # night, day, evening, late
    for utc, commands in changes[1:]:
        assert (utc - start) % TICK == 0.0
        assert clocks.at(utc) == commands
        assert clocks.at(utc - TICK) != commands
    assert LOOK % TICK == 0.0


@pytest.mark.parametrize("arm", ["weak", "policy"])
def test_the_quick_way_says_what_the_bench_says(arm):
    figures = compare(Request(site="solar_clock", days=1, arms=(arm,))).arms[arm]
    quick = rows("Shenzhen", 1, arm=arm).values()
    assert figures["failed_ticks"] == 0
    assert sum(row.kwh for row in quick) == pytest.approx(figures["kwh"], rel=0.005)
    late = sum(row.late_seconds for row in quick)
    assert figures["counters"]["late_switch_on_seconds"] == pytest.approx(
        late, abs=180.0
    )  # 3 circuits, a minute each


def test_with_a_minute_of_margin_the_sun_is_never_late_and_the_clocks_waste_what_was_reported():
    days = 12
    found = {city: rows(city, days) for city in ("Shenzhen", "Urumqi", "Mohe")}
    for city, table in found.items():
        for circuit in ("community", "landscape"):  # those that are judged by the sun itself
            sun = table["policy", circuit]
            assert sun.late_seconds == 0.0, city
            assert sun.early_off_seconds == 0.0, city
            assert sun.by_day_minutes < 2.2, city  # the two margins, and a tick
            assert table["weak", circuit].late_seconds == 0.0, "the seasonal clock is set to the safe side"
            assert table["competent", circuit].late_seconds > 30.0, (
                "somebody who comes late is a safety fault"
            )
            assert sun.kwh >= sun.oracle_kwh
    shenzhen = found["Shenzhen"]["weak", "landscape"]
    assert 24.0 <= shenzhen.by_day_minutes <= 36.0  # reported: 26 to 34 minutes a day
    saved = found["Shenzhen"]["reported", "landscape"].saving_vs_weak
    assert saved == pytest.approx(10.62, abs=2.0), "30 of the 4.7 hours a day that evening lighting burns"
    hours = found["Shenzhen"]["reported", "landscape"].kwh / (200 * 0.012)
    assert hours == pytest.approx(4.7, abs=0.3)


def test_the_bound_is_below_every_arm_that_leaves_nobody_in_the_dark(ready):
    days = blocks(chosen_days(4))
    bound = lighting_bound(ready, days, ZONE, 1)
    table = rows("Shenzhen", 4)
    for circuit, kwh in bound.by_object.items():
        assert kwh / 4 == pytest.approx(table["weak", circuit].oracle_kwh, rel=1e-3)
        safe = [table[arm, circuit].kwh for arm in ARMS if table[arm, circuit].late_seconds == 0.0]
        assert safe
        assert min(safe) > kwh / 4
    assert bound.kwh == pytest.approx(sum(bound.by_object.values()))
    assert mean(table[key].kwh for key in table) > 0.0


def test_a_sun_that_is_late_is_seen(ready):
    """The counters are no decoration: the same policy five minutes later is five minutes late."""
    site = ready.site("policy")
    late = {
        area: tuple(replace(one, on_offset=300.0) for one in policies)
        for area, policies in site.policies.items()
    }
    start = blocks(chosen_days(1))[0].start(ZONE)
    clocks = Switching(replace(site, policies=late), *place_of(ready.sizes))
    plant = make_street(ready.sizes, start, 1)
    inputs = {}
    for utc, commands in clocks.changes(start, start + 86_400.0):
        if utc > plant.utc:
            plant.step(utc - plant.utc, inputs)
        inputs = {f"{name}.lamp_switch": on for name, on in commands.items()}
    truth = plant.step(start + 86_400.0 - plant.utc, inputs)
    assert truth["community.late_switch_on_seconds"] == pytest.approx(300.0, abs=30.0)
