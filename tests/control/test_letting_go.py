"""However a point is let go, in the loop or by a release: the mode bit, the values, the order and the guards are the same."""

import asyncio
from dataclasses import replace

import pytest

from agent.app.watch import Watch
from agent.core.equipment import Authority, Equipment, GuardSettings
from agent.core.errors import DeviceError
from agent.core.point import OnLoss, Release, ReleaseKind
from agent.safety.overrides import Wanted
from hil.virtual_time import run_virtual
from tests.control.wide_plant import MODE, OFF, ON, WidePlant, number, sensor, switch

LONG = 40.0  # site seconds, long after a claim has run out, been written and read back


def machine(name, *, status=False, **guards):
    roles = {"enable": f"{name}.on"} | ({"status": f"{name}.status"} if status else {})
    return Equipment(id=name, kind=name[:2], area="plant", roles=roles, guards=GuardSettings(**guards))


def unit(**roles):
    return Equipment(id="ch1", kind="chiller", area="plant", roles=roles)


async def falls_silent(plant):
    plant.scripts["plant"].broken.append(True)


async def gives_up(plant):
    plant.scripts["plant"].wishes.clear()


async def says_none(plant):
    wishes = plant.scripts["plant"].wishes
    wishes.update(dict.fromkeys(wishes))


async def policy_removed(plant):
    plant.parts.loops["plant"].policies.clear()


async def area_to(plant, authority):
    await plant.parts.charge.assign("plant", authority, "anna", "test")
    await plant.parts.handover.release("plant")


async def to_bms(plant):
    await area_to(plant, Authority.BMS)


async def to_shadow(plant):
    await area_to(plant, Authority.SHADOW)


async def released_everywhere(plant):
    await plant.parts.charge.assign("plant", Authority.BMS, "anna", "test")
    await plant.parts.handover.release(None, at_once=True)


LET_GO = [falls_silent, gives_up, says_none, policy_removed, to_bms, to_shadow, released_everywhere]

FULL = unit(enable="ch1.on", chilled_water_setpoint="ch1.sp", remote_mode="ch1.remote")
BARE = unit(enable="ch1.on", chilled_water_setpoint="ch1.sp")
SP = number("ch1.sp")
CASES = {  # points, machine, wishes, what is given back
    "declared value and prior value": (
        [switch("ch1.on", ON), SP],
        BARE,
        {"ch1.on": False, "ch1.sp": 7.0},
        [("ch1.on", True), ("ch1.sp", 35.0)],
    ),
    "a mode bit without a declared value hands over the machine": (
        [switch("ch1.on", ON), SP, switch("ch1.remote", MODE)],
        FULL,
        {"ch1.on": False, "ch1.sp": 7.0, "ch1.remote": True},
        [("ch1.remote", False)],
    ),
    "a mode bit with one": (
        [switch("ch1.on", OFF), SP, switch("ch1.local", Release(ReleaseKind.MODE, True))],
        unit(enable="ch1.on", chilled_water_setpoint="ch1.sp", remote_mode="ch1.local"),
        {"ch1.on": True, "ch1.sp": 7.0, "ch1.local": False},
        [("ch1.local", True)],
    ),
    "a start/stop without a declared value is left, and said so": (
        [switch("ch1.on", Release(ReleaseKind.PRIOR)), SP],
        BARE,
        {"ch1.on": True, "ch1.sp": 7.0},
        [("ch1.sp", 35.0)],
    ),
    "what the device gives back by itself": (
        [switch("ch1.on", Release(ReleaseKind.NONE), has_device_timeout=True), SP],
        BARE,
        {"ch1.on": True, "ch1.sp": 7.0},
        [("ch1.sp", 35.0)],
    ),
}


def run(scenario, *arguments, **options):
    async def main():
        async with WidePlant(*arguments, **options) as plant:
            await scenario(plant)

    run_virtual(main())


