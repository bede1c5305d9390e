"""agent.advisory.desk on virtual time: what is told to whom and when, what a meter sees, what a restart changes."""

from __future__ import annotations

import json

import pytest

from agent.advisory.desk import Desk
from agent.advisory.meter_watch import Reading
from agent.advisory.model import TaskKind, TaskState
from agent.advisory.store import AdvisoryStore
from tests.advisory.small_advisory import advisory, at, site

MORNING = at("2026-11-22 09:00")  # sunset 17:38:37, sunrise 06:41:23


class Office:
    """A desk that is looked at every minute."""

    def __init__(self, plan=None, store=None, now=MORNING):
        self.plan, self.now = plan or advisory(), now
        self.store = store or AdvisoryStore(":memory:")
        self.desk = Desk(self.plan, self.store, now)

    def until(self, text: str) -> None:
        while self.now < at(text):
            self.now += 60.0
            while self.desk.work(self.now):
                pass

    def told(self):
        """What waits, as (channel, kind, step), and is taken away."""
        found = []
        for channel in self.store.notes.channels(self.now):
            notes = self.store.notes.waiting(channel, self.now, 1000)
            self.store.notes.settle([one.number for one in notes], "sent", self.now)
            found += [(one.channel, one.kind.value, one.step) for one in notes]
        return sorted(found)

    def read(self, text: str, power: float):
        self.until(text)
        taken, _ = self.desk.read([Reading("garden", self.now, power)], self.now)
        self.desk.work(self.now)
        return taken

    def task(self, kind=TaskKind.TIMES):
        return next(one for one in self.store.tasks.of_site("garden", *TaskState) if one.kind is kind)


def test_times_are_told_once_in_the_morning():
    office = Office()
    office.until("2026-11-22 09:59")
    assert office.told() == []
    office.until("2026-11-22 10:01")
    (note,) = office.store.notes.waiting("group", office.now, 10)
    assert json.loads(note.detail)["changes"] == [["17:38", "on"], ["06:41", "off"]]
    assert office.told() == [("group", "times", 0)]
    office.until("2026-11-22 11:59")
    assert office.told() == []


def test_unanswered_times_go_to_the_next_person_and_then_stand():
    office = Office()
    office.until("2026-11-22 10:01")
    office.told()
    office.until("2026-11-22 12:02")
    assert office.told() == [("duty", "times", 1)]
    office.until("2026-11-22 14:03")
    assert office.told() == [("duty", "times", 2)]
    office.until("2026-11-22 20:00")
    assert office.told() == []
    assert office.task().state is TaskState.UNANSWERED
    assert [one.key for one in office.store.tasks.unsettled()] == ["garden/2026-11-22/times"]


def test_an_answer_ends_it_and_its_link_counts_once():
    office = Office()
    office.until("2026-11-22 12:02")  # the second message waits, too
    number = office.task().number
    assert office.desk.acknowledge("link", number, "Wang", office.now)[0]
    assert office.told() == []  # what waited need not be said
    again, task = office.desk.acknowledge("link", number, "Li", office.now)
    assert not again
    assert (task.state, task.by) == (TaskState.ACKNOWLEDGED, "Wang")
    office.until("2026-11-22 20:00")
    assert office.told() == []


def test_every_day_has_its_task_and_a_restart_makes_none_twice():
    office = Office()
    for day in ("22", "23", "24"):
        office.until(f"2026-11-{day} 10:05")
        office = Office(office.plan, office.store, office.now)  # as after a restart
        office.until(f"2026-11-{day} 10:30")
        assert office.told().count(("group", "times", 0)) == 1
    assert office.store.counts()["tasks"] == {"open": 1, "unanswered": 2}


def test_started_late_it_tells_at_once_and_after_dusk_not_at_all():
    late = Office(now=at("2026-11-22 15:00"))
    late.until("2026-11-22 15:01")
    assert late.told() == [("group", "times", 0)]
    night = Office(now=at("2026-11-22 18:00"))
    night.until("2026-11-22 18:10")
    assert night.told() == []
    night.until("2026-11-23 10:01")
    assert night.told() == [("group", "times", 0)]


def metered():
    office = Office(advisory(site(meter=True, on_power=0.5)))
    office.until("2026-11-22 10:01")
    office.desk.acknowledge("morning", office.task().number, "Wang", office.now)
    office.told()
    return office


