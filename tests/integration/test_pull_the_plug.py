"""Kill it, hang it, interrupt it: the equipment is given back, nothing stored is lost, what people said still holds."""

import asyncio
import json
import signal
import sqlite3
from contextlib import closing

import pytest

from agent.core.point import DataClass
from agent.telemetry.samples import split_key
from tests.integration.plant_room import PlantRoom, until

pytestmark = pytest.mark.integration


@pytest.fixture
async def room(tmp_path):
    async with PlantRoom(tmp_path / "site") as made:
        quiet = ("ramp", "stairs", *(f"aisle_{x}" for x in "abcdef"))
        made.plant.forced.update({f"{name}.presence": False for name in quiet})
        await made.run_agent_process()
        # clock not trusted or first start: lamps are lit for their hold time, then dimmed
        yield made


async def in_command(room):
    """The agent holds something it will have to give back."""
    await room.plantroom("override", "lamps.level_3", "40", "--for", "30 min", "--reason", "test")
    await until(lambda: room.commands.get("aisle_b.lamp_level") == 40.0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_told_to_stop_it_gives_back_and_ends_with_0(room, number):
    await in_command(room)
    assert await room.kill_agent_process(number) == 0
    assert room.commands["aisle_b.lamp_level"] == 100.0
    rows = await room.plantroom("release", "--config", str(room.folder.site), "--if-crashed")
    assert rows == []


async def test_killed_it_is_released_by_the_program_and_overrides_are_back_with_the_time_left(room):
    await in_command(room)
    await room.kill_agent_process()
    assert room.commands["aisle_b.lamp_level"] == 40.0
    rows = await room.plantroom("release", "--config", str(room.folder.site))
    assert rows
    assert all(row["ok"] for row in rows), rows
    assert room.commands["aisle_b.lamp_level"] == 100.0
    again = await room.plantroom("release", "--config", str(room.folder.site))
    assert all(row["ok"] for row in again)  # as often as one likes
    await room.run_agent_process()
    [override] = await room.plantroom("override")
    assert override["command"]["value"] == 40
    areas = await room.plantroom("authority")
    assert {area["authority"] for area in areas} == {"bms"}  # released for a dwell after a crash
    assert all("crash" in area["authority_reason"] for area in areas)


async def test_hung_it_is_ended_and_released(room):
    await in_command(room)
    room.process.send_signal(signal.SIGSTOP)
    rows = await room.plantroom("release", "--config", str(room.folder.site))
    assert all(row["ok"] for row in rows)
    assert room.commands["aisle_b.lamp_level"] == 100.0
    assert await asyncio.wait_for(room.process.wait(), 5) == -signal.SIGKILL


async def test_killed_and_started_again_without_release_it_gives_back_by_itself_first(room):
    await in_command(room)
    await room.kill_agent_process()
    await room.run_agent_process()
    await until(lambda: room.commands["aisle_b.lamp_level"] == 100.0)


async def test_a_device_that_cannot_be_reached_is_said_with_its_own_exit_code(room):
    await in_command(room)
    await room.kill_agent_process()
    room.simulated.faces["meters"].stop()
    code, _, err = await room.command("release", "--config", str(room.folder.site))
    assert code == 4
    assert "NOT RELEASED" in err
    assert "lamps.level_3" in err


async def test_nothing_stored_is_lost_and_nothing_counted_twice_over_a_kill(room):
    way = lambda: room.cloud.book.ways["mqtt"].receiver
    await until(lambda: "mqtt" in room.cloud.book.ways and way().values > 500, 20)
    await room.kill_agent_process()
    await room.run_agent_process()
    before = way().values
    await until(lambda: way().values > before + 500, 20)
    await until(lambda: lost(room) == [], 30)  # what was behind is caught up with


def lost(room) -> list[tuple[int, int]]:
    """(epoch, sequence) of every block the store holds for the cloud that the receiver never got."""
    missing = room.cloud.book.ways["mqtt"].receiver.missing()
    query = "SELECT sample.key, layout.points FROM sample JOIN layout ON layout.id = sample.layout"
    with closing(sqlite3.connect(room.folder.site.parent / "data/plantroom.db")) as store:
        kept = [split_key(key) for key, points in store.execute(query) if leaves_the_site(room, points)]
    assert kept
    return [
        (epoch, sequence)
        for epoch, sequence in kept
        for (_, of), holes in missing.items()
        if of == epoch and any(first <= sequence <= last for first, last in holes)
    ]


def leaves_the_site(room, points: str) -> bool:
    """Who is where stays here: a block of nothing but personal points is never delivered."""
    known = (room.site.points.get(point) for point in json.loads(points))
    return any(point is None or point.data_class is not DataClass.PERSONAL for point in known)


async def test_two_agents_on_one_site_the_second_is_refused(room):
    code, _, err = await room.command("run", "--config", str(room.folder.site))
    assert code == 1
    assert "in use by process" in err
