"""Learning: how a policy turns the past into an artefact that later snapshots carry.

A policy that learns declares `learning` and has `learn`. It runs in the planner, a process of its own that may be slow, may
need memory and may die; `decide` sees only the finished artefact, as one more input that has an age, and must be able to do
without. `learn` is pure like `decide`: what it may know is the history it is handed and its own parameters. It may import
numpy and scipy inside the function.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from agent.core.equipment import AreaModel
from agent.core.errors import PlantroomError
from agent.core.policy import AnyPolicy
from agent.core.reading import Reading
from agent.core.serial import to_plain
from agent.core.snapshot import Artefact

DAY = 86_400.0


class NothingToLearnError(PlantroomError):
    """The past does not hold enough yet, or is of no use; no fault. The sentence says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """What a policy learns, from how much past, how often, and how long that may take."""

    kind: str  # of the artefact: "load_profile", "machine_curves", "storage_plan" ...
    version: int  # of its content; an artefact of another version is thrown away
    window: float = 28.0 * DAY  # site seconds of history it looks at
    every: float = DAY  # site seconds after which it is learned afresh
    deadline: float = 120.0  # real seconds; a solver ends itself before, the planner is killed then


@dataclass(frozen=True, slots=True)
class Column:
    """One point's past in equal steps: `values[i]` is its mean over `step` seconds from `start + i * step` (UTC).

    NaN where nothing is known. `numpy.frombuffer(column.values)` sees it without a copy.
    """

    start: float
    step: float
    values: array[float]


class History(Protocol):
    """The past, and the present at its end."""

    @property
    def model(self) -> AreaModel: ...

    @property
    def since(self) -> float:
        """UTC seconds; the window's begin."""
        ...

    @property
    def until(self) -> float:
        """UTC seconds; now."""
        ...

    @property
    def readings(self) -> Mapping[str, Reading]:
        """The newest reading of every point of the area."""
        ...

    @property
    def artefacts(self) -> Mapping[str, Artefact]:
        """What has been learned before, by policy name: also this policy's own, and forecasts of others."""
        ...

    def columns(self, points: Sequence[str], step: float) -> Mapping[str, Column]:
        """The points over the whole window, side by side, aligned to multiples of `step`.

        Switches count 0 and 1, texts and BAD readings as unknown. A value that was not sent again holds for an hour.
        """
        ...


@runtime_checkable
class Learner(Protocol):
    """A policy that learns. `learn` returns a dataclass or plain values, or raises NothingToLearnError."""

    learning: ClassVar[Learning]

    @property
    def name(self) -> str: ...

    def learn(self, history: History) -> Any: ...


def learner_of(policy: AnyPolicy) -> Learner | None:
    """The policy as a learner, if it is one."""
    return policy if isinstance(policy, Learner) else None


def run_learner(learner: Learner, history: History, now: float) -> Artefact:
    """Learn here and now; `now` is elapsed site seconds.

    Raises what `learn` raises, and ValueError or TypeError for content that is no data.
    """
    learning = learner.learning
    content = json.loads(canonical(to_plain(learner.learn(history))))
    return Artefact(learning.kind, learning.version, now, digest_of(content), content, history.until)


def canonical(content: Any) -> str:
    """Plain values as the one JSON text they have. Raises ValueError or TypeError for anything else."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest_of(content: Any) -> str:
    """SHA-256 over the canonical content: equal content, equal digest, on every machine."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()
