"""The control loop with its real neighbours on virtual time: from reading to decision to wire and back."""

import asyncio

from agent.control.policy_run import decide_all
from agent.core.equipment import Authority
from agent.core.point import Value
from agent.safety.arbiter import Arbiter
from agent.safety.overrides import Wanted
from hil.virtual_time import run_virtual
from tests.control.fake_store import FakeStore
from tests.control.small_plant import SPEED, SmallPlant, Steady


def virtual(scenario, **options):
    async def main():
        async with SmallPlant(**options) as plant:
            return await scenario(plant)

    return run_virtual(main())


def values(plant) -> dict[str, Value]:
    return dict(plant.driver.values)


def test_a_decision_reaches_the_device_and_is_proved_by_reading_it_back():
    async def scenario(plant):
        await asyncio.sleep(10)
        assert values(plant)["io.enable"] is True
        assert values(plant)["io.speed"] == 60.0
        assert plant.writes() == ["io.enable", "io.speed"]
        assert {state.phase.value for state in plant.loop.writer.states.values()} == {"confirmed"}

    virtual(scenario)


def test_the_value_found_is_stored_before_the_first_write():
    async def scenario(plant):
        await asyncio.sleep(10)
        assert plant.store.documents("prior")["io.speed"]["value"] == 35.0
        assert plant.store.documents("prior")["io.enable"]["value"] is False

    virtual(scenario)


def test_nothing_is_taken_while_the_disk_refuses_and_all_goes_on_when_it_recovers():
    async def scenario(plant):
        await asyncio.sleep(10)
        assert plant.writes() == []
        plant.store.refuses = False
        await asyncio.sleep(10)
        assert plant.writes() == ["io.enable", "io.speed"]

    store = FakeStore()
    store.refuses = True
    virtual(scenario, store=store)


def test_shadow_decides_and_records_but_writes_nothing():
    async def scenario(plant):
        await asyncio.sleep(20)
        assert plant.writes() == []
        assert plant.loop.memory.decisions["io.speed"].value == 60.0
        assert any(block.device == "plant@decided" for block in plant.store.blocks)

    virtual(scenario, authority=Authority.SHADOW)


def test_bms_writes_nothing():
    async def scenario(plant):
        await asyncio.sleep(20)
        assert plant.writes() == []

    virtual(scenario, authority=Authority.BMS)


def test_every_write_can_answer_why():
    async def scenario(plant):
        await asyncio.sleep(10)
        record = next(one for one in plant.store.records if one["point"] == "io.speed")
        assert record["old"] == 35.0
        assert record["new"] == 60.0
        assert record["actor"] == "steady"
        assert "steady" in record["reason"]
        assert record["inputs"]["io.speed"] == 35.0
        assert record["result"] == "sent"

    virtual(scenario)


def test_a_policy_that_raises_costs_its_own_commands_and_not_the_tick():
    async def scenario(plant):
        await asyncio.sleep(10)
        before = plant.loop.memory.number
        Steady.moods["raise"] = True
        await asyncio.sleep(20)
        assert plant.loop.memory.number > before + 5
        assert [alarm.id for alarm in plant.parts.alarms.all()] == ["policy:steady"]
        # on_loss release: the speed found before the first write is back, and the pump has its release value
        assert values(plant)["io.speed"] == 35.0
        assert values(plant)["io.enable"] is False
        Steady.moods.clear()
        await asyncio.sleep(10)
        assert values(plant)["io.speed"] == 60.0

    virtual(scenario)


def test_a_recorded_tick_replays_exactly():
    async def scenario(plant):
        await asyncio.sleep(9)
        before = plant.loop.memory.safety
        tick = plant.loop.tick()
        wishes = decide_all(tuple(plant.loop.policies.values()), tick.snapshot, tick.states_before)
        assert wishes.commands == tick.commands
        again, _ = Arbiter(plant.loop.setup.model, ()).decide(
            tick.snapshot, tick.commands, wishes.heard, before
        )
        assert again == tick.decisions

    virtual(scenario)


