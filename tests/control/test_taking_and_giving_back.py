"""What is ours, since when, and what stood there before: through hasty people, restarts and dead lines."""

import asyncio
from dataclasses import replace

import pytest

from agent.app.watch import Watch
from agent.core.equipment import Authority, StartCap
from agent.core.errors import BusError
from agent.core.point import Release, ReleaseKind
from agent.core.tick import WriteOrder
from agent.safety.overrides import Wanted
from hil.virtual_time import run_virtual
from tests.control.fake_store import FakeStore
from tests.control.small_plant import FLOOD, PUMP, SmallPlant, Steady


def virtual(scenario, **options):
    async def main():
        async with SmallPlant(**options) as plant:
            return await scenario(plant)

    return run_virtual(main())


async def hand_over(plant, authority):
    await plant.parts.charge.assign("plant", authority, "anna", "test")


def prior(plant, point="io.speed"):
    return plant.store.documents("prior").get(point, {}).get("value")


def test_who_takes_over_right_after_a_release_never_takes_our_own_value_for_the_one_found():
    async def scenario(plant):
        await asyncio.sleep(10.6)  # the next poll is at 11
        await hand_over(plant, Authority.BMS)
        await plant.parts.handover.release("plant")
        await hand_over(plant, Authority.AGENT)
        plant.loop.tick()  # the table still shows our 60 %
        await asyncio.sleep(15)
        assert plant.driver.values["io.speed"] == 60.0
        assert prior(plant) == 35.0

    virtual(scenario)


def test_an_area_taken_again_while_its_release_hangs_keeps_the_values_found_before_us():
    async def scenario(plant):
        await asyncio.sleep(10)
        write = plant.driver.write

        async def slow(point, value):
            if point == "io.enable" and value is False:
                await asyncio.sleep(8)
            await write(point, value)

        plant.driver.write = slow
        await hand_over(plant, Authority.BMS)
        release = asyncio.create_task(plant.parts.handover.release("plant"))
        await asyncio.sleep(1)
        await hand_over(plant, Authority.AGENT)
        rows = await release
        assert all(row.ok for row in rows)
        await asyncio.sleep(20)
        assert plant.driver.values["io.speed"] == 60.0
        assert prior(plant) == 35.0

    virtual(scenario)


def test_a_release_that_had_to_wait_for_another_leaves_an_area_alone_that_was_taken_again():
    async def scenario(plant):
        await asyncio.sleep(10)
        assert await plant.parts.handover.release("plant", lambda: False) == []
        assert plant.driver.values["io.speed"] == 60.0

    virtual(scenario)


def test_what_was_only_stored_and_never_written_is_not_given_back():
    async def scenario(plant):
        plant.driver.values["io.enable"] = True  # the building's own control runs the pump
        plant.parts.priors.take("io.enable", True)
        await asyncio.sleep(10)
        assert await plant.parts.handover.release(None) == []
        assert plant.writes() == []
        await asyncio.sleep(5)
        assert plant.store.documents("prior") == {}

    virtual(scenario, authority=Authority.BMS)


def test_what_the_loop_gave_back_is_in_other_hands_and_release_does_not_touch_it():
    async def scenario(plant):
        await asyncio.sleep(10)
        Steady.moods["raise"] = True
        await asyncio.sleep(20)
        assert plant.driver.values["io.enable"] is False
        plant.driver.values.update(
            {"io.enable": True, "io.speed": 48.0}
        )  # the building's own control goes on
        await asyncio.sleep(5)
        await plant.parts.handover.release(None)
        assert plant.driver.values["io.enable"] is True
        assert plant.driver.values["io.speed"] == 48.0

    virtual(scenario)


def test_what_a_dead_run_left_behind_is_given_back_when_nobody_asks_for_it():
    async def main():
        store = FakeStore()
        async with SmallPlant(store=store) as plant:
            await asyncio.sleep(10)
        await asyncio.sleep(60)
        after = SmallPlant(store=store)
        Steady.moods["raise"] = True
        after.driver.values.update({"io.enable": True, "io.speed": 60.0})
        async with after as plant:
            await asyncio.sleep(20)
            assert plant.driver.values["io.enable"] is False
            assert plant.driver.values["io.speed"] == 35.0

    run_virtual(main())


