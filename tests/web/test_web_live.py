from __future__ import annotations

import orjson

from agent.web import live
from agent.web.live import BATCHES_WAITING, HEARTBEAT, RESYNC, Batch, Page


def events(chunk: bytes) -> list[dict]:
    blocks = [block for block in chunk.split(b"\n\n") if block]
    assert all(block.startswith(b"event: change\ndata: ") for block in blocks)
    return [orjson.loads(block.partition(b"data: ")[2]) for block in blocks]


def test_changes_of_a_point_merge_to_the_newest() -> None:
    batch = Batch()
    for value in range(1_000):
        batch.add({"type": "points", "points": {"a": [value, "good", float(value)]}})
    batch.add({"type": "points", "points": {"b": [True, "bad", None]}})
    batch.add({"type": "decisions", "decisions": {"a": [7.0, "because"]}})
    batch.add({"type": "areas"})
    batch.add({"type": "areas"})
    batch.add({"type": "nonsense"})
    assert events(batch.take()) == [
        {"type": "points", "points": {"a": [999, "good", 999.0], "b": [True, "bad", None]}},
        {"type": "decisions", "decisions": {"a": [7.0, "because"]}},
        {"type": "areas"},
    ]
    assert batch.take() == b""


async def test_a_page_gets_batches_in_order() -> None:
    page = Page()
    page.put(b"1")
    page.put(b"2")
    page.close()
    assert [await page.next(), await page.next(), await page.next()] == [b"1", b"2", None]


async def test_a_page_that_falls_behind_is_told_to_ask_again_and_never_grows() -> None:
    page = Page()
    for number in range(BATCHES_WAITING * 100 + 1):
        page.put(str(number).encode())
        assert page._waiting.qsize() <= BATCHES_WAITING
    assert RESYNC in {await page.next() for _ in range(page._waiting.qsize())}


async def test_silence_is_a_heartbeat(monkeypatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.0)
    assert await Page().next() == HEARTBEAT
