"""What the agent notices by itself, and that what could not be given back is tried again until it is."""

import asyncio
from dataclasses import replace

from agent.app.build import areas_well
from agent.app.watch import Watch
from agent.control.giving_back import give_back
from agent.core.equipment import Authority, Equipment, GuardSettings
from agent.core.errors import DeviceError
from agent.core.point import Access, Persistence, Point, Release, ReleaseKind, ValueKind, WriteRules
from agent.safety.release import plan_release
from hil.virtual_time import run_virtual
from tests.control.small_plant import PUMP, SmallPlant, Steady


def standing(plant) -> set[str]:
    return {alarm.id for alarm in plant.parts.alarms.all() if alarm.standing}


def watched(scenario, **options):
    async def main():
        async with SmallPlant(**options) as plant:
            plant.tasks.append(asyncio.create_task(Watch(plant.parts, {}).run()))
            await scenario(plant)

    run_virtual(main())


def test_a_line_that_stays_down_is_an_alarm_until_it_is_back():
    async def scenario(plant):
        await asyncio.sleep(5)
        assert standing(plant) == set()
        plant.driver.line_cut = True
        await asyncio.sleep(20)
        assert "bus:line" in standing(plant)
        plant.driver.line_cut = False
        await asyncio.sleep(40)
        assert "bus:line" not in standing(plant)

    watched(scenario)


def test_a_device_that_does_not_answer_is_an_alarm():
    async def scenario(plant):
        await asyncio.sleep(5)
        plant.driver.dead_devices.add("io")
        await asyncio.sleep(20)
        assert "device:io" in standing(plant)

    watched(scenario)


def test_a_machine_that_reports_a_fault_is_an_alarm_until_it_does_not():
    pump = replace(PUMP, name="Pump 1", roles={**PUMP.roles, "status": "io.status", "alarm": "io.presence"})

    async def scenario(plant):
        await asyncio.sleep(5)
        assert standing(plant) == set()
        plant.driver.values["io.presence"] = True
        await asyncio.sleep(5)
        assert standing(plant) == {"fault:pump"}
        plant.driver.values["io.presence"] = False
        await asyncio.sleep(600)
        assert standing(plant) == {"stopped:pump"}  # told to run, and it never did

    watched(scenario, pump=pump)


def test_a_clock_that_is_not_trusted_is_an_alarm():
    async def scenario(plant):
        plant.clock.is_trusted = False
        await asyncio.sleep(3)
        assert "clock" in standing(plant)

    watched(scenario)


def test_a_damaged_store_is_said(monkeypatch):
    async def scenario(plant):
        plant.store.state = "degraded"
        await asyncio.sleep(3)
        assert "store" in standing(plant)

    watched(scenario)


def test_what_could_not_be_given_back_is_given_back_when_the_line_returns():
    async def scenario(plant):
        await asyncio.sleep(10)
        assert plant.driver.values["io.speed"] == 60.0
        plant.driver.line_cut = True
        await plant.parts.charge.assign("plant", Authority.BMS, "anna", "maintenance")
        rows = await plant.parts.handover.release("plant")
        assert not any(row.ok for row in rows)
        assert "not_released:io.speed" in standing(plant)
        plant.driver.line_cut = False
        await asyncio.sleep(60)
        assert plant.driver.values["io.speed"] == 35.0
        assert plant.driver.values["io.enable"] is False
        assert "not_released:io.speed" not in standing(plant)

    watched(scenario)


def test_bounds_of_a_policy_that_left_the_configuration_are_forgotten_and_its_state_with_it():
    async def main():
        from dataclasses import replace

        from agent.core.command import Command
        from agent.core.serial import to_plain

        async with SmallPlant() as plant:
            await asyncio.sleep(5)
            stranger = Command(point="io.speed", priority=10, source="gone", reason="limit", high=30.0)
            mine = Command(point="io.speed", priority=10, source="steady", reason="limit", high=50.0)
            state = replace(plant.loop.memory.safety, claims={"io.speed": (stranger, mine)})
            plant.store.put_soon("safety_state", "plant", to_plain(state))
            store = plant.store
        async with SmallPlant(store=store) as plant:
            sources = {
                claim.source for claims in plant.loop.memory.safety.claims.values() for claim in claims
            }
            assert sources == {"steady"}

    run_virtual(main())


