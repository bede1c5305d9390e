"""Carries out a release plan: used by the living agent and by the release program that runs when it is dead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.core.errors import PlantroomError
from agent.core.point import Value
from agent.safety.release import ReleaseStep

BOUND = 10.0  # real seconds for a whole site

Write = Callable[[str, Value], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Returned:
    """What became of one point. `ok` is also true where rightly nothing had to be written."""

    point: str
    value: Value | None
    ok: bool
    error: str = ""
    ended: bool = False  # nothing could ever be written: no other try would change that
    waits: bool = False  # kept on purpose for now: a guard, or a lock-out


def left_off(points: Iterable[str]) -> list[Returned]:
    """The rows of points that are kept off, since somebody may have his hands in the machine."""
    error = "kept off, since its machine is locked out for maintenance"
    return [Returned(point, None, ok=False, error=error, waits=True) for point in sorted(points)]


async def give_back(steps: Sequence[ReleaseStep], write: Write, bound: float = BOUND) -> list[Returned]:
    """All steps side by side, but each after those that must be through before it; never longer than `bound`.

    What serves a machine that could not be given back is kept as it is: it may still need the flow. No machine is
    started when what serves it could not be.
    """
    tasks: dict[str, asyncio.Task[Returned]] = {}
    for step in steps:
        tasks[step.point] = asyncio.create_task(_one(step, tasks, write))
    if not tasks:
        return []
    _, late = await asyncio.wait(tasks.values(), timeout=bound)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=1.0)
    return [_result(step, tasks[step.point]) for step in steps]


async def _one(step: ReleaseStep, tasks: Mapping[str, asyncio.Task[Returned]], write: Write) -> Returned:
    for point in step.after:
        result = await asyncio.shield(tasks[point])
        if not result.ok:
            error = f"left as it is, since {point} was not released"
            return Returned(step.point, step.value, False, error, ended=result.ended, waits=result.waits)
    if step.hold:
        return Returned(step.point, step.value, False, step.hold, waits=True)
    if step.value is None:
        error = f"{step.reason}; it is not tried again" if step.missing else ""
        return Returned(step.point, None, not step.missing, error, ended=step.missing)
    try:
        await write(step.point, step.value)
    except (PlantroomError, ValueError, OSError, TimeoutError) as error:
        return Returned(step.point, step.value, False, str(error) or type(error).__name__)
    return Returned(step.point, step.value, True)


def _result(step: ReleaseStep, task: asyncio.Task[Returned]) -> Returned:
    if task.done() and not task.cancelled():
        error = task.exception()
        if error is None:
            return task.result()
        return Returned(step.point, step.value, False, f"{type(error).__name__}: {error}")
    return Returned(step.point, step.value, False, f"no answer within {BOUND:.0f} s")
