from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from agent.core.errors import StoreError
from agent.core.reading import Quality, ReadingBlock
from agent.telemetry.store import Store, outbox_of, read_documents, write_document
from tests.waiting import until

OpenStore = Callable[..., Awaitable[Store]]
MakeBlock = Callable[..., ReadingBlock]


def refuse(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(batch: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(store.disk, "commit", full)


async def test_sequences_count_and_flush_acknowledges(open_store: OpenStore, make_block: MakeBlock) -> None:
    store = await open_store()
    assert [store.append(make_block(number)) for number in range(3)] == [1, 2, 3]
    assert store.acknowledged == 0
    await store.flush()
    assert store.acknowledged == 3
    status = store.status()
    assert (status["state"], status["rows"], status["samples"]) == ("ok", 3, 12)
    assert status["bytes"] > 0
    assert status["written_today"] > 0


async def test_a_commit_happens_by_itself_after_the_interval(
    open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store(commit_interval=0.001)
    store.append(make_block())
    await until(lambda: store.acknowledged == 1)


async def test_each_start_has_an_epoch_of_its_own(open_store: OpenStore, make_block: MakeBlock) -> None:
    epochs = []
    for _ in range(3):
        store = await open_store()
        store.append(make_block())
        epochs.append(store.epoch)
        await store.close()
    assert epochs == sorted(set(epochs))


async def test_history_keeps_time_and_quality_over_a_restart(
    open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store()
    bad = (Quality.GOOD, Quality.BAD, Quality.GOOD, Quality.GOOD)
    store.append(make_block(1))
    store.append(make_block(2, qualities=bad, reason="time-out"))
    await store.flush()
    expected = [(1_700_000_001.0, 1, "good"), (1_700_000_002.0, 2, "bad")]
    assert await store.history("ch1.p1", 0, 2e9, 10) == expected
    assert await store.history("ch1.p1", 1_700_000_001.5, 2e9, 10) == expected[1:]
    assert await store.history("ch1.nothing", 0, 2e9, 10) == []
    await store.close()
    assert await (await open_store()).history("ch1.p1", 0, 2e9, 10) == expected


async def test_documents_as_of_now_and_after_a_restart(open_store: OpenStore, tmp_path: Path) -> None:
    store = await open_store()
    await store.put("override", "a", {"until": 5.0})
    store.put_soon("state", "shed", {"timer": 1})
    store.put_soon("state", "shed", {"timer": 2})
    assert store.documents("state") == {"shed": {"timer": 2}}
    assert read_documents(str(tmp_path / "p.db"), "state") == {}
    await store.close()
    store = await open_store()
    assert store.documents("override") == {"a": {"until": 5.0}}
    assert store.documents("state") == {"shed": {"timer": 2}}
    await store.delete("override", "a")
    assert store.documents("override") == {}
    assert read_documents(str(tmp_path / "p.db"), "override") == {}


async def test_what_documents_gives_is_a_copy(open_store: OpenStore) -> None:
    store = await open_store()
    value = {"list": [1]}
    await store.put("kind", "key", value)
    value["list"].append(2)
    store.documents("kind")["key"]["list"].append(3)
    assert store.documents("kind") == {"key": {"list": [1]}}


async def test_a_refused_document_raises_and_is_as_before(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = await open_store()
    await store.put("prior", "ch1.setpoint", 7.0)
    with monkeypatch.context() as patch:
        refuse(store, patch)
        with pytest.raises(StoreError, match="disk is full"):
            await store.put("prior", "ch1.setpoint", 8.0)
        with pytest.raises(StoreError):
            await store.put("prior", "ch2.setpoint", 9.0)
    assert store.documents("prior") == {"ch1.setpoint": 7.0}
    await store.flush()
    assert read_documents(str(tmp_path / "p.db"), "prior") == {"ch1.setpoint": 7.0}


async def test_a_refusing_disk_degrades_loses_nothing_and_recovers(
    open_store: OpenStore, make_block: MakeBlock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store()
    store.append(make_block(1))
    store.audit({"event": "write"})
    with monkeypatch.context() as patch:
        refuse(store, patch)
        with pytest.raises(StoreError):
            await store.flush()
        store.append(make_block(2))
        with pytest.raises(StoreError):
            await store.flush()
        assert store.status()["state"] == "degraded"
        assert store.status()["waiting"] == 2
        assert store.acknowledged == 0
    await store.flush()
    assert store.status()["state"] == "ok"
    assert store.acknowledged == 2
    assert [sample[1] for sample in await store.history("ch1.p1", 0, 2e9, 10)] == [1, 2]
    assert len(await store.audit_tail(10)) == 1


async def test_memory_is_bounded_and_the_loss_is_a_gap(
    open_store: OpenStore, make_block: MakeBlock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store()
    outbox = outbox_of(store, "cloud")
    monkeypatch.setattr(store.keeper.journal, "_max_bytes", 3000)
    with monkeypatch.context() as patch:
        refuse(store, patch)
        for number in range(100):
            store.append(make_block(number))
    status = store.status()
    assert 0 < status["waiting"] < 15
    assert status["dropped"] == 100 - status["waiting"]
    assert status["rows"] == status["waiting"]
    (gap,) = outbox.gaps
    assert gap.blocks == status["dropped"]
    assert (gap.low, gap.high) == (1_700_000_000.0, 1_700_000_000.0 + status["dropped"] - 1)
    assert gap.blocks + outbox.backlog == 100
    await store.flush()
    assert store.acknowledged == 100


async def test_positions_and_gaps_are_back_after_a_restart(
    open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store()
    outbox = outbox_of(store, "cloud")
    for number in range(10):
        store.append(make_block(number))
    first = outbox.pending.first
    assert first is not None
    outbox.delivered(first, first + 3)
    store.keeper.book.lose(outbox, (first + 4, first + 5), "store full", (1.0, 2.0))
    await store.close()
    again = outbox_of(await open_store(), "cloud")
    assert list(again.pending) == [(first + 6, first + 9)]
    assert [(gap.first, gap.blocks, gap.low) for gap in again.gaps] == [(first + 4, 2, 1.0)]


async def test_a_gap_told_is_not_told_again(open_store: OpenStore, make_block: MakeBlock) -> None:
    store = await open_store()
    outbox = outbox_of(store, "cloud")
    store.append(make_block())
    assert outbox.pending.first is not None
    store.keeper.book.lose(outbox, (outbox.pending.first, outbox.pending.first), "store full")
    await store.flush()
    outbox.gap_told(outbox.gaps[0])
    await store.close()
    assert outbox_of(await open_store(), "cloud").gaps == []


async def test_two_agents_cannot_share_a_store(open_store: OpenStore) -> None:
    await open_store()
    with pytest.raises(StoreError, match="another agent"):
        await open_store()


async def test_a_clean_restart_of_ten_thousand_rows_keeps_the_counters(
    open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store()
    for number in range(10_000):
        store.append(make_block(number))
    await store.close()
    store = await open_store()
    assert store.status()["rows"] == 10_000
    thinned = await store.history("ch1.p1", 0, 2e9, 100)
    assert len(thinned) == 100
    assert (thinned[0][1], thinned[-1][1]) == (0, 9999)


async def test_release_reads_and_writes_documents_while_the_agent_holds_the_store(
    open_store: OpenStore, tmp_path: Path
) -> None:
    store = await open_store()
    await store.put("prior", "a", 1)
    path = str(tmp_path / "p.db")
    assert read_documents(path, "prior") == {"a": 1}
    write_document(path, "released", "plant", {"ok": True})
    assert read_documents(path, "released") == {"plant": {"ok": True}}
    write_document(path, "released", "plant", None)
    assert read_documents(path, "released") == {}


def test_documents_without_an_agent(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "p.db")
    assert read_documents(path, "prior") == {}
    write_document(path, "prior", "a", 1)
    assert read_documents(path, "prior") == {"a": 1}
    (tmp_path / "empty.db").touch()  # whoever made it was killed at once
    assert read_documents(str(tmp_path / "empty.db"), "prior") == {}
    (tmp_path / "bad.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError):
        read_documents(str(tmp_path / "bad.db"), "prior")


@pytest.mark.integration
def test_documents_of_a_hung_and_of_a_killed_agent(tmp_path: Path) -> None:
    script = f"""
import asyncio, time
from agent.core.site import StoreSettings
from agent.telemetry.store import Store
async def main():
    store = await Store.open(StoreSettings(path={str(tmp_path / "p.db")!r}), site="x", now=time.time)
    await store.put("prior", "a", 1)
    print("ready", flush=True)
    await asyncio.sleep(100)
asyncio.run(main())
"""
    path = str(tmp_path / "p.db")
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        os.kill(child.pid, signal.SIGSTOP)
        assert read_documents(path, "prior") == {"a": 1}
        child.kill()
    assert read_documents(path, "prior") == {"a": 1}
    write_document(path, "prior", "b", 2)
    assert read_documents(path, "prior") == {"a": 1, "b": 2}
