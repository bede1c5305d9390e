"""A plant in lock-step: never ahead of the clock, never twice at once, and timed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping

import pytest

from hil.clock import VirtualClock
from hil.plant.variables import Inputs, Outputs, VariableInfo
from hil.stepper import Stepper


class CountingPlant:
    """Remembers its steps; takes `cost` real seconds for each and minds being called twice at once."""

    def __init__(self, cost: float = 0.0) -> None:
        self.steps: list[float] = []
        self._cost = cost
        self._busy = threading.Lock()

    def variables(self) -> Mapping[str, VariableInfo]:
        return {}

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        assert self._busy.acquire(blocking=False)
        try:
            time.sleep(self._cost)
            self.steps.append(dt)
        finally:
            self._busy.release()
        return {"n": float(len(self.steps))}


async def test_it_is_stepped_by_as_much_as_has_passed() -> None:
    clock, plant = VirtualClock(), CountingPlant()
    stepper = Stepper(plant, clock)
    await clock.advance(0.4)
    await stepper.advance({})
    await clock.advance(2.5)
    assert await stepper.advance({}) == {"n": 2.0}
    assert plant.steps == pytest.approx([0.4, 2.5])


async def test_while_the_clock_stands_still_nothing_is_asked_of_it() -> None:
    clock, plant = VirtualClock(), CountingPlant()
    stepper = Stepper(plant, clock)
    for _ in range(3):
        assert await stepper.advance({}) is None
    assert plant.steps == []


@pytest.mark.parametrize("step", [None, 10.0])
async def test_what_it_was_stepped_by_beforehand_is_not_asked_again(step: float | None) -> None:
    clock, plant = VirtualClock(), CountingPlant()
    stepper = Stepper(plant, clock, step=step, ahead=10.0)
    await clock.advance(9.0)
    assert await stepper.advance({}) is None
    await clock.advance(11.0)
    await stepper.advance({})
    assert 10.0 + sum(plant.steps) == pytest.approx(clock.elapsed())


async def test_a_plant_of_whole_steps_is_never_ahead_and_catches_up() -> None:
    clock, plant = VirtualClock(), CountingPlant()
    stepper = Stepper(plant, clock, step=10.0)
    await clock.advance(9.9)
    assert await stepper.advance({}) is None
    assert plant.steps == []
    await clock.advance(0.2)
    await stepper.advance({})
    assert plant.steps == [10.0]
    await clock.advance(35.0)
    await stepper.advance({})
    assert plant.steps == [10.0] * 4
    assert sum(plant.steps) <= clock.elapsed()
    assert stepper.times.behind == pytest.approx(5.1)


async def test_a_plant_that_cannot_keep_up_leaves_the_faces_their_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, plant = VirtualClock(), CountingPlant()
    stepper = Stepper(plant, clock, step=1.0)
    await clock.advance(100.0)
    await stepper.advance({})
    assert len(plant.steps) == 20
    assert stepper.times.behind == pytest.approx(80.0)
    await stepper.advance({})
    assert caplog.text.count("cannot keep up") == 1


async def test_a_slow_plant_beside_the_faces_is_still_stepped_one_by_one() -> None:
    clock, plant = VirtualClock(), CountingPlant(cost=0.02)
    stepper = Stepper(plant, clock, step=1.0, beside=True)
    await clock.advance(3.0)
    turns = 0
    work = asyncio.create_task(stepper.advance({}))
    while not work.done():
        turns += 1
        await asyncio.sleep(0.001)
    assert await work == {"n": 3.0}
    assert turns > 5, "others were served meanwhile"
    assert stepper.times.count == 3
    assert stepper.times.worst >= stepper.times.mean >= 0.02


async def test_two_at_once_are_refused() -> None:
    clock, plant = VirtualClock(), CountingPlant(cost=0.02)
    stepper = Stepper(plant, clock, step=1.0, beside=True)
    await clock.advance(1.0)
    work = asyncio.create_task(stepper.advance({}))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="one clock only"):
        await stepper.advance({})
    await work
    assert plant.steps == [1.0]
