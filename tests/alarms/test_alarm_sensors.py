"""Sensors in doubt, one row each: what they show, for how long, and what people are told; and what is no doubt at all."""

import pytest

from agent.alarms.sensor_watch import EVERY, LASTS, SensorWatch
from agent.alarms.stuck import HOUR
from agent.core.equipment import Area, AreaModel, Authority, Equipment, Place
from agent.core.reading import Quality, Reading
from agent.core.snapshot import Snapshot

CHILLED = ("chilled_water_supply_temp", "chilled_water_return_temp", "chilled_water_flow")
CONDENSER = ("condenser_entering_temp", "condenser_leaving_temp")
PLACE = Place(name="Test", latitude=0, longitude=0, timezone="UTC")


def made(id_, kind, *roles, **nameplate):
    return Equipment(
        id=id_,
        kind=kind,
        area="plant",
        name=id_.title(),
        roles={role: f"{id_}.{role}" for role in roles},
        nameplate=nameplate,
    )


def plant(**nameplate):
    return (
        made("loop", "loop", *CHILLED, **nameplate),
        made("ch1", "chiller", "status", *CHILLED[:2], *CONDENSER, **nameplate),
        made("ch2", "chiller", "status", *CHILLED[:2], **nameplate),
        made("pump", "pump", "status", "speed"),
        made("tank", "tank", "charge", "discharge"),
        made("air", "weather", "outdoor_dry_bulb", "outdoor_wet_bulb", **nameplate),
        *(made(f"room{place}", "zone", "zone_temp") for place in (1, 2)),
    )


USUAL = {
    "loop.chilled_water_supply_temp": 7.0,
    "loop.chilled_water_return_temp": 12.0,
    "loop.chilled_water_flow": 40.0,
    "ch1.status": True,
    "ch1.chilled_water_supply_temp": 6.9,
    "ch1.chilled_water_return_temp": 12.1,
    "ch1.condenser_entering_temp": 30.0,
    "ch1.condenser_leaving_temp": 35.0,
    "ch2.status": False,
    "ch2.chilled_water_supply_temp": 15.0,
    "ch2.chilled_water_return_temp": 14.0,
    "pump.status": True,
    "pump.speed": 80.0,
    "tank.charge": False,
    "tank.discharge": False,
    "air.outdoor_dry_bulb": 30.0,
    "air.outdoor_wet_bulb": 26.0,
    "room1.zone_temp": 24.0,
    "room2.zone_temp": 24.5,
}


class Watched:
    """An area that shows what it is told to, second by second as far as anybody looks."""

    def __init__(self, **nameplate):
        self.model = AreaModel(
            area=Area(id="plant"),
            place=PLACE,
            equipment={one.id: one for one in plant(**nameplate)},
            points={},
        )
        self.watch, self.now, self.shown = SensorWatch(), 0.0, dict(USUAL)
        self.moving = 0  # sensors that nobody holds move by a digit each time

    def look(self, seconds=0.0, moving=(), **more):
        """After `seconds` in which the points `moving` change by a digit from look to look."""
        end = self.now + seconds
        self.shown.update(more.pop("shown", {}))
        while True:
            self.moving += 1
            shown = self.shown | {
                point: self.shown[point] + 0.01 * (self.moving % 2) for point in moving if self.shown[point]
            }
            found = self.watch.look(self._snapshot(shown, **more))
            if self.now >= end:
                return {one.id: one.text for one in found}
            self.now += EVERY

    def _snapshot(self, shown, bad=()):
        return Snapshot(
            model=self.model,
            readings={
                id_: Reading(value, self.now, self.now, Quality.BAD if id_ in bad else Quality.GOOD)
                for id_, value in shown.items()
            },
            utc=self.now,
            utc_trusted=True,
            elapsed=self.now,
            authority=Authority.SHADOW,
        )


NUMBERS = tuple(id_ for id_, value in USUAL.items() if not isinstance(value, bool))


def but(*points):
    return tuple(id_ for id_ in NUMBERS if id_ not in points)


CONTRADICTIONS = [
    (
        {"loop.chilled_water_supply_temp": 14.0},
        "loop:chilled_water",
        "leave at 14.0 degC and come back at 12.0",
    ),
    ({"ch1.chilled_water_supply_temp": 14.0}, "ch1:chilled_water", "while it cools"),
    ({"ch1.condenser_leaving_temp": 27.0}, "ch1:condenser_water", "30.0 degC before and 27.0 degC behind"),
    ({"air.outdoor_wet_bulb": 31.5}, "air:air", "31.5 degC above a dry bulb of 30.0 degC"),
    ({"pump.status": False}, "loop:chilled_water_flow", "40.0 l/s cannot flow"),
]


@pytest.mark.parametrize(("shown", "id_", "words"), CONTRADICTIONS)
def test_two_sensors_that_contradict_each_other_are_told_until_they_agree(shown, id_, words):
    area = Watched()
    assert area.look() == {}
    assert area.look(LASTS - EVERY, NUMBERS, shown=shown) == {}
    found = area.look(2 * EVERY, NUMBERS)
    assert list(found) == [f"contradiction:{id_}"]
    assert words in found[f"contradiction:{id_}"]
    assert area.look(EVERY, NUMBERS, shown={point: USUAL[point] for point in shown}) == {}


