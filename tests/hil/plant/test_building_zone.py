"""Zones lose no heat and no water, and answer a step as their resistances and capacities say."""

import dataclasses
from datetime import UTC, datetime
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from hil.climates import load_climate
from hil.plant.coil import CoilDesign
from hil.plant.people import OFFICE_PEOPLE, Use, weekdays
from hil.plant.weather import Weather
from hil.plant.weather_sun import Plane, Sun
from hil.plant.zone import NO_USE, Presence, Window, Zone, ZoneDesign

COIL = CoilDesign(capacity=150.0, air=9.3, water=7.2)
BARE = ZoneDesign(name="z", floor=1000.0, coil=COIL, use=NO_USE, glass=0.8, wall=0.5, leaks=0.0)
NOBODY = Presence(0.0, 0.0, False, 0.0)
JULY = datetime(2026, 7, 14, 16, tzinfo=UTC).timestamp()


def outside(dry: float, ratio: float = 0.010, irradiance: float = 0.0) -> Weather:
    return Weather(dry, 15.0, 50.0, irradiance, 20.0, humidity_ratio=ratio)


@pytest.mark.parametrize("step", [60.0, 5.0])
def test_a_step_outside_is_answered_as_by_the_exact_solution(step: float) -> None:
    """Exact: matrix exponential of the two-node network. The first hour has the fastest change: 0.05 K, then 0.02 K."""
    zone = Zone(BARE, temperature=20.0)
    inner, air, mass = BARE.inner_conductance, BARE.air_capacity, BARE.mass * BARE.floor
    matrix = np.array([[-(inner + 0.8) / air, inner / air], [inner / mass, -(inner + 0.5) / mass]])
    forced = np.array([0.8 / air, 0.5 / mass]) * 35.0
    steady = -np.linalg.solve(matrix, forced)
    for minute in range(1, 24 * 60 + 1):
        for _ in range(int(60.0 / step)):
            zone.step(step, outside(35.0), NOBODY, 7.0, 0.0)
        if minute in (10, 60, 360, 1440):
            exact = steady + expm(matrix * minute / 60.0) @ (np.array([20.0, 20.0]) - steady)
            assert [zone.air, zone.mass] == pytest.approx(list(exact), abs=0.05 if minute < 100 else 0.02)


def test_a_constant_gain_settles_where_the_conductances_say() -> None:
    zone = Zone(BARE, temperature=30.0)
    for _ in range(60 * 24 * 40):
        zone.step(60.0, outside(20.0), Presence(0.0, 10.0, False, 0.0), 7.0, 0.0)
    # by hand: 6 kW into the air, 4 kW into the mass; nodes joined by 22.5 kW/K
    a = np.array([[0.8 + 22.5, -22.5], [-22.5, 0.5 + 22.5]])
    rise = np.linalg.solve(a, np.array([6.0, 4.0]))
    assert [zone.air - 20.0, zone.mass - 20.0] == pytest.approx(list(rise), abs=0.01)
    assert 0.8 * rise[0] + 0.5 * rise[1] == pytest.approx(10.0)


DRIVE = st.fixed_dictionaries(
    {
        "dry": st.floats(-10.0, 40.0),
        "humid": st.floats(0.001, 0.022),
        "irradiance": st.floats(0.0, 1000.0),
        "people": st.floats(0.0, 150.0),
        "water": st.floats(0.0, 9.0),
        "supply": st.floats(4.0, 20.0),
        "damper": st.floats(0.0, 1.0),
        "start": st.floats(15.0, 35.0),
    }
)


@settings(max_examples=60, deadline=None)
@given(drive=DRIVE, step=st.sampled_from([0.1, 1.0, 10.0, 60.0]), running=st.booleans())
def test_heat_and_water_balance_closes(drive: dict[str, float], step: float, running: bool) -> None:
    start, irradiance, water, supply = (drive[name] for name in ("start", "irradiance", "water", "supply"))
    window = Window(area=100.0, plane=Plane(90.0, 200.0))
    zone = Zone(dataclasses.replace(BARE, leaks=0.3, windows=(window,), heating=50.0), temperature=start)
    weather = Weather(
        drive["dry"], 10.0, 50.0, irradiance, 20.0, beam=irradiance * 0.6, diffuse=irradiance * 0.5,
        sun=Sun(52.0, 190.0, 0.788, 1361.0), humidity_ratio=drive["humid"],
    )  # fmt: skip
    before, waters = zone.stored, 0.0
    for _ in range(40):
        flow = zone.step(
            step, weather, Presence(drive["people"], 20.0, running, drive["damper"]), supply, water
        )
        waters += water * 4.187 * (flow.water_leaving - supply) * step / 3600.0 if flow.total != 0.0 else 0.0
    balance = zone.balance
    entered = balance.gains + balance.outdoor + balance.heating - balance.coil
    assert zone.stored - before == pytest.approx(entered, abs=1e-6 + 1e-9 * abs(zone.stored))
    assert waters == pytest.approx(balance.coil, abs=1e-6), "the water carries what the air lost"


