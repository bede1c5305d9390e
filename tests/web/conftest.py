"""A web server on the fake plant, and a browser-like client to knock with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agent.core.site import WebSettings
from agent.web.server import WebServer
from tests.web.fake_console import FakeConsole

PASSWORD = "correct horse staple"


@dataclass
class Caller:
    """A person with a browser: keeps cookies, and the CSRF token once logged in."""

    http: aiohttp.ClientSession
    url: str
    csrf: str | None = None

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        headers = {"X-Plantroom-CSRF": self.csrf} if self.csrf else {}
        headers |= more.pop("headers", {})
        async with self.http.request(method, self.url + path, json=body, headers=headers, **more) as response:
            return response.status, await response.json(content_type=None)

    async def log_in(self, user: str = "wang", password: str = PASSWORD) -> int:
        status, answer = await self.ask("POST", "/api/login", {"user": user, "password": password})
        self.csrf = answer.get("csrf")
        return status


@dataclass
class Site:
    """A running server with its console behind it."""

    server: WebServer
    console: FakeConsole
    folder: Path

    def visitor(self) -> Caller:
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of plain addresses
        return Caller(aiohttp.ClientSession(cookie_jar=jar), self.server.url)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    console = FakeConsole(step=0.05)
    server = WebServer(console, WebSettings(port=0, socket=str(tmp_path / "s.sock")), tmp_path)
    await server.start()
    yield Site(server, console, tmp_path)
    await server.stop()


@pytest.fixture
async def visitor(site: Site) -> AsyncIterator[Caller]:
    caller = site.visitor()
    yield caller
    await caller.http.close()


@pytest.fixture
async def operator(site: Site) -> AsyncIterator[Caller]:
    """The first user, set up with the one-time code."""
    caller = site.visitor()
    body = {"code": site.server.setup_code, "user": "wang", "password": PASSWORD}
    status, answer = await caller.ask("POST", "/api/setup", body)
    assert status == 200, answer
    caller.csrf = answer["csrf"]
    yield caller
    await caller.http.close()
