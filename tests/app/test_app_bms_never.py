"""An area in the hands of the building's own control: whatever happens there, and for however long, the agent writes nothing."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.app.watch import Watch
from agent.core.equipment import Authority
from agent.core.errors import PlantroomError
from agent.safety.overrides import Wanted
from hil.virtual_time import run_virtual
from tests.control.fake_store import FakeStore
from tests.control.small_plant import ENABLE, FLOOD, SPEED, SmallPlant, Steady


class Happenings:
    """What may befall an area; each by its name."""

    def __init__(self, plant):
        self.plant, self.charge, self.values = plant, plant.parts.charge, plant.driver.values

    async def a_person_holds_the_speed(self):
        await self.charge.add_override(SPEED, Wanted(value=80.0, owner="li", reason="trial", seconds=600.0))

    async def a_person_holds_the_pump(self):
        await self.charge.add_override(ENABLE, Wanted(value=True, owner="li", reason="trial", seconds=90.0))

    async def the_holds_end(self):
        for one in self.charge.overrides():
            await self.charge.cancel_override(one.id)

    async def a_lock_out(self):
        await self.charge.lock_out("pump", not self.charge.locked_out())

    async def the_panel_sets_another_speed(self):
        self.values["io.speed"] = 45.0 if self.values["io.speed"] != 45.0 else 50.0

    async def the_machine_is_switched(self):
        self.values["io.enable"] = self.values["io.status"] = not self.values["io.enable"]

    async def the_device_forgot_everything(self):
        self.values.update({"io.enable": False, "io.speed": 0.0, "io.status": False})

    async def the_interlock_trips(self):
        self.values["io.presence"] = not self.values["io.presence"]

    async def the_line_goes_or_comes(self):
        self.plant.driver.line_cut = not self.plant.driver.line_cut

    async def the_policy_fails_or_is_well(self):
        Steady.moods["raise"] = not Steady.moods.get("raise")

    async def the_disk_refuses_or_is_well(self):
        self.plant.store.refuses = not self.plant.store.refuses

    async def somebody_tunes_the_policy(self):
        loop = self.plant.parts.tunings
        await loop.tune("steady", {"speed": 77.0}, seconds=None, actor="li", reason="trial")

    async def it_is_assigned_again(self):
        await self.charge.assign("plant", Authority.BMS, "li", "to be sure")

    async def time_passes(self):
        await asyncio.sleep(150.0)


QUIET = {  # after these alone nothing is written in our hands either
    "a_lock_out",
    "the_line_goes_or_comes",
    "it_is_assigned_again",
    "the_disk_refuses_or_is_well",
    "the_policy_fails_or_is_well",
}
NAMES = sorted(name for name in vars(Happenings) if not name.startswith("_"))


async def live_through(plant, names):
    watch, happenings = Watch(plant.parts, {}), Happenings(plant)
    for name in names:
        try:
            await getattr(happenings, name)()
        except (ValueError, PlantroomError):
            continue  # refused: that is an answer, too
        for _ in range(4):
            await asyncio.sleep(3.0)
            watch.look()
            plant.parts.beat()
            await watch._give_back_the_rest()


@given(names=st.lists(st.sampled_from(NAMES), min_size=3, max_size=14))
@settings(max_examples=25, deadline=None)
def test_whatever_happens_in_an_area_of_the_bms_nothing_is_written(names):
    async def scenario():
        async with SmallPlant(authority=Authority.BMS, interlocks=(FLOOD,)) as plant:
            await live_through(plant, names)
            assert plant.writes() == []

    run_virtual(scenario())


@given(names=st.lists(st.sampled_from(NAMES), min_size=3, max_size=10))
@settings(max_examples=15, deadline=None)
def test_once_given_back_nothing_is_written_any_more_and_not_after_a_restart_either(names):
    async def scenario():
        store = FakeStore()
        async with SmallPlant(store=store, interlocks=(FLOOD,)) as plant:
            await asyncio.sleep(20.0)
            assert plant.writes()
            await plant.parts.charge.assign("plant", Authority.BMS, "li", "home")
            await plant.parts.handover.release("plant")
            before = len(plant.writes())
            await live_through(plant, names)
            assert len(plant.writes()) == before
        store.refuses = False
        async with SmallPlant(store=store, interlocks=(FLOOD,)) as plant:
            await live_through(plant, names[:3])
            assert plant.writes() == []

    run_virtual(scenario())


@pytest.mark.parametrize("name", NAMES)
def test_each_of_them_is_no_refusal_and_in_our_hands_something_is_written(name):
    """Else the two above could not fail."""

    async def scenario():
        async with SmallPlant(interlocks=(FLOOD,)) as plant:
            await getattr(Happenings(plant), name)()
            await asyncio.sleep(20.0)
            assert plant.writes() or name in QUIET

    run_virtual(scenario())
