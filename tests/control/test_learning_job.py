"""What goes to the planner and comes back: nothing is lost on the way, and nonsense is never taken for a result."""

import json

import pytest

from agent.calc.columns import MemoryHistory
from agent.control.learning_job import (
    LONGEST_ANSWER,
    Job,
    Learned,
    LearningError,
    answer_text,
    in_process,
    job_text,
    policy_address,
    read_answer,
    read_job,
)
from agent.core.learning import Learning, NothingToLearnError, digest_of
from agent.core.reading import Quality, Reading
from agent.core.serial import to_plain
from agent.core.snapshot import NEVER_READ, Artefact
from policies.chiller_plant.load_shedding import LoadShedding
from tests.control.small_plant import Steady
from tests.policies.plant_bench import plant

LEARNING = Learning(kind="curve", version=1)
CONTENT = {"a": [1.5, None, "x"]}
RESULT = Learned(
    artefact=Artefact("curve", 1, 10.0, digest_of(CONTENT), CONTENT, 99.0), seconds=1.0, rss_mb=30.0
)


def test_a_job_comes_over_as_it_was():
    job = Job(
        policy=policy_address(Steady()),
        parameters={"name": "steady", "speed": 40.0},
        model=plant({"a": 1000.0}, guards={"minimum_off": 300.0}).area,
        readings={
            "a.load": Reading(5.0, 1.0, 2.0, Quality.UNCERTAIN, "old"),
            "a.status": Reading(True, 1.0, 2.0),
            "a.x": NEVER_READ,
        },
        artefacts={"steady": RESULT.artefact},
        store="p.db",
        elapsed=10.0,
        until=99.0,
    )
    assert read_job(job_text(job)) == job


async def test_a_bench_learns_without_a_process():
    bench = plant({"a": 1000.0, "b": 1000.0})
    history = MemoryHistory(model=bench.area, since=0.0, until=99.0)
    job = Job(
        policy=policy_address(bench.policy),
        parameters=to_plain(bench.policy),
        model=bench.area,
        readings={},
        artefacts={},
        store="",
        elapsed=10.0,
        until=99.0,
    )
    with pytest.raises(NothingToLearnError, match="0 of at least 5 days"):
        await in_process(lambda _: history)(job, LoadShedding.learning)


def test_a_result_comes_back_as_it_was():
    assert read_answer(answer_text(RESULT), LEARNING) == RESULT


def test_what_is_missing_is_no_fault():
    with pytest.raises(NothingToLearnError, match="no meter"):
        read_answer(b'{"nothing": "no meter"}', LEARNING)


def changed(**fields):
    plain = json.loads(answer_text(RESULT))
    plain["learned"]["artefact"].update(fields)
    return json.dumps(plain).encode()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"7",
        b'"learned"',
        b"{}",
        b'{"learned": {}}',
        b'{"error": "boom"}',
        b"[" * 100_000,
        b" " * (LONGEST_ANSWER + 1),
        changed(content={"a": 2}),
        changed(digest="0" * 64),
        changed(kind="plan"),
        changed(version=2),
        changed(made=None),
    ],
)
def test_nonsense_is_no_result(answer):
    with pytest.raises(LearningError):
        read_answer(answer, LEARNING)
