"""Who is asked when: a unit that was silent with all the others does not sit out its back-off when the line is back."""

from agent.control.poll_schedule import PollSchedule
from agent.core.driver import ReadItem

ITEMS = [ReadItem(device, (f"{device}.x",), 5.0) for device in ("ch1", "ch2", "io")]


def asked(schedule, now):
    found = []
    while (item := schedule.next_due(now, lambda _: True)) is not None:
        found.append(item.device)
    return found


def fresh():
    schedule = PollSchedule()
    schedule.take(ITEMS, 0.0)
    assert sorted(asked(schedule, 0.0)) == ["ch1", "ch2", "io"]
    return schedule


def test_when_a_silent_line_is_back_everybody_is_asked_soon():
    schedule = fresh()
    for now in (0.0, 5.0, 15.0, 35.0):
        for item in ITEMS:
            schedule.failed(item, "no answer", now)
    assert asked(schedule, 80.0)[0] == "ch1"
    for item in ITEMS[1:]:
        schedule.failed(item, "no answer", 80.0)
    schedule.answered("ch1", 80.0, 1.0)
    assert asked(schedule, 80.5) == []  # a late copy may still be on its way
    assert sorted(asked(schedule, 81.0)) == ["ch2", "io"]


def test_one_unit_that_is_back_does_not_wake_those_that_are_dead():
    schedule = fresh()
    schedule.answered("io", 1.0, 1.0)
    for now in (0.0, 5.0, 15.0, 35.0):
        for item in ITEMS[:2]:
            schedule.failed(item, "no answer", now)
    schedule.answered("ch1", 40.0, 1.0)
    assert "ch2" not in asked(schedule, 41.0)


def test_a_neighbour_that_never_failed_shows_that_the_line_was_well():
    schedule = fresh()
    for item in ITEMS[:2]:
        schedule.failed(item, "no answer", 0.0)
        schedule.failed(item, "no answer", 5.0)
    schedule.answered("ch1", 6.0, 1.0)
    assert "ch2" not in asked(schedule, 7.0)
