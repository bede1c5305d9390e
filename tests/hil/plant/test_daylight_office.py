"""Daylight against closed forms and handbook rules; an office in which somebody always has enough light."""

from datetime import UTC, datetime, timedelta

import pytest

from hil.climates import load_climate
from hil.plant.daylight import (
    Daylight,
    Glazing,
    RoomShape,
    reflected_component,
    sky_component,
    sun_depth,
    uniform_sky_component,
)
from hil.plant.load import Outdoors
from hil.plant.office import Office, OfficeDesign
from hil.plant.weather import Weather
from hil.plant.weather_sun import Plane, Sun

SOUTH = Glazing(width=8.0, height=1.7, plane=Plane(90.0, 180.0))
ROOM = RoomShape(width=9.0, depth=8.0)
OFFSET = timedelta(hours=8)
TUESDAY = datetime(2026, 3, 9, 16, tzinfo=UTC).timestamp()
OVERCAST = Weather(20.0, 15.0, 70.0, 120.0, 17.0, beam=0.0, diffuse=120.0, sun=Sun(40.0, 180.0, 0.64, 1361.0))


def test_integral_over_the_window_against_the_closed_form() -> None:
    # with a sky of equal luminance the same integral is known exactly; the overcast sky is darker near the horizon
    for distance in (1.5, 3.0, 6.0):
        flat = Glazing(width=8.0, height=1.7, plane=Plane(), sill=0.0)
        uniform = uniform_sky_component(flat, distance)
        ratio = sky_component(flat, distance) / uniform
        low, high = 3.0 / 7.0, 3.0 / 7.0 * (1.0 + 2.0 * 1.7 / (distance**2 + 1.7**2) ** 0.5)
        assert low < ratio < high, "between horizon and the window's head: L / mean = 3/7 (1 + 2 sin h)"


def test_sky_component_of_the_published_table() -> None:
    # BRS simplified daylight table for CIE overcast sky, vertical glass: window as high as its distance is, and as wide to
    # each side: 2 x 3.8 % before glass losses of 15 % are in; computed from Hopkinson's formula
    square = Glazing(width=2.0, height=1.0, plane=Plane(), sill=0.0)
    from math import asin, atan, cos, pi, sin

    theta = pi / 4.0  # elevation of the head
    beta = atan(1.0)  # half width over distance
    beta_slant = atan(1.0 * cos(theta))
    half = 3.0 / (14.0 * pi) * (beta - beta_slant * cos(theta))
    half += 2.0 / (7.0 * pi) * (asin(sin(beta) * sin(theta)) - 0.5 * sin(2.0 * theta) * sin(beta_slant))
    assert sky_component(square, 1.0) == pytest.approx(2.0 * half, rel=0.01)


def test_reflected_component_of_the_formula() -> None:
    # Hopkinson et al.: W = 13.6 m2, A = 239 m2, R = 0.5, C = 39, Rfw = 0.3, Rcw = 0.65
    assert reflected_component(SOUTH, ROOM) == pytest.approx(
        0.85 * 13.6 / (239.2 * 0.5) * (39 * 0.3 + 5 * 0.65) / 100.0, rel=1e-3
    )


def test_daylight_falls_off_as_offices_know() -> None:
    # BS 8206-2 / CIBSE LG10: 5-10 % beside a big window, about 2 % in the middle, 1 % at the back of a deep room
    near, middle, back = Daylight(SOUTH, ROOM, (1.5, 4.0, 7.0)).factors
    assert 0.05 < near < 0.12
    assert 0.015 < middle < 0.03
    assert 0.007 < back < 0.015


def test_an_overcast_sky_gives_the_daylight_factor() -> None:
    # facade = half the sky and a tenth of the ground; the CIE sky gives 0.396 of the horizontal on it
    daylight = Daylight(SOUTH, ROOM, (1.5, 4.0))
    facade = 120.0 * (0.5 + 0.1) * 120.0
    found = daylight.illuminance(OVERCAST, 0.0)
    assert found[1] == pytest.approx(daylight.factors[1] * facade / 0.396, rel=1e-6)
    assert daylight.illuminance(OVERCAST, 100.0)[1] == pytest.approx(0.12 * found[1])


def test_how_far_the_sun_reaches() -> None:
    low = Weather(20.0, 10.0, 50.0, 400.0, 15.0, beam=700.0, sun=Sun(30.0, 180.0, 0.5, 1361.0))
    assert sun_depth(SOUTH, low) == pytest.approx(1.85 / 0.57735, rel=1e-3)
    assert sun_depth(Glazing(width=1.0, height=1.0, plane=Plane(90.0, 0.0)), low) == 0.0


def run(inputs: dict[str, float], step: float = 60.0) -> tuple[Office, list[tuple[float, ...]]]:
    office = Office(OfficeDesign(name="office", glazing=SOUTH, room=ROOM), OFFSET)
    climate = load_climate("shenzhen")
    rows = []
    for number in range(1, int(86400 / step) + 1):
        utc = TUESDAY + step * number
        office.step(step, inputs, Outdoors(utc, climate.at(utc)))
        rows.append(office.illuminances())
    return office, rows


def test_without_control_lamps_burn_all_day() -> None:
    office, rows = run({})
    hours = office.energy.total / (24 * 0.036)
    assert 11.0 < hours < 13.5
    assert all(lux >= 400.0 for lux in rows[10 * 60])
    assert max(rows[3 * 60]) == 0.0


def test_dimmed_lamps_save_and_daylight_does_the_rest() -> None:
    full, _ = run({})
    dimmed, rows = run(
        {"office_row_1.lamp_level": 0.0, "office_row_2.lamp_level": 30.0, "office_row_3.lamp_level": 50.0}
    )
    assert dimmed.energy.total < 0.75 * full.energy.total
    assert rows[12 * 60][0] > 300.0
    assert dimmed.outputs()["office_row_2.lamp_level_status"] == pytest.approx(30.0)


def test_people_pull_the_blinds_at_glare_and_raise_them_next_morning() -> None:
    office = Office(OfficeDesign(name="office", glazing=SOUTH, room=ROOM), OFFSET)
    glare = Weather(
        20.0, 10.0, 50.0, 500.0, 15.0, beam=800.0, diffuse=100.0, sun=Sun(30.0, 180.0, 0.5, 1361.0)
    )
    noon = TUESDAY + 12 * 3600.0
    office.step(60.0, {}, Outdoors(TUESDAY + 9 * 3600.0, OVERCAST))
    assert office.blind == 0.0
    office.step(60.0, {}, Outdoors(noon, glare))
    assert office.blind == 100.0
    office.step(60.0, {}, Outdoors(noon + 3600.0, OVERCAST))
    assert office.blind == 100.0, "nobody bothers"
    office.step(60.0, {}, Outdoors(noon + 10 * 3600.0, OVERCAST))
    office.step(60.0, {}, Outdoors(noon + 21 * 3600.0, OVERCAST))
    assert office.blind == 0.0
    office.step(60.0, {"office.blind_command": 40.0}, Outdoors(noon + 24 * 3600.0, glare))
    assert office.blind == 40.0


def test_the_step_changes_no_energy() -> None:
    assert run({})[0].energy.total == pytest.approx(run({}, step=10.0)[0].energy.total, rel=0.01)
