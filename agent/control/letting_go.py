"""What the loop gives back by itself: points that nobody asks for any more, while the rest of the area stays in our hands.

The plan is that of every release (agent.safety.release): mode bit, declared or prior value, flow before and after the
machine. A guard that speaks against it is in the decision, and then nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from agent.core.decision import Decision, Stage
from agent.core.point import Point, Value
from agent.core.snapshot import Snapshot
from agent.safety.release import ReleaseStep, before, held, kept_off, plan_release


class Found(Protocol):
    """The part of the book of priors that a plan needs."""

    def prior(self, point: str) -> Value | None: ...


def letting_go(
    points: Sequence[Point], decisions: Mapping[str, Decision], snapshot: Snapshot, found: Found
) -> tuple[ReleaseStep, ...]:
    """The steps for points that carry a value of ours and that nobody asks for any more; mode bits first.

    Points of a locked-out machine are none of them: local control might start it.
    """
    machines = snapshot.model.equipment
    kept = kept_off(points, machines.values(), snapshot.locked_out)
    mine = [one for one in points if one.id not in kept]
    priors = {one.id: value for one in mine if (value := found.prior(one.id)) is not None}
    holds = {one.id: decisions[one.id].reason for one in mine if kept_by_guard(decisions[one.id])}
    steps = held(plan_release(mine, machines.values(), priors), holds)
    covers = {
        step.point for step in steps if any(step.point in one.after for one in steps if one.value is None)
    }
    return tuple(sorted(steps, key=lambda step: step.point not in covers))


def kept_by_guard(decision: Decision) -> bool:
    """Whether the guards do not let this point be given back yet."""
    return decision.value is None and any(one.stage is Stage.GUARD for one in decision.limited_by)


def waits(step: ReleaseStep, still_to_do: Iterable[ReleaseStep]) -> str:
    """Why nothing is done about this step in this tick; empty: it is its turn."""
    if step.hold:
        return step.hold
    earlier = before(step, still_to_do)
    return f"given back after {', '.join(one.point for one in earlier)}" if earlier else ""