def test_a_disk_that_refuses_does_not_keep_a_person_from_taking_the_equipment_back():
    async def scenario(plant):
        await asyncio.sleep(10)
        plant.store.refuses = True
        await hand_over(plant, Authority.BMS)
        rows = await plant.parts.handover.release(None)
        assert all(row.ok for row in rows)
        assert plant.driver.values["io.speed"] == 35.0
        await asyncio.sleep(30)
        assert plant.driver.values["io.speed"] == 35.0

    virtual(scenario)


def test_an_order_that_waits_for_a_slow_line_is_withdrawn_when_the_area_is_given_back():
    async def scenario(plant):
        await asyncio.sleep(10)
        heard = []
        poller = plant.parts.pollers["line"]
        poller.submit(WriteOrder(point="io.presence", value=True, reason=""), lambda *_: None)
        poller.submit(
            WriteOrder(point="io.enable", value=True, reason=""), lambda _, error: heard.append(error)
        )
        poller.withdraw("io.enable")
        poller.withdraw("io.enable")
        await asyncio.sleep(1)
        assert [type(one) for one in heard] == [BusError]
        assert plant.writes()[-1] == "io.presence"

    virtual(scenario)


def test_an_interlock_does_not_wait_for_the_write_budget_of_the_day():
    async def scenario(plant):
        await asyncio.sleep(10)
        state = plant.loop.writer.states["io.enable"]
        point = plant.loop.writer._points["io.enable"]  # an EEPROM that has borne enough today
        spent = replace(point, writing=replace(point.writing, daily_budget=1, minimum_interval=600.0))
        plant.loop.writer._points["io.enable"] = spent
        assert state.sent_today == 1
        plant.driver.values["io.presence"] = True
        await asyncio.sleep(6)
        assert plant.driver.values["io.enable"] is False

    virtual(scenario, interlocks=[FLOOD])


def test_the_watchdog_is_fed_while_a_dead_device_keeps_the_giving_back_waiting(monkeypatch):
    fed = []
    monkeypatch.setattr("agent.control.watchdog.notify", fed.append)

    async def scenario(plant):
        plant.tasks.append(asyncio.create_task(Watch(plant.parts, {}).run()))
        await asyncio.sleep(10)

        async def dead(_point, _value):
            await asyncio.sleep(25)

        plant.driver.write = dead
        await hand_over(plant, Authority.BMS)
        before = len(fed)
        await asyncio.sleep(40)
        assert len(fed) - before >= 38

    virtual(scenario)


def test_a_drivers_own_fault_while_writing_is_heard_by_who_waits_and_a_line_that_never_closes_is_left():
    async def scenario(plant):
        await asyncio.sleep(10)
        heard = []

        async def broken(_point, _value):
            raise KeyError("a fault of the driver")

        async def never():
            await asyncio.sleep(1e6)

        write, plant.driver.write, plant.driver.close = plant.driver.write, broken, never
        poller = plant.parts.pollers["line"]
        poller.submit(
            WriteOrder(point="io.speed", value=1.0, reason=""), lambda _, error: heard.append(error)
        )
        await asyncio.sleep(1)
        assert [type(one) for one in heard] == [KeyError]
        plant.driver.write = write
        await asyncio.sleep(40)
        assert poller.line.up

    virtual(scenario)


@pytest.mark.parametrize("kind", ["overrides", "lock_outs"])
def test_what_two_people_say_in_one_breath_is_both_kept(kind):
    async def scenario(plant):
        charge, points = plant.parts.charge, plant.loop.setup.model.points
        put = plant.store.put

        async def slow(*document):
            await asyncio.sleep(1)
            await put(*document)

        plant.store.put = slow
        if kind == "lock_outs":
            await asyncio.gather(charge.lock_out("pump", True), charge.lock_out("fan", True))
            assert charge.locked_out() == {"pump", "fan"}
            assert plant.store.documents("lock_out")["all"] == ["fan", "pump"]
            return
        wishes = [("io.speed", 70.0), ("io.enable", True)]
        made = await asyncio.gather(
            *(charge.add_override(points[point], wanted(value)) for point, value in wishes)
        )
        assert len({one.id for one in made}) == 2
        assert {one.command.point for one in charge.overrides()} == {"io.speed", "io.enable"}

    virtual(scenario)


