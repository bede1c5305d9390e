"""A rehearsal: the next tick on the last picture, with other parameters. Nothing is written, nothing remembered.

It says which commanded points would be set otherwise right now. What timers and ramps make of it later, and what the plant
would answer, it cannot say: that is what replay and twin are for.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.control.loop import AreaLoop
from agent.control.policy_run import decide_all
from agent.core.decision import Decision, Stage
from agent.core.point import Value
from agent.core.policy import AnyPolicy
from agent.core.tick import Tick
from agent.core.tuning import carried
from agent.safety.arbiter import Arbiter


@dataclass(frozen=True, slots=True)
class PointDifference:
    """One commanded point that would be set otherwise. None: nobody would set it."""

    point: str
    now: Value | None
    then: Value | None
    reason: str = ""  # of what it would be then


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The differences, and policies that would fail."""

    differences: tuple[PointDifference, ...] = ()
    faults: tuple[str, ...] = ()


def rehearse(loop: AreaLoop, changed: Mapping[str, AnyPolicy]) -> Rehearsal | None:
    """None while the area has not decided yet. `changed`: the policies as they would be, by name."""
    tick = loop.memory.last_tick
    if tick is None:
        return None
    now, _ = _decided(loop, tick, {})
    then, faults = _decided(loop, tick, changed)
    differences = tuple(
        PointDifference(id_, _aim(now[id_]), _aim(one), one.reason)
        for id_, one in then.items()
        if id_ in now and _aim(now[id_]) != _aim(one)
    )
    return Rehearsal(differences, faults)


def _aim(decision: Decision) -> Value | None:
    """Where a ramp is taking it, else what it is set to."""
    last = decision.limited_by[-1] if decision.limited_by else None
    return last.before if last is not None and last.stage is Stage.RAMP else decision.value


def _decided(
    loop: AreaLoop, tick: Tick, changed: Mapping[str, AnyPolicy]
) -> tuple[Mapping[str, Decision], tuple[str, ...]]:
    policies = {**loop.policies, **changed}
    states = {
        name: carried(loop.policies[name], policy, copy.deepcopy(loop.memory.states[name]))
        for name, policy in policies.items()
    }
    seen = tick.snapshot
    later = seen.model.area.tick  # the tick to come: in this one no time is left for anything to change
    snapshot = replace(seen, elapsed=seen.elapsed + later, utc=seen.utc + later)
    wishes = decide_all(tuple(policies.values()), snapshot, states)
    others = tuple(one for one in tick.commands if one.source not in policies)
    heard = wishes.heard | {one.source for one in others}
    decisions, _ = Arbiter(loop.setup.model, loop.setup.interlocks).decide(
        snapshot, (*wishes.commands, *others), heard, loop.memory.safety, loop.writer.owed()
    )
    return decisions, tuple(f"{one.policy}: {one.error}" for one in wishes.faults)