def test_carbon_dioxide_of_thirty_cubic_metres_a_person() -> None:
    # 0.005 l/s over 8.33 l/s a person: 600 ppm above outdoors (ASHRAE 62.1 appendix D)
    design = dataclasses.replace(BARE, leaks=0.0)
    zone = Zone(design)
    full = Presence(100.0, 0.0, True, 1.0)
    for _ in range(60 * 8):
        zone.step(60.0, outside(25.0), full, 25.0, 0.0)
    assert zone.carbon_dioxide == pytest.approx(420.0 + 5.0e-6 / 0.0083 * 1e6, rel=0.01)
    empty = zone.carbon_dioxide
    zone.step(3600.0, outside(25.0), Presence(0.0, 0.0, True, 1.0), 25.0, 0.0)
    changes = 0.83 / 3600.0  # m3/s over m3: one hour of 0.83 air changes
    assert zone.carbon_dioxide - 420.0 == pytest.approx((empty - 420.0) * exp(-changes * 3600.0), rel=0.02)


def test_a_damp_summer_is_dried_and_a_closed_coil_leaves_it_damp() -> None:
    climate = load_climate("shenzhen")
    dried, damp = Zone(dataclasses.replace(BARE, leaks=0.3)), Zone(dataclasses.replace(BARE, leaks=0.3))
    for minute in range(6 * 60):
        weather = climate.at(JULY + 8 * 3600.0 + 60.0 * minute)
        people = Presence(100.0, 20.0, True, 1.0)
        dried.step(60.0, weather, people, 7.0, 4.0)
        damp.step(60.0, weather, people, 7.0, 0.0)
    assert dried.humidity(1013.0) < 65.0
    assert dried.ratio < 0.012
    assert damp.ratio > 0.017
    assert dried.flow.condensate > 0.0 == damp.flow.condensate


def test_sun_through_glass_of_the_right_side() -> None:
    morning = Weather(
        25.0, 15.0, 50.0, 400.0, 20.0, beam=600.0, diffuse=100.0, sun=Sun(30.0, 90.0, 0.5, 1330.0)
    )  # fmt: skip
    east, west, north = (Window(area=10.0, plane=Plane(90.0, side), gain=0.5) for side in (90.0, 270.0, 0.0))
    # by hand: 600 * cos 30 degrees of beam, bent by 1 - 0.1 (1 / cos 30 - 1); half the sky and a tenth of 400 W/m2 around
    around = 100.0 * (600 / 1330 * 0.866 / 0.5 + (1 - 600 / 1330) / 2) + 0.2 * 400.0 / 2
    by_hand = 10.0 * 0.5 * (600.0 * 0.866 * (1 - 0.1 * (1 / 0.866 - 1)) + 0.9 * around) / 1e3
    assert east.lets_in(morning) == pytest.approx(by_hand, rel=1e-3)
    assert west.lets_in(morning) == pytest.approx(north.lets_in(morning))
    assert east.lets_in(load_climate("beijing").at(JULY)) == 0.0


def test_use_follows_the_calendar_and_runs_smoothly() -> None:
    monday, sunday = datetime(2026, 7, 13, 10, 30, tzinfo=UTC), datetime(2026, 7, 12, 10, 30, tzinfo=UTC)
    assert OFFICE_PEOPLE.share(monday, weekdays) == pytest.approx(0.95)
    assert OFFICE_PEOPLE.share(sunday, weekdays) == 0.0
    assert OFFICE_PEOPLE.share(sunday, lambda _: True) == pytest.approx(0.95), "a made-up Sunday"
    assert OFFICE_PEOPLE.share(monday.replace(hour=9, minute=0), weekdays) == pytest.approx(0.725)
    with pytest.raises(ValueError, match="24"):
        Use(working=(1.0,), off=(1.0,) * 24)