def test_an_override_wins_until_it_ends_and_then_the_policy_is_back():
    async def scenario(plant):
        await asyncio.sleep(10)
        wanted = Wanted(value=80.0, owner="anna", reason="test run", seconds=60.0)
        await plant.parts.charge.add_override(SPEED, wanted)
        await asyncio.sleep(5)
        assert values(plant)["io.speed"] == 80.0
        await asyncio.sleep(65)
        assert values(plant)["io.speed"] == 60.0

    virtual(scenario)


def test_an_override_survives_a_kill_with_the_time_it_had_left():
    async def main():
        store = FakeStore()
        async with SmallPlant(store=store) as plant:
            await asyncio.sleep(10)
            wanted = Wanted(value=80.0, owner="anna", reason="test run", seconds=100.0)
            await plant.parts.charge.add_override(SPEED, wanted)
            await asyncio.sleep(40)
        await asyncio.sleep(20)  # down
        async with SmallPlant(store=store) as plant:
            [kept] = plant.parts.charge.overrides()
            assert kept.owner == "anna"
            left = kept.command.expires - plant.clock.elapsed()
            assert 38 <= left <= 40
            await asyncio.sleep(30)
            assert values(plant)["io.speed"] == 80.0
            await asyncio.sleep(20)
            assert values(plant)["io.speed"] == 60.0

    run_virtual(main())


def test_a_change_at_the_panel_becomes_an_expiring_override():
    async def scenario(plant):
        await asyncio.sleep(10)
        plant.driver.values["io.speed"] = 45.0
        await asyncio.sleep(10)
        [override] = plant.parts.charge.overrides()
        assert override.learned
        assert override.command.value == 45.0
        assert values(plant)["io.speed"] == 45.0
        assert plant.loop.memory.decisions["io.speed"].value == 45.0

    virtual(scenario)


def test_another_master_is_yielded_to_and_named():
    async def scenario(plant):
        await asyncio.sleep(10)
        for turn in range(8):
            plant.driver.values["io.speed"] = 40.0 + turn
            await asyncio.sleep(10)
        written = plant.writes().count("io.speed")
        plant.driver.values["io.speed"] = 99.0
        await asyncio.sleep(60)
        assert plant.writes().count("io.speed") == written
        assert any(alarm.id == "foreign:io.speed" for alarm in plant.parts.alarms.all())

    virtual(scenario)


def test_a_trigger_role_wakes_its_area_at_once():
    async def scenario(plant):
        await asyncio.sleep(8.3)  # the last poll was at 8.0, the last tick too
        before = plant.loop.memory.number
        plant.driver.values["io.presence"] = True
        await asyncio.sleep(0.75)  # the next poll sees it, the next tick would be at 10
        assert plant.loop.memory.number == before + 1

    virtual(scenario, wake=True)


def test_release_gives_everything_back_and_the_next_take_over_stores_anew():
    async def scenario(plant):
        await asyncio.sleep(10)
        rows = await plant.parts.handover.release(None)
        assert {row.point: row.value for row in rows} == {"io.enable": False, "io.speed": 35.0}
        assert all(row.ok for row in rows)
        assert values(plant)["io.speed"] == 35.0
        assert values(plant)["io.enable"] is False
        assert plant.store.documents("prior") == {}

    virtual(scenario)


def test_a_point_on_a_cut_line_is_reported_as_not_released():
    async def scenario(plant):
        await asyncio.sleep(10)
        plant.driver.line_cut = True
        await asyncio.sleep(3)
        rows = await plant.parts.handover.release(None)
        assert not any(row.ok for row in rows)
        assert {alarm.id for alarm in plant.parts.alarms.all()} >= {
            "not_released:io.speed",
            "not_released:io.enable",
        }
        assert plant.store.documents("prior")  # kept for the next try

    virtual(scenario)


def test_a_device_that_restarts_between_two_ticks_is_no_person_at_the_panel():
    async def scenario(plant):
        await asyncio.sleep(12.1)  # ticks come every 2 s, polls every second
        plant.driver.dead_devices.add("io")
        await asyncio.sleep(0.6)
        plant.driver.dead_devices.clear()
        plant.driver.values["io.speed"] = 30.0  # it forgot
        await asyncio.sleep(20)
        assert plant.parts.charge.overrides() == ()
        assert values(plant)["io.speed"] == 60.0

    virtual(scenario)
