"""Steps a plant in lock-step with the bench's clock: never ahead of it, never twice at once, and every step is timed."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from pathlib import Path

from numpy import bool_

from agent.core.clock import Clock
from agent.core.errors import PlantroomError
from hil.plant.variables import Inputs, Outputs, Plant
from hil.plants import shown

_log = logging.getLogger("plantroom.hil")

SHORTEST = 1e-3  # site seconds; less is no step: the clock may stand still between two looks
_PLAIN = frozenset((float, int, bool))
MOST_AT_ONCE = 20  # steps to catch up with before the faces get their turn


@dataclass(slots=True)
class StepTimes:
    """What the steps have cost, in real seconds, and how far the plant is behind the clock, in site seconds."""

    count: int = 0
    total: float = 0.0
    worst: float = 0.0
    behind: float = 0.0

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else 0.0


class Stepper:
    """`step` None: as much as has passed since the last time. Else whole steps of so many site seconds.

    `ahead`: site seconds the plant has been stepped by already, to see what it shows; they are not asked for again.
    `beside` runs the steps in a thread, for a plant so slow that the faces would fall silent meanwhile.
    """

    def __init__(
        self,
        plant: Plant,
        clock: Clock,
        *,
        step: float | None = None,
        beside: bool = False,
        ahead: float = 0.0,
    ) -> None:
        if step is not None and not step > 0.0:
            raise ValueError("a step must be longer than 0 s")
        self.times = StepTimes()
        self._plant = plant
        self._clock = clock
        self._step = step
        self._beside = beside
        self._stepping = False
        self._reached = clock.elapsed() + ahead
        self._late = False

    async def advance(self, inputs: Inputs) -> Outputs | None:
        """Up to now. The plant's variables; None where no step was due."""
        if self._stepping:
            raise RuntimeError("a plant is stepped by one clock only")
        self._stepping = True
        try:
            return await self._advance(dict(inputs))
        finally:
            self._stepping = False

    async def _advance(self, inputs: Inputs) -> Outputs | None:
        behind = self._clock.elapsed() - self._reached
        if self._step is None:
            if behind < SHORTEST:
                return None
            self._reached += behind
            return await self._timed(behind, inputs)
        outputs = None
        for _ in range(MOST_AT_ONCE):
            if self._clock.elapsed() - self._reached < self._step - 1e-9:
                break
            self._reached += self._step
            outputs = await self._timed(self._step, inputs)
        self._note(max(self._clock.elapsed() - self._reached, 0.0), self._step)
        return outputs

    async def _timed(self, dt: float, inputs: Inputs) -> Outputs:
        begun = time.perf_counter()
        try:
            if self._beside:
                outputs = await asyncio.to_thread(self._plant.step, dt, inputs)
            else:
                outputs = self._plant.step(dt, inputs)
        except PlantroomError:
            raise
        except Exception as error:
            raise PlantroomError(
                f"the plant failed in step(): {type(error).__name__}: {error} ({_place(error)})"
            ) from error
        took = time.perf_counter() - begun
        look_at(outputs)
        self.times.count += 1
        self.times.total += took
        self.times.worst = max(self.times.worst, took)
        return outputs

    def _note(self, behind: float, step: float) -> None:
        self.times.behind = behind
        if behind > MOST_AT_ONCE * step and not self._late:
            self._late = True
            _log.warning(
                "the plant cannot keep up: %.0f s behind the clock; a step takes %.3f s",
                behind,
                self.times.mean,
            )
        elif behind <= step:
            self._late = False


def look_at(outputs: object) -> None:
    """Raises PlantroomError for what is no number and no switch: a face cannot show it."""
    if not isinstance(outputs, Mapping):
        raise PlantroomError(f"the plant's step() gives {shown(outputs)}; give a dict of values by name")
    if _PLAIN.issuperset(map(type, outputs.values())):
        return  # at every step, of thousands of variables
    for name, value in outputs.items():
        if not isinstance(value, (Real, bool_)):
            raise PlantroomError(
                f"the plant's step() gives {shown(value)} for {name!r}; give a number, or true or false"
            )


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
