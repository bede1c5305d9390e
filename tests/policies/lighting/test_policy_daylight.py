"""Daylight lighting on a small room: what it holds, in which order, and that nobody sees it move."""

from itertools import pairwise

import pytest

from agent.core.command import Command
from agent.core.decision import Decision
from policies.lighting.daylight import Daylight
from tests.policies.lighting.office_bench import FULL, ROWS, Room, at, office
from tests.policies.snapshots import Bench, machine, model

TARGET = (300.0 * 400.0) ** 0.5


def policy(**more):
    return Daylight(name="lights", **more)


@pytest.mark.parametrize("sun", [0.0, 120.0, 250.0, 290.0])
def test_lamps_add_what_the_sun_lacks(sun):
    room = Room(sun=dict.fromkeys(ROWS, sun))
    room.run(300)
    for name in ROWS:
        assert room.lux(name) == pytest.approx(TARGET, abs=14.5)
        assert room.levels[name] == pytest.approx((TARGET - sun) / FULL * 100.0, abs=3.5)


def test_enough_sun_means_the_minimum_and_after_a_while_out():
    room = Room(sun={"window": 900.0, "middle": 420.0, "back": 100.0})
    room.run(240)
    assert room.levels["window"] == 5.0
    assert room.levels["middle"] == 5.0
    assert "at the minimum of 5 %" in room.reason("middle")
    room.run(900)
    assert room.levels["window"] == 0.0
    assert "out by daylight" in room.reason("window")
    assert room.levels["middle"] == 5.0, "only a quarter more than the band puts a row out"
    room.sun["window"] = 420.0
    room.run(600)
    assert room.levels["window"] == 0.0, "the sun alone still gives more than the band"
    room.sun["window"] = 350.0
    room.run(30)
    assert room.levels["window"] == 5.0


def test_a_row_never_goes_out_where_that_is_not_wanted():
    room = Room(policy=policy(off_after=0.0), sun=dict.fromkeys(ROWS, 2000.0))
    room.run(1100)
    assert set(room.levels.values()) == {5.0}


def test_blinds_that_fall_are_answered_within_half_a_minute_and_nobody_sees_a_step():
    room = Room(sun=dict.fromkeys(ROWS, 1500.0), hiss=0.01)
    room.run(1200)
    assert set(room.levels.values()) == {0.0}
    room.sun = dict.fromkeys(ROWS, 60.0)
    room.run(32)
    assert all(300.0 <= room.lux(name) <= 400.0 for name in ROWS)
    room.run(300)
    assert all(300.0 <= room.lux(name) <= 400.0 for name in ROWS)
    assert room.steps() <= 6.0 + 1e-9, "% in two seconds; 7 % in one can be seen"


@pytest.mark.parametrize("tick", [0.5, 1.0, 5.0, 30.0])
def test_however_seldom_it_looks_a_step_is_too_small_to_be_seen(tick):
    row = machine("row", "lamp_group", ("lamp_level", "illuminance"))
    bench = Bench(
        policy(), model(row, tick=tick), {"row.lamp_level": 0.0, "row.illuminance": 10.0}, elapsed=0.0
    )
    levels = [bench.run(utc=at("2027-01-15 10:00"))["row.lamp_level"] for _ in range(20)]
    steps = [later - one for one, later in pairwise(levels)]
    assert max(steps) == pytest.approx(min(3.0 * tick, 6.0))


def test_nothing_hunts_though_sensors_hiss():
    room = Room(sun={"window": 200.0, "middle": 120.0, "back": 60.0}, hiss=0.01)
    room.run(120)
    settled = len(room.past)
    room.run(1200)
    assert all(room.turns(name, settled) == 0 for name in ROWS)
    assert all(len({past[name] for past in room.past[settled:]}) <= 3 for name in ROWS)


@pytest.mark.parametrize("really", [0.6, 0.75, 1.35, 1.7])
def test_lamps_that_give_more_or_less_than_told_are_settled_all_the_same(really):
    room = Room(sun=dict.fromkeys(ROWS, 150.0), full=FULL * really, hiss=0.01, start=5.0)
    room.run(240)
    settled = len(room.past)
    room.run(600)
    for name in ROWS:
        assert room.turns(name, settled) <= 2
        assert 300.0 <= room.lux(name) <= 400.0


def test_less_light_begins_at_the_window_slowly():
    room = Room(sun=dict.fromkeys(ROWS, 0.0))
    room.run(120)
    before = len(room.past)
    room.sun = dict.fromkeys(ROWS, 250.0)
    room.run(120)
    first = {
        name: next(
            n for n, past in enumerate(room.past[before:]) if past[name] < room.past[before][name] - 0.5
        )
        for name in ROWS
    }
    assert first["window"] < first["middle"] < first["back"]
    falls = [
        old["back"] - new["back"]
        for old, new in zip(room.past[before:], room.past[before + 1 :], strict=False)
    ]
    assert max(falls) <= 2.0 + 1e-9, "1 % a second"


def test_more_light_comes_everywhere_at_once():
    room = Room(sun=dict.fromkeys(ROWS, 340.0), start=5.0)
    room.run(60)
    room.sun = dict.fromkeys(ROWS, 200.0)
    room.run(8)
    assert min(room.levels.values()) > 5.0


def test_a_row_without_a_sensor_follows_the_darker_neighbour():
    room = Room(area=office(sensors=("window", "back")), sun={"window": 400.0, "middle": 200.0, "back": 50.0})
    room.run(300)
    assert room.levels["middle"] == room.levels["back"] > room.levels["window"]
    assert "no light sensor of its own" in room.reason("middle")


def test_without_any_sensor_lamps_stand_at_the_safe_level():
    room = Room(area=office(sensors=()))
    room.run(60)
    assert set(room.levels.values()) == {80.0}
    assert room.alarm().value is True


def test_rows_may_know_what_their_own_lamps_give():
    room = Room(area=office(full_illuminance=900.0), full=900.0, start=5.0)
    room.run(60)
    assert all(room.lux(name) == pytest.approx(TARGET, abs=14.5) for name in ROWS)


def test_it_goes_on_from_where_a_person_has_left_the_lamps():
    room = Room()
    room.run(120)
    point = "middle.lamp_level"
    by_hand = Command(point=point, priority=8, source="operator:li", reason="glare", value=20.0)
    room.bench.decisions = {point: Decision(point=point, value=20.0, winner=by_hand)}
    room.levels["middle"] = 20.0
    room.run(2)
    assert 20.0 <= room.bench.wishes[point].value <= 26.0, "no jump back when the hand lets go"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"low": 400.0, "high": 300.0}, "low must lie below high"),
        ({"target": 500.0}, "target must lie between"),
        ({"deadband": 60.0}, "twice the deadband"),
        ({"work_from": "8"}, "write both as HH:MM"),
        ({"work_from": "", "work_to": ""}, "working hours are missing"),
        ({"lunch_from": "12:00"}, "write both as HH:MM"),
        ({"calendar": "moon"}, "calendar must be one of"),
        ({"scenes": ("party",)}, "write name: level"),
        ({"scenes": ("party: 120",)}, "write name: level"),
        ({"scenes": ("a: 1", "A: 2")}, "taken"),
        ({"scenes": ("auto: 1",)}, "no scene"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        policy(**wrong)
