"""Sensors of a computer room against each other: frozen, jumping, drifting, silent, all at a standstill."""

from __future__ import annotations

import pytest

from policies.comfort.room_sensors import SensorRules, SensorWatch, sight_of, watched
from tests.policies.comfort.room_bench import RoomBench
from tests.policies.snapshots import bad

BOTH, NONE, FIRST = (True, True), (False, False), (True, False)


def learned(sensors: int = 2, above: float = 1.5, **parameters) -> RoomBench:
    """A room whose last sensor is known to read warmer than the others."""
    room = RoomBench(sensors, learn_time=600.0, **parameters)
    for n in range(140):
        now = 22.0 + 0.3 * (n % 3)
        room.show(*([now] * (sensors - 1)), now + above)
        room.go(30.0)
    return room


@pytest.mark.parametrize("frozen", ["s1", "s2"])
@pytest.mark.parametrize("at", [23.0, 24.3, 25.9])
def test_a_frozen_sensor_is_found_and_the_room_stays_below_27(frozen, at):
    room = RoomBench()
    room.show(at)
    room.go()
    room.ramp(at, 25.9, 8.0, **{frozen: at})
    room.ramp(25.9, 26.0, 2.0, **{frozen: at})
    assert room.told[0]  # the other one speaks
    room.ramp(26.0, 24.6, 10.0, **{frozen: at})
    assert f"{frozen} is frozen at {at:.1f} degC" in room.alarm()
    assert room.ramp(24.6, 24.0, 10.0, **{frozen: at}) == NONE
    assert room.ramp(24.0, 24.6, 3.0) == NONE
    assert room.alarm() == ""  # it moves again


def test_what_a_frozen_sensor_would_show_is_foretold_by_the_other():
    """The warm side is warmer by 1.5 K than what is left to see."""
    room = learned()
    room.ramp(22.3, 24.4, 15.0, s2=23.8)
    assert "s2 is frozen" in room.alarm()
    assert room.told == NONE
    assert room.ramp(24.4, 24.6, 1.0, s2=23.8) == FIRST  # 26.1 degC there


def test_a_silent_sensor_is_told_and_its_place_is_foretold():
    room = learned()
    room.show(23.0, bad())
    assert room.go() == NONE
    assert room.alarm() == "s2 is silent"
    room.show(24.6, bad())
    assert room.go() == FIRST


def test_a_sensor_that_jumps_does_not_make_the_other_one_frozen():
    room = learned()
    room.show(22.0, 23.5)
    room.go(700.0)
    room.show(17.0, 23.5)
    room.go(700.0)
    assert "frozen" not in room.alarm()
    assert "disagree" in room.alarm()


def test_of_two_that_disagree_the_warmer_holds():
    room = learned()
    room.show(24.0, 23.0)  # s2 has come down by 2.5 K against s1
    room.ramp(24.0, 24.2, 12.0, s2=23.0)
    assert "s1 24.2 degC and s2 23.0 degC disagree" in room.alarm()
    room.ramp(24.2, 26.0, 12.0, s2=23.0)
    assert room.told[0]


def test_of_three_the_one_that_drifts_is_set_aside():
    room = learned(3, above=0.0)
    room.show(23.0, 23.0, 26.5)
    room.go(700.0)
    for n in range(70):
        room.show(23.0 + 0.3 * (n % 2), 23.0 + 0.3 * (n % 2), 26.5 + 0.3 * (n % 2))
        room.go()
    assert "s3 drifts" in room.alarm()
    assert room.ramp(23.3, 23.5, 1.0, s3=26.8) == NONE


@pytest.mark.parametrize(("drift", "told"), [(0.03, True), (0.0, False)])
def test_a_slow_drift_is_not_learned_as_usual(drift, told):
    """0.03 K/h, after two weeks in which all was well; a difference that stays is learned."""
    rules = SensorRules(
        frozen_change=1.0, frozen_after=600.0, still_after=900.0, drift_limit=2.0, learn_time=21600.0
    )
    watches: dict[str, SensorWatch] = {}
    for quarter in range(4 * 24 * 21):
        room = 23.0 + 0.5 * (quarter % 3)
        off = drift * max(quarter / 4.0 - 14.0 * 24.0, 0.0)
        watches = dict(watched(watches, {"s1": room - off, "s2": room + 4.0}, 900.0, True, rules))
    doubts = sight_of(watches, {"s1": "s1", "s2": "s2"}).doubts
    assert ["disagree" in one for one in doubts] == [True] * told


@pytest.mark.parametrize("sensors", [1, 2])
def test_sensors_that_stand_still_while_nothing_cools_are_not_believed(sensors):
    room = RoomBench(sensors)
    room.show(23.5)
    room.go(890.0)
    assert room.told == NONE
    assert room.go(30.0) == BOTH
    assert "does not move though nothing cools" in room.alarm()
    room.go(3600.0)
    assert room.told == BOTH  # until they move
    room.show(23.2)
    assert room.go() == NONE
    assert room.alarm() == ""


def test_a_room_without_load_may_stand_still_where_the_site_says_so():
    room = RoomBench(still_after=0.0)
    room.show(23.5)
    assert room.go(7200.0) == NONE
