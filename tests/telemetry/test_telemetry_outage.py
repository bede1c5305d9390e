"""The cloud is gone for three days: what that costs on the disk, what becomes of more than fits, and that live data do not wait."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from agent.core.point import Point
from agent.core.reading import ReadingBlock
from agent.core.site import StoreSettings
from agent.telemetry.store import Store, outbox_of
from agent.telemetry.uplinks.carrier import Backoff
from agent.telemetry.uplinks.message import Encoder, Envelope
from agent.telemetry.uplinks.sender import Sender
from agent.telemetry.uplinks.settings import HttpsSettings
from tests.telemetry.fake_carrier import FakeCarrier
from tests.waiting import until

OpenStore = Callable[..., Awaitable[Store]]
MakeSender = Callable[..., Sender]
POINTS = tuple(f"d.p{number}" for number in range(50))
OUTAGE = 72 * 3600
NOW = 1_700_000_000.0


@pytest.fixture
async def deliver(monkeypatch: pytest.MonkeyPatch):
    """Starts an uplink to a carrier; it ends with the test."""
    monkeypatch.setattr("agent.telemetry.uplinks.lanes._IDLE", 0.001)
    monkeypatch.setattr("agent.telemetry.uplinks.sender._GAP_PAUSE", 0.001)
    monkeypatch.setattr(Backoff, "next", lambda _: 0.001)
    tasks: list[asyncio.Task[None]] = []

    def start(store: Store, carrier: FakeCarrier, **changes: Any) -> None:
        settings = HttpsSettings(url="https://x", max_delay=0.0, **changes)
        encoder = Encoder("here", {name: Point(id=name) for name in POINTS})
        sender = Sender(
            "cloud",
            "https",
            store=store,
            outbox=outbox_of(store, "cloud"),
            encoder=encoder,
            route=(carrier, settings),
        )
        tasks.append(asyncio.create_task(sender.run()))

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("blocks", [1, 5, 50], ids=["one block", "five blocks", "a block a point"])
async def test_three_days_at_fifty_points_a_second_fit(open_store: OpenStore, blocks: int) -> None:
    """Measured on twenty minutes: full doubles, which pack worst, in as many exchanges a second as the case says."""
    store, chance = await open_store(), Random(1)
    outbox_of(store, "cloud")
    size = len(POINTS) // blocks
    parts = [POINTS[first : first + size] for first in range(0, len(POINTS), size)]

    async def minutes(begin: int, count: int) -> int:
        for second in range(begin * 60, (begin + count) * 60):
            for part in parts:
                values = tuple(chance.gauss(20.0, 5.0) for _ in part)
                store.append(ReadingBlock("d", part, values, NOW + second, float(second)))
            if second % 10 == 9:
                await store.flush()
        return int(store.status()["bytes"])

    first = await minutes(0, 4)
    rate = (await minutes(4, 16) - first) / (16 * 60)
    needed = first + rate * OUTAGE
    sys.stdout.write(f"{blocks} blocks a second: {rate:.0f} bytes a second, {needed / 1e6:.0f} MB in 72 h\n")
    assert needed < StoreSettings().max_bytes == 1_000_000_000
    assert store.keeper.outboxes["cloud"].backlog == 20 * 60 * len(parts)


async def test_an_outage_beyond_the_quota_ends_in_the_newest_and_one_gap(
    open_store: OpenStore, deliver: Callable[..., None]
) -> None:
    store, carrier = await open_store(max_bytes=300_000), FakeCarrier()
    outbox_of(store, "cloud")
    total = 6000
    for number in range(total):
        store.append(ReadingBlock("d", POINTS, (number + 0.1,) * 50, NOW + number, 0.0))
        if number % 100 == 99:
            await store.flush()
    dropped = total - store.status()["rows"]
    deliver(store, carrier, backfill_rate=1e6)
    await until(lambda: store.status()["backlog"]["cloud"] == 0 and carrier.receiver.gaps != [])
    gaps = carrier.receiver.gaps  # one, or its pieces where the sender was quicker than the store
    assert {gap["reason"] for gap in gaps} <= {"store full", "no longer stored"}
    full = next(gap for gap in gaps if gap["reason"] == "store full")
    assert (full["blocks"], full["first"]["seq"]) == (dropped, 1)
    assert (full["from"], full["to"]) == (NOW, NOW + dropped - 1)
    # the store may bite once more before all is sent; then that is told as well, and nothing is missing
    assert 0 < carrier.receiver.blocks <= total - dropped
    assert carrier.receiver.missing() == {}
    assert carrier.receiver.duplicates == 0


async def test_live_blocks_do_not_wait_for_the_backlog(
    open_store: OpenStore, deliver: Callable[..., None]
) -> None:
    store, carrier = await open_store(commit_interval=0.01), FakeCarrier()
    outbox_of(store, "cloud")
    for number in range(20_000):
        store.append(ReadingBlock("d", POINTS, (number + 0.1,) * 50, NOW + number, 0.0))
    await store.flush()

    def slow(envelope: Envelope) -> Awaitable[None] | None:
        return asyncio.sleep(0.002) if envelope.subject == "samples" else None

    carrier.verdict = slow
    deliver(store, carrier, backfill_rate=1e6, max_bytes=20_000)
    await until(lambda: len(carrier.lanes) > 100)
    waited = []
    for _ in range(40):
        before = carrier.by_lane["backfill"]
        live = carrier.lanes.count("live")
        store.append(ReadingBlock("d", POINTS, (0.5,) * 50, NOW, 0.0))
        await until(lambda live=live: carrier.lanes.count("live") > live)
        waited.append(carrier.by_lane["backfill"] - before)
    assert store.status()["backlog"]["cloud"] > 1000, "the backlog ended before the test"
    assert max(waited) <= 3, waited


async def test_a_hundred_rows_a_commit_write_a_tenth_of_one(open_store: OpenStore) -> None:
    """What flash is worn by: a page of 4096 bytes is the least that is written, whatever changed in it."""
    written = {}
    for rows in (1, 100):
        store = await open_store()
        await store.flush()
        before = store.status()["written_today"]
        for number in range(1000):
            store.append(ReadingBlock("d", POINTS[:10], (number + 0.1,) * 10, NOW + number, 0.0))
            if number % rows == rows - 1:
                await store.flush()
        written[rows] = store.status()["written_today"] - before
        await store.close()
    sys.stdout.write(f"bytes written for 1000 rows, by rows a commit: {written}\n")
    assert written[1] > 8 * written[100] > 0
