"""Planning on virtual time: who learns when, what a failure costs, and that the loop never notices."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import ClassVar

import pytest

from agent.app.front import console_of
from agent.app.watch import Watch
from agent.console.unknown_name import UnknownNameError
from agent.control.learning_job import Learned, LearningError
from agent.control.planning import LEARNED, Planning, Surroundings
from agent.core.learning import DAY, Learning, NothingToLearnError, digest_of
from agent.core.serial import from_plain, to_plain
from agent.core.snapshot import Artefact
from hil.virtual_time import run_virtual
from tests.control.fake_store import FakeStore
from tests.control.small_plant import SmallPlant, Steady

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Apprentice(Steady):
    """Steady, and eager to learn."""

    learning: ClassVar[Learning] = Learning(kind="curve", version=2, window=DAY, every=HOUR, deadline=30.0)

    def learn(self, history):
        raise AssertionError("only the planner learns")


@dataclass(eq=False)
class Planner:
    """Stands for the process: does what a test says, and keeps every job."""

    takes: float = 5.0
    fault: Exception | None = None
    jobs: list = field(default_factory=list)
    at_work: int = 0
    most_at_work: int = 0

    async def __call__(self, job, learning):
        self.jobs.append(job)
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await asyncio.sleep(self.takes)
        self.at_work -= 1
        if self.fault is not None:
            raise self.fault
        content = {"a": len(self.jobs)}
        artefact = Artefact("curve", 2, job.elapsed, digest_of(content), content, job.until)
        return Learned(artefact=artefact, seconds=self.takes, rss_mb=40.0)


class School(SmallPlant):
    """The small plant with policies that learn, and a planner that a test holds in its hands."""

    def __init__(self, store=None, names=("steady",), **options):
        super().__init__(store, **options)
        self.planner = Planner()
        self.loop.policies = {name: Apprentice(name=name) for name in names}
        self.loop.memory.states = {name: one.initial_state() for name, one in self.loop.policies.items()}
        around = Surroundings(
            clock=self.clock,
            documents=self.store,
            launch=self.planner,
            store="p.db",
            came=self.parts.recorder.learned,
        )
        self.parts = replace(self.parts, planning=Planning([self.loop], around))

    async def __aenter__(self):
        await super().__aenter__()
        self.tasks.append(asyncio.create_task(self.parts.planning.run()))
        self.tasks.append(asyncio.create_task(Watch(self.parts, {}).run()))
        return self

    @property
    def lesson(self):
        return self.parts.planning.lessons["steady"]

    def alarms(self):
        return [one for one in self.parts.alarms.all() if one.id.startswith("planner:") and one.standing]

    def known(self):
        return self.loop.memory.last_tick.snapshot.artefacts


def school(scenario, **options):
    async def main():
        async with School(**options) as made:
            return await scenario(made)

    return run_virtual(main())


def test_what_is_learned_is_in_the_next_snapshot_and_in_the_records():
    async def scenario(it):
        await asyncio.sleep(50)
        assert it.planner.jobs == []  # control comes first
        assert it.known() == {}
        await asyncio.sleep(20)
        artefact = it.known()["steady"]
        assert artefact.content == {"a": 1}
        assert artefact.made == pytest.approx(61.0, abs=2.0)
        assert it.store.kept[LEARNED]["steady"]["artefact"] == to_plain(artefact)
        record = next(one for one in it.store.records if one.get("learned", {}).get("kind"))
        assert record["learned"]["digest"] == artefact.digest
        kept = next(one for one in it.store.blocks if one.points == ("learned.steady",))
        assert digest_of({"a": 1}) in kept.values[0]

    school(scenario)


def test_the_job_holds_the_newest_picture_and_what_was_tuned():
    async def scenario(it):
        it.loop.policies["steady"] = replace(it.loop.policies["steady"], speed=44.0)
        await asyncio.sleep(70)
        [job] = it.planner.jobs
        assert job.parameters["speed"] == 44.0
        assert job.readings["io.speed"].usable
        assert job.model is it.loop.setup.model
        assert job.policy == "tests.control.test_planning:Apprentice"
        assert (job.window, job.deadline, job.store) == (DAY, 30.0, "p.db")
        assert job.until == pytest.approx(it.clock.start_utc + 61.0, abs=2.0)

    school(scenario)


def test_it_is_learned_afresh_when_its_time_is_over():
    async def scenario(it):
        await asyncio.sleep(2 * HOUR + 200.0)
        assert [round(job.elapsed / HOUR) for job in it.planner.jobs] == [0, 1, 2]
        assert it.known()["steady"].content == {"a": 3}
        assert it.planner.jobs[-1].artefacts["steady"].content == {"a": 2}

    school(scenario)


def test_a_slow_planner_does_not_delay_a_tick_and_only_one_works_at_a_time():
    async def scenario(it):
        it.planner.takes = 500.0
        await asyncio.sleep(65)
        before = it.loop.memory.number
        await asyncio.sleep(100)
        assert it.planner.at_work == 1
        assert it.loop.memory.number - before == 50
        await asyncio.sleep(1500)
        assert set(it.known()) == {"a", "b", "c"}
        assert it.planner.most_at_work == 1

    school(scenario, names=("a", "b", "c"))


def test_failures_are_tried_again_ever_more_rarely_one_alarm_stands_and_ends():
    async def scenario(it):
        it.planner.fault = LearningError("no result within 30 s")
        await asyncio.sleep(500)
        assert len(it.planner.jobs) == 2
        assert it.alarms() == []  # once is nothing
        await asyncio.sleep(1000)
        assert [round(job.elapsed) for job in it.planner.jobs] == pytest.approx([61, 366, 971], abs=8)
        [alarm] = it.alarms()
        assert alarm.text == "policy steady cannot learn: no result within 30 s; it decides without"
        assert alarm.severity.value == "warning"
        await asyncio.sleep(5 * HOUR)
        assert len(it.alarms()) == 1
        assert len(it.planner.jobs) == pytest.approx(8, abs=1)
        it.planner.fault = None
        await asyncio.sleep(HOUR + 60.0)
        assert it.alarms() == []
        assert it.lesson.failures == 0
        assert "steady" in it.known()

    school(scenario)


def test_what_was_learned_before_outlives_a_failure():
    async def scenario(it):
        await asyncio.sleep(100)
        it.planner.fault = LearningError("killed by signal 9")
        await asyncio.sleep(3 * HOUR)
        assert it.known()["steady"].content == {"a": 1}
        [alarm] = it.alarms()
        assert "what it goes by is from 2026-10-01 00:01 UTC" in alarm.text

    school(scenario)


def test_a_fault_of_ours_is_a_failure_and_not_the_end():
    async def scenario(it):
        it.planner.fault = ZeroDivisionError("x")
        await asyncio.sleep(100)
        assert it.lesson.error == "ZeroDivisionError: x"
        it.planner.fault = None
        await asyncio.sleep(500)
        assert "steady" in it.known()

    school(scenario)


def test_a_record_that_cannot_be_made_is_a_failure_and_not_the_end():
    async def scenario(it):
        it.store.append = lambda block: 1 / 0
        await asyncio.sleep(62)
        it.loop._record = lambda tick, safety: None
        await asyncio.sleep(30)
        assert it.lesson.failures == 1
        assert not it.tasks[-2].done()

    school(scenario)


def test_too_little_past_is_no_failure():
    async def scenario(it):
        it.planner.fault = NothingToLearnError("load is measured on 2 of at least 5 days")
        await asyncio.sleep(4 * HOUR)
        assert len(it.planner.jobs) == 4
        assert it.alarms() == []
        assert (it.lesson.failures, it.lesson.note) == (0, "load is measured on 2 of at least 5 days")

    school(scenario)


def test_by_a_clock_that_is_not_trusted_nothing_is_learned():
    async def scenario(it):
        it.clock.is_trusted = False
        await asyncio.sleep(HOUR)
        assert it.planner.jobs == []
        [seen] = console_of(it.parts, lambda: None).learned()
        assert (seen.state, seen.note) == ("waiting", "waits until the clock can be trusted")
        it.clock.is_trusted = True
        await asyncio.sleep(20)
        assert len(it.planner.jobs) == 1

    school(scenario)


def restarted(store, scenario, **options):
    school(scenario, store=store, **options)


def test_over_a_restart_it_is_there_at_the_first_tick():
    store = FakeStore()

    async def first(it):
        await asyncio.sleep(100)

    async def second(it):
        await asyncio.sleep(3)
        assert it.known()["steady"].content == {"a": 1}
        await asyncio.sleep(1000)
        assert it.planner.jobs == []  # its hour is not over

    restarted(store, first)
    restarted(store, second)


@pytest.mark.parametrize(
    "damage",
    [
        {"version": 1},
        {"kind": "plan"},
        {"content": {"a": 2}},
        {"digest": 7},
        {"made": "yesterday"},
    ],
)
def test_what_does_not_fit_any_more_is_learned_afresh(damage):
    store = FakeStore()

    async def first(it):
        await asyncio.sleep(100)

    async def second(it):
        await asyncio.sleep(3)
        assert it.known() == {}
        await asyncio.sleep(100)
        assert len(it.planner.jobs) == 1

    restarted(store, first)
    store.kept[LEARNED]["steady"]["artefact"].update(damage)
    restarted(store, second)


def test_a_failing_lesson_is_remembered():
    store = FakeStore()

    async def first(it):
        it.planner.fault = LearningError("too big")
        await asyncio.sleep(2000)
        assert len(it.alarms()) == 1

    async def second(it):
        await asyncio.sleep(3)
        assert len(it.alarms()) == 1
        await asyncio.sleep(100)
        assert it.alarms() == []

    restarted(store, first)
    restarted(store, second)


def test_people_see_it_and_can_ask_for_it():
    async def scenario(it):
        console = console_of(it.parts, lambda: None)
        await asyncio.sleep(10)
        [seen] = console.learned()
        assert (seen.policy, seen.state, seen.digest) == ("steady", "waiting", None)
        asked = await console.learn("steady", actor="user:wang", reason="new meter")
        assert asked.next_in == 0.0
        await asyncio.sleep(3)
        assert console.learned()[0].state == "learning"
        await asyncio.sleep(10)
        seen = console.learned_by("steady")
        assert (seen.state, seen.content, seen.rss_mb) == ("learned", {"a": 1}, 40.0)
        assert seen.age == pytest.approx(12.0, abs=2.0)
        assert console.areas()[0].policies[0]["learned"].digest == digest_of({"a": 1})
        [known] = console.why("io.speed").learned
        assert (known["policy"], known["digest"]) == ("steady", digest_of({"a": 1}))
        assert any(one.get("learn") == "now" and one["actor"] == "user:wang" for one in it.store.records)
        with pytest.raises(UnknownNameError) as unknown:
            console.learned_by("stedy")
        assert unknown.value.nearest == ("steady",)

    school(scenario)


def test_a_write_keeps_the_fingerprints_of_what_it_was_decided_on():
    async def scenario(it):
        await asyncio.sleep(100)
        it.loop.policies["steady"] = replace(it.loop.policies["steady"], speed=50.0)
        await asyncio.sleep(10)
        record = next(one for one in it.store.records if one.get("new") == 50.0)
        assert record["learned"] == {"steady": digest_of({"a": 1})}

    school(scenario)


def test_a_recorded_tick_brings_back_what_was_learned():
    async def scenario(it):
        await asyncio.sleep(100)
        snapshot = it.loop.memory.last_tick.snapshot
        assert from_plain(dict[str, Artefact], to_plain(snapshot.artefacts)) == dict(snapshot.artefacts)

    school(scenario)