def test_lamps_that_still_burn_after_sunrise_are_noticed_and_climb():
    office = metered()
    office.read("2026-11-22 17:45", 2.0)
    office.read("2026-11-23 06:45", 2.0)  # within the tolerance
    assert office.told() == []
    office.read("2026-11-23 06:55", 2.0)
    (note,) = office.store.notes.waiting("group", office.now, 9)
    assert json.loads(note.detail) == {"time": "06:55", "since": "06:41", "power": "2"}
    assert office.told() == [("group", "burning", 0)]
    office.read("2026-11-23 07:10", 2.0)
    assert office.told() == []  # not again for the same
    office.read("2026-11-23 07:26", 2.0)
    assert office.told() == [("duty", "burning", 1)]
    office.read("2026-11-23 07:30", 0.0)
    assert office.task(TaskKind.BURNING).state is TaskState.EXECUTED
    office.until("2026-11-23 09:59")
    assert office.told() == []


def test_dark_lamps_climb_faster():
    office = metered()
    office.read("2026-11-22 17:50", 0.0)
    assert office.told() == [("group", "dark", 0)]
    office.until("2026-11-22 18:01")
    assert office.told() == [("duty", "dark", 1)]
    office.until("2026-11-22 18:12")
    assert office.told() == [("duty", "dark", 2)]


def test_confirmed_and_still_wrong_is_told_anew():
    office = metered()
    office.read("2026-11-23 07:00", 2.0)
    office.desk.acknowledge("burning", office.task(TaskKind.BURNING).number, "Wang", office.now)
    office.told()
    office.read("2026-11-23 07:50", 2.0)
    assert office.told() == []
    office.read("2026-11-23 08:02", 2.0)
    assert office.told() == [("duty", "burning", 1)]
    task = office.task(TaskKind.BURNING)
    assert not office.desk.acknowledge("burning", task.number, "Wang", office.now)[
        0
    ]  # the old link is used up
    assert office.desk.acknowledge("the new one", task.number, "Li", office.now)[0]


def test_nobody_answers_and_it_burns_on_is_told_all_over():
    office = metered()
    for hour in range(7, 12):
        for minute in (0, 15, 30, 45):
            office.read(f"2026-11-23 {hour:02d}:{minute:02d}", 2.0)
    told = [one for one in office.told() if one[1] == "burning"]
    assert told.count(("group", "burning", 0)) >= 2
    assert len(told) <= 8  # and no flood


def test_a_meter_that_saw_it_done_needs_no_answer():
    office = Office(advisory(site(meter=True)))
    for hour in ("11:00", "13:00", "17:30"):  # dark by day is as it should be, and proves nothing yet
        office.read(f"2026-11-22 {hour}", 0.0)
        assert office.task().state is not TaskState.EXECUTED
    assert office.task().state is TaskState.UNANSWERED
    office.read("2026-11-22 17:50", 2.0)
    assert office.task().state is TaskState.EXECUTED


def test_a_meter_at_the_edge_floods_nobody():
    office = metered()
    for minute in range(55):
        office.read(f"2026-11-22 18:{minute:02d}", 0.4 if minute % 2 else 0.6)
    kinds = [one.kind for one in office.store.tasks.of_site("garden", *TaskState)]
    assert kinds.count(TaskKind.DARK) == 1


@pytest.mark.parametrize(
    ("name", "when"),
    [("garden", 0.0), ("garden", 86_400.0), ("elsewhere", 1.8e9)],
    ids=["old", "future", "stranger"],
)
def test_readings_that_cannot_be_are_not_taken(name, when):
    office = metered()
    office.read("2026-11-22 18:00", 2.0)
    now = office.now
    office.desk.read([Reading(name, when if when != 86_400.0 else now + when, 0.0)], now)
    office.desk.work(now)
    assert office.told() == []


def test_a_silent_meter_is_said_with_the_times():
    office = metered()
    office.read("2026-11-22 18:00", 2.0)
    office.until("2026-11-23 10:01")
    (note,) = office.store.notes.waiting("group", office.now, 9)
    assert json.loads(note.detail)["silent"] == "11-22 18:00"


def test_what_is_old_and_settled_is_forgotten():
    office = Office(advisory(keep_days=2.0))
    for day in range(22, 28):
        office.until(f"2026-11-{day} 12:30")
    assert sum(office.store.counts()["tasks"].values()) <= 4


def test_the_store_is_for_its_owner_only_and_keeps_its_epoch(tmp_path):
    file = tmp_path / "a.db"
    first = AdvisoryStore(file)
    epoch = first.epoch
    first.close()
    again = AdvisoryStore(file)
    assert again.epoch == epoch
    assert file.stat().st_mode & 0o777 == 0o600
    again.close()