@pytest.mark.parametrize("let_go", LET_GO, ids=lambda one: one.__name__)
@pytest.mark.parametrize("case", CASES)
def test_it_is_given_back_alike_whoever_lets_it_go(case, let_go):
    points, equipment, wishes, given_back = CASES[case]

    async def scenario(plant):
        if "ch1.local" in plant.points:
            plant.driver.values["ch1.local"] = True
        if wishes["ch1.on"] is False:
            plant.driver.values["ch1.on"] = True
        await asyncio.sleep(10)
        ours = [(one, value) for one, value in wishes.items() if plant.driver.values[one] == value]
        assert ours == list(wishes.items())
        plant.written().clear()
        await let_go(plant)
        await asyncio.sleep(LONG)
        assert plant.written() == given_back
        assert plant.parts.priors.all() == {}
        assert plant.store.documents("prior") == {}
        left = {one for one in plant.standing() if one in ("left:ch1.on", "not_released:ch1.on")}
        assert bool(left) == (case == "a start/stop without a declared value is left, and said so")

    run(scenario, points, {"plant": ([equipment], wishes)})


@pytest.mark.parametrize("ended", ["cancelled", "ran out"])
def test_an_override_that_nobody_stands_behind_is_given_back_when_it_ends(ended):
    async def scenario(plant):
        wanted = Wanted(value=True, owner="anna", reason="test", seconds=30.0)
        made = await plant.parts.charge.add_override(plant.points["ch1.on"], wanted)
        await asyncio.sleep(10)
        assert plant.driver.values["ch1.on"] is True
        if ended == "cancelled":
            await plant.parts.charge.cancel_override(made.id)
        await asyncio.sleep(LONG)
        assert plant.written() == [("ch1.on", True), ("ch1.on", False)]

    run(scenario, [switch("ch1.on", OFF), SP], {"plant": ([BARE], {})})


@pytest.mark.parametrize(("on_loss", "after"), [(OnLoss.HOLD, 7.0), (OnLoss.DEFAULT, 9.0)])
def test_what_is_held_or_has_a_default_is_not_given_back_by_silence(on_loss, after):
    point = number("ch1.sp", on_loss=on_loss, relinquish_default=9.0)

    async def scenario(plant):
        await asyncio.sleep(10)
        await falls_silent(plant)
        await asyncio.sleep(LONG)
        assert plant.driver.values["ch1.sp"] == after
        assert plant.parts.priors.prior("ch1.sp") == 35.0

    run(scenario, [switch("ch1.on"), point], {"plant": ([BARE], {"ch1.sp": 7.0})})


CHILLER = machine("ch1", status=True, minimum_off=300.0, proof_of_flow="p1.flow")
PUMP = machine("p1", serves=("ch1",))
SHED = [switch("ch1.on", ON), sensor("ch1.status"), switch("p1.on", ON), sensor("p1.flow")]
FOLLOW = {"ch1.on": "ch1.status", "p1.on": "p1.flow"}


async def shed(plant):
    """The chiller stood still, ran for us long enough, and is shed."""
    plant.driver.values.update({"p1.on": True, "p1.flow": True})
    await asyncio.sleep(400)
    plant.scripts["plant"].wishes["ch1.on"] = True
    await asyncio.sleep(400)
    assert plant.driver.values["ch1.status"] is True
    plant.scripts["plant"].wishes["ch1.on"] = False
    await asyncio.sleep(20)
    assert plant.driver.values["ch1.status"] is False
    plant.written().clear()


@pytest.mark.parametrize("let_go", LET_GO[:-1], ids=lambda one: one.__name__)
def test_a_shed_chiller_is_not_started_by_its_release_before_its_minimum_off(let_go):
    async def scenario(plant):
        plant.tasks.append(asyncio.create_task(Watch(plant.parts, {}).run()))
        await shed(plant)
        await let_go(plant)
        await asyncio.sleep(240)
        assert ("ch1.on", True) not in plant.written()
        await asyncio.sleep(100)
        assert plant.written()[-1] == ("ch1.on", True)
        assert plant.parts.priors.all() == {}
        assert "not_released:ch1.on" not in plant.standing()

    run(scenario, SHED, {"plant": ([CHILLER, PUMP], {"ch1.on": False, "p1.on": True})}, follow=FOLLOW)


@pytest.mark.parametrize("let_go", [falls_silent, to_bms], ids=lambda one: one.__name__)
def test_a_shed_chiller_is_not_started_by_its_release_without_flow(let_go):
    async def scenario(plant):
        plant.tasks.append(asyncio.create_task(Watch(plant.parts, {}).run()))
        await shed(plant)
        plant.driver.follow = {"ch1.on": "ch1.status"}
        plant.driver.values["p1.flow"] = False
        await let_go(plant)
        await asyncio.sleep(600)
        assert ("ch1.on", True) not in plant.written()
        plant.driver.values["p1.flow"] = True
        await asyncio.sleep(30)
        assert plant.written()[-1] == ("ch1.on", True)

    run(scenario, SHED, {"plant": ([CHILLER, PUMP], {"ch1.on": False, "p1.on": True})}, follow=FOLLOW)


