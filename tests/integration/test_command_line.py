"""The command line as a person types it, against a running agent."""

import asyncio
import json

import pytest
import pytest_asyncio

from tests.integration.plant_room import PlantRoom, until

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory):
    async with PlantRoom(tmp_path_factory.mktemp("room")) as made:
        await made.run_agent_inside()
        await until(lambda: "lamps" in made.cloud.book.latest, 20)
        yield made


async def test_looking(room):
    points = await room.plantroom("points", "ch1.*")
    assert {one["quality"] for one in points if one["id"] == "ch1.load"} == {"good"}
    read = await room.plantroom("read", "lamps.illuminance_2")
    assert read["quality"] == "good"
    assert read["age"] < 2
    areas = await room.plantroom("authority")
    assert {area["id"]: area["authority"] for area in areas} == {
        "plant": "agent",
        "garage": "agent",
        "outdoor": "agent",
    }
    code, out, _ = await room.command("watch", "--count", "3", "--json")
    assert code == 0
    assert all(json.loads(line)["point"] for line in out.splitlines())


async def test_an_unknown_point_names_the_nearest_and_ends_with_2(room):
    code, out, err = await room.command("why", "ch1.enabel")
    assert (code, out) == (2, "")
    assert "ch1.enable" in err


async def test_overriding_and_cancelling(room):
    made = await room.plantroom("override", "lamps.level_5", "55", "--for", "10 min", "--reason", "cleaning")
    assert made["command"]["priority"] == 8
    await until(lambda: room.commands.get("aisle_d.lamp_level") == 55.0)
    [standing] = await room.plantroom("override")
    assert standing["id"] == made["id"]
    assert await room.plantroom("override", "lamps.level_5", "--cancel") == [made["id"]]
    await until(lambda: room.commands["aisle_d.lamp_level"] != 55.0)
    assert await room.plantroom("override") == []


async def test_bad_values_are_refused_with_a_sentence(room):
    code, _, err = await room.command("override", "lamps.level_5", "140")
    assert code == 2
    assert "100" in err
    code, _, err = await room.command("override", "ch1.load", "50")
    assert code == 2
    assert "measured" in err or "cannot be written" in err


async def test_writing_is_for_commissioning_only(room):
    code, _, err = await room.command("write", "lamps.level_5", "50")
    assert code != 0
    assert "override" in err
    await room.plantroom("authority", "garage", "bms", "--reason", "commissioning")
    await until(lambda: room.commands["aisle_d.lamp_level"] == 100.0)
    written = await room.plantroom("write", "lamps.level_5", "50")
    assert written["value"] == 50
    assert room.commands["aisle_d.lamp_level"] == 50.0


async def test_locking_out_and_lifting_it(room):
    [locked] = await room.plantroom("lock-out", "street", "--reason", "new lamp")
    assert locked["id"] == "street"
    why = await room.plantroom("why", "io.relay_1")
    assert "locked out" in why["sentence"]
    assert await room.plantroom("lock-out", "street", "--end") == []
    code, _, err = await room.command("lock-out", "stret")
    assert code == 2
    assert "street" in err


async def test_alarms_are_listed_and_acknowledged(room):
    alarms = await room.plantroom("alarms")
    assert all(one["severity"] in ("info", "warning", "critical") for one in alarms)
    code, _, err = await room.command("alarms", "--acknowledge", "bus:nothing")
    assert code == 2
    assert err


async def test_release_gives_back_and_says_so(room):
    async with asyncio.timeout(15):
        while (await room.plantroom("why", "io.relay_1"))["write_state"] != "confirmed":
            pass
    rows = await room.plantroom("release")
    assert rows
    assert all(row["ok"] for row in rows), rows
    areas = await room.plantroom("authority")
    assert {area["authority"] for area in areas} == {"bms"}


async def test_nobody_answers(tmp_path, room):
    code, out, err = await room.command("points", "--socket", str(tmp_path / "none.sock"))
    assert (code, out) == (3, "")
    assert "plantroom run" in err
