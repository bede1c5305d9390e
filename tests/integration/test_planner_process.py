"""The planner as a process: a result, every way to fail, and an agent that goes on whatever happens to it."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent.control.learning_job import Job, LearningError, job_text
from agent.control.planner_process import run_planner
from agent.control.side_work import GRACE
from agent.core.equipment import Area, AreaModel, Place
from agent.core.learning import Learning, NothingToLearnError, digest_of
from agent.core.reading import Reading, ReadingBlock
from tests.integration.learning_past import children, keep
from tests.waiting import until

pytestmark = pytest.mark.integration

EVENING = 1_784_656_800.0
LEARNING = Learning(kind="curve", version=1, deadline=20.0)
MODEL = AreaModel(
    area=Area(id="a"), place=Place(name="", latitude=0, longitude=0, timezone="UTC"), equipment={}, points={}
)
PUPIL = """
import os, sys, time
from dataclasses import dataclass
from typing import ClassVar
from agent.core.learning import Learning, NothingToLearnError

def hold(mebibytes):
    held = bytearray(mebibytes << 20)
    for at in range(0, len(held), 4096):
        held[at] = 1
    time.sleep(10)

@dataclass(frozen=True, kw_only=True)
class Pupil:
    learning: ClassVar[Learning] = Learning(kind="curve", version=1)
    how: str
    name: str = "pupil"

    def learn(self, history):
        column = history.columns(["ch1.load"], 60.0)["ch1.load"] if self.how == "well" else None
        return {
            "well": lambda: {"values": [value for value in column.values if value == value], "now": history.readings["ch1.load"].value},
            "chatting": lambda: print("garbage", flush=True) or os.system("echo more") * 0,
            "nothing": self.nothing,
            "raising": lambda: 1 / 0,
            "big": lambda: hold(2000),
            "growing": lambda: hold(200),
            "slow": lambda: any(iter(int, 1)),
            "killed": lambda: os.kill(os.getpid(), 9),
            "gone": lambda: os._exit(3),
            "garbage": self.garbage,
            "flooding": self.flood,
            "long": lambda: ["x" * 1000] * 2000,
            "no_data": object,
            "nice": lambda: os.nice(0),
        }[self.how]()

    def nothing(self):
        raise NothingToLearnError("no meter yet")

    def garbage(self):
        for number in range(3, 10):
            try:
                os.write(number, b'{"learned": ')
            except OSError:
                pass
        sys.stderr.write("the last words")
        os._exit(0)

    def flood(self):
        while True:
            for number in range(3, 10):
                try:
                    os.write(number, b"x" * 4096)
                except OSError:
                    pass
"""


def job(how: str, **changes) -> Job:
    fields = {
        "policy": "pupil:Pupil",
        "parameters": {"how": how},
        "model": MODEL,
        "readings": {"ch1.load": Reading(77.0, EVENING, 100.0)},
        "artefacts": {},
        "store": "nowhere.db",
        "elapsed": 100.0,
        "until": EVENING,
        "window": 86_400.0,
        "deadline": 20.0,
    }
    return Job(**fields | changes)


@pytest.fixture(autouse=True)
def _school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pupil.py").write_text(PUPIL)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")


async def test_it_learns_from_the_store_and_the_newest_readings(tmp_path):
    times = [EVENING - 3600.0 + 60.0 * n for n in range(60)]
    await keep(tmp_path / "p.db", [ReadingBlock("ch1", ("ch1.load",), (5.0,), time, 0.0) for time in times])
    learned = await run_planner(job("well", store=str(tmp_path / "p.db")), LEARNING)
    assert learned.artefact.content == {"values": [5.0] * 60, "now": 77.0}
    assert learned.artefact.digest == digest_of(learned.artefact.content)
    assert (learned.artefact.made, learned.artefact.utc) == (100.0, EVENING)
    assert learned.rss_mb < 100.0
    assert learned.seconds < 20.0
    assert children() == []


async def test_what_a_library_prints_is_no_answer():
    assert (await run_planner(job("chatting"), LEARNING)).artefact.content == 0


async def test_it_is_last_in_the_queue():
    assert (await run_planner(job("nice"), LEARNING)).artefact.content >= os.nice(0) + 10


async def test_nothing_to_learn_is_said():
    with pytest.raises(NothingToLearnError, match="no meter yet"):
        await run_planner(job("nothing"), LEARNING)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("raising", r"ZeroDivisionError: division by zero \(<lambda>, line \d+\)"),
        ("big", "more memory than it may have"),
        ("growing", "more than the 160 MiB of memory"),
        ("killed", "killed by signal 9"),
        ("gone", "code 3 and no answer"),
        ("garbage", "makes no sense"),
        ("flooding", "longer than 1 MB"),
        ("long", "longer than 1 MB"),
        ("no_data", "TypeError"),
    ],
)
async def test_every_failure_is_one_sentence_and_leaves_nothing_behind(how, says):
    with pytest.raises(LearningError, match=says):
        await run_planner(job(how), LEARNING)
    assert children() == []


async def test_one_that_is_too_slow_is_ended():
    with pytest.raises(LearningError, match=r"no result within 1\.5 s"):
        await run_planner(job("slow"), replace(LEARNING, deadline=1.5))
    assert children() == []


async def test_one_whose_agent_has_died_ends_by_itself():
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent.planner"), stdin=asyncio.subprocess.PIPE
    )
    process.stdin.write(job_text(job("slow", deadline=0.5 - GRACE)))
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 20) == -signal.SIGALRM


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"policy": "nowhere:Nobody"}, "ModuleNotFoundError"),
        ({"policy": "pupil:hold"}, "Error"),
        ({"parameters": {"how": 7}}, "expected str"),
        ({"parameters": {"how": "well"}}, "cannot read the past from nowhere.db"),
    ],
)
async def test_a_job_that_cannot_be_done_is_one_sentence(changes, says):
    with pytest.raises(LearningError, match=says):
        await run_planner(job("raising", **changes), LEARNING)


async def test_an_answer_to_another_question_is_no_answer():
    with pytest.raises(LearningError, match="not what was asked for"):
        await run_planner(job("nice"), replace(LEARNING, version=2))


async def test_cancelled_it_takes_the_process_along():
    task = asyncio.create_task(run_planner(job("slow"), LEARNING))
    await until(children)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert children() == []
