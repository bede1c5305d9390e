"""Daylight lighting: when lamps burn at all, who may ask for more, what it says before dark, and sensors that fail."""

import pytest

from policies.lighting.daylight import Daylight
from policies.lighting.daylight_hours import Phase
from tests.policies.lighting.office_bench import ROWS, Room, at, office

LATE = "2027-01-15 18:00"  # a Friday, the end of the working hours


def policy(**more):
    return Daylight(name="lights", **more)


def evening(**more):
    """A room in which everybody has gone at the end of the working hours."""
    room = Room(utc=at(LATE), **more)
    room.see(presence=False)
    return room


def test_people_who_are_there_keep_their_light():
    room = Room(utc=at("2027-01-15 22:00"))
    room.run(600)
    assert min(room.levels.values()) > 70.0
    assert "somebody is here" in room.reason()


def test_the_warning_dips_and_comes_back_before_it_gets_dark():
    room = evening(policy=policy(absent_after=60.0))
    room.run(50)
    lit = room.levels["middle"]
    begin = len(room.past)
    room.run(312)
    levels = [past["middle"] for past in room.past[begin:]]
    low = levels.index(min(levels[:30]))
    assert levels[low] == 30.0, "a dip everybody sees"
    assert max(levels[low:]) == pytest.approx(lit, abs=4.0), "and back"
    assert "keep on" in room.reason() or room.levels["middle"] < lit
    room.run(60)
    assert set(room.levels.values()) == {0.0}
    assert "nobody asked for light" in room.reason()
    assert room.steps() <= 6.0 + 1e-9


def test_somebody_who_moves_under_the_warning_stops_it():
    room = evening(policy=policy(absent_after=60.0))
    room.run(200)
    assert room.bench.state.warned > 0.0
    room.see(presence=True)
    room.run(120)
    assert room.bench.state.warned == 0.0
    assert min(room.levels.values()) > 70.0


def test_one_press_keeps_the_light_for_so_long():
    assert Daylight(name="lights").keep_on == 2.0 * 3600.0
    room = evening(policy=policy(absent_after=60.0, keep_on=600.0, warning=60.0))
    room.run(240)
    assert set(room.levels.values()) == {0.0}
    room.bench.values["room.keep_on"] = True
    room.run(2)
    room.bench.values["room.keep_on"] = False
    room.run(590)
    assert "somebody asked for it" in room.reason()
    assert min(room.levels.values()) > 70.0
    room.run(130)
    assert set(room.levels.values()) == {0.0}, "the time and the warning are over"


def test_who_asks_during_lunch_has_light():
    room = Room(policy=policy(lunch_from="10:00", lunch_to="13:00"))
    room.run(60)
    assert set(room.levels.values()) == {30.0}
    room.bench.values["room.keep_on"] = True
    room.run(60)
    assert min(room.levels.values()) > 70.0


def test_an_override_of_the_virtual_point_holds_as_long_as_it_stands():
    room = evening(policy=policy(absent_after=0.0, keep_on=60.0, warning=60.0))
    room.bench.values["room.keep_on"] = True
    room.run(600)
    assert min(room.levels.values()) > 70.0
    room.bench.values["room.keep_on"] = False
    room.run(120)
    assert set(room.levels.values()) == {0.0}


def test_without_motion_sensors_the_hours_decide():
    room = evening(area=office(presence=False))
    room.run(360)
    assert set(room.levels.values()) == {0.0}


def test_the_first_look_at_night_warns_before_it_switches_off():
    room = Room(utc=at("2027-01-16 02:00"), area=office(presence=False))
    room.run(60)
    assert min(room.levels.values()) >= 30.0
    room.run(330)
    assert set(room.levels.values()) == {0.0}


def test_a_day_off_is_dark_and_a_made_up_day_is_worked():
    room = Room(utc=at("2027-01-16 10:00"), area=office(presence=False))  # a Saturday
    room.run(400)
    assert set(room.levels.values()) == {0.0}
    assert "no working day" in room.reason()
    worked = Room(
        utc=at("2025-09-28 10:00"), area=office(presence=False)
    )  # a Sunday made up for the autumn holidays
    worked.run(400)
    assert min(worked.levels.values()) > 70.0


def test_lunch_is_dim():
    room = Room(policy=policy(lunch_from="12:00", lunch_to="12:10"), utc=at("2027-01-15 11:58"))
    room.run(110)
    assert min(room.levels.values()) > 70.0
    room.run(120)
    assert set(room.levels.values()) == {30.0}
    assert "lunch until 12:10" in room.reason()
    room.run(600)
    assert min(room.levels.values()) > 70.0


def test_an_empty_room_is_dim_in_working_hours():
    room = Room()
    room.see(presence=False)
    room.run(1190)
    assert min(room.levels.values()) > 70.0
    room.run(120)
    assert set(room.levels.values()) == {5.0}
    assert "nobody here for 20 min" in room.reason()
    room.see(presence=True)
    room.run(40)
    assert min(room.levels.values()) > 70.0


def test_scenes_are_called_up_by_name():
    room = Room()
    room.bench.values["room.scene"] = "Presentation"
    room.run(60)
    assert room.levels == {"window": 5.0, "middle": 30.0, "back": 60.0}
    assert "scene presentation: 30 %" in room.reason()
    room.bench.values["room.scene"] = "no such scene"
    room.run(60)
    assert min(room.levels.values()) > 70.0


def test_cleaning_has_its_light_after_hours():
    room = evening(policy=policy(absent_after=60.0))
    room.run(500)
    room.bench.values["room.scene"] = "cleaning"
    room.run(60)
    assert set(room.levels.values()) == {100.0}
    room.bench.values["room.scene"] = ""
    room.run(100)
    assert room.bench.state.warned > 0.0, "and is warned before it goes"


def test_an_untrusted_clock_is_working_hours():
    room = Room(utc=at("2027-01-16 03:00"), area=office(presence=False))
    room.run(600, utc_trusted=False)
    assert min(room.levels.values()) > 70.0
    assert "clock is not trusted" in room.reason()


@pytest.mark.parametrize("shows", ["!time-out", "!"])
def test_a_silent_sensor_means_the_safe_level(shows):
    room = Room(sun=dict.fromkeys(ROWS, 900.0))
    room.run(60)
    room.broken["middle.illuminance"] = shows
    room.run(60)
    assert room.levels["middle"] == 80.0
    assert "to be safe" in room.reason()
    assert room.levels["window"] == 5.0, "the others go on"
    assert room.alarm().value is True
    assert "middle" in room.alarm().reason
    del room.broken["middle.illuminance"]
    room.run(120)
    assert room.levels["middle"] == 5.0
    assert room.alarm().value is False


def test_a_sensor_that_stands_still_by_day_is_not_believed():
    room = Room(sun=dict.fromkeys(ROWS, 100.0), hiss=0.01)
    room.broken["back.illuminance"] = 800.0
    room.run(1700)
    assert room.levels["back"] < 80.0
    room.run(200)
    assert room.levels["back"] == 80.0
    assert "without any change" in room.reason("back")


def test_a_sensor_that_sees_the_sun_at_night_is_not_believed():
    room = Room(utc=at("2027-01-15 21:00"), hiss=0.01)
    room.run(60)
    room.broken["back.illuminance"] = 900.0
    room.run(120)
    assert room.levels["back"] == 80.0
    assert "at night, more than the lamps give" in room.reason("back")
    assert room.levels["middle"] == pytest.approx(77.0, abs=4.0)


def test_every_phase_is_used():
    assert {one.value for one in Phase} == {"lit", "kept", "lunch", "scene", "warning", "out"}
