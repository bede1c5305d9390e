"""Anything at the page's door: a stranger changes nothing, an operator only what he may, and the door stays open."""

from __future__ import annotations

import asyncio
import json
import math
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.site import WebSettings
from agent.web.backoff import Pace
from agent.web.server import WebServer
from tests.fuzz.boxes import box
from tests.web.conftest import PASSWORD, Caller
from tests.web.fake_console import FakeConsole

pytestmark = pytest.mark.integration
ANSWER = aiohttp.ClientTimeout(total=10)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8)
    | st.sampled_from([60, 8.0, "test", True, "agent", "bms", "ch1.enable", "wang"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
GOOD = {
    "value": st.sampled_from([6.5, 8, True, 9.0]),
    "seconds": st.sampled_from([1, 60, 3600]),
    "reason": st.sampled_from(["test", "a reason"]),
    "authority": st.sampled_from(["agent", "bms", "shadow"]),
}
FIELDS = {
    "override": ("value", "seconds", "reason"), "write": ("value", "reason"), "release": ("reason",),
    "authority": ("authority", "reason"), "learn": ("reason",), "low": ("value", "reason"),
}  # fmt: skip


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, bytes]:
    """Method, path and body: lawful in most fields, so that it is the odd one that is judged."""
    path = draw(POSTS)
    if draw(st.integers(0, 9)) == 0:
        return draw(METHODS), path, draw(st.binary(max_size=100))
    names = FIELDS.get(path.rpartition("/")[2], ("reason",))
    body = {name: draw(VALUES if draw(st.integers(0, 4)) == 0 else GOOD[name]) for name in names}
    if draw(st.integers(0, 9)) == 0:
        body |= draw(st.dictionaries(st.text(max_size=4), VALUES, max_size=2))
    return draw(METHODS), path, plain(body)


POSTS = st.sampled_from(
    ["points/ch1.enable/override", "points/ch1.chws_setpoint/override", "points/ch1.chws_setpoint/write", "points/nobody/write",
     "areas/plant/authority", "areas/nobody/authority", "release", "policies/shed/learn", "policies/reset/parameters/low",
     "logout", "users", "password", "nothing", "points/%00/override", "points/..%2f..%2fx/write"]
)  # fmt: skip
METHODS = st.sampled_from([*["POST"] * 12, "PUT", "DELETE", "PATCH", "GET"])


class Door:
    """A server on the fake plant; made anew for each example would be too slow, so calls are counted."""

    def __init__(self, server: WebServer, console: FakeConsole) -> None:
        self.server = server
        self.console = console

    async def raw(self, request: bytes) -> bytes:
        """What comes back on a connection of its own, until the server hangs up or falls silent."""
        port = int(self.server.url.rpartition(":")[2].strip("/"))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            writer.write_eof()
            async with asyncio.timeout(5):
                return await reader.read()
        except (ConnectionError, TimeoutError):
            return b""
        finally:
            writer.close()


@pytest.fixture
async def door(tmp_path: Path):
    console = FakeConsole(step=0.05)
    server = WebServer(console, WebSettings(port=0, socket=str(tmp_path / "s.sock")), tmp_path)
    await server.start()
    yield Door(server, console)
    await server.stop()


@pytest.fixture
def hasty(door: Door, monkeypatch: pytest.MonkeyPatch):
    """Nobody is told to wait; and at the end enough was changed that the test says something."""
    monkeypatch.setattr(Pace, "wait", lambda *_: 0.0)
    yield door
    assert len(door.console.calls) > 15


@pytest.fixture
async def caller(door: Door):
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=ANSWER) as http:
        yield Caller(http, door.server.url)


def plain(body: Any) -> bytes:
    return json.dumps(body, allow_nan=True).encode("utf-8", "surrogatepass")


async def knock(caller: Caller, method: str, path: str, body: bytes) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/json"} | (
        {"X-Plantroom-CSRF": caller.csrf} if caller.csrf else {}
    )
    async with caller.http.request(
        method, f"{caller.url}/api/{path}", data=body, headers=headers
    ) as response:
        return response.status, await response.read()


@box(200)
@given(asked=requests())
async def test_a_stranger_changes_nothing(door: Door, caller: Caller, asked: tuple[str, str, bytes]) -> None:
    method, path, body = asked
    status, answer = await knock(caller, method, path, body)
    assert 400 <= status < 500
    assert b"Traceback" not in answer
    assert door.console.calls == []


@box(250)
@given(asked=requests())
async def test_an_operator_changes_only_with_sound_values(
    hasty: Door, caller: Caller, asked: tuple[str, str, bytes]
) -> None:
    door, (method, path, body) = hasty, asked
    if caller.csrf is None:
        first = {"code": door.server.setup_code, "user": "wang", "password": PASSWORD}
        if (await caller.ask("POST", "/api/setup", first))[0] != 200 and await caller.log_in() != 200:
            pytest.skip("an example has changed the password")
        caller.csrf = caller.csrf or (await caller.ask("GET", "/api/session"))[1].get("csrf")
    if path in ("logout", "password", "users"):
        return
    before = len(door.console.calls)
    status, answer = await knock(caller, method, path, body)
    assert status < 500, answer
    assert b"Traceback" not in answer
    for call in door.console.calls[before:]:
        assert status == 200, (call, answer)
        assert "nobody" not in call
        for part in call:
            assert not isinstance(part, float) or math.isfinite(part)
            assert not isinstance(part, dict | list)


LINES = st.lists(
    st.sampled_from(
        [b"GET /api/health HTTP/1.1", b"POST /api/release HTTP/1.1", b"Host: x", b"Host: y", b"Content-Length: 5", b"Content-Length: -1",
         b"Content-Length: 99999999999999999999", b"Transfer-Encoding: chunked", b"Connection: upgrade", b"Upgrade: websocket",
         b"Cookie: " + b"x" * 9000, b": x", b"\x00", b"5", b"ffffffffffffffff", b"Expect: 100-continue", b"", b"hello", b"GET http://x/ HTTP/1.1"]
    ),
    max_size=10,
).map(b"\r\n".join)  # fmt: skip


@box(150)
@given(request=st.one_of(st.binary(min_size=1, max_size=300), LINES))
async def test_bytes_that_are_no_request_leave_the_door_open(
    door: Door, caller: Caller, request: bytes
) -> None:
    answered = await door.raw(request)
    assert not answered or answered.startswith(b"HTTP/1.")
    assert b"Traceback" not in answered
    assert b" 500 " not in answered.split(b"\r\n", 1)[0]
    assert door.console.calls == []
    status, _ = await knock(caller, "GET", "health", b"")
    assert status == 200
