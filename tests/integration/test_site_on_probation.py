"""A new site file on a running plant room: kept by one word, back by itself when a meter falls silent or the agent falls over."""

import asyncio

import aiohttp
import pytest
import pytest_asyncio

from agent.control import site_trial
from tests.integration.plant_room import PlantRoom, until

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

QUIET = {f"{name}.presence": False for name in ("ramp", "stairs", *(f"aisle_{x}" for x in "abcdef"))}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory):
    async with PlantRoom(tmp_path_factory.mktemp("room"), speed=10.0) as made:
        made.plant.forced.update(QUIET)
        yield made


def level(room):
    return room.commands.get("aisle_c.lamp_level")


def changed(room, old, new):
    """The site file with another text in one place, beside nothing it names."""
    text = room.folder.site.read_text()
    assert text.count(old) == 1
    other = room.folder.site.parent / "other" / "new.yaml"
    other.parent.mkdir(exist_ok=True)
    other.write_text(text.replace(old, new))
    return str(other)


async def asked(room, method, path):
    connector = aiohttp.UnixConnector(str(room.folder.socket))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.request(method, f"http://localhost{path}") as response,
    ):
        assert response.status == 200
        return await response.json()


async def site_file(room):
    return await asked(room, "GET", "/api/site-file")


async def turns(room, count):
    """As often as it has said that it is there."""
    await until(lambda: sum("page on" in line for line in room.said) == count, 60)


@pytest.mark.timeout(240)
async def test_a_new_file_is_kept_by_one_word_and_a_bad_one_goes_back_by_itself(room, monkeypatch):
    await room.run_agent_inside()
    await until(lambda: level(room) == 10.0, 60)
    file = room.folder.site.read_text()
    good = changed(room, "dim_level: 10 %", "dim_level: 30 %")
    code, out, _ = await room.command("apply", good, "--probation", "10 h", "--reason", "brighter")
    assert code == 0
    assert "policies.lights changed" in out
    assert "keep it with `plantroom apply --keep`" in out
    await until(lambda: level(room) == 30.0, 60)
    await turns(room, 2)
    assert room.folder.site.read_text() == file  # not touched yet
    assert (await site_file(room))["on_probation"]
    shown = (await asked(room, "GET", "/api/health"))["probation"]  # what the page says to everybody
    assert shown["reason"] == "brighter"
    assert 9.0 < (shown["until"] - room.clock.utc()) / 3600 < 10.0
    await room.plantroom("apply", "--keep")
    assert (await asked(room, "GET", "/api/health"))["probation"] is None
    assert "dim_level: 30 %" in room.folder.site.read_text()
    assert not (await site_file(room))["on_probation"]

    monkeypatch.setattr(site_trial, "LOST_AFTER", 6.0)
    bad = changed(
        room,
        "pm3: {profile: eastron_sdm630, bus: meters, unit: 3",
        "pm3: {profile: eastron_sdm630, bus: meters, unit: 33",
    )
    await room.command("apply", bad, "--probation", "10 h")
    await turns(room, 4)  # with it, and back
    alarms = await asked(room, "GET", "/api/alarms")
    [told] = [one for one in alarms if one["id"] == "site:went_back"]
    assert "device pm3, which answered before" in told["text"]
    await until(lambda: level(room) == 30.0, 60)  # the old file is in charge again
    await room.end_agent()


@pytest.mark.timeout(120)
async def test_killed_twice_with_it_the_agent_comes_back_with_the_old_one(room):
    await room.run_agent_process()
    code, _, err = await room.command("apply", changed(room, "hold: 30 s", "hold: 45 s"))
    assert code == 0, err
    async with asyncio.timeout(30):
        while (
            b"page on" not in await room.process.stdout.readline()
        ):  # given back, and there with the new one
            pass
    for fallen in (1, 2):
        assert (await site_file(room))["crashes"] == fallen - 1
        await room.kill_agent_process()
        if fallen == 1:
            await room.run_agent_process()
    await room.run_agent_process()
    alarms = await asked(room, "GET", "/api/alarms")
    [told] = [one for one in alarms if one["id"] == "site:went_back"]
    assert "fell over 2 times" in told["text"]
    assert not (await site_file(room))["on_probation"]
    await room.kill_agent_process()
