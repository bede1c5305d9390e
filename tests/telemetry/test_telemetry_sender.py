from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from agent.core.errors import StoreError
from agent.core.point import DataClass, Point
from agent.core.reading import ReadingBlock
from agent.telemetry.store import Store, outbox_of
from agent.telemetry.uplinks.carrier import Backoff, LinkError, RejectedError
from agent.telemetry.uplinks.message import Encoder, Envelope
from agent.telemetry.uplinks.sender import Sender
from agent.telemetry.uplinks.settings import HttpsSettings
from tests.telemetry.fake_carrier import FakeCarrier
from tests.waiting import until

OpenStore = Callable[..., Awaitable[Store]]
MakeBlock = Callable[..., ReadingBlock]
POINTS = {f"ch1.p{number}": Point(id=f"ch1.p{number}") for number in range(4)}


class Rig:
    """A store, a fake endpoint and the sender between them."""

    def __init__(self, store: Store, points: dict[str, Point], **changes: object) -> None:
        settings: dict[str, object] = {
            "url": "https://x",
            "max_delay": 0.0,
            "backfill_rate": 1e6,
            "attempts": 3,
            "compress_above": 1 << 30,
        }
        self.store = store
        self.carrier = FakeCarrier()
        self.outbox = outbox_of(store, "cloud")
        self.sender = Sender(
            "cloud",
            "https",
            store=store,
            outbox=self.outbox,
            encoder=Encoder("here", points),
            route=(self.carrier, HttpsSettings(**{**settings, **changes})),  # type: ignore[arg-type]
        )
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.sender.run())

    async def until(self, condition: Callable[[], bool]) -> None:
        await until(condition)

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task


