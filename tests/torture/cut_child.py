"""A store at work in a folder that is watched: every promise it makes is written down at once, between its own writes.

A line `E <epoch>` before the first block of a run, `S <epoch> <sequence>` for what is acknowledged, `D <number>` for a document
whose `put` has returned.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
import time
from pathlib import Path

from agent.core.errors import StoreError
from agent.core.reading import ReadingBlock
from agent.core.site import StoreSettings
from agent.telemetry import database
from agent.telemetry.store import Store
from tests.torture.cut_disk import PROMISES

POINTS = tuple(f"d.p{number}" for number in range(10))
QUOTA = 300_000  # of a run that lets its oldest go all the time


def block(number: int) -> ReadingBlock:
    """A block whose values say its sequence."""
    return ReadingBlock("d", POINTS, (number + 0.5,) * 10, time.time(), 0.0)


async def work(path: Path, turns: int, seed: int, quota: int) -> None:
    chance = random.Random(seed)
    promises = os.open(path.parent / PROMISES, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(*words: object) -> None:
        os.write(promises, (" ".join(map(str, words)) + "\n").encode())

    settings = StoreSettings(path=str(path), commit_interval=0.001, max_bytes=quota)
    store = await Store.open(settings, site="s", now=time.time)
    say("E", store.epoch)
    number = max([0, *store.documents("prior").values()])
    for turn in range(turns):
        for _ in range(chance.choice([1, 3, 30])):
            store.append(block(store.keeper.sequence + 1))
        store.put_soon("state", "last", turn)
        store.audit({"event": "turn", "number": turn})
        await asyncio.sleep(0.0002 * chance.randrange(10))
        if chance.random() < 0.2:
            number += 1
            await store.put("prior", f"point_{number % 7}", number)
            say("D", number)
        if chance.random() < 0.02:
            await store.housekeeping()
        if store.status()["state"] != "ok":
            raise StoreError(store.status()["error"])
        say("S", store.epoch, store.acknowledged)
    if chance.random() < 0.5:
        await store.close()
    os._exit(0)


def slacken(synchronous: str) -> None:
    """The control: a store that promises before the disk has it."""
    connect = database.connect

    def slack(path: str) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute(f"PRAGMA synchronous={synchronous}")
        return connection

    database.connect = slack


if __name__ == "__main__":
    if len(sys.argv) > 5:
        slacken(sys.argv[5])
    asyncio.run(work(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
