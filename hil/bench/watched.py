"""A plant that is watched: after each step everybody who counts, records or judges sees the truth of it.

All benches put this in front of their plant, so that counting is the same wherever the plant is stepped.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from hil.plant.variables import Failing, Inputs, Outputs, Plant, Variable, VariableInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """The end of one step: `elapsed` site seconds since the story began, and the truth at that time."""

    elapsed: float
    utc: float
    dt: float
    truth: Mapping[str, Variable]


class Watcher(Protocol):
    """Sees every step of the plant, in order. Must not block; an exception of it ends the run."""

    def stepped(self, moment: Moment) -> None: ...


class WatchedPlant:
    """Passes everything on to the plant it wraps."""

    def __init__(self, plant: Plant, start: float) -> None:
        """`start`: UTC seconds at which the plant stands."""
        self.plant = plant
        self.elapsed = self.longest = 0.0  # site seconds: so far, and of the longest step
        self.watchers: list[Watcher] = []
        self.spent = self.watching = 0.0  # real seconds of the plant, and of those who watch it
        self.failure: Exception | None = None  # of a watcher: nobody is asked any more
        self._start = start
        self._next_event = getattr(plant, "next_event", None)

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        began = time.perf_counter()
        truth = self.plant.step(dt, inputs)
        stepped = time.perf_counter()
        self.spent += stepped - began
        self.elapsed += dt
        self.longest = max(self.longest, dt)
        if self.watchers and self.failure is None:
            moment = Moment(self.elapsed, self._start + self.elapsed, dt, truth)
            try:
                for watcher in self.watchers:
                    watcher.stepped(moment)
            except Exception as error:  # noqa: BLE001 - the bench raises it where the run can be ended
                self.failure = error
            self.watching += time.perf_counter() - stepped
        return truth

    def variables(self) -> Mapping[str, VariableInfo]:
        return self.plant.variables()

    def failures(self) -> Mapping[str, str]:
        """What can break; nothing where the plant knows no faults."""
        return self.plant.failures() if isinstance(self.plant, Failing) else {}

    def fail(self, name: str, amount: float) -> None:
        if isinstance(self.plant, Failing):
            self.plant.fail(name, amount)

    def mend(self, name: str) -> None:
        if isinstance(self.plant, Failing):
            self.plant.mend(name)

    @property
    def eventful(self) -> bool:
        """Whether the plant says when something changes by itself."""
        return self._next_event is not None

    def next_event(self) -> float:
        """Seconds until the plant says that something changes; infinite for a plant that does not say."""
        return float("inf") if self._next_event is None else float(self._next_event())