@pytest.fixture
async def rig(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("agent.telemetry.uplinks.lanes._IDLE", 0.001)
    monkeypatch.setattr("agent.telemetry.uplinks.sender._GAP_PAUSE", 0.001)
    monkeypatch.setattr(Backoff, "next", lambda _: 0.001)
    rigs: list[Rig] = []

    async def make(points: dict[str, Point] = POINTS, **changes: object) -> Rig:
        rigs.append(Rig(await open_store(), points, **changes))
        return rigs[-1]

    yield make
    for one in rigs:
        await one.stop()


async def test_a_connection_begins_with_status_and_points(rig) -> None:
    one = await rig()
    one.start()
    await one.until(lambda: len(one.carrier.sent) == 2)
    assert [envelope.subject for envelope in one.carrier.sent] == ["status", "points"]
    assert one.sender.status()["state"] == "up"


async def test_live_blocks_go_before_they_are_on_the_disk(rig, make_block: MakeBlock) -> None:
    one = await rig()
    one.start()
    await one.until(lambda: one.sender.status()["state"] == "up")
    for number in range(5):
        one.store.append(make_block(number))
    await one.until(lambda: one.outbox.backlog == 0)
    assert one.carrier.lanes == ["live"] * 5
    assert one.store.acknowledged == 0
    assert one.sender.status()["delivered"] == 5


async def test_what_was_stored_before_comes_by_the_backfill_lane_once(rig, make_block: MakeBlock) -> None:
    one = await rig()
    for number in range(300):
        one.store.append(make_block(number))
    await one.store.flush()
    one.start()
    await one.until(lambda: one.outbox.backlog == 0)
    assert one.carrier.lanes == ["backfill"] * 300
    assert (one.carrier.receiver.duplicates, one.carrier.receiver.missing()) == (0, {})


async def test_after_a_cut_the_rest_follows_and_nothing_is_lost(rig, make_block: MakeBlock) -> None:
    one = await rig(in_flight=2, max_bytes=1024)
    one.start()
    await one.until(lambda: one.sender.status()["state"] == "up")
    for number in range(200):
        one.store.append(make_block(number))
        if number == 100:
            await asyncio.sleep(0.002)
            one.carrier.gone.set()
    await one.store.flush()
    await one.until(lambda: one.carrier.opens >= 2 and one.outbox.backlog == 0)
    assert one.carrier.receiver.blocks == 200
    assert one.carrier.receiver.missing() == {}


async def test_a_link_that_is_ended_again_and_again_is_found_out(rig, monkeypatch) -> None:
    one = await rig()
    utc = 1_800_000_000.0
    monkeypatch.setattr(one.store, "now", lambda: utc)
    one.start()
    for ended in range(10):
        await one.until(lambda before=ended: one.sender.status()["connects"] > before)
        assert not one.sender.status()["comes_and_goes"]
        one.carrier.gone.set()
    await one.until(lambda: one.sender.status()["connects"] == 11)
    assert one.sender.status()["comes_and_goes"]
    utc += 3600.0
    assert not one.sender.status()["comes_and_goes"]


async def test_one_line_down_one_line_up(rig, caplog: pytest.LogCaptureFixture) -> None:
    one = await rig()
    caplog.set_level(logging.INFO, "plantroom.telemetry")
    left = [5]

    def busy(_: Envelope) -> None:
        left[0] -= 1
        if left[0] > 0:
            raise LinkError("HTTP 503")

    one.carrier.verdict = busy
    one.start()
    await one.until(lambda: one.sender.status()["state"] == "up")
    lines = [record.message for record in caplog.records if "uplink" in record.message]
    assert lines == ["uplink cloud down: HTTP 503", "uplink cloud up, 0 blocks behind"]


async def test_one_refused_block_is_isolated_tried_again_and_put_aside(rig, make_block: MakeBlock) -> None:
    one = await rig()
    for number in range(64):
        one.store.append(make_block(number))
    await one.store.flush()
    tries: list[int] = []

    def picky(envelope: Envelope) -> None:
        if b'"seq":33,' in envelope.body:
            tries.append(envelope.body.count(b'"seq"'))
            raise RejectedError("HTTP 422 bad block")

    one.carrier.verdict = picky
    one.start()
    await one.until(lambda: one.outbox.backlog == 0)
    assert one.carrier.receiver.blocks == 63
    assert tries.count(1) == 3
    assert one.sender.status()["dead_letters"] == 1
    await one.store.flush()
    letters = await one.store.reader.ask(
        lambda connection: connection.execute("SELECT uplink, error, body FROM dead_letter").fetchall()
    )
    assert [(letter[0], letter[1]) for letter in letters] == [("cloud", "HTTP 422 bad block")]
    assert b'"seq":33,' in letters[0][2]


async def test_a_receiver_that_refuses_everything_does_not_empty_the_store(
    rig, make_block: MakeBlock
) -> None:
    one = await rig()
    for number in range(64):
        one.store.append(make_block(number))
    await one.store.flush()
    mad = [True]

    def refuse(envelope: Envelope) -> None:
        if mad[0] and envelope.subject == "samples":
            raise RejectedError("HTTP 400")

    one.carrier.verdict = refuse
    one.start()
    await one.until(lambda: one.carrier.opens > 3)
    assert one.sender.status()["dead_letters"] == 10
    assert one.outbox.backlog == 54
    assert "refuses everything" in one.sender.status()["error"]
    mad[0] = False
    await one.until(lambda: one.outbox.backlog == 0)
    assert one.carrier.receiver.blocks == 54


async def test_what_the_store_has_no_more_becomes_a_gap_message(rig, make_block: MakeBlock) -> None:
    one = await rig()
    for number in range(10):
        one.store.append(make_block(number))
    await one.store.flush()
    await one.store.committer.call(
        lambda: one.store.disk.need().execute("DELETE FROM sample WHERE key & 7 = 3")
    )
    one.start()
    await one.until(lambda: one.outbox.backlog == 0 and not one.outbox.gaps and one.sender.tally.gaps > 0)
    assert one.carrier.receiver.blocks == 9
    assert one.carrier.receiver.missing() == {}
    (gap,) = one.carrier.receiver.gaps
    assert (gap["first"], gap["last"], gap["reason"]) == (
        {"epoch": one.store.epoch, "seq": 3},
        {"epoch": one.store.epoch, "seq": 3},
        "no longer stored",
    )


async def test_blocks_with_nothing_to_export_are_done_with(rig, make_block: MakeBlock) -> None:
    secret = {name: Point(id=name, data_class=DataClass.PERSONAL) for name in POINTS}
    one = await rig(secret)
    one.store.append(make_block())
    await one.store.flush()
    one.start()
    await one.until(lambda: one.sender.status()["state"] == "up" and one.outbox.backlog == 0)
    one.store.append(make_block())
    await one.until(lambda: one.outbox.backlog == 0)
    assert {envelope.subject for envelope in one.carrier.sent} == {"status", "points"}


async def test_big_messages_are_compressed_and_say_so(rig, make_block: MakeBlock) -> None:
    one = await rig(compress_above=500)
    for number in range(50):
        one.store.append(make_block(number))
    await one.store.flush()
    one.start()
    await one.until(lambda: one.outbox.backlog == 0)
    samples = [envelope for envelope in one.carrier.sent if envelope.subject == "samples"]
    assert samples
    assert all(envelope.gzip for envelope in samples)
    assert b'"blocks"' in gzip.decompress(samples[0].body)
    status = one.carrier.sent[0]
    assert (status.gzip, status.body[:1]) == (False, b"{")


async def test_no_more_than_in_flight_messages_wait_for_an_answer(rig, make_block: MakeBlock) -> None:
    one = await rig(in_flight=3, max_bytes=1)
    answer = asyncio.Event()
    waiting = [0, 0]

    async def slow() -> None:
        waiting[0] += 1
        waiting[1] = max(waiting)
        await answer.wait()
        waiting[0] -= 1

    one.carrier.verdict = lambda envelope: slow() if envelope.subject == "samples" else None
    one.start()
    await one.until(lambda: one.sender.status()["state"] == "up")
    for number in range(20):
        one.store.append(make_block(number))
    await one.until(lambda: waiting[0] == 3)
    assert len(one.outbox.live) == 17
    answer.set()
    await one.until(lambda: one.outbox.backlog == 0)
    assert waiting[1] == 3


async def test_a_silent_endpoint_is_given_up(rig, make_block: MakeBlock) -> None:
    one = await rig(timeout=0.01)
    silent = [True]

    async def never() -> None:
        await asyncio.Event().wait()

    one.carrier.verdict = lambda envelope: never() if silent[0] and envelope.subject == "samples" else None
    one.start()
    one.store.append(make_block())
    await one.store.flush()
    await one.until(lambda: one.sender.status()["error"] == "no acknowledgement in time")
    silent[0] = False
    await one.until(lambda: one.outbox.backlog == 0)


async def test_a_store_that_cannot_read_only_delays(rig, make_block: MakeBlock, monkeypatch) -> None:
    one = await rig()
    one.store.append(make_block())
    await one.store.flush()
    blocks, asked = one.store.reader.blocks, []

    async def flaky(*arguments: object) -> object:
        asked.append(arguments)
        if len(asked) < 3:
            raise StoreError("busy")
        return await blocks(*arguments)

    monkeypatch.setattr(one.store.reader, "blocks", flaky)
    one.start()
    await one.until(lambda: one.outbox.backlog == 0)
    assert len(asked) == 3


async def test_a_fault_of_ours_does_not_end_the_uplink(rig, make_block: MakeBlock) -> None:
    one = await rig()
    broken = [True]

    def raise_once(_: Envelope) -> None:
        if broken.pop() if broken else False:
            raise KeyError("ours")

    one.carrier.verdict = raise_once
    one.start()
    one.store.append(make_block())
    await one.store.flush()
    await one.until(lambda: one.outbox.backlog == 0)


def test_backoff_is_random_grows_and_is_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    ceilings: list[float] = []

    def highest(low: float, high: float) -> float:
        assert low == 0.0
        ceilings.append(high)
        return high

    monkeypatch.setattr("random.uniform", highest)
    backoff = Backoff(60.0)
    for _ in range(100):
        backoff.next()
    assert ceilings[:7] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0]
    assert ceilings[-1] == 60.0
    backoff.reset()
    assert backoff.next() == 1.0
