"""An area that cannot decide: its own devices fall silent, its neighbour's do not, and what it had set is given back."""

import asyncio

import pytest

from agent.app.watch import Watch
from agent.core.equipment import Authority, Equipment
from hil.virtual_time import run_virtual
from tests.control.wide_plant import OFF, WidePlant, sensor, switch


def part(name, area, **roles):
    return Equipment(id=name, kind="pump", area=area, roles=roles)


POINTS = [*(switch(one, OFF) for one in ("io.on", "io.lamps", "own.on")), sensor("io.status")]
PUMP = part("pump", "plant", enable="io.on", status="io.status")
BESIDE = part("beside", "lights", lamp_switch="io.lamps")
READING = part("reading", "lights", lamp_switch="own.on", status="io.status")
ABLE = part("able", "lights", lamp_switch="own.on", enable="io.lamps")


def run(scenario, lights, wishes, **options):
    async def main():
        areas = {"plant": ([PUMP], {"io.on": True}), "lights": ([lights], wishes)}
        async with WidePlant(POINTS, areas, **options) as plant:
            await asyncio.sleep(20)
            assert await polled(plant, "io")
            await scenario(plant)

    run_virtual(main())


def break_ticks(plant, *areas):
    """They cannot decide at all. A policy that fails is something else: its silence has an answer of its own."""

    def cannot():
        raise RuntimeError("a fault of ours")

    for area in areas:
        plant.parts.loops[area].tick = cannot


async def polled(plant, device):
    before = plant.reads_of(device)
    await asyncio.sleep(20)
    return plant.reads_of(device) - before > 10


@pytest.mark.parametrize(
    ("lights", "wishes", "failing", "goes_on"),
    [
        (BESIDE, {"io.lamps": True}, ["plant"], {"io": True}),  # commanded by a healthy one as well
        (BESIDE, {"io.lamps": True}, ["plant", "lights"], {"io": False}),
        (READING, {"own.on": True}, ["lights"], {"io": True, "own": False}),  # only read by the failing one
        (READING, {"own.on": True}, ["plant"], {"io": False, "own": True}),
        (ABLE, {"own.on": True}, ["lights"], {"io": True, "own": False}),  # could command it, and has not
        (ABLE, {"own.on": True}, ["plant"], {"io": False, "own": True}),
    ],
)
def test_a_device_is_left_alone_when_every_area_that_commands_it_fails(lights, wishes, failing, goes_on):
    async def scenario(plant):
        break_ticks(plant, *failing)
        await asyncio.sleep(10)
        assert {device: await polled(plant, device) for device in goes_on} == goes_on

    run(scenario, lights, wishes)


def test_a_failing_area_that_has_set_nothing_blinds_nobody():
    async def scenario(plant):
        break_ticks(plant, "plant")
        await asyncio.sleep(10)
        assert await polled(plant, "io")

    run(scenario, READING, {"own.on": True}, authority=Authority.SHADOW)


def test_what_the_failing_area_had_set_is_given_back_and_the_neighbour_goes_on():
    async def scenario(plant):
        plant.tasks.append(asyncio.create_task(Watch(plant.parts, {}).run()))
        tick = plant.parts.loops["plant"].tick
        break_ticks(plant, "plant")
        await asyncio.sleep(30)
        assert plant.driver.values["io.on"] is False
        assert plant.driver.values["io.lamps"] is True
        plant.scripts["lights"].wishes["io.lamps"] = False
        await asyncio.sleep(10)
        assert plant.driver.values["io.lamps"] is False
        plant.parts.loops["plant"].tick = tick  # it can decide again: it takes what it wants, as at first
        await asyncio.sleep(30)
        assert plant.driver.values["io.on"] is True
        assert plant.store.documents("prior")["io.on"]["value"] is False

    run(scenario, BESIDE, {"io.lamps": True})


def test_an_area_that_decides_again_has_its_device_polled_again():
    async def scenario(plant):
        tick = plant.parts.loops["plant"].tick
        break_ticks(plant, "plant")
        await asyncio.sleep(10)
        assert not await polled(plant, "io")
        plant.parts.loops["plant"].tick = tick
        await asyncio.sleep(5)
        assert await polled(plant, "io")

    run(scenario, READING, {"own.on": True})
