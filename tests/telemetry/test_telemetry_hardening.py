"""What must not stop the store or an uplink: odd blocks, spoilt rows, a failing disk, a receiver gone wrong."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Awaitable, Callable

import pytest

from agent.core.errors import StoreError
from agent.core.reading import ReadingBlock
from agent.telemetry.disk import Disk
from agent.telemetry.store import Store, outbox_of
from tests.waiting import until

OpenStore = Callable[..., Awaitable[Store]]
MakeBlock = Callable[..., ReadingBlock]


async def test_the_quota_holds_without_housekeeping(open_store: OpenStore) -> None:
    store = await open_store(max_bytes=300_000)
    outbox = outbox_of(store, "cloud")
    points = tuple(f"d.p{number}" for number in range(50))
    for number in range(4000):
        store.append(ReadingBlock("d", points, (0.1,) * 50, 1_700_000_000.0 + number, 0.0))
        if number % 200 == 199:
            await store.flush()
    await store.flush()
    await until(lambda: store.status()["rows"] < 900)
    assert store.status()["bytes"] < 600_000
    assert sum(gap.blocks for gap in outbox.gaps) + outbox.backlog == 4000
    assert {gap.reason for gap in outbox.gaps} == {"store full"}
    assert len(outbox.gaps) == 1


@pytest.mark.parametrize("time", [math.nan, math.inf, -math.inf, 1e300])
async def test_a_time_that_is_none_is_kept_as_untrusted(
    open_store: OpenStore, make_block: MakeBlock, time: float
) -> None:
    store = await open_store()
    store.append(make_block(time=time))
    await store.flush()
    assert [sample[0] for sample in await store.history("ch1.p0", -1, 1, 9)] == [0.0]


async def test_text_that_is_no_text_does_not_stop_the_commit(
    open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store()
    store.append(make_block(reason="bad \udcff name", values=("\udcff", 1, 1, 1)))
    store.audit({"reason": "\udcff"})
    await store.put("kind", "key", "\udcff")
    assert store.status()["state"] == "ok"


async def test_a_block_that_is_none_is_refused_at_the_door(
    open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store()
    with pytest.raises(ValueError, match="2 values for 4 points"):
        store.append(make_block(values=(1, 2)))


async def test_a_commit_that_happened_but_could_not_report_is_not_done_twice(
    open_store: OpenStore, make_block: MakeBlock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store()
    store.append(make_block())

    def broken(_: Disk) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(Disk, "report", broken)
        await store.flush()
    store.append(make_block(1))
    await store.flush()
    assert store.acknowledged == 2
    assert len(await store.history("ch1.p0", 0, 2e9, 9)) == 2


async def test_a_disk_that_spoils_every_file_is_not_given_new_ones_for_ever(
    open_store: OpenStore, make_block: MakeBlock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store()
    renewals: list[int] = []
    renew = Disk.renew

    def counted(disk: Disk, now: float, epoch: int) -> str:
        renewals.append(epoch)
        return renew(disk, now, epoch)

    def corrupt(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    with monkeypatch.context() as patch:
        patch.setattr(Disk, "renew", counted)
        patch.setattr(store.disk, "commit", corrupt)
        for number in range(5):
            store.append(make_block(number))
            with pytest.raises(StoreError):
                await store.flush()
    assert len(renewals) == 1
    assert "failing" in store.status()["error"]


async def test_a_spoilt_row_is_passed_over_when_catching_up(
    open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store()
    for number in range(5):
        store.append(make_block(number))
    await store.flush()
    await store.committer.call(
        lambda: store.disk.need().execute("UPDATE sample SET data = x'010203' WHERE key & 7 = 3")
    )
    first, last = next(iter(outbox_of(store, "cloud").pending))
    found = await store.reader.blocks(first, last, 1_000_000, lambda block, _: block.device.encode())
    assert [key & 7 for key, _ in found.items] == [1, 2, 4, 5]
    assert found.next_key == last + 1
