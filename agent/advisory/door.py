"""The door for people and meters: links that staff follow on a phone, pictures, and what meters post.

Looking at a link changes nothing: robots and mail programs open links by themselves. Only the button does.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import math
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from agent.advisory.desk import Desk
from agent.advisory.links import Links, Ticket
from agent.advisory.message import picture_of
from agent.advisory.meter_watch import Reading
from agent.advisory.model import Advisory, AdvisorySite, Task, TaskState
from agent.advisory.page import ask_page, said_page
from agent.advisory.store import AdvisoryStore
from agent.advisory.words import WORDS, sentence, title
from agent.advisory.worker import Worker

log = logging.getLogger("plantroom.advisory")

MOST_BODY = 1_000_000
AT_ONCE = 100  # readings
LONGEST_NAME = 60
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Door:
    """Routes over desk and store. `utc`: the clock."""

    def __init__(
        self,
        advisory: Advisory,
        desk: Desk,
        store: AdvisoryStore,
        links: Links,
        worker: Worker,
        utc: Callable[[], float],
    ) -> None:
        self._advisory = advisory
        self._desk = desk
        self._store = store
        self._links = links
        self._worker = worker
        self._utc = utc
        self._words = WORDS[advisory.service.language]
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def open(self, tls: ssl.SSLContext | None = None) -> None:
        """Raises OSError where the address is taken."""
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_get("/a/{token}", self._ask)
        app.router.add_post("/a/{token}", self._answer)
        app.router.add_get("/p/{token}.png", self._picture)
        app.router.add_post("/meter", self._meter)
        app.router.add_get("/health", self._health)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2.0)
        await self._runner.setup()
        service = self._advisory.service
        site = web.TCPSite(self._runner, service.host, service.port, ssl_context=tls)
        await site.start()
        self.port = site.port

    async def close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _ask(self, request: web.Request) -> web.Response:
        ticket, task = await self._find(request)
        if ticket is None or task is None:
            return _page(said_page(self._words["unknown"]), 404)
        if ticket.expires < self._utc():
            return _page(said_page(self._words["over"]), 410)
        if task.state in (TaskState.ACKNOWLEDGED, TaskState.EXECUTED):
            return _page(said_page(self._before(task)))
        service, site = self._advisory.service, self._advisory.sites.get(task.site)
        detail = json.loads(task.detail)
        names = [self._advisory.people[one].name for one in site.people] if site else []
        return _page(
            ask_page(
                language=service.language,
                title=title(service.language, task.kind, 0, detail),
                name=site.place.name if site else task.site,
                text=sentence(service.language, task.kind, detail),
                question=self._words[f"ask_{task.kind}"],
                people=names,
            )
        )

    async def _answer(self, request: web.Request) -> web.Response:
        ticket, task = await self._find(request)
        if ticket is None or task is None:
            return _page(said_page(self._words["unknown"]), 404)
        if ticket.expires < self._utc():
            return _page(said_page(self._words["over"]), 410)
        form = await request.post()
        by = " ".join(str(form.get("by", "")).split())[:LONGEST_NAME] or self._words["somebody"]
        token = request.match_info["token"]
        taken, task = await self._worker(self._desk.acknowledge, token, ticket.task, by, self._utc())
        if taken or task is None:
            return _page(said_page(self._words["thanks"]))
        if task.state in (TaskState.ACKNOWLEDGED, TaskState.EXECUTED):
            return _page(said_page(self._before(task)), 409)
        return _page(said_page(self._words["over"]), 409)  # used up, and asked anew by another link

    async def _picture(self, request: web.Request) -> web.Response:
        _, task = await self._find(request)
        if task is None:
            raise web.HTTPNotFound
        picture = await asyncio.to_thread(picture_of, task.kind, [json.loads(task.detail)])
        if picture is None:
            raise web.HTTPNotFound
        return web.Response(body=picture, content_type="image/png", headers={"Cache-Control": "max-age=3600"})

    async def _meter(self, request: web.Request) -> web.Response:
        token = self._advisory.service.meter_token
        given = request.headers.get("Authorization", "")
        if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return web.json_response({"error": "no or wrong token"}, status=401)
        try:
            readings = [read_reading(one, self._utc()) for one in (await request.json())["readings"]]
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            text = f'send {{"readings": [{{"site": "id", "power": 1.2, "time": 1795000000}}]}}: {error!r}'
            return web.json_response({"error": text[:300]}, status=400)
        taken, unknown = 0, list[str]()
        for start in range(0, len(readings), AT_ONCE):  # in pieces: somebody may be confirming meanwhile
            piece = readings[start : start + AT_ONCE]
            count, strangers = await self._worker(self._desk.read, piece, self._utc())
            taken += count
            unknown += strangers
        return web.json_response({"taken": taken, "unknown": unknown[:100]})

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response(await self._worker(self._store.counts))

    async def _find(self, request: web.Request) -> tuple[Ticket | None, Task | None]:
        ticket = self._links.read(request.match_info["token"])
        if ticket is None:
            return None, None
        return ticket, await self._worker(self._store.tasks.get, ticket.task)

    def _before(self, task: Task) -> str:
        site: AdvisorySite | None = self._advisory.sites.get(task.site)
        time = f"{site.place.local(task.at):%m-%d %H:%M}" if site else ""
        return self._words["before"].format(by=task.by or self._words["by_meter"], time=time)


def read_reading(data: dict[str, Any], now: float) -> Reading:
    """Time in UTC seconds, ISO 8601 with its offset, or missing: now. Raises ValueError, KeyError, TypeError."""
    given = data.get("time", now)
    if isinstance(given, str):
        moment = datetime.fromisoformat(given)
        if moment.tzinfo is None:
            raise ValueError("a time needs its offset from UTC")
        given = moment.timestamp()
    time, power = float(given), float(data["power"])
    if not (math.isfinite(time) and math.isfinite(power)):
        raise ValueError("time and power are numbers")
    return Reading(str(data["site"]), time, power)


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)
