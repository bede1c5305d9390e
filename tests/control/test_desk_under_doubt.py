"""The desk when people are hasty or wrong and the disk refuses: nothing dangerous is done, nothing bad is kept."""

import asyncio
from dataclasses import dataclass

import pytest

from agent.app.front import console_of
from agent.control.resumed_clock import ResumedClock
from agent.core.equipment import Authority
from hil.virtual_time import run_virtual
from tests.control.fake_store import FakeStore
from tests.control.small_plant import SmallPlant, Steady


@dataclass(frozen=True, slots=True, kw_only=True)
class Picky(Steady):
    """Steady, with a rule of its own about its parameters."""

    def __post_init__(self):
        if self.speed == 13.0:
            raise ValueError("13 is not a speed")


def virtual(scenario, **options):
    async def main():
        async with SmallPlant(**options) as plant:
            return await scenario(plant, console_of(plant.parts, lambda: None))

    return run_virtual(main())


def test_a_value_that_the_policy_itself_refuses_is_not_kept_for_the_next_start():
    async def scenario(plant, console):
        with pytest.raises(ValueError, match="13 is not a speed"):
            await console.tune("steady", "speed", 13.0, actor="anna", reason="test")
        assert plant.store.documents("tuning") == {}

    virtual(scenario, policy=Picky())


def test_what_was_tuned_and_does_not_fit_any_more_does_not_keep_the_agent_from_starting():
    for kept, speed in ((13.0, 60.0), (14.0, 14.0)):
        store = FakeStore()
        store.put_soon("tuning", "steady/speed", kept)  # as it was kept before there were layers

        async def scenario(plant, console, speed=speed):
            assert plant.loop.policies["steady"].speed == speed
            [one] = console.tunings()
            assert one.left_aside == ("" if speed == 14.0 else "steady: 13 is not a speed")

        virtual(scenario, policy=Picky(), store=store)


def test_a_locked_out_machine_is_not_started_by_hand_either():
    async def scenario(plant, console):
        await console.lock_out("pump", True, actor="anna", reason="bearing")
        with pytest.raises(ValueError, match="pump is locked out"):
            await console.write("io.enable", True, actor="bert", reason="why not")
        await console.write("io.enable", False, actor="bert", reason="off is off")
        assert plant.driver.values["io.enable"] is False

    virtual(scenario, authority=Authority.BMS)


def test_release_does_not_wait_for_a_disk_that_does_not_answer():
    async def scenario(plant, console):
        await asyncio.sleep(10)

        async def hangs(*_):
            await asyncio.sleep(15)
            raise plant.refusal

        from tests.control.fake_store import DiskRefusesError

        plant.refusal, plant.store.put = DiskRefusesError("disk full"), hangs
        release = asyncio.create_task(console.release(None, actor="anna", reason="smoke"))
        await asyncio.sleep(2)
        assert plant.driver.values["io.speed"] == 35.0
        assert plant.driver.values["io.enable"] is False
        assert all(row["ok"] for row in await release)
        assert plant.parts.charge.authority("plant") is Authority.BMS

    virtual(scenario)


@pytest.mark.parametrize(("trusted", "expected"), [(True, 1600.0), (False, 1000.0)])
def test_down_time_is_not_counted_from_a_clock_that_was_not_trusted_then(trusted, expected):
    async def scenario(plant, _console):
        saved = {"elapsed": 1000.0, "utc": plant.clock.utc() - 600.0, "trusted": trusted}
        assert ResumedClock(plant.clock, saved).elapsed() == pytest.approx(expected)
        await asyncio.sleep(5)
        assert plant.store.documents("clock")["site"]["trusted"] is True

    virtual(scenario)
