"""Samples are dated once: a clock that is set leaves them as they are, and says by what it was set."""

import asyncio
import json

import pytest

from agent.app.clock_record import DEVICE, POINT, ClockRecord
from agent.app.exports import exported_points
from agent.app.watch import Watch
from agent.telemetry.uplinks.message import Encoder
from hil.virtual_time import run_virtual
from tests.control.small_plant import SmallPlant

FORTNIGHT = 14 * 86_400.0


def records(plant):
    return [block for block in plant.store.blocks if block.device == DEVICE]


@pytest.mark.parametrize("step", [FORTNIGHT, -FORTNIGHT, 90.0, -2.0])
def test_a_clock_that_is_set_is_one_record_and_no_sample_changes(step):
    async def scenario():
        async with SmallPlant() as plant:
            watch = Watch(plant.parts, {})
            for _ in range(5):
                await asyncio.sleep(1.0)
                watch.look()
            before = [(block.device, block.time, block.values) for block in plant.store.blocks]
            assert before
            assert records(plant) == []
            plant.clock.start_utc += step
            for _ in range(5):
                await asyncio.sleep(1.0)
                watch.look()
            assert [(one.device, one.time, one.values) for one in plant.store.blocks[: len(before)]] == before
            [record] = records(plant)
            assert record.values == (step,)
            assert abs(record.time - plant.clock.utc()) < 6.0
            [said] = [one for one in plant.store.records if one["event"] == "clock"]
            assert said["set_by"] == step
            told = json.loads(Encoder("site", exported_points(plant.parts.site)).block(record, 1))
            assert told["values"] == {POINT.partition(".")[2]: step}

    run_virtual(scenario())


class Hands:
    """A clock that a test sets; `stands` is how long the process stands still between two questions."""

    speed = 1.0

    def __init__(self):
        self.now, self.ahead, self.stands = 100.0, 1e9, 0.0

    def elapsed(self):
        now, self.now = self.now, self.now + self.stands
        return now

    def utc(self):
        return self.now + self.ahead

    def trusted(self):
        return True


def test_a_process_that_stood_still_or_a_slow_correction_is_no_record():
    clock = Hands()
    record = ClockRecord(clock)
    assert record.look() is None
    clock.stands = 30.0
    assert record.look() is None
    clock.stands = 0.0
    assert record.look() is None
    clock.ahead += 0.4
    assert record.look() is None
    clock.ahead -= 3.0
    assert record.look().values == (-3.0,)
