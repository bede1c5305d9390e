"""policies.comfort.computer_room: two points, turns, a unit that fails, a room that cannot be seen."""

from __future__ import annotations

import pytest

from agent.core.command import Priority
from agent.core.reading import Quality, Reading
from policies.comfort.computer_room import ComputerRoom
from tests.policies.comfort.room_bench import RoomBench
from tests.policies.snapshots import bad

BOTH, NONE, FIRST, SECOND = (True, True), (False, False), (True, False), (False, True)


def test_on_at_26_and_off_at_24():
    room = RoomBench()
    room.show(23.9)
    assert room.go() == NONE
    seen = [(at, room.ramp(at - 0.5, at, 5.0)) for at in (24.5, 25.0, 25.5, 26.0)]
    assert [told for _, told in seen] == [NONE, NONE, NONE, FIRST]
    assert "cooled from 26 down to 24" in room.bench.reason("a.enable")
    assert room.priority("a") == Priority.SEQUENCE
    assert room.ramp(26.0, 24.1, 10.0) == FIRST
    assert room.ramp(24.1, 24.0, 1.0) == NONE
    assert room.alarm() == ""


@pytest.mark.parametrize(("at", "told"), [(25.0, FIRST), (24.0, NONE)])
def test_a_room_met_between_both_points_is_cooled(at, told):
    room = RoomBench(started=False)
    room.show(at)
    assert room.go() == told


def test_the_warmer_sensor_speaks_and_an_offset_of_its_place_is_taken_off():
    room = RoomBench()
    room.show(23.0)
    room.go()
    room.show(24.5, 26.0)
    assert room.go() == FIRST
    warm = RoomBench()
    warm.bench.area.equipment["s2"].nameplate["offset"] = 1.5  # type: ignore[index]
    warm.show(23.0, 24.5)
    assert warm.go() == NONE
    warm.show(25.9, 27.4)
    assert warm.go() == NONE


def test_above_the_second_point_all_run_whatever_else_is_asked():
    room = RoomBench()
    room.show(24.0)
    room.go()
    room.ramp(24.0, 26.6, 1.0)
    assert room.told == BOTH
    assert {room.priority("a"), room.priority("b")} == {Priority.CRITICAL_SERVICE}
    assert room.ramp(26.6, 25.7, 5.0) == BOTH
    assert room.ramp(25.7, 25.4, 2.0) == SECOND  # a quarter of the way down one is enough
    room.ramp(26.0, 27.5, 5.0)
    assert "27.5 degC, above 27" in room.alarm()


def test_units_lead_by_turns_from_start_to_start():
    room = RoomBench(turn=3600.0)
    leaders = []
    for _ in range(4):
        leaders.append(room.ramp(25.0, 26.0, 20.0))
        room.ramp(26.0, 24.0, 20.0)
        assert room.told == NONE
    assert leaders == [FIRST, FIRST, SECOND, SECOND]


def test_a_turn_in_the_run_waits_for_the_next_one_to_be_seen_running():
    room = RoomBench(started=False, turn=3600.0)
    room.show(25.0)
    room.go(30.0)
    room.show(24.5)
    room.go(2 * 3600.0 - 60.0)
    assert room.told == FIRST
    seen = [room.go() for _ in range(30)]
    assert seen[-1] == SECOND
    assert BOTH in seen
    assert NONE not in seen


# what befalls the leader, and how long until the other one is told to run
FAILURES = [
    ("alarm", 0.0, "a reports a fault"),
    ("status silent", 0.0, "a is silent"),
    ("dead", 120.0, "a was told to run and did not"),
]


@pytest.mark.parametrize(("failure", "within", "words"), FAILURES, ids=str)
def test_a_unit_that_fails_is_followed_at_once(failure, within, words):
    room = RoomBench()
    room.ramp(24.0, 26.0, 10.0)
    room.go(60.0)
    assert room.told == FIRST
    if failure == "alarm":
        room.bench.values["a.alarm"] = True
    elif failure == "status silent":
        room.bench.values["a.status"] = bad()
    else:
        room.dead.add("a")
    room.go(within + 20.0)
    assert room.told[1]
    assert room.priority("b") == Priority.CRITICAL_SERVICE or room.bench.values["b.status"] is True
    assert words in room.alarm()


def test_the_rest_time_of_the_one_that_stands_in_does_not_count():
    room = RoomBench()
    room.ramp(24.0, 26.0, 10.0)
    room.bench.values["a.alarm"] = True
    room.go()
    assert room.told == SECOND
    assert room.priority("b") == Priority.CRITICAL_SERVICE
    room.go(30.0)
    assert room.priority("b") == Priority.SEQUENCE  # it runs: nothing has to be passed any more
    assert room.alarm() == "a reports a fault"


