"""Carries out a release plan: used by the living agent and by the release program that runs when it is dead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
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


async def give_back(steps: Sequence[ReleaseStep], write: Write, bound: float = BOUND) -> list[Returned]:
    """All steps side by side, but no pump or tower before the machines it serves; never longer than `bound`.

    What serves a machine that could not be given back is kept as it is: it may still need the flow.
    """
    machines: dict[str, list[asyncio.Task[Returned]]] = {}
    tasks: list[asyncio.Task[Returned]] = []
    for step in steps:
        before = [task for machine in step.serves for task in machines.get(machine, ())]
        task = asyncio.create_task(_one(step, before, write))
        machines.setdefault(step.equipment, []).append(task)
        tasks.append(task)
    if not tasks:
        return []
    _, late = await asyncio.wait(tasks, timeout=bound)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=1.0)
    return [_result(step, task) for step, task in zip(steps, tasks, strict=True)]


async def _one(step: ReleaseStep, before: Sequence[asyncio.Task[Returned]], write: Write) -> Returned:
    for earlier in before:
        result = await earlier
        if not result.ok:
            return Returned(
                step.point, step.value, False, f"left as it is, since {result.point} was not released"
            )
    if step.value is None:
        return Returned(step.point, None, not step.missing, step.reason if step.missing else "")
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
