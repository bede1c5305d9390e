from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.reading import ReadingBlock
from agent.telemetry.database import connect, migrate
from agent.telemetry.retention import bite, used_bytes
from agent.telemetry.samples import Packer, make_key
from agent.telemetry.store import Store, outbox_of

OpenStore = Callable[..., Awaitable[Store]]
MakeBlock = Callable[..., ReadingBlock]
NOW = 1_700_000_500.0
DAY = 86_400.0


async def test_what_is_too_old_goes_and_the_uplink_is_told(
    open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store(keep_days=1.0)
    outbox = outbox_of(store, "cloud")
    for age in (3.0, 2.0, 0.5, 0.1):
        store.append(make_block(time=NOW - age * DAY))
    first = outbox.pending.first
    assert first is not None
    outbox.delivered(first, first)
    await store.flush()
    await store.housekeeping()
    assert len(await store.history("ch1.p1", 0, 2e9, 10)) == 2
    assert store.status()["rows"] == 2
    assert store.status()["samples"] == 8
    (gap,) = outbox.gaps
    assert (gap.first, gap.last, gap.blocks, gap.reason) == (first + 1, first + 1, 1, "kept long enough")
    assert list(outbox.pending) == [(first + 2, first + 3)]


async def test_nothing_goes_by_age_while_the_clock_is_not_trusted(
    open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store(keep_days=1.0)
    store.append(make_block(time=5.0))
    store.append(make_block(time=NOW, time_trusted=False))
    await store.flush()
    await store.housekeeping()
    assert store.status()["rows"] == 2


async def test_a_read_time_far_ahead_does_not_hold_the_rest_back(
    open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store(keep_days=1.0)
    for time in (NOW + 900 * DAY, NOW - 5 * DAY, NOW):
        store.append(make_block(time=time))
    await store.flush()
    await store.housekeeping()
    assert [time for time, _, _ in await store.history("ch1.p1", 0, 9e9, 10)] == [NOW]


async def test_the_file_stays_within_its_bytes_and_the_newest_stay(
    open_store: OpenStore, tmp_path: Path
) -> None:
    store = await open_store(max_bytes=400_000)
    outbox = outbox_of(store, "cloud")
    points = tuple(f"d.p{number}" for number in range(50))
    for number in range(3000):
        values = (float(number),) + (0.1,) * 49
        store.append(ReadingBlock("d", points, values, NOW - 3000 + number, 0.0))
    await store.flush()
    await store.housekeeping()
    await store.flush()
    rows = store.status()["rows"]
    with closing(connect(str(tmp_path / "p.db"))) as connection:
        assert used_bytes(connection) <= 400_000
    assert (tmp_path / "p.db").stat().st_size < 900_000
    assert 500 < rows < 1000
    history = await store.history("d.p0", 0, 2e9, 5000)
    assert [value for _, value, _ in history] == [float(number) for number in range(3000 - rows, 3000)]
    assert sum(gap.blocks for gap in outbox.gaps) == 3000 - rows
    assert outbox.backlog == rows


@pytest.mark.parametrize("samples", [b"", b"x" * 900], ids=["small", "big"])
@settings(max_examples=40)
@given(
    ages=st.lists(st.floats(-3, 10), max_size=40),
    keep=st.floats(0.1, 9),
    delivered=st.sets(st.integers(0, 39)),
)
def test_bites_take_a_prefix_and_leave_nothing_behind_that_should_go(
    samples: bytes, ages: list[float], keep: float, delivered: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        connection = connect(f"{folder}/p.db")
        migrate(connection)
        packer = Packer()
        cutoff = NOW - keep * DAY
        times = [NOW - age * DAY for age in ages]
        rows = [
            packer.pack(make_key(1, at), ReadingBlock("d", ("d.x",), (1.0,), time, 0.0))
            for at, time in enumerate(times)
        ]
        connection.executemany(
            "INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?, ?)", [row._replace(data=samples) for row in rows]
        )
        gone = 0
        while taken := bite(connection, packer.layouts, cutoff=cutoff, now=NOW, max_bytes=1 << 40):
            gone += taken.rows
            assert taken.samples == taken.rows
        left = connection.execute("SELECT key FROM sample ORDER BY key").fetchall()
        connection.close()
    assert [key for (key,) in left] == [make_key(1, at) for at in range(gone, len(ages))]
    kept = [cutoff <= time <= NOW + DAY for time in times]
    assert not any(kept[:gone])
    assert gone == len(ages) or kept[gone]


async def test_housekeeping_shrinks_a_file_that_may_be_smaller_now(
    open_store: OpenStore, make_block: MakeBlock, tmp_path: Path
) -> None:
    store = await open_store()
    for number in range(20_000):
        store.append(make_block(number))
    await store.close()
    before = (tmp_path / "p.db").stat().st_size
    store = await open_store(max_bytes=100_000)
    await store.housekeeping()
    await store.close()
    assert (tmp_path / "p.db").stat().st_size < min(before / 2, 400_000)
