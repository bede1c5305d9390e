"""The disk below the running agent fills up or turns read-only: control goes on, telemetry waits, and all is well by itself after."""

import asyncio
import errno
import sqlite3
import sys
import time
from contextlib import closing

import pytest

from agent.telemetry.samples import split_key
from tests.abuse.agent_process import ENVIRONMENT
from tests.integration.plant_room import until
from tests.torture.shim import compile_shim

pytestmark = pytest.mark.integration
REFUSED_SECONDS = 4.0
LEVEL = 35.0


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """The file that makes every write to the store be refused while it exists. Asked for before `abused`."""
    refusal = tmp_path / "refuse"
    for name, value in {
        "LD_PRELOAD": compile_shim(tmp_path),
        "POWER_CUT_FOLDER": tmp_path / "site" / "data",
        "POWER_CUT_REFUSE": refusal,
    }.items():
        monkeypatch.setitem(ENVIRONMENT, name, str(value))
    return refusal


async def garage(agent):
    return next(one for one in await agent.api("GET", "/api/areas") if one["id"] == "garage")


async def store_state(agent):
    return (await agent.api("GET", "/api/health"))["store"]


async def standing(agent):
    return {
        one["id"]
        for one in await agent.api("GET", "/api/alarms")
        if one["state"] in ("unacknowledged", "acknowledged")
    }


async def refused(agent, room, disk, number):
    """What goes on while the disk refuses; ends when it refuses no more and the agent has found that out."""
    disk.write_text(str(int(number)))
    await until(lambda: _state(agent, "degraded"))
    before, begin = (await garage(agent))["ticks"], time.monotonic()
    await until(lambda: _stands(agent, "store"))
    arrived = {way: entry.receiver.values for way, entry in room.cloud.book.ways.items()}
    await asyncio.sleep(REFUSED_SECONDS)
    ticked, took = (await garage(agent))["ticks"] - before, time.monotonic() - begin
    assert ticked >= took - 2, (ticked, took)  # one a second
    assert room.commands.get("aisle_b.lamp_level") == LEVEL
    for way, values in arrived.items():
        assert room.cloud.book.ways[way].receiver.values > values, way
    disk.unlink()
    await until(lambda: _state(agent, "ok"), 40)
    await until(lambda: _clear(agent, "store"))
    return ticked


async def _state(agent, wanted):
    return (await store_state(agent))["state"] == wanted


async def _stands(agent, alarm):
    return alarm in await standing(agent)


async def _clear(agent, alarm):
    return alarm not in await standing(agent)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
async def test_control_goes_on_and_no_sample_is_lost(disk, abused, number):
    await abused.agent.start()
    await abused.hold(LEVEL)
    await until(lambda: abused.room.commands.get("aisle_b.lamp_level") == LEVEL)
    ticked = await refused(abused.agent, abused.room, disk, number)
    figures = await store_state(abused.agent)
    assert figures["dropped"] == 0
    assert await abused.agent.end() == 0
    assert abused.room.commands.get("aisle_b.lamp_level", 100.0) == 100.0
    with closing(sqlite3.connect(abused.store)) as store:
        sequences = [split_key(key)[1] for (key,) in store.execute("SELECT key FROM sample ORDER BY key")]
    assert sequences == list(range(1, len(sequences) + 1))
    sys.stdout.write(f"{ticked} ticks while refused, {len(sequences)} blocks stored, none missing\n")


def spoil(path):
    """Rubbish over a page of the samples, as failing flash leaves it."""
    with closing(sqlite3.connect(path)) as store:
        found = "SELECT pageno FROM dbstat WHERE name = 'sample' ORDER BY pageno DESC LIMIT 1"
        (page,) = store.execute(found).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


async def test_a_bad_page_is_set_aside_the_agent_starts_at_once_and_says_so(abused):
    await abused.agent.start()
    await until(lambda: _rows(abused.agent))
    assert await abused.agent.end() == 0
    await asyncio.to_thread(spoil, abused.store)
    begin = time.monotonic()
    await abused.agent.start()
    took = time.monotonic() - begin
    assert took < 10.0
    await until(lambda: _stands(abused.agent, "store:damaged"))
    assert (await store_state(abused.agent))["state"] == "ok"
    assert await asyncio.to_thread(lambda: list(abused.store.parent.glob("*.damaged-*")))
    before = (await garage(abused.agent))["ticks"]
    await until(lambda: _ticks(abused.agent, before + 2))
    sys.stdout.write(f"started on a damaged store in {took:.1f} s\n")


async def _rows(agent):
    return (await store_state(agent))["rows"] > 40


async def _ticks(agent, wanted):
    return (await garage(agent))["ticks"] >= wanted