def test_a_pump_is_not_stopped_before_the_machine_it_serves_nor_when_that_one_could_not_be_stopped():
    switch = {
        "kind": ValueKind.SWITCH,
        "access": Access.READ_WRITE,
        "release": Release(ReleaseKind.VALUE, False),
    }
    points = [Point(id="m.enable", **switch), Point(id="p.enable", **switch)]
    machine = Equipment(id="chiller", kind="chiller", area="a", roles={"enable": "m.enable"})
    pump = Equipment(
        id="pump",
        kind="pump",
        area="a",
        roles={"enable": "p.enable"},
        guards=GuardSettings(serves=("chiller",)),
    )

    async def run(broken: bool):
        written = []

        async def write(point, value):
            await asyncio.sleep(0.5 if point == "m.enable" else 0.0)
            if broken and point == "m.enable":
                raise DeviceError("no answer")
            written.append(point)

        rows = await give_back(plan_release(points, [machine, pump], {}), write)
        return written, {row.point: row.ok for row in rows}

    assert run_virtual(run(broken=False)) == (["m.enable", "p.enable"], {"m.enable": True, "p.enable": True})
    assert run_virtual(run(broken=True)) == ([], {"m.enable": False, "p.enable": False})


def test_a_release_never_takes_longer_than_its_bound():
    point = Point(id="m.speed", access=Access.READ_WRITE, writing=WriteRules(persistence=Persistence.RAM))

    async def write(_point, _value):
        await asyncio.sleep(3600)

    async def main():
        began = asyncio.get_running_loop().time()
        [row] = await give_back(plan_release([point], [], {"m.speed": 5.0}), write)
        assert not row.ok
        assert asyncio.get_running_loop().time() - began <= 11

    run_virtual(main())


def test_an_alarm_on_a_foreign_writer_says_what_clears_it_and_is_over_then():
    async def scenario(plant):
        await asyncio.sleep(10)
        for turn in range(8):
            plant.driver.values["io.speed"] = 40.0 + turn
            await asyncio.sleep(10)
        [alarm] = [one for one in plant.parts.alarms.all() if one.id == "foreign:io.speed"]
        assert "an override clears it" in alarm.text
        plant.loop.writer.clear("io.speed")
        await asyncio.sleep(10)
        assert "foreign:io.speed" not in standing(plant)

    watched(scenario)


def test_an_alarm_on_a_value_that_was_not_taken_stands_until_one_is():
    async def scenario(plant):
        write = plant.driver.write

        async def refuses(_point, _value):
            raise DeviceError("illegal data value")

        plant.driver.write = refuses
        await asyncio.sleep(60)
        assert "refused:io.speed" in standing(plant)
        plant.driver.write = write
        await asyncio.sleep(905)
        assert "refused:io.speed" not in standing(plant)
        assert plant.driver.values["io.speed"] == 60.0

    watched(scenario)


def test_alarms_of_the_last_run_end_when_their_cause_is_not_found_again():
    async def main():
        async with SmallPlant() as plant:
            for id_ in ("bus:line", "policy:steady", "foreign:io.speed", "cooling:plant", "tuned:t1"):
                plant.parts.alarms.stand(id_, "line", "warning", "of the last run")
            plant.parts.alarms.stand("not_released:io.speed", "io.speed", "critical", "NOT RELEASED")
            store = plant.store
        async with SmallPlant(store=store) as plant:
            plant.tasks.append(asyncio.create_task(Watch(plant.parts, {}).run()))
            await asyncio.sleep(5)
            assert standing(plant) == {"not_released:io.speed"}

    run_virtual(main())


def test_a_policy_that_fails_stops_heartbeats_but_does_not_end_the_agent(monkeypatch):
    fed = []
    monkeypatch.setattr("agent.control.watchdog.notify", fed.append)

    async def scenario(plant):
        await asyncio.sleep(10)
        Steady.moods["raise"] = True
        await asyncio.sleep(5)
        before = len(fed)
        await asyncio.sleep(60)
        assert len(fed) - before >= 58
        assert areas_well(plant.parts.loops.values(), plant.clock) == frozenset()
        plant.loop.tick = None  # the area itself cannot decide
        await asyncio.sleep(10)
        before = len(fed)
        await asyncio.sleep(30)
        assert len(fed) == before

    watched(scenario)
