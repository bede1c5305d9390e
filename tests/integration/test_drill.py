"""`plantroom drill` on the demonstration's site on real sockets: what is cut is seen, and a promise not kept is said."""

import asyncio
import json
import sys

import pytest

from agent.telemetry.store import read_documents
from tests.integration.plant_room import PlantRoom, until

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture
async def room(tmp_path):
    async with PlantRoom(tmp_path / "site") as made:
        await made.run_agent_process()
        await until(lambda: {"mqtt", "https"} <= set(made.cloud.book.ways), 30)
        yield made


class Drill:
    """The command with a person at it: `deeds` are done when the words before them are read in a question."""

    def __init__(self, room, *things):
        self.room = room
        self.words = ("drill", *things, "--config", str(room.folder.site), "--watching", "Anna", "--json")

    async def run(self, *deeds):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agent.cli", *self.words),
            env={"PLANTROOM_SOCKET": str(self.room.folder.socket), "PATH": "/usr/bin:/bin"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for words, deed, answer in deeds:
            said = ""
            while words not in said:
                async with asyncio.timeout(60):
                    said = (await process.stderr.readuntil(b"] ")).decode()
                if words not in said:
                    process.stdin.write(b"y\n")
            done = deed() if deed else None
            if asyncio.iscoroutine(done):
                await done
            process.stdin.write(f"{answer}\n".encode())
        out, err = await asyncio.wait_for(process.communicate(), 90)
        return process.returncode, json.loads(out), err.decode()


def kept(cut):
    return {check["promise"]: check["ok"] for check in cut["checks"]}


async def test_a_sensor(room):
    board = room.simulated.board
    code, record, err = await Drill(room, "sensor:io.chilled_water_flow").run(
        (
            "Pull the wire of io.chilled_water_flow",
            lambda: board.throw("point:io.chilled_water_flow", "sentinel"),
            "",
        ),
        ("Without it", None, "y"),
        ("Put the wire", board.mend, ""),
    )
    assert [cut["what"] for cut in record["cuts"]] == ["sensor io.chilled_water_flow"]
    assert all(all(kept(cut).values()) for cut in record["cuts"]), record
    assert (code, record["passed"], record["watching"]) == (0, True, "Anna"), err
    [on_record] = read_documents(room.site.store.path, "commissioning").values()
    assert on_record == record
    shown = await room.plantroom("drill", "--config", str(room.folder.site), "--show")
    assert list(shown.values()) == [record]


async def test_a_bus_and_what_the_person_did_not_see(room):
    face, link = room.simulated.faces["meters"], room.folder.site.parent / "line-meters"
    code, record, err = await Drill(room, "bus:meters").run(
        ("Cut bus meters", face.stop, ""),
        ("local control", None, "n"),
        ("Put bus meters back", lambda: face.start(link), ""),
    )
    [cut] = record["cuts"]
    failed = [promise for promise, ok in kept(cut).items() if not ok]
    assert len(failed) == 1, cut
    assert "lamps" in failed[0]
    assert (code, record["passed"]) == (1, False)
    assert "not everything that was promised" in err


async def test_the_agent_is_killed_and_what_it_held_is_given_back(room):
    await room.plantroom("override", "lamps.level_3", "40", "--for", "30 min", "--reason", "test")
    await until(lambda: room.commands.get("aisle_b.lamp_level") == 40.0)
    code, record, _ = await Drill(room, "agent").run(
        ("Kill the agent", room.kill_agent_process, ""),
        ("Start the agent again", room.run_agent_process, ""),
    )
    [cut] = record["cuts"]
    promises = kept(cut)
    assert promises["lamps.level_3 is 100.0"] is True
    assert promises["overrides are as before"] is True
    assert all(promises.values()), cut
    assert code == 0
    assert room.commands["aisle_b.lamp_level"] == 100.0


async def test_a_device_that_ignores_the_release_is_found_out(room):
    await room.plantroom("override", "lamps.level_3", "40", "--for", "30 min", "--reason", "test")
    await until(lambda: room.commands.get("aisle_b.lamp_level") == 40.0)

    async def killed():
        room.simulated.board.throw("device:lamps", "writes_refused")
        await room.kill_agent_process()

    code, record, _ = await Drill(room, "agent").run(
        ("Kill the agent", killed, ""), ("Start the agent again", room.run_agent_process, "")
    )
    assert code == 1
    promises = kept(record["cuts"][0])
    assert promises["the equipment is given back"] is False
    assert promises["lamps.level_3 is 100.0"] is False


async def test_nobody_drills_alone_or_cuts_what_is_not_there(room):
    code, _, err = await room.command("drill", "--config", str(room.folder.site))
    assert (code, "who watches" in err) == (2, True)
    code, _, err = await room.command("drill", "bus:nowhere", "--config", str(room.folder.site), "-w", "Anna")
    assert (code, "cannot be cut" in err) == (2, True)
