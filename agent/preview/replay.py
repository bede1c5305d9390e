"""Replay: recorded days decided once more, under the parameters of today and under others.

Policies, arbiter and guards are the live ones. The readings are those that were recorded, so the loop is open: a machine that the
other parameters would have stopped is still seen running. What the plant would have answered only a twin can say.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.control.loop import AreaSetup, points_read
from agent.control.policy_run import decide_all
from agent.control.preview_job import Job, Replay
from agent.core.decision import Decision
from agent.core.equipment import AreaModel, Authority
from agent.core.point import Value
from agent.core.policy import AnyPolicy
from agent.core.reading import Reading
from agent.core.serial import from_plain
from agent.core.snapshot import Artefact, Snapshot
from agent.preview.lines import Line, compared
from agent.preview.recorded import Held, Recorded
from agent.safety.arbiter import Arbiter

WARM_UP = 2 * 3600.0  # s before the window in which states and guards find their place
VIRTUAL = "virtual."
OPEN_LOOP = (
    "the readings are the recorded ones: what the plant would have answered is not in it",
    "overrides and changes of authority of those days are not replayed",
)


class Arm:
    """One set of parameters on its way through the past."""

    def __init__(self, model: AreaModel, policies: Sequence[AnyPolicy], job: Job) -> None:
        self._model = model
        self._policies = policies
        self._states: Mapping[str, Any] = {one.name: one.initial_state() for one in policies}
        self._arbiter = Arbiter(model, job.interlocks)
        self._safety = self._arbiter.initial_state(-1e6)
        self.decisions: Mapping[str, Decision] = {}
        self.faults: dict[str, str] = {}

    def tick(
        self, readings: Mapping[str, Reading], utc: float, elapsed: float, artefacts: Mapping[str, Artefact]
    ) -> Mapping[str, Decision]:
        own = {
            id_: Reading(one.value, utc, elapsed)
            for id_, one in self.decisions.items()
            if id_.startswith(VIRTUAL) and one.value is not None
        }
        snapshot = Snapshot(
            model=self._model,
            readings={**readings, **own},
            utc=utc,
            utc_trusted=True,
            elapsed=elapsed,
            authority=Authority.AGENT,
            decisions=self.decisions,
            artefacts=artefacts,
        )
        wishes = decide_all(self._policies, snapshot, self._states)
        self._states = wishes.states
        for fault in wishes.faults:
            self.faults.setdefault(fault.policy, fault.error)
        self.decisions, self._safety = self._arbiter.decide(
            snapshot, wishes.commands, wishes.heard, self._safety
        )
        return self.decisions


def replay(job: Job) -> Replay:
    """Raises StoreError, TypeError and ValueError."""
    model = replace(job.model, area=job.model.area.slowed(job.step))
    now = [_policy(one.address, one.present) for one in job.policies]
    then = [_policy(one.address, one.changed) for one in job.policies]
    recorded = Recorded(job.store, model, job.since - WARM_UP, job.until, job.step)
    setup = AreaSetup(model=model, policies=now, interlocks=job.interlocks)
    readings = recorded.readings(points_read(setup))
    learned = recorded.artefacts([one.name for one in job.policies])
    old, new = Arm(model, now, job), Arm(model, then, job)
    commanded = [one for one in model.points.values() if one.commandable]
    lines = {one.id: (Line(one), Line(one)) for one in commanded}
    matching = _Agreement(recorded.decisions())
    replayed = missing = 0
    for step in range(1, recorded.count + 1):
        utc = recorded.time(step)
        elapsed = utc - recorded.start
        seen = _readings(readings, step, utc, elapsed)
        counts = utc > job.since
        if not seen:
            missing += counts
            continue
        artefacts = learned.at(utc, recorded.start)
        first, second = (arm.tick(seen, utc, elapsed, artefacts) for arm in (old, new))
        if not counts:
            continue
        replayed += 1
        matching.see(step, first)
        for id_, (line_old, line_new) in lines.items():
            line_old.add(utc, first[id_].value)
            line_new.add(utc, second[id_].value)
    return _result(job, lines, (replayed, missing), matching.share, (old, new))


class _Agreement:
    """How often the replay under today's parameters gives what was decided then."""

    def __init__(self, decided: Mapping[str, Held]) -> None:
        self._decided = decided
        self._seen = self._same = 0

    def see(self, step: int, decisions: Mapping[str, Decision]) -> None:
        for id_, held in self._decided.items():
            then = held.at(step)
            if then is not None:
                self._seen += 1
                self._same += _near(then, decisions[id_].value)

    @property
    def share(self) -> float | None:
        return self._same / self._seen if self._seen else None


def _near(one: Value, other: Value | None) -> bool:
    if isinstance(one, str | bool) or isinstance(other, str | bool) or other is None:
        return one == other
    return abs(one - other) <= 0.02 * max(abs(one), abs(other), 1.0)


def _result(
    job: Job,
    lines: Mapping[str, tuple[Line, Line]],
    steps: tuple[int, int],
    agreement: float | None,
    arms: tuple[Arm, Arm],
) -> Replay:
    hour = job.step / 3600.0
    points = [compared(one, other, job.step) for one, other in lines.values()]
    differing = tuple(one for one in points if one.segments_total)
    words = ("today's parameters", "the new parameters")
    return Replay(
        since=job.since,
        until=job.until,
        step=job.step,
        hours=steps[0] * hour,
        hours_missing=steps[1] * hour,
        agreement=agreement,
        points=differing,
        same=tuple(one.point for one in points if not one.segments_total),
        faults=tuple(
            f"{name} fails under {word}: {error}"
            for arm, word in zip(arms, words, strict=True)
            for name, error in arm.faults.items()
        ),
        notes=OPEN_LOOP,
    )


def _readings(held: Mapping[str, Held], step: int, utc: float, elapsed: float) -> dict[str, Reading]:
    return {
        id_: Reading(value, utc, elapsed) for id_, one in held.items() if (value := one.at(step)) is not None
    }


def _policy(address: str, parameters: Any) -> AnyPolicy:
    policy: AnyPolicy = from_plain(pkgutil.resolve_name(address), parameters)
    return policy