def test_an_override_learned_while_another_is_being_stored_is_kept():
    async def scenario(plant):
        charge, points = plant.parts.charge, plant.loop.setup.model.points
        put = plant.store.put

        async def slow(*document):
            charge.learn_override(points["io.enable"], wanted(True, learned=True))
            await put(*document)

        plant.store.put = slow
        await charge.add_override(points["io.speed"], wanted(70.0))
        assert {one.command.point for one in charge.overrides()} == {"io.speed", "io.enable"}
        kept = plant.store.documents("overrides")
        points = {one["command"]["point"] for key, one in kept.items() if key != "made"}
        assert points == {"io.speed", "io.enable"}

    virtual(scenario)


def wanted(value, *, learned=False):
    return Wanted(value=value, owner="anna", reason="test", seconds=600.0, learned=learned)


def test_who_takes_an_area_out_of_our_hands_while_the_disk_is_busy_with_giving_it_to_us_prevails():
    async def scenario(plant):
        put = plant.store.put

        async def slow(*document):
            await asyncio.sleep(1)
            await put(*document)

        plant.store.put = slow
        given = asyncio.create_task(hand_over(plant, Authority.AGENT))
        await asyncio.sleep(0.5)
        await hand_over(plant, Authority.BMS)
        await given
        assert plant.parts.charge.authority("plant") is Authority.BMS
        assert plant.store.documents("authority")["plant"]["authority"] == "bms"

    virtual(scenario, authority=Authority.SHADOW)


def test_a_lock_out_holds_at_once_even_if_it_cannot_be_stored():
    async def scenario(plant):
        plant.store.refuses = True
        with pytest.raises(Exception, match="disk full"):
            await plant.parts.charge.lock_out("pump", True)
        assert plant.parts.charge.locked_out() == {"pump"}

    virtual(scenario)


def test_the_mode_bit_of_a_locked_out_machine_is_not_handed_to_local_control_by_the_loop():
    async def scenario(plant):
        await asyncio.sleep(10)
        writer = plant.loop.writer
        mode = replace(writer._points["io.speed"], release=Release(ReleaseKind.MODE, 0.0))
        writer._points["io.speed"] = mode
        await plant.parts.charge.lock_out("pump", True)
        await asyncio.sleep(10)
        assert plant.loop.memory.decisions["io.speed"].value is None
        assert plant.driver.values["io.speed"] == 60.0
        assert plant.driver.values["io.enable"] is False
        await plant.parts.charge.lock_out("pump", False)

    virtual(scenario)


def test_a_trial_run_under_lock_out_is_no_override_for_the_time_after_it():
    async def scenario(plant):
        await asyncio.sleep(10)
        await plant.parts.charge.lock_out("pump", True)
        await asyncio.sleep(10)
        plant.driver.values["io.enable"] = True
        await asyncio.sleep(10)
        assert plant.parts.charge.overrides() == ()
        assert plant.driver.values["io.enable"] is False  # held off

    virtual(scenario)


def test_a_release_that_came_too_late_is_not_written_into_what_comes_after_it():
    async def scenario(plant):
        await asyncio.sleep(10)
        write = plant.driver.write

        async def slow(point, value):
            await asyncio.sleep(14)
            await write(point, value)

        plant.driver.write = slow
        await hand_over(plant, Authority.BMS)
        rows = await plant.parts.handover.release("plant")
        assert not any(row.ok for row in rows)
        plant.driver.write = write
        await asyncio.sleep(30)
        assert len(plant.writes()) == 3  # two of ours, and the one exchange that was on its way

    virtual(scenario)


def test_a_machine_whose_device_came_back_waits_until_there_is_power_for_it():
    """Its standing word is said once more, and that is a start like any other."""

    async def scenario(plant):
        plant.driver.values["io.power"] = 10.0
        await asyncio.sleep(90)  # long enough for its start to show
        assert plant.driver.values["io.enable"] is True
        plant.driver.dead_devices.add("io")
        await asyncio.sleep(20)
        plant.driver.values.update({"io.enable": False, "io.power": 80.0})
        plant.driver.dead_devices.clear()
        await asyncio.sleep(120)
        assert plant.driver.values["io.enable"] is False
        assert "120 kW with it, 100 kW are allowed" in plant.loop.writer.states["io.enable"].note
        plant.driver.values["io.power"] = 30.0
        await asyncio.sleep(5)
        assert plant.driver.values["io.enable"] is True
        assert plant.loop.memory.safety.guards["pump"].on_at > 200.0
        assert not any(alarm.id.startswith("panel") for alarm in plant.parts.alarms.all())

    virtual(
        scenario,
        cap=StartCap(power="io.power", limit=100.0),
        pump=replace(PUMP, nameplate={"rated_power": 40.0}),
    )
