"""What the loop gives back by itself: points that nobody asks for any more, while the rest of the area stays in our hands.

The plan is that of every release (agent.safety.release): mode bit, declared or prior value, flow before and after the
machine. A guard that speaks against it is in the decision, and then nothing is written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from agent.core.decision import Decision, Stage
from agent.core.point import Point, Value
from agent.core.snapshot import Snapshot
from agent.safety.release import ReleaseStep, held, kept_off, plan_release


class Found(Protocol):
    """The part of the book of priors that a plan needs."""

    def prior(self, point: str) -> Value | None: ...


def letting_go(
    points: Sequence[Point], decisions: Mapping[str, Decision], snapshot: Snapshot, found: Found
) -> tuple[ReleaseStep, ...]:
    """The steps for points that carry a value of ours and that nobody asks for any more; what writes nothing comes last.

    Points of a locked-out machine are none of them: local control might start it.
    """
    machines = snapshot.model.equipment
    kept = kept_off(points, machines.values(), snapshot.locked_out)
    mine = [one for one in points if one.id not in kept]
    priors = {one.id: value for one in mine if (value := found.prior(one.id)) is not None}
    holds = {one.id: decisions[one.id].reason for one in mine if kept_by_guard(decisions[one.id])}
    steps = held(plan_release(mine, machines.values(), priors), holds)
    # what is handed over by a mode bit is through in the tick in which the mode bit is
    return tuple(sorted(steps, key=lambda step: step.value is None and bool(step.after)))


def kept_by_guard(decision: Decision) -> bool:
    """Whether the guards do not let this point be given back yet."""
    return decision.value is None and any(one.stage is Stage.GUARD for one in decision.limited_by)


def waits(step: ReleaseStep, still_to_do: Collection[str]) -> str:
    """Why nothing is done about this step in this tick; empty: it is its turn."""
    if step.hold:
        return step.hold
    earlier = [point for point in step.after if point in still_to_do]
    return f"given back after {', '.join(earlier)}" if earlier else ""
