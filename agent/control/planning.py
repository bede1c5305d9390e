"""Planning: which policy is due to learn, one at a time, and what it has learned put into the snapshots to come.

The loop never waits for it. A learner that fails, is too slow or too big costs nothing but its own result: the artefact
before stays and grows old, which is for the policy to judge. Artefacts survive a restart.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from agent.control.learning_job import Job, Learned, LearningError, policy_address
from agent.control.loop import AreaLoop
from agent.core.clock import Clock
from agent.core.learning import Learner, Learning, NothingToLearnError, digest_of, learner_of
from agent.core.serial import from_plain, to_plain
from agent.core.snapshot import Artefact, Snapshot

log = logging.getLogger("plantroom.planning")

LEARNED = "learned"  # kind of the documents
EVERY = 1.0  # real seconds between looks
SETTLE = 60.0  # real seconds after the start before the first job: control comes first
RETRY = 300.0  # real seconds after the first failure; doubled with each one
LONGEST_RETRY = 6 * 3600.0
ENOUGH_YET = 3600.0  # site seconds until it is asked again whether the past suffices

Launch = Callable[[Job, Learning], Awaitable[Learned]]
"""Does one job: agent.control.planner_process, or whatever a bench on virtual time puts in its place."""


class Documents(Protocol):
    """The part of the store that keeps small documents."""

    def put_soon(self, kind: str, key: str, value: Any) -> None: ...

    def documents(self, kind: str) -> dict[str, Any]: ...


@dataclass(slots=True, kw_only=True)
class Lesson:
    """One policy's learning, as it stands."""

    policy: str
    area: str
    learning: Learning
    due: float  # elapsed site seconds
    artefact: Artefact | None = None
    failures: int = 0  # in a row
    error: str = ""
    note: str = ""  # why there is nothing to learn from yet
    running: bool = False
    seconds: float | None = None  # real, of the last success
    rss_mb: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What planning needs of the agent around it. `came` hears of each new artefact."""

    clock: Clock
    documents: Documents
    launch: Launch
    store: str  # path of the samples
    came: Callable[[str, Artefact], None]
    settle: float = SETTLE


class Planning:
    """Keeps the lessons of all areas."""

    def __init__(self, loops: Iterable[AreaLoop], around: Surroundings) -> None:
        self._loops = {loop.setup.model.area.id: loop for loop in loops}
        self._around = around
        kept = around.documents.documents(LEARNED)
        first = around.clock.elapsed() + around.settle * around.clock.speed
        self.lessons: dict[str, Lesson] = {}
        for area, loop in self._loops.items():
            for name, policy in loop.policies.items():
                if (learner := learner_of(policy)) is not None:
                    lesson = Lesson(policy=name, area=area, learning=learner.learning, due=first)
                    _restore(lesson, kept.get(name))
                    self.lessons[name] = lesson
        self._publish()

    async def run(self) -> None:
        """For ever; whatever goes wrong belongs to one lesson."""
        while True:
            await self.step()
            await asyncio.sleep(EVERY)

    async def step(self) -> None:
        """One lesson, if one is due: the one that has waited longest."""
        now = self._around.clock.elapsed()
        due = [one for one in self.lessons.values() if one.due <= now and self._picture(one) is not None]
        if due and self._around.clock.trusted():  # the past is told by wall time
            await self.learn(min(due, key=lambda one: one.due))

    async def learn(self, lesson: Lesson) -> None:
        """Learn now; the outcome stands in the lesson."""
        lesson.running = True
        try:
            self._take(lesson, await self._result(lesson))
        except NothingToLearnError as reason:
            lesson.failures, lesson.error, lesson.note = 0, "", str(reason)
            lesson.due = self._around.clock.elapsed() + min(lesson.learning.every, ENOUGH_YET)
            self._keep(lesson)
        except LearningError as error:
            self._failed(lesson, str(error))
        except Exception as error:  # a fault of ours must not end the agent
            log.exception("planning for policy %s failed", lesson.policy)
            self._failed(lesson, f"{type(error).__name__}: {error}")
        finally:
            lesson.running = False

    def hindrance(self, lesson: Lesson) -> str:
        """Why a lesson that is due has not begun, where that is not its own affair."""
        if lesson.running or lesson.due > self._around.clock.elapsed():
            return ""
        return "" if self._around.clock.trusted() else "waits until the clock can be trusted"

    def due_now(self, policy: str) -> Lesson:
        """Somebody asks for it: next look. Raises KeyError when this policy does not learn."""
        lesson = self.lessons[policy]
        lesson.due = min(lesson.due, self._around.clock.elapsed())
        return lesson

    def standing(self, lesson: Lesson) -> str:
        """What its policy has to go by meanwhile, in words that stay the same from look to look."""
        if lesson.artefact is None:
            return "it decides without"
        made = dt.datetime.fromtimestamp(lesson.artefact.utc, dt.UTC)
        return f"what it goes by is from {made:%Y-%m-%d %H:%M} UTC"

    async def _result(self, lesson: Lesson) -> Learned:
        loop, snapshot = self._loops[lesson.area], self._picture(lesson)
        learner = learner_of(loop.policies[lesson.policy])
        if learner is None or snapshot is None:
            raise LearningError("the area has not decided yet")
        clock = self._around.clock
        job = _job(learner, snapshot, self._around.store, clock.elapsed(), clock.utc())
        return await self._around.launch(job, lesson.learning)

    def _picture(self, lesson: Lesson) -> Snapshot | None:
        tick = self._loops[lesson.area].memory.last_tick
        return None if tick is None else tick.snapshot

    def _take(self, lesson: Lesson, learned: Learned) -> None:
        if lesson.failures:
            log.info("policy %s learns again", lesson.policy)
        lesson.artefact, lesson.seconds, lesson.rss_mb = learned.artefact, learned.seconds, learned.rss_mb
        lesson.failures, lesson.error, lesson.note = 0, "", ""
        lesson.due = self._around.clock.elapsed() + lesson.learning.every
        self._publish()
        self._keep(lesson)
        self._around.came(lesson.policy, learned.artefact)

    def _failed(self, lesson: Lesson, error: str) -> None:
        lesson.failures += 1
        if error != lesson.error:
            log.warning("policy %s could not learn: %s", lesson.policy, error)
        lesson.error = error
        wait = min(RETRY * 2.0 ** min(lesson.failures - 1, 10), LONGEST_RETRY) * self._around.clock.speed
        lesson.due = self._around.clock.elapsed() + min(wait, lesson.learning.every)
        self._keep(lesson)

    def _publish(self) -> None:
        """All areas see all artefacts, as they may read all points. Never changed, only replaced."""
        artefacts = {name: one.artefact for name, one in self.lessons.items() if one.artefact is not None}
        for loop in self._loops.values():
            loop.memory.artefacts = artefacts

    def _keep(self, lesson: Lesson) -> None:
        document = {
            "artefact": to_plain(lesson.artefact),
            "failures": lesson.failures,
            "error": lesson.error,
            "note": lesson.note,
        }
        self._around.documents.put_soon(LEARNED, lesson.policy, document)


def _job(learner: Learner, snapshot: Snapshot, store: str, elapsed: float, utc: float) -> Job:
    return Job(
        policy=policy_address(learner),
        parameters=to_plain(learner),
        model=snapshot.model,
        readings=snapshot.readings,
        artefacts=snapshot.artefacts,
        store=store,
        elapsed=elapsed,
        until=utc,
        window=learner.learning.window,
        deadline=learner.learning.deadline,
    )


def _restore(lesson: Lesson, kept: Mapping[str, Any] | None) -> None:
    """What the last run left; an artefact of another kind or version, or a damaged one, is left aside."""
    if kept is None:
        return
    try:
        artefact = from_plain(Artefact, kept["artefact"]) if kept["artefact"] is not None else None
        lesson.failures, lesson.error, lesson.note = int(kept["failures"]), kept["error"], kept["note"]
    except (TypeError, ValueError, LookupError) as error:
        log.warning(
            "what policy %s had learned does not fit (%s): it is learned afresh", lesson.policy, error
        )
        return
    learning = lesson.learning
    if artefact is None or (artefact.kind, artefact.version) != (learning.kind, learning.version):
        return
    if digest_of(artefact.content) == artefact.digest:
        lesson.artefact = artefact
        lesson.due = max(lesson.due, artefact.made + learning.every)
    else:
        log.warning("what policy %s had learned is damaged: it is learned afresh", lesson.policy)
