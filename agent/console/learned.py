"""What people see of learning: artefacts with age and fingerprint, and what keeps the planner from making them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.console.unknown_name import UnknownNameError
from agent.console.views import LearnedView
from agent.control.planning import Lesson, Planning
from agent.core.clock import Clock
from agent.core.snapshot import Artefact, Snapshot


class LearnedLook:
    """The lessons of all areas, as views."""

    def __init__(self, planning: Planning, clock: Clock) -> None:
        self.planning = planning
        self._clock = clock

    def all(self) -> Sequence[LearnedView]:
        return [self._view(lesson) for lesson in self.planning.lessons.values()]

    def by(self, policy: str) -> LearnedView:
        """With the content. Raises UnknownNameError."""
        lesson = self.planning.lessons.get(policy)
        if lesson is None:
            raise UnknownNameError("policy that learns", policy, self.planning.lessons)
        return replace(
            self._view(lesson), content=None if lesson.artefact is None else lesson.artefact.content
        )

    def of(self, policy: str) -> LearnedView | None:
        """None when it does not learn."""
        lesson = self.planning.lessons.get(policy)
        return None if lesson is None else self._view(lesson)

    def _view(self, lesson: Lesson) -> LearnedView:
        artefact, now = lesson.artefact, self._clock.elapsed()
        return LearnedView(
            policy=lesson.policy,
            area=lesson.area,
            kind=lesson.learning.kind,
            version=lesson.learning.version,
            state=_state(lesson),
            digest=None if artefact is None else artefact.digest,
            made=None if artefact is None else artefact.utc,
            age=None if artefact is None else max(0.0, now - artefact.made),
            next_in=max(0.0, lesson.due - now),
            failures=lesson.failures,
            error=lesson.error,
            note=lesson.note or self.planning.hindrance(lesson),
            seconds=lesson.seconds,
            rss_mb=lesson.rss_mb,
        )


def known_by(snapshot: Snapshot, policies: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """What the tick of this snapshot knew by the learning of these policies."""
    found: Mapping[str, Artefact] = snapshot.artefacts
    return tuple(
        {
            "policy": name,
            "kind": one.kind,
            "version": one.version,
            "digest": one.digest,
            "age": snapshot.age_of(one),
            "made": one.utc,
        }
        for name, one in found.items()
        if name in policies
    )


def _state(lesson: Lesson) -> str:
    if lesson.running:
        return "learning"
    if lesson.failures:
        return "failing"
    if lesson.note:
        return "nothing_yet"
    return "waiting" if lesson.artefact is None else "learned"