def test_what_waits_for_a_guard_is_a_warning_that_says_so_and_what_nobody_would_retry_does_not_wait():
    async def scenario(plant):
        await shed(plant)
        await plant.parts.charge.assign("plant", Authority.BMS, "anna", "test")
        [row] = [one for one in await plant.parts.handover.release("plant") if not one.ok]
        assert (row.point, row.waits, row.ended) == ("ch1.on", True, False)
        assert "minimum off" in row.error
        [alarm] = [one for one in plant.parts.alarms.all() if one.id == "not_released:ch1.on"]
        assert alarm.severity.value == "warning"
        assert all(one.ok for one in await plant.parts.handover.release("plant", at_once=True))
        assert plant.driver.values["ch1.on"] is True
        assert "not_released:ch1.on" not in plant.standing()

    run(scenario, SHED, {"plant": ([CHILLER, PUMP], {"ch1.on": False, "p1.on": True})}, follow=FOLLOW)


STOPPED = [switch("ch1.on", OFF), sensor("ch1.status"), switch("p1.on", OFF), number("p1.speed")]
PAIR = [
    machine("ch1", status=True),
    replace(PUMP, roles={"enable": "p1.on", "speed_command": "p1.speed"}),
]
RUNNING = {"p1.on": True, "p1.speed": 80.0, "ch1.on": True}


@pytest.mark.parametrize("let_go", LET_GO, ids=lambda one: one.__name__)
def test_flow_outlives_the_machine_whoever_lets_go(let_go):
    async def scenario(plant):
        await asyncio.sleep(20)
        plant.written().clear()
        await let_go(plant)
        await asyncio.sleep(LONG)
        order = [point for point, _ in plant.written()]
        assert set(order) == {"ch1.on", "p1.on", "p1.speed"}
        assert order[0] == "ch1.on"

    run(scenario, STOPPED, {"plant": (PAIR, RUNNING)}, follow={"ch1.on": "ch1.status"})


@pytest.mark.parametrize("let_go", [falls_silent, gives_up, to_bms], ids=lambda one: one.__name__)
def test_a_pump_keeps_running_while_its_machine_cannot_be_given_back(let_go):
    async def scenario(plant):
        await asyncio.sleep(20)
        plant.driver.refuses["ch1.on"] = DeviceError("local key switch")
        plant.written().clear()
        await let_go(plant)
        await asyncio.sleep(LONG)
        assert plant.written() == []
        assert plant.driver.values["p1.on"] is True

    run(scenario, STOPPED, {"plant": (PAIR, RUNNING)}, follow={"ch1.on": "ch1.status"})


@pytest.mark.parametrize("let_go", LET_GO, ids=lambda one: one.__name__)
def test_pumps_that_are_started_by_their_release_come_before_the_machine(let_go):
    async def scenario(plant):
        plant.driver.values.update({"ch1.on": True, "p1.on": True})
        await asyncio.sleep(20)
        plant.written().clear()
        await let_go(plant)
        await asyncio.sleep(LONG)
        assert plant.written() == [("p1.on", True), ("ch1.on", True)]

    points = [switch("ch1.on", ON), switch("p1.on", ON)]
    wishes = {"ch1.on": False, "p1.on": False}
    run(scenario, points, {"plant": ([machine("ch1"), PUMP], wishes)})


def test_a_machine_is_not_started_by_a_release_when_its_pump_could_not_be():
    async def scenario(plant):
        plant.driver.values.update({"ch1.on": True, "p1.on": True})
        await asyncio.sleep(20)
        plant.driver.refuses["p1.on"] = DeviceError("no answer")
        plant.written().clear()
        rows = {one.point: one.error for one in await plant.parts.handover.release(None, at_once=True)}
        assert rows["ch1.on"] == "left as it is, since p1.on was not released"
        assert plant.written() == []

    points = [switch("ch1.on", ON), switch("p1.on", ON)]
    wishes = {"ch1.on": False, "p1.on": False}
    run(scenario, points, {"plant": ([machine("ch1"), PUMP], wishes)})