def test_a_unit_that_runs_while_the_room_grows_warmer_is_left_out_and_tried_again():
    room = RoomBench(started=False, turn=3600.0)
    room.ramp(25.0, 25.1, 1.0)
    assert room.ramp(25.1, 25.9, 11.0) == SECOND
    assert "a ran, and the room grew warmer" in room.alarm()
    room.ramp(25.9, 24.0, 30.0)
    assert room.alarm() == ""  # half an hour later it is worth another try
    room.ramp(24.0, 22.0, 60.0)
    assert room.ramp(22.0, 26.0, 10.0)[0]


def test_a_leader_that_lets_the_room_grow_hot_hands_over_and_is_left_out_the_second_time():
    room = RoomBench(turn=3600.0)
    for words in ("", "a ran, and the room grew warmer"):
        room.ramp(24.0, 26.0, 10.0)
        room.ramp(26.0, 26.6, 3.0)
        assert room.told == BOTH
        assert words in room.alarm()
        assert room.ramp(26.6, 24.5, 10.0) == SECOND
        room.ramp(24.5, 24.0, 60.0)
        assert room.told == NONE
    for _ in range(3):
        room.ramp(24.0, 26.0, 10.0)
        room.ramp(26.0, 24.0, 10.0)  # whoever cools is suspected no more
    assert room.alarm() == ""


def test_one_that_cools_in_between_is_suspected_no_more():
    room = RoomBench(turn=0.0)
    for rise in (26.6, 26.1, 26.1, 26.6):  # b leads from the second time on, a in the third and the fourth
        room.ramp(24.0, 26.0, 10.0)
        room.ramp(26.0, rise, 3.0)
        room.ramp(rise, 24.5, 12.0)
        room.ramp(24.5, 24.0, 2.0)
        assert room.alarm() == "", rise


def test_a_unit_that_holds_the_room_where_it_is_is_sound():
    room = RoomBench()
    room.ramp(24.0, 26.0, 10.0)
    room.ramp(26.0, 25.9, 1.0)
    room.go(3000.0)
    assert room.told == FIRST
    assert room.alarm() == ""


def test_a_unit_whose_own_thermostat_is_content_is_not_blamed():
    room = RoomBench(started=False)
    room.show(25.0)
    room.dead.add("a")
    room.go(1800.0)
    assert room.told == FIRST
    assert room.alarm() == ""


@pytest.mark.parametrize("reading", [bad(), Reading(23.0, 0.0, 500.0, Quality.GOOD)], ids=["bad", "stale"])
def test_a_room_that_nobody_sees_is_cooled_by_all(reading):
    room = RoomBench()
    room.show(23.0)
    room.go()
    room.show(reading)
    assert room.go() == BOTH
    assert "cannot be seen" in room.bench.reason("a.enable")
    assert room.priority("a") == Priority.CRITICAL_SERVICE
    assert room.bench.wishes["a.zone_setpoint"].value == 24.0  # their thermostats hold it
    room.show(23.0)
    assert room.go() == NONE
    assert room.bench.wishes["a.zone_setpoint"].value == 20.0


def test_one_locked_out_for_maintenance_is_no_alarm_and_no_leader():
    room = RoomBench()
    room.show(26.0)
    room.go(30.0, locked=("a",))
    assert room.told == SECOND
    assert room.alarm() == ""


def test_when_no_unit_can_be_relied_on_all_are_tried():
    room = RoomBench()
    room.show(26.0)
    room.go(30.0)
    room.bench.values["a.alarm"] = room.bench.values["b.alarm"] = True
    assert room.go() == BOTH
    assert "all are tried" in room.bench.reason("b.enable")


def test_units_of_another_room_are_left_alone():
    room = RoomBench(started=False, equipment=("b", "s1", "s2"))
    room.show(26.0)
    room.bench.run()
    assert set(room.bench.wishes) == {"b.enable", "b.zone_setpoint"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"off_at": 26.0}, "off_at lies below"),
        ({"assist_at": 25.0}, "then come"),
        ({"limit": 26.0}, "then come"),
        ({"unit_setpoint": 24.0}, "unit_setpoint lies below"),
    ],
)
def test_wrong_words_are_told(wrong, words):
    with pytest.raises(ValueError, match=words):
        ComputerRoom(name="cooling", **wrong)
