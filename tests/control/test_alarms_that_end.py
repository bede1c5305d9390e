"""Alarms on single points end with their cause: a spent write budget, a change at the panel, a point that was left."""

import asyncio
from dataclasses import replace

import pytest

from agent.app.watch import Watch
from agent.core.equipment import Authority, Equipment
from agent.core.point import Limits, Persistence, Release, ReleaseKind, WriteRules
from agent.safety.overrides import Wanted
from hil.virtual_time import run_virtual
from tests.control.wide_plant import WidePlant, number, switch

WORN = WriteRules(settle=1.0, persistence=Persistence.EEPROM, daily_budget=2)
POINTS = [number("ch1.sp", writing=WORN), switch("ch1.on", Release(ReleaseKind.PRIOR))]
CHILLER = Equipment(
    id="ch1", kind="chiller", area="plant", roles={"chilled_water_setpoint": "ch1.sp", "enable": "ch1.on"}
)


def run(scenario, points=POINTS, **options):
    async def main():
        async with WidePlant(points, {"plant": ([CHILLER], {"ch1.sp": 7.0})}, **options) as plant:
            plant.tasks.append(asyncio.create_task(Watch(plant.parts, {}).run()))
            await asyncio.sleep(20)
            await scenario(plant)

    run_virtual(main())


async def spent(plant):
    for value in (8.0, 9.0):
        plant.scripts["plant"].wishes["ch1.sp"] = value
        await asyncio.sleep(20)
    assert plant.driver.values["ch1.sp"] == 8.0
    assert "budget:ch1.sp" in plant.standing()


async def by_a_person(plant):
    wanted = Wanted(value=9.0, owner="anna", reason="test", seconds=600.0)
    await plant.parts.charge.add_override(plant.points["ch1.sp"], wanted)
    await asyncio.sleep(20)
    assert plant.driver.values["ch1.sp"] == 9.0


async def by_the_next_day(plant):
    states = plant.parts.loops["plant"].writer.states
    states["ch1.sp"] = replace(states["ch1.sp"], day_began=plant.clock.elapsed() - 86_400.0)
    await asyncio.sleep(20)
    assert plant.driver.values["ch1.sp"] == 9.0


async def by_a_wish_that_changed(plant):
    plant.scripts["plant"].wishes["ch1.sp"] = 8.0
    await asyncio.sleep(10)


async def by_giving_the_area_back(plant):
    await plant.parts.charge.assign("plant", Authority.BMS, "anna", "test")
    await plant.parts.handover.release("plant")
    await asyncio.sleep(10)


@pytest.mark.parametrize(
    "ended", [by_a_person, by_the_next_day, by_a_wish_that_changed, by_giving_the_area_back]
)
def test_a_spent_write_budget_is_an_alarm_that_ends(ended):
    async def scenario(plant):
        await spent(plant)
        await ended(plant)
        await asyncio.sleep(5)
        assert "budget:ch1.sp" not in plant.standing()

    run(scenario)


def test_a_machine_that_comes_after_a_person_still_waits_for_the_budget():
    async def scenario(plant):
        await spent(plant)
        await by_a_person(plant)
        plant.scripts["plant"].wishes["ch1.sp"] = 10.0
        await asyncio.sleep(700)
        assert plant.driver.values["ch1.sp"] == 9.0
        assert "budget:ch1.sp" in plant.standing()

    run(scenario)


PANEL = [
    replace(POINTS[0], writing=WriteRules(settle=1.0, persistence=Persistence.RAM), limits=Limits(5.0, 12.0)),
    POINTS[1],
]


def test_a_change_at_the_panel_that_is_no_override_is_an_alarm_until_our_value_stands_there_again():
    async def scenario(plant):
        stood = []
        plant.parts.alarms.stand = stood_too(plant.parts.alarms.stand, stood)
        plant.driver.values["ch1.sp"] = 40.0  # outside the limits: nobody's override
        await asyncio.sleep(20)
        assert "panel:ch1.sp" in stood
        assert plant.driver.values["ch1.sp"] == 7.0
        assert "panel:ch1.sp" not in plant.standing()

    run(scenario, PANEL)


def stood_too(stand, stood):
    def both(id_, *more):
        stood.append(id_)
        stand(id_, *more)

    return both


def test_a_panel_alarm_of_the_last_run_is_over_and_so_is_one_whose_area_was_given_back():
    async def scenario(plant):
        plant.parts.alarms.stand("panel:ch1.sp", "ch1.sp", "warning", "changed at the machine")
        await by_giving_the_area_back(plant)
        assert "panel:ch1.sp" not in plant.standing()
        plant.parts.alarms.stand("panel:ch1.sp", "ch1.sp", "warning", "changed at the machine")
        Watch(plant.parts, {}).look()
        assert "panel:ch1.sp" not in plant.standing()

    run(scenario)


def test_a_start_stop_that_was_left_as_it_is_is_an_alarm_until_it_is_ours_again():
    async def scenario(plant):
        wishes = plant.scripts["plant"].wishes
        wishes["ch1.on"] = True
        await asyncio.sleep(20)
        del wishes["ch1.on"]
        await asyncio.sleep(20)
        assert "left:ch1.on" in plant.standing()
        assert plant.driver.values["ch1.on"] is True
        wishes["ch1.on"] = False
        await asyncio.sleep(20)
        assert "left:ch1.on" not in plant.standing()

    run(scenario)
