"""A power cut between two registers of one value: what stands there then is nobody's wish, and never what is given back."""

import asyncio

import pytest

from agent.core.errors import BusError, DeviceError
from hil.virtual_time import run_virtual
from tests.control.small_plant import SmallPlant

TORN, FOUND, WANTED = 44.0, 35.0, 60.0


class Tearing:
    """A driver whose first write of the speed stops half-way: the device holds one new register and one old."""

    def __init__(self, plant, error=None):
        self.plant, self.error, self.torn = plant, error, False
        self.write = plant.driver.write
        plant.driver.write = self.half

    async def half(self, point, value):
        if point != "io.speed" or self.torn:
            await self.write(point, value)
            return
        self.torn = True
        self.plant.driver.values[point] = TORN
        if self.error is not None:
            raise self.error
        await asyncio.Event().wait()  # the box is dead; nobody ever hears


def prior(plant):
    return plant.store.documents("prior")["io.speed"]["value"]


def nobody_else(plant):
    """Neither a person at the panel nor another master is suspected."""
    return not [one.id for one in plant.parts.alarms.all() if one.id.startswith(("panel", "foreign"))]


def test_the_box_dies_in_between_and_the_value_found_before_is_given_back():
    async def main():
        async with SmallPlant() as first:
            tearing = Tearing(first)
            await asyncio.sleep(6)
            assert tearing.torn
        assert prior(first) == FOUND
        async with SmallPlant(store=first.store) as second:
            second.driver.values["io.speed"] = TORN
            rows = await second.parts.handover.release(None, at_once=True)
            assert {row.point: row.ok for row in rows}["io.speed"]
            assert second.driver.values["io.speed"] == FOUND

    run_virtual(main())


def test_the_box_dies_in_between_and_a_new_one_in_charge_writes_the_whole_value():
    async def main():
        async with SmallPlant() as first:
            Tearing(first)
            await asyncio.sleep(6)
        async with SmallPlant(store=first.store) as second:
            second.driver.values["io.speed"] = TORN
            await asyncio.sleep(10)
            assert second.driver.values["io.speed"] == WANTED
            assert (prior(second), nobody_else(second)) == (FOUND, True)

    run_virtual(main())


@pytest.mark.parametrize(
    "error", [BusError("connection reset"), DeviceError("no answer")], ids=["line", "device"]
)
def test_the_line_or_the_device_fails_in_between_and_the_whole_value_is_written_again(error):
    async def main():
        async with SmallPlant() as plant:
            Tearing(plant, error)
            await asyncio.sleep(60)
            assert plant.driver.values["io.speed"] == WANTED
            assert (prior(plant), nobody_else(plant)) == (FOUND, True)

    run_virtual(main())


def test_a_device_that_lost_power_in_between_comes_back_with_half_of_it():
    """It had our value, was told another, and lost its power in the middle of keeping it."""

    async def main():
        async with SmallPlant() as plant:
            await asyncio.sleep(20)
            assert plant.driver.values["io.speed"] == WANTED
            plant.driver.dead_devices.add("io")
            await asyncio.sleep(20)
            plant.driver.values["io.speed"] = TORN
            plant.driver.dead_devices.clear()
            await asyncio.sleep(60)
            assert plant.driver.values["io.speed"] == WANTED
            assert nobody_else(plant)

    run_virtual(main())
