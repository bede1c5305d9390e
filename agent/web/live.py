"""Server-sent events: what changed, to every open page, merged twice a second. A slow page never costs the agent.

One task listens to the console while anybody looks. Changes are merged by point, so the work is bounded by the number
of points and not by how fast they move, and each batch is encoded once for all pages.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any, cast

from aiohttp import web

from agent.console import Console
from agent.web.answers import TurnedAwayError, encode

log = logging.getLogger("plantroom.web")

MOST_PAGES = 32
BATCHES_WAITING = 4  # a page that is further behind is told to ask again
MERGE_SECONDS = 0.5
HEARTBEAT_SECONDS = 5.0
SEND_SECONDS = 10.0
HEARTBEAT = b"event: heartbeat\ndata: {}\n\n"
RESYNC = b'event: change\ndata: {"type":"resync"}\n\n'
PARTS = frozenset({"areas", "alarms", "overrides", "health"})


class Batch:
    """Changes merged since the last send: the newest of each point, the names of parts to ask for again."""

    def __init__(self) -> None:
        self._points: dict[str, Any] = {}
        self._decisions: dict[str, Any] = {}
        self._parts: set[str] = set()

    def add(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
        if kind == "points":
            self._points.update(event["points"])
        elif kind == "decisions":
            self._decisions.update(event["decisions"])
        elif kind in PARTS:
            self._parts.add(cast("str", kind))

    def take(self) -> bytes:
        """The merged events as one chunk of the stream; empty when nothing changed. Starts afresh."""
        events: list[dict[str, Any]] = []
        if self._points:
            events.append({"type": "points", "points": self._points})
        if self._decisions:
            events.append({"type": "decisions", "decisions": self._decisions})
        events.extend({"type": part} for part in sorted(self._parts))
        self._points, self._decisions, self._parts = {}, {}, set()
        return b"".join(b"event: change\ndata: " + encode(event) + b"\n\n" for event in events)


class Page:
    """One open page's bounded line of batches."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    def put(self, chunk: bytes) -> None:
        if self._waiting.qsize() >= BATCHES_WAITING:
            while not self._waiting.empty():
                self._waiting.get_nowait()
            chunk = RESYNC
        self._waiting.put_nowait(chunk)

    def close(self) -> None:
        self._waiting.put_nowait(None)

    async def next(self) -> bytes | None:
        """The next batch, or a heartbeat when nothing moves; None when the agent stops."""
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                return await self._waiting.get()
        except TimeoutError:
            return HEARTBEAT


class Live:
    """All open pages and the one listener that feeds them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pages: set[Page] = set()
        self._listener: asyncio.Task[None] | None = None

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Serve one page until it goes away, falls silent or the agent stops."""
        if len(self._pages) >= MOST_PAGES:
            raise TurnedAwayError(503, "too many pages are open, close one", retry_after=10.0)
        page = Page()
        self._pages.add(page)
        self._listen()
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        try:
            await response.prepare(request)
            await _send(response, b"retry: 2000\n\n" + HEARTBEAT)
            while (chunk := await page.next()) is not None:
                await _send(response, chunk)
        except (ConnectionError, TimeoutError):
            log.debug("a page went away")
        finally:
            self._pages.discard(page)
        return response

    async def stop(self) -> None:
        for page in self._pages:
            page.close()
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
            self._listener = None

    def _listen(self) -> None:
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._feed(), name="web live")

    async def _feed(self) -> None:
        """Listen while anybody looks. A failing console ends the pages' streams; they come back by themselves."""
        batch = Batch()
        sender = asyncio.create_task(self._flush(batch), name="web live sender")
        changes = self._console.changes()
        try:
            async for event in changes:
                batch.add(event)
                if not self._pages:
                    return
        except Exception:
            log.exception("the live events stopped")
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
            if isinstance(changes, AsyncGenerator):
                await changes.aclose()
            for page in self._pages:
                page.close()

    async def _flush(self, batch: Batch) -> None:
        while True:
            await asyncio.sleep(MERGE_SECONDS)
            chunk = batch.take()
            if chunk:
                for page in self._pages:
                    page.put(chunk)


async def _send(response: web.StreamResponse, chunk: bytes) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await response.write(chunk)
