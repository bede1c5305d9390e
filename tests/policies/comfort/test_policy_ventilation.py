"""policies.comfort.ventilation: fresh air by carbon dioxide, by exhaust and by pressure; doubt brings the design air."""

from __future__ import annotations

import pytest

from policies.comfort.ventilation import Ventilation
from tests.policies.snapshots import Bench, bad, machine, model

DAMPER, SPEED = "z.damper_command", "z.speed_command"


def zone(*roles: str, **parameters) -> Bench:
    wanted = ("damper_command", "speed_command", "status", "occupied", *roles)
    area = model(machine("z", "zone", wanted, rated_air_flow=1000.0), tick=60.0)
    return Bench(Ventilation(name="air", **parameters), area, {"z.status": True, "z.occupied": True})


ROWS = [
    # what is read, the opening after half an hour, why
    ({"z.carbon_dioxide": 500.0}, 20.0, "in use, the minimum"),
    ({"z.carbon_dioxide": 700.0}, 20.0, "the minimum"),
    ({"z.carbon_dioxide": 850.0}, 60.0, "850 ppm"),
    ({"z.carbon_dioxide": 1000.0}, 100.0, "1000 ppm"),
    ({"z.carbon_dioxide": 3000.0}, 100.0, "3000 ppm"),
    ({"z.carbon_dioxide": bad()}, 100.0, "cannot be read"),
    ({}, 100.0, "cannot be read"),
    ({"z.carbon_dioxide": 500.0, "z.occupied": False}, 0.0, "nobody is there"),
    ({"z.carbon_dioxide": 850.0, "z.occupied": False}, 60.0, "850 ppm"),  # people who are not counted breathe
    ({"z.occupied": False}, 0.0, "nobody is there"),
    ({"z.carbon_dioxide": 500.0, "z.occupied": bad()}, 20.0, "in use"),
    ({"z.carbon_dioxide": 1200.0, "z.status": False}, 0.0, "the unit stands"),
]


@pytest.mark.parametrize(("read", "opening", "words"), ROWS, ids=str)
def test_table(read, opening, words):
    bench = zone("carbon_dioxide")
    bench.values |= read
    bench.run(1800.0)
    assert bench.wishes[DAMPER].value == pytest.approx(opening, abs=1.0)
    assert words in bench.reason(DAMPER)


@pytest.mark.parametrize(("ppm", "speed"), [(500.0, 52.0), (850.0, 76.0), (1000.0, 100.0)])
def test_a_fan_with_a_converter_follows_the_damper(ppm, speed):
    bench = zone("carbon_dioxide")
    bench.values["z.carbon_dioxide"] = ppm
    bench.run(1800.0)
    assert bench.wishes[SPEED].value == pytest.approx(speed, abs=1.0)
    bench.values["z.occupied"] = False
    bench.values["z.carbon_dioxide"] = 450.0
    bench.run(1800.0)
    assert bench.wishes[SPEED].value == 0.0


def test_a_breath_at_the_sensor_opens_no_damper():
    bench = zone("carbon_dioxide")
    bench.values["z.carbon_dioxide"] = 600.0
    bench.run(1800.0)
    bench.values["z.carbon_dioxide"] = 750.0
    bench.run(60.0)
    assert bench.wishes[DAMPER].value == 20.0


@pytest.mark.parametrize(("exhaust", "opening"), [(0.0, 20.0), (300.0, 33.0), (700.0, 77.0), (2000.0, 100.0)])
def test_a_little_more_comes_in_than_is_taken_out(exhaust, opening):
    bench = zone("carbon_dioxide", "exhaust_air_flow")
    bench.values |= {"z.carbon_dioxide": 500.0, "z.exhaust_air_flow": exhaust}
    bench.run(600.0)
    assert bench.wishes[DAMPER].value == pytest.approx(opening, abs=1.0)


def test_a_room_below_its_pressure_gets_more_and_comes_back():
    """The room's pressure is the opening less 35 %, in tenths of a pascal."""
    bench = zone("carbon_dioxide", "room_pressure")
    bench.values |= {"z.carbon_dioxide": 500.0, "z.room_pressure": -1.5}
    for _ in range(240):
        bench.run()
        bench.values["z.room_pressure"] = (bench.wishes[DAMPER].value - 35.0) / 10.0
    assert bench.values["z.room_pressure"] == pytest.approx(3.0, abs=0.3)
    assert "for its pressure" in bench.reason(DAMPER)
    bench.values["z.room_pressure"] = bad()
    bench.run()
    assert bench.wishes[DAMPER].value == 20.0


def test_pressure_does_not_wind_up():
    bench = zone("carbon_dioxide", "room_pressure")
    bench.values |= {"z.carbon_dioxide": 500.0, "z.room_pressure": -20.0}
    bench.run(7200.0)
    assert bench.wishes[DAMPER].value == 80.0
    bench.values["z.room_pressure"] = 8.0
    bench.run(600.0)
    assert bench.wishes[DAMPER].value < 80.0


@pytest.mark.parametrize("wrong", [{"minimum": 60.0, "design": 50.0}, {"empty": 60.0, "design": 50.0}])
def test_wrong_words_are_told(wrong):
    with pytest.raises(ValueError, match="above design"):
        Ventilation(name="air", **wrong)
