"""policies.lighting.astronomical with a lux sensor, terrain, group offsets and days off."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.core.equipment import Equipment, Place
from hil.plant.lamp import Lamp
from hil.plant.street import CircuitDesign, StreetDesign, StreetLighting
from hil.plant.street_clouds import Clouds
from policies.lighting.astronomical import Astronomical
from policies.lighting.sky_watch import STUCK
from tests.policies.snapshots import SHENZHEN, Bench, bad, machine, model

ROAD = machine("road", "lamp_group", ("lamp_switch",))
SENSOR = Equipment(id="roof", kind="daylight_sensor", area="area", roles={"illuminance": "roof.illuminance"})
NOON = datetime(2026, 7, 14, 12, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
LIT, DARK = {"road.lamp_switch": True}, {"road.lamp_switch": False}


class Day:
    """A policy with a sensor that is shown numbers, from a minute of a July day on."""

    def __init__(self, start: float = NOON, sensor: Equipment | None = SENSOR, **parameters):
        machines = (ROAD,) if sensor is None else (ROAD, sensor)
        self.bench = Bench(
            Astronomical(name="sun", **parameters), model(*machines, tick=30.0), {}, elapsed=0.0
        )
        self.start = start

    def shown(self, lux, seconds: float) -> dict:
        """`lux`: a number that moves a little each time, as light does; or a reading."""
        wishes = {}
        for number in range(round(seconds / 30.0)):
            moving = lux if not isinstance(lux, float) else lux * (1.0 + 1e-4 * (number % 3))
            self.bench.values["roof.illuminance"] = moving
            wishes = self.bench.run(utc=self.start + self.bench.elapsed + 30.0)
        return wishes

    @property
    def reason(self) -> str:
        return self.bench.reason("road.lamp_switch")


def test_a_storm_at_noon_lights_the_lamps_until_it_has_passed():
    day = Day()
    assert day.shown(40_000.0, 600) == DARK
    assert day.shown(12.0, 90) == DARK  # a cloud that is gone in two minutes is no storm
    assert day.shown(12.0, 60) == LIT
    assert "only 12 lx" in day.reason
    assert day.shown(45.0, 1200) == LIT  # between the limits nothing moves
    assert day.shown(5_000.0, 570) == LIT
    assert day.shown(5_000.0, 60) == DARK


@pytest.mark.parametrize(
    ("lux", "seconds", "words"),
    [
        (bad(), 300.0, "silent"),
        (0.0, 300.0, "reads 0 lx with the sun"),
    ],
    ids=["silent", "dead"],
)
def test_a_sensor_that_cannot_be_believed_leaves_it_to_the_sun(lux, seconds, words):
    day = Day()
    assert day.shown(lux, seconds) == DARK
    assert words in day.reason
    assert "as the sun says" in day.reason
    night = Day(start=NOON + 9 * 3600.0)
    night.bench.values["roof.illuminance"] = lux
    assert night.shown(lux, 60.0) == LIT


def test_a_sensor_that_froze_in_the_dark_is_found_out():
    day = Day(start=NOON - 3600.0)
    for _ in range(round(STUCK / 30.0)):
        day.bench.values["roof.illuminance"] = 8.0
        wishes = day.bench.run(utc=day.start + day.bench.elapsed + 30.0)
    assert wishes == LIT  # believed for an hour
    day.bench.run(60.0, utc=NOON)
    assert day.bench.run(utc=NOON + 60.0) == DARK
    assert "the same 8 lx" in day.reason
    assert day.shown(11.0, 180) == LIT  # it moves again


def test_a_lamp_beside_the_sensor_makes_no_light_show():
    """Lit, it sees 300 lx; dark, 10 lx: each time it puts itself out it waits twice as long."""
    day, changes, before = Day(), 0, DARK
    for minute in range(8 * 120):
        wishes = day.shown((300.0 if before == LIT else 10.0) + minute % 2, 30)
        changes += wishes != before
        before = wishes
    assert changes <= 14  # an innocent switch would make 80


def test_a_bright_evening_may_spare_some_minutes_and_no_more():
    sunset = datetime(2026, 7, 14, 19, 11, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    spare = Day(start=sunset - 1200.0, bright_delay=600.0)
    assert spare.shown(2_000.0, 1260) == DARK  # one minute after sunset
    assert spare.shown(2_000.0, 600) == LIT  # ten minutes after it
    cloudy = Day(start=sunset - 1200.0, bright_delay=600.0)
    cloudy.shown(2_000.0, 1140)
    assert cloudy.shown(50.0, 150) == LIT  # not bright, and not yet dark: as the sun says
    plain = Day(start=sunset - 1200.0)
    assert plain.shown(2_000.0, 1290) == LIT


def test_no_storm_lights_facades_in_their_curfew_or_where_nobody_wants_it():
    assert Day(curfew_from="10:00", curfew_to="14:00").shown(5.0, 600) == DARK
    assert Day(daylight=False).shown(5.0, 600) == DARK
    assert Day(sensor=None).shown(5.0, 600) == DARK


def test_a_group_has_offsets_of_its_own():
    early = machine("stairs", "lamp_group", ("lamp_switch",), on_offset=-900.0)
    far = machine("far", "lamp_group", ("lamp_switch",), on_offset=-90_000.0)  # bounded: four hours
    bench = Bench(Astronomical(name="sun", on_offset=-60.0), model(ROAD, early, far), {})
    utc = datetime(2026, 11, 22, 17, 30, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()  # sunset 17:38
    assert bench.run(utc=utc) == {
        "road.lamp_switch": False,
        "stairs.lamp_switch": True,
        "far.lamp_switch": True,
    }
    assert not any(bench.run(utc=utc - 4 * 3600.0).values())
    assert "sunset - 15 min" in bench.reason("stairs.lamp_switch")


def test_terrain_lights_earlier():
    lhasa = Place(name="Lhasa", latitude=29.65, longitude=91.14, timezone="Asia/Shanghai")
    utc = datetime(2026, 11, 22, 18, 40, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()  # flat sunset 18:59
    for parameters in (
        {"horizon": ((240.0, 5.0), (260.0, 5.0))},
        {"ridge": ((240.0, 440.0, 5000.0), (250.0, 470.0, 5000.0), (260.0, 440.0, 5000.0))},
    ):
        bench = Bench(Astronomical(name="sun", **parameters), model(ROAD, place=lhasa), {})
        assert bench.run(utc=utc) == LIT
    assert Bench(Astronomical(name="sun"), model(ROAD, place=lhasa), {}).run(utc=utc) == DARK


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"dark_lux": 60.0}, "bright_lux"),
        ({"calendar": "mars"}, "calendar"),
        ({"holidays": ("soon",)}, "write days as"),
        ({"rest_curfew_from": "23:00"}, "HH:MM"),
        ({"dim_from": "23:00"}, "dimmed from"),
        ({"horizon": ((90.0, 80.0),)}, "terrain of 80"),
    ],
    ids=str,
)
def test_settings_that_mean_nothing_are_refused(parameters, words):
    with pytest.raises(ValueError, match=words):
        Astronomical(**parameters)


def test_under_the_clouds_of_a_summer_the_road_is_dark_for_minutes_and_not_for_hours():
    """The plant's own sky with storms: a week of July; the true light decides what was needed."""
    without, with_sensor = summer(None), summer(SENSOR)
    assert without > 3000.0  # s dark though needed
    assert with_sensor < without / 4.0


def summer(sensor: Equipment | None) -> float:
    circuit = CircuitDesign(name="road", count=1, lamp=Lamp(full=80.0, flux=11_000.0), limit=150.0)
    design = StreetDesign(latitude=SHENZHEN.latitude, longitude=SHENZHEN.longitude, circuits=(circuit,))
    start = NOON - 3.5 * 86400.0
    sky = StreetLighting(design, start, Clouds(seed=1, storms=200.0))
    machines = (ROAD,) if sensor is None else (ROAD, sensor)
    bench = Bench(
        Astronomical(name="sun", dark_lux=150.0, bright_lux=250.0),
        model(*machines, tick=120.0),
        {},
        elapsed=0.0,
    )
    inputs: dict[str, bool] = {}
    for _ in range(7 * 720):
        truth = sky.step(120.0, inputs)
        bench.values["roof.illuminance"] = truth["lux_sensor.illuminance"]
        wishes = bench.run(utc=sky.utc)
        inputs = {"road.lamp_switch": wishes["road.lamp_switch"]}
    return float(truth["road.late_switch_on_seconds"]) + float(truth["road.early_off_seconds"])
