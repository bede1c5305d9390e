"""The air of a garage: mass is kept, the closed form is met, fans follow their laws; rooms on district water breathe as rooms do."""

from __future__ import annotations

from datetime import timedelta
from math import exp, inf, nan

import pytest

from agent.core.errors import ConfigurationError
from hil.plant.garage_air import COLD, PPM_OF_GRAM, WARM, GarageAir, GarageAirDesign
from hil.plant.load import Outdoors
from hil.plant.weather import Weather
from hil.ready_site.air import make_air
from hil.ready_site.ready_site import load_ready_site

CHINA = timedelta(hours=8)
WEATHER = Weather(30.0, 26.0, 70.0, 0.0, 27.0)
MORNING = 1_784_073_600.0  # 15 July 2026, a Wednesday, 08:00 in China
OFF = {f"garage_fan_{n}.enable": False for n in (1, 2, 3)}
FOLDER = "hil/scenarios/fresh_air"


def at(hour: float) -> Outdoors:
    """Hours after eight in the morning."""
    return Outdoors(MORNING + 3600.0 * hour, WEATHER)


def hall(**sizes: float) -> GarageAir:
    return GarageAir(GarageAirDesign(**sizes), CHINA, ppm=0.0)


def test_a_gram_in_a_cubic_metre_is_873_ppm() -> None:
    # NIOSH: 1 ppm of carbon monoxide is 1.15 mg/m3 (1 atm, 25 degC)
    assert pytest.approx(1000.0 / 1.145, rel=0.001) == PPM_OF_GRAM


@pytest.mark.parametrize("step", [1.0, 7.0, 60.0, 1800.0])
def test_a_queue_fills_the_hall_as_the_closed_form_says_at_any_step(step: float) -> None:
    air = hall(cars=0.0, leaks=1.0)
    air.fail("hall.queue", 10.0)
    now = 0.0
    while now < 3600.0:
        now += (part := min(step, 3600.0 - now))
        air.step(part, OFF, at(0.0))
    settled = 10.0 * WARM * 60.0 * PPM_OF_GRAM / 4500.0  # grams an hour into one air change an hour
    assert air.ppm == pytest.approx(settled * (1.0 - exp(-1.0)), rel=1e-9)


def test_what_engines_give_is_in_the_air_or_has_been_taken_out() -> None:
    air = hall()
    before = air.held
    for n in range(600):
        on = {"garage_fan_1.enable": n % 100 < 50, "garage_fan_1.speed_command": 60.0}
        air.step(30.0, OFF | on, at(n / 120.0))
    assert air.emitted > 300.0
    assert air.held - before == pytest.approx(air.emitted - air.removed, abs=1e-6)


def test_the_rush_of_an_hour_gives_what_the_table_says() -> None:
    """Between eight and nine 52 of 445 leave cold and 22 of 484 come warm, two minutes each."""
    air = hall(cars=300.0)
    air.step(1.0, OFF, at(0.5))
    leave, come = 300.0 * 52 / 445, 300.0 * 22 / sum_of_arrivals()
    assert air.emitted * 3600.0 == pytest.approx(2.0 * (leave * COLD + come * WARM), rel=1e-6)
    assert air.engines == pytest.approx((leave + come) / 30.0)


def sum_of_arrivals() -> float:
    from hil.plant.traffic import ARRIVALS

    return float(sum(ARRIVALS))


def test_fans_follow_the_laws_of_affinity() -> None:
    air = hall()
    air.step(1.0, {f"garage_fan_{n}.speed_command": 50.0 for n in (1, 2, 3)}, at(0.0))
    assert air.power == pytest.approx(3 * 3.0 / 8.0)
    assert air.outputs()["hall.exhaust_air_flow"] == pytest.approx(27_000.0 / 3.6 / 2.0)
    air.fail("garage_fan_2.trip", 1.0)
    air.step(1.0, {}, at(0.0))  # nobody commands: full speed
    out = air.outputs()
    assert (out["garage_fan_1.status"], out["garage_fan_2.status"]) == (True, False)
    assert (out["garage_fan_2.alarm"], out["garage_fan_1.speed"]) == (True, 100.0)
    with pytest.raises(KeyError):
        air.fail("hall.roof", 1.0)


@pytest.mark.parametrize("odd", [nan, inf, -inf, 1e9, -5.0])
def test_whatever_is_commanded_the_air_stays_air(odd: float) -> None:
    air = hall()
    for _ in range(20):
        air.step(60.0, {f"garage_fan_{n}.speed_command": odd for n in (1, 2, 3)}, at(0.0))
    assert 0.0 <= air.ppm < 500.0
    assert 0.0 <= air.power <= 9.0


def test_a_room_on_district_water_is_cool_and_breathes() -> None:
    """Full, with 30 m3/h a person: 600 ppm above outside (ASHRAE 62.1, appendix D); with a fifth of it five times as much."""
    ready = load_ready_site(FOLDER)
    plant = ready.make_plant("policy", MORNING, 1)
    for _ in range(4 * 60):
        out = plant.step(60.0, {"room_2.damper_command": 20.0})
    assert 24.0 < out["room_1.zone_temp"] < 26.5
    share = out["room_1.people"] / (100.0 * 0.4)
    leaks = 0.15 * 300.0 / (30.0 * 40.0)  # beside the fresh air
    assert out["room_1.carbon_dioxide"] == pytest.approx(420.0 + 600.0 * share / (1.0 + leaks), rel=0.03)
    assert out["room_2.carbon_dioxide"] > 1.9 * out["room_1.carbon_dioxide"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rooms": {"room_1": {"floor": "60 m2"}}}, r"rooms\.room_1\.coil"),
        ({"rooms": {"room_1": {"floor": "60 m2", "coil": "9 kW", "use": "bar"}}}, "bar"),
        ({"rooms": {"room_1": {"floor": "60 m2", "coil": "9 kW", "hours": [7]}}}, "hours"),
        ({"garage": {"volum": "60 m3"}}, r"garage\.volum"),
        ({"garage": {"fans": {"f": {"flow": "3 kW"}}}}, r"fans\.f\.flow"),
        ({"garage": {"sensors": "co"}}, "sensors"),
        ({"climate": "atlantis"}, "atlantis"),
        ({"rooms": None, "garage": None}, "rooms"),
    ],
)
def test_a_wrong_size_is_named(change: dict[str, object], says: str) -> None:
    sizes = load_ready_site(FOLDER).sizes
    with pytest.raises(ConfigurationError, match=says):
        make_air({**sizes, **change}, MORNING, 1)
