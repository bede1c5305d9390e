"""One bad page, anywhere, in a store of any size: the file is set aside, the start takes seconds, and the promises go on."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from agent.core.errors import StoreError
from agent.core.reading import ReadingBlock
from agent.telemetry.database import _QUICK_CHECK_BYTES, SCHEMA, connect, migrate
from agent.telemetry.samples import Packer, make_key
from agent.telemetry.store import Store, outbox_of
from tests.waiting import until

OpenStore = Callable[..., Awaitable[Store]]
PAGE = 4096
STARTED_WITHIN = 10.0
POINTS = tuple(f"d.p{number}" for number in range(200))


def big_store(path: Path, megabytes: int) -> None:
    """A store of an earlier run."""
    packer, chance = Packer(), random.Random(2)
    with closing(connect(str(path))) as connection:
        migrate(connection, SCHEMA)
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("INSERT INTO meta VALUES ('epoch', 1)")
        connection.execute("INSERT INTO document VALUES ('override', 'a', '7')")
        values = tuple(chance.gauss(20, 5) for _ in POINTS)
        rows = [
            packer.pack(make_key(1, number), ReadingBlock("d", POINTS, values, 1e9 + number, 0.0))
            for number in range(1, megabytes * 600)
        ]
        (layout,) = packer.layouts.values()
        points = '["' + '","'.join(layout.points) + '"]'
        connection.execute("INSERT INTO layout VALUES (?, 'd', ?, ?)", (layout.id, points, layout.types))
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("INSERT INTO meta VALUES ('posted', ?)", (rows[-1].key,))
        connection.execute("COMMIT")


def spoil(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(random.Random(page).randbytes(PAGE))


def pages_of(path: Path, table: str) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT pageno FROM dbstat WHERE name = ?", (table,))
        return [number for (number,) in found]


@pytest.mark.parametrize("where", ["first page", "root of the samples", "meta", "a leaf of the samples"])
@pytest.mark.parametrize("megabytes", [4, 40])
async def test_one_bad_page(open_store: OpenStore, tmp_path: Path, where: str, megabytes: int) -> None:
    path = tmp_path / "p.db"
    big_store(path, megabytes)
    assert (path.stat().st_size > _QUICK_CHECK_BYTES) == (megabytes == 40)
    samples = pages_of(path, "sample")
    page = {
        "first page": 1,
        "root of the samples": samples[0],
        "meta": pages_of(path, "meta")[0],
        "a leaf of the samples": samples[len(samples) // 2],
    }[where]
    spoil(path, page)
    begin = time.monotonic()
    store = await open_store()
    assert time.monotonic() - begin < STARTED_WITHIN
    outbox_of(store, "cloud")
    store.append(ReadingBlock("d", POINTS, (1.0,) * 200, 2e9, 0.0))
    if store.quarantined is None:  # too big to be checked whole: the page is found when it is read
        await read_all(store)
    await until(lambda: store.quarantined is not None)
    assert store.quarantined.startswith(f"{path}.damaged-")
    await store.flush()
    assert store.acknowledged == 1
    assert store.status()["state"] == "ok"
    if where != "first page":
        assert store.documents("override") == {"a": 7}


async def read_all(store: Store) -> None:
    """As an uplink does that catches up, until it meets the page."""
    first, last = make_key(1, 1), make_key(2, 0)
    while first < last and store.quarantined is None:
        try:
            first = (await store.reader.blocks(first, last, 1_000_000, lambda _, key: b"x")).next_key
        except StoreError:
            await store.flush()
    assert first < last, "every page could be read"
