"""What the agent hands to the planner and what it takes back: one JSON text each way, over the pipes of the process."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.core.equipment import AreaModel
from agent.core.errors import PlantroomError
from agent.core.learning import DAY, History, Learner, Learning, NothingToLearnError, digest_of, run_learner
from agent.core.reading import Reading
from agent.core.serial import from_plain, to_plain
from agent.core.snapshot import Artefact

MEMORY = 160 * 1024 * 1024  # bytes the planner may hold in memory; the agent looks, and ends it above
LONGEST_ANSWER = 1_000_000  # bytes; every snapshot and every record carries what is in it


class LearningError(PlantroomError):
    """The planner came to no result: too slow, too big, killed, a fault of the policy, or nonsense in its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """All that the planner needs: it reads no configuration, so that it knows what was tuned since."""

    policy: str  # module:class
    parameters: Any  # its fields as plain values
    model: AreaModel
    readings: Mapping[str, Reading]
    artefacts: Mapping[str, Artefact]
    store: str
    elapsed: float
    until: float  # UTC
    window: float = 28.0 * DAY
    deadline: float = 120.0  # real seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A result and what it cost."""

    artefact: Artefact
    seconds: float  # real
    rss_mb: float


def policy_address(learner: Learner) -> str:
    """Where the planner finds the class of this policy."""
    return f"{type(learner).__module__}:{type(learner).__qualname__}"


def perform(job: Job, history: History) -> Artefact:
    """Learn here and now: what the planner does, and benches on virtual time in its place. Raises whatever the policy raises."""
    learner = from_plain(pkgutil.resolve_name(job.policy), job.parameters)
    if not isinstance(learner, Learner):
        raise LearningError(f"{job.policy} does not learn")
    return run_learner(learner, history, job.elapsed)


def in_process(history: Callable[[Job], History]) -> Callable[[Job, Learning], Awaitable[Learned]]:
    """A way to do jobs for benches: the past comes from `history`, no process is started, no time passes."""

    async def launch(job: Job, _: Learning) -> Learned:
        return Learned(artefact=perform(job, history(job)), seconds=0.0, rss_mb=0.0)

    return launch


def job_text(job: Job) -> bytes:
    return json.dumps(to_plain(job)).encode()


def read_job(text: bytes) -> Job:
    """Raises TypeError or ValueError for what is no job."""
    return from_plain(Job, json.loads(text))


def answer_text(learned: Learned) -> bytes:
    return json.dumps({"learned": to_plain(learned)}).encode()


def read_answer(text: bytes, learning: Learning) -> Learned:
    """Raises NothingToLearnError, and LearningError for a fault and for everything that is no answer."""
    if len(text) > LONGEST_ANSWER:
        raise LearningError(f"the answer is longer than {LONGEST_ANSWER / 1e6:g} MB")
    try:
        answer = json.loads(text)
        if "nothing" in answer:
            raise NothingToLearnError(str(answer["nothing"]))
        if "error" in answer:
            raise LearningError(str(answer["error"]))
        learned = from_plain(Learned, answer["learned"])
        right = digest_of(learned.artefact.content) == learned.artefact.digest
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise LearningError(f"the planner's answer makes no sense: {error}") from error
    if not right or (learned.artefact.kind, learned.artefact.version) != (learning.kind, learning.version):
        raise LearningError("the planner's answer makes no sense: it is not what was asked for")
    return learned