def test_what_a_mode_bit_hands_over_stays_ours_while_the_mode_bit_is_refused():
    points, equipment, wishes, _ = CASES["a mode bit without a declared value hands over the machine"]

    async def scenario(plant):
        plant.driver.values["ch1.on"] = True
        await asyncio.sleep(10)
        plant.driver.refuses["ch1.remote"] = DeviceError("busy")
        await plant.parts.charge.assign("plant", Authority.BMS, "anna", "test")
        rows = await plant.parts.handover.release("plant")
        assert {row.point for row in rows if not row.ok} == {"ch1.on", "ch1.sp", "ch1.remote"}
        plant.driver.refuses.clear()
        plant.written().clear()
        assert all(row.ok for row in await plant.parts.handover.release("plant"))
        assert plant.written() == [("ch1.remote", False)]

    run(scenario, points, {"plant": ([equipment], wishes)})


def test_a_point_that_is_asked_for_again_while_it_waits_for_a_guard_goes_on_as_ours():
    async def scenario(plant):
        await shed(plant)
        plant.scripts["plant"].wishes.pop("ch1.on")
        await asyncio.sleep(60)
        assert "minimum off" in plant.parts.loops["plant"].writer.states["ch1.on"].note
        plant.scripts["plant"].wishes["ch1.on"] = False
        await asyncio.sleep(600)
        assert plant.written() == []
        assert plant.store.documents("prior")["ch1.on"]["value"] is False

    run(scenario, SHED, {"plant": ([CHILLER, PUMP], {"ch1.on": False, "p1.on": True})}, follow=FOLLOW)


def test_the_guards_past_is_that_of_the_last_time_the_machine_was_ours():
    async def scenario(plant):
        for _ in range(2):
            await shed(plant)
            await plant.parts.charge.assign("plant", Authority.BMS, "anna", "test")
            rows = await plant.parts.handover.release("plant")
            assert [row.point for row in rows if row.waits] == ["ch1.on"]
            await asyncio.sleep(400)
            assert all(row.ok for row in await plant.parts.handover.release("plant"))
            await plant.parts.charge.assign("plant", Authority.AGENT, "anna", "test")
            await asyncio.sleep(100)

    run(scenario, SHED, {"plant": ([CHILLER, PUMP], {"ch1.on": False, "p1.on": True})}, follow=FOLLOW)


def test_a_point_that_has_left_its_area_is_given_back_with_everything():
    async def scenario(plant):
        plant.store.put_soon("prior", "ch1.sp", {"value": 21.0})
        plant.driver.values["ch1.sp"] = 7.0

    async def after(plant):
        assert [row.point for row in await plant.parts.handover.release(None)] == ["ch1.sp"]
        assert plant.driver.values["ch1.sp"] == 21.0

    async def main():
        points = [switch("ch1.on", ON), SP]
        plant = WidePlant(points, {"plant": ([unit(enable="ch1.on")], {})})
        await scenario(plant)
        async with WidePlant(points, {"plant": ([unit(enable="ch1.on")], {})}, store=plant.store) as again:
            await after(again)

    run_virtual(main())


def test_points_that_are_kept_off_by_a_lock_out_are_listed():
    async def scenario(plant):
        await asyncio.sleep(10)
        await plant.parts.charge.lock_out("ch1", True)
        await asyncio.sleep(10)
        await plant.parts.charge.assign("plant", Authority.BMS, "anna", "test")
        rows = {row.point: row for row in await plant.parts.handover.release("plant")}
        assert (rows["ch1.on"].ok, rows["ch1.on"].waits) == (False, True)
        assert "locked out" in rows["ch1.on"].error
        assert plant.driver.values["ch1.sp"] == 35.0
        kept = plant.store.documents("not_released")["last"]
        assert [row["point"] for row in kept] == ["ch1.on"]
        await plant.parts.charge.lock_out("ch1", False)
        [row] = await plant.parts.handover.release("plant")
        assert (row.point, row.ok) == ("ch1.on", True)

    run(scenario, [switch("ch1.on", ON), SP], {"plant": ([BARE], {"ch1.on": True, "ch1.sp": 7.0})})
