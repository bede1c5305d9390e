"""kill -9 of the whole agent at random moments, again and again: samples, audit, equipment and overrides all hold."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
from contextlib import closing

import pytest

from agent.core.point import DataClass
from agent.telemetry.audit import verify_audit
from agent.telemetry.ranges import Ranges
from agent.telemetry.receiver import Receiver
from agent.telemetry.samples import split_key
from hil.cloud_book import CloudBook
from tests.integration.plant_room import until

CYCLES = int(os.environ.get("PLANTROOM_AGENT_KILLS", "8"))
pytestmark = [pytest.mark.integration, pytest.mark.timeout(90 + 15 * CYCLES)]
HELD, MINUTES = "lamps.level_3", 30


class Witness:
    """Sees every message that reaches the cloud, duplicates too, and remembers what each key said."""

    def __init__(self) -> None:
        self.said: dict[tuple[str, int, int], str] = {}
        self.changed: list[tuple[object, ...]] = []
        self.again = 0

    def look(self, way: str, payload: bytes) -> None:
        for block in Receiver().take(payload):  # a receiver without memory drops nothing
            key = (way, block["epoch"], block["seq"])
            content = json.dumps([block[name] for name in ("device", "time", "values")], sort_keys=True)
            before = self.said.setdefault(key, content)
            self.again += before is not content
            if before != content:
                self.changed.append((key, before, content))

    def arrived(self, way: str) -> dict[int, Ranges]:
        found: dict[int, Ranges] = {}
        for name, epoch, sequence in sorted(self.said):
            if name == way:
                found.setdefault(epoch, Ranges()).add(sequence, sequence)
        return found


@pytest.fixture
def witness(monkeypatch):
    seen, take = Witness(), CloudBook.take

    def watched(book, way, payload):
        fresh = take(book, way, payload)
        seen.look(way, payload)
        return fresh

    monkeypatch.setattr(CloudBook, "take", watched)
    return seen


async def take_in_hand(abused, level):
    """After a crash the areas are released for a dwell: a person takes the garage back and holds one lamp group."""
    await abused.agent.api("POST", "/api/areas/garage/authority", {"authority": "agent", "reason": "test"})
    body = {"value": level, "seconds": 60 * MINUTES, "reason": "test"}
    await abused.agent.api("POST", f"/api/points/{HELD}/override", body)
    await until(lambda: abused.room.commands.get("aisle_b.lamp_level") == level)


async def run_and_kill(abused, chance, level):
    """One life of the agent, ended at a random moment; sometimes before it was ready. True: it had equipment in hand."""
    if chance.random() < 0.25:
        starting = asyncio.create_task(abused.agent.start())
        await asyncio.sleep(chance.uniform(0.3, 1.5))
        await abused.agent.kill()
        await asyncio.gather(starting, return_exceptions=True)
        return False
    await abused.agent.start()
    await take_in_hand(abused, level)
    await asyncio.sleep(chance.uniform(0.0, 1.5))
    assert await abused.agent.end(signal.SIGKILL) == -signal.SIGKILL
    return True


async def test_killed_at_any_moment(abused, witness):
    chance = random.Random(int(os.environ.get("PLANTROOM_KILL_SEED", "5")))
    lives = 0
    for cycle in range(CYCLES):
        level = 20.0 + cycle % 60
        in_hand = await run_and_kill(abused, chance, level)
        lives += in_hand
        rows = await abused.agent.ask("release", "--config", str(abused.agent.site))
        assert all(row["ok"] for row in rows), rows
        assert in_hand <= (HELD in {row["point"] for row in rows})
        assert abused.room.commands.get("aisle_b.lamp_level", 100.0) == 100.0
        assert verify_audit(str(abused.store)) is None
    assert lives > CYCLES / 3
    await _as_it_was(abused)
    stored = _stored(abused)
    assert len(stored) > 10 * lives
    for way in ("mqtt", "https"):
        await until(lambda way=way: _lost(stored, witness.arrived(way)) == [], 30)
    assert witness.changed == []
    assert {entry.refused for entry in abused.room.cloud.book.ways.values()} == {0}
    sys.stdout.write(
        f"{CYCLES} kills, {lives} with equipment in hand, {len(stored)} blocks stored, {witness.again} came again\n"
    )


async def _as_it_was(abused):
    """The last start: the override is back with what is left of its time; released for a dwell, since it crashed."""
    await abused.agent.start()
    [override] = await abused.agent.api("GET", "/api/overrides")
    assert override["command"]["point"] == HELD
    now = (await abused.agent.api("GET", "/api/health"))["utc"]
    left = override["until"] - now
    assert 60 * (MINUTES - 3) < left <= 60 * MINUTES
    areas = {one["id"]: one for one in await abused.agent.api("GET", "/api/areas")}
    assert areas["garage"]["authority"] == "bms"
    assert abused.room.commands.get("aisle_b.lamp_level") == 100.0


def _stored(abused):
    """(epoch, sequence) of every stored block of which anything may leave the site."""
    known = abused.room.site.points
    personal = {id_ for id_, point in known.items() if point.data_class is DataClass.PERSONAL}
    query = "SELECT sample.key, layout.points FROM sample JOIN layout ON layout.id = sample.layout"
    with closing(sqlite3.connect(abused.store)) as store:
        return [
            split_key(key)
            for key, points in store.execute(query)
            if not personal.issuperset(json.loads(points))
        ]


def _lost(stored, arrived):
    return [(epoch, sequence) for epoch, sequence in stored if sequence not in arrived.get(epoch, Ranges())]
