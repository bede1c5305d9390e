"""Live events over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest

from agent.web import live
from tests.web.conftest import Caller, Site

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MERGE_SECONDS", 0.05)


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, dict]]:
    name = ""
    async for line in response.content:
        if line.startswith(b"event: "):
            name = line[7:].strip().decode()
        elif line.startswith(b"data: "):
            yield name, orjson.loads(line[6:])


async def first(response: aiohttp.ClientResponse, kind: str) -> dict:
    async with asyncio.timeout(10):
        async for name, data in events(response):
            if kind in (name, data.get("type")):
                return data
    raise AssertionError(f"the stream ended without {kind}")


async def test_values_decisions_and_parts_arrive(site: Site, operator: Caller) -> None:
    async with operator.http.get(f"{operator.url}/api/events") as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert "Content-Security-Policy" in response.headers
        await first(response, "heartbeat")
        points = await first(response, "points")
        value, quality, time = points["points"]["ch1.load"]
        now = site.console.point("ch1.load")
        assert (value, quality) == (pytest.approx(now.value, abs=0.5), "good")
        assert now.time is not None
        assert 0.0 <= now.time - time < 5.0
        body = {"value": 8, "seconds": 60, "reason": "test"}
        await operator.ask("POST", "/api/points/ch1.chws_setpoint/override", body)
        decisions = await first(response, "decisions")
        assert decisions["decisions"] == {"ch1.chws_setpoint": [8, "test"]}
        assert await first(response, "overrides") == {"type": "overrides"}


async def test_one_listener_serves_all_pages_and_leaves_with_the_last(site: Site, visitor: Caller) -> None:
    streams = [await visitor.http.get(f"{visitor.url}/api/events") for _ in range(3)]
    for stream in streams:
        await first(stream, "points")
    assert len(site.console._queues) == 1
    for stream in streams:
        stream.close()
    async with asyncio.timeout(10):
        await site.console.unheard.wait()
    assert not site.console._queues


async def test_too_many_pages_are_turned_away(visitor: Caller, monkeypatch) -> None:
    monkeypatch.setattr(live, "MOST_PAGES", 1)
    async with visitor.http.get(f"{visitor.url}/api/events") as response:
        await first(response, "heartbeat")
        status, answer = await visitor.ask("GET", "/api/events")
        assert (status, "too many pages" in answer["error"]) == (503, True)


async def test_a_stopping_agent_does_not_wait_for_open_pages(site: Site, visitor: Caller) -> None:
    async with visitor.http.get(f"{visitor.url}/api/events") as response:
        await first(response, "points")
        async with asyncio.timeout(1.5):
            await site.server.stop()


async def test_a_failing_console_ends_the_stream_and_the_page_may_come_back(
    site: Site, visitor: Caller, monkeypatch, caplog
) -> None:
    good = site.console.changes

    arrived = asyncio.Event()

    async def bad() -> AsyncIterator[dict]:
        yield {"type": "areas"}
        await arrived.wait()
        raise RuntimeError("broken")

    monkeypatch.setattr(site.console, "changes", bad)
    async with visitor.http.get(f"{visitor.url}/api/events") as response, asyncio.timeout(10):
        said = []
        async for _, data in events(response):
            if data:
                said.append(data)
                arrived.set()
        assert said == [{"type": "areas"}]
    assert "the live events stopped" in caplog.text
    monkeypatch.setattr(site.console, "changes", good)
    async with visitor.http.get(f"{visitor.url}/api/events") as response:
        await first(response, "points")
