"""Every machine, pump and cell as the picture of this tick shows it, and what is remembered of it: hours, starts, failures."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.core.command import Priority
from agent.core.equipment import Equipment
from agent.core.frozen import quick
from agent.core.snapshot import Snapshot
from policies.chiller_plant.rotation import Log
from policies.chiller_plant.unit_stance import RETRY
from policies.chiller_plant.units import state_of_health

NEVER = 1e6  # s: longer than any guard


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One piece of equipment now."""

    running: bool | None  # proven; None: cannot be seen
    barred: str = ""  # why it may not be started
    ours: bool = True  # False: switched to local or locked out, nothing is wished for it
    forced: bool | None = None  # what somebody stronger wants of it
    forced_by: str = ""
    by_policy: bool = False  # a policy or the cloud does, not a person and not safety
    waiting: bool = False  # we want it on, and guards or interlocks still hold it off


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Hours and starts as we have seen them, seconds in the present condition, seconds of failure and of rest."""

    hours: float = 0.0
    starts: float = 0.0
    running: float = NEVER
    stopped: float = NEVER
    missing: float = 0.0  # wanted on, seen off
    resting: float = 0.0  # s until a machine that failed is thought of again
    was: bool | None = None


def see(snapshot: Snapshot, one: Equipment, name: str) -> Seen:
    """`name` is the policy's own, to tell its claims from others'."""
    status = snapshot.value(one, "status") if "status" in one.roles else None
    barred, _ = state_of_health(snapshot, one)
    decision = snapshot.decisions.get(one.roles.get("enable", ""))
    forced: bool | None = None
    by, by_policy, waiting = "", False, False
    if decision is not None and decision.winner is not None:
        winner = decision.winner
        if winner.source == name:
            waiting = winner.value is True and decision.value is not True
        elif winner.value is not None and winner.priority < Priority.SEQUENCE:
            forced, by = bool(winner.value), winner.source
            by_policy = winner.priority > Priority.OPERATOR
    return Seen(
        running=None if status is None or isinstance(status, str) else bool(status),
        barred=barred,
        ours=not (one.id in snapshot.locked_out or snapshot.value(one, "local_mode") is True),
        forced=forced,
        forced_by=by,
        by_policy=by_policy,
        waiting=waiting,
    )


def remember(seen: Seen, before: Memory | None, seconds: float, *, wanted: bool, within: float) -> Memory:
    """One tick later. `wanted`: we have it on; `within`: s it may be missing before it counts as failed."""
    was = before or Memory(was=seen.running)
    on = seen.running if seen.running is not None else wanted
    started = seen.running is True and was.was is False
    missing = was.missing + seconds if wanted and seen.running is False and not seen.waiting else 0.0
    failed = missing >= within
    resting = 0.0 if seen.running and not seen.barred else max(was.resting - seconds, 0.0)
    return Memory(
        hours=was.hours + (seconds / 3600.0 if on else 0.0),
        starts=was.starts + started,
        running=(was.running + seconds if was.was is not False else 0.0) if on else 0.0,
        stopped=0.0 if on else (was.stopped + seconds if was.was is not True else 0.0),
        missing=0.0 if failed else missing,
        resting=RETRY if failed else resting,
        was=seen.running,
    )


def rested(memory: Memory) -> Memory:
    """It has failed: left alone for a while."""
    return replace(memory, resting=RETRY, missing=0.0)


def log_of(snapshot: Snapshot, one: Equipment, seen: Seen, memory: Memory) -> Log:
    """For rotation."""
    hours, starts = snapshot.number_of(one, "runtime"), snapshot.number_of(one, "starts")
    return Log(
        available=able(seen, memory),
        hours=memory.hours if hours is None else hours,
        starts=memory.starts if starts is None else starts,
        rested=memory.stopped >= one.guards.minimum_off,
        movable=memory.running >= one.guards.minimum_on,
    )


def able(seen: Seen, memory: Memory) -> bool:
    """May be counted on to run."""
    return not seen.barred and memory.resting <= 0.0 and seen.forced is not False