@pytest.mark.parametrize(
    "shown",
    [
        {"loop.chilled_water_supply_temp": 13.0},  # within what two sensors may differ by
        {"ch2.chilled_water_supply_temp": 20.0},  # it stands: its pipes warm as they like
        {"ch1.status": False, "loop.chilled_water_supply_temp": 14.0},  # nobody cools
        {"ch1.status": False, "ch1.condenser_leaving_temp": 20.0},
        {"air.outdoor_wet_bulb": 30.9},  # fog
        {"pump.status": False, "loop.chilled_water_flow": 1.5},  # a meter that stands
        {"pump.status": None},  # one that is not seen may well run
        {"pump.status": False, "tank.discharge": True},  # its own pump moves the water
        {"pump.status": False, "tank.charge": None},
    ],
)
def test_what_is_no_contradiction(shown):
    area = Watched()
    assert area.look(3 * LASTS, NUMBERS, shown=shown) == {}


def test_a_short_contradiction_and_a_bad_reading_are_none():
    area = Watched()
    for _ in range(5):
        assert area.look(LASTS - 2 * EVERY, NUMBERS, shown={"air.outdoor_wet_bulb": 33.0}) == {}
        assert area.look(EVERY, NUMBERS, shown={"air.outdoor_wet_bulb": 26.0}) == {}
    area.shown["air.outdoor_wet_bulb"] = 33.0
    assert area.look(2 * LASTS, NUMBERS, bad={"air.outdoor_wet_bulb"}) == {}


LONG = 1.5 * HOUR
STICKING = [
    ("loop.chilled_water_supply_temp", {"ch1.chilled_water_supply_temp": 9.5}, LONG),
    ("loop.chilled_water_supply_temp", {"loop.chilled_water_return_temp": 16.5}, LONG),
    ("loop.chilled_water_return_temp", {"ch1.chilled_water_return_temp": 10.0}, LONG),
    ("ch1.condenser_leaving_temp", {"ch1.condenser_entering_temp": 26.5}, LONG),
    ("loop.chilled_water_flow", {"pump.speed": 50.0}, LONG),
    ("room1.zone_temp", {"room2.zone_temp": 28.0}, 24 * HOUR),
    ("air.outdoor_dry_bulb", {}, 12 * HOUR),
]


@pytest.mark.parametrize(("sensor", "neighbours", "patience"), STICKING)
def test_a_sensor_that_sticks_is_told_until_it_moves(sensor, neighbours, patience):
    area = Watched()
    area.look(EVERY, but(sensor))
    assert area.look(patience - 3 * EVERY, but(sensor), shown=neighbours) == {}
    found = area.look(3 * EVERY, but(sensor))
    assert list(found) == [f"stuck:{sensor}"]
    assert "does the sensor stick?" in found[f"stuck:{sensor}"]
    assert area.look(EVERY, NUMBERS, shown={sensor: USUAL[sensor] + 0.3}) == {}


@pytest.mark.parametrize(
    ("sensor", "shown"),
    [
        ("loop.chilled_water_supply_temp", {}),  # good control holds it, and nothing else has moved
        (
            "loop.chilled_water_supply_temp",
            {"loop.chilled_water_return_temp": 14.0},
        ),  # more load, held as well
        ("loop.chilled_water_supply_temp", {"ch2.chilled_water_supply_temp": 25.0}),  # of one that stands
        ("loop.chilled_water_supply_temp", {"ch1.status": False, "ch1.chilled_water_supply_temp": 20.0}),
        (
            "ch2.chilled_water_supply_temp",
            {"ch1.chilled_water_supply_temp": 11.0},
        ),  # it stands: so does its water
        ("loop.chilled_water_flow", {"loop.chilled_water_flow": 0.0, "pump.speed": 20.0}),
        ("room1.zone_temp", {"room2.zone_temp": 26.0}),
    ],
)
def test_what_does_not_stick(sensor, shown):
    area = Watched()
    area.look(EVERY, but(sensor))
    assert area.look(30 * HOUR, but(sensor), shown=shown) == {}


def test_a_site_may_ask_for_more_patience_or_for_silence():
    shown = {"ch1.chilled_water_supply_temp": 9.5, "air.outdoor_wet_bulb": 33.0}
    held = but("loop.chilled_water_supply_temp")
    for nameplate, expected in (
        ({"stuck_after": 0.0, "contradiction_after": 0.0}, set()),
        ({"stuck_after": 20 * HOUR, "contradiction_after": 20 * HOUR}, set()),
        ({}, {"stuck:loop.chilled_water_supply_temp", "contradiction:air:air"}),
    ):
        area = Watched(**nameplate)
        area.look(EVERY, held)
        assert set(area.look(2 * HOUR, held, shown=shown)) == expected


def test_between_two_looks_nothing_is_worked_out():
    area = Watched()
    first = area.watch.look(area._snapshot(area.shown))
    area.now += EVERY / 2
    assert area.watch.look(area._snapshot({})) is first
