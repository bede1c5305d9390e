"""The page's door under abuse while the agent runs the building: its ticks keep their pace, its answers stay sane."""

import asyncio
import itertools
import json
import random
import sys
import time
from urllib.parse import urlsplit

import aiohttp
import pytest

from agent.web.live import MOST_PAGES
from tests.abuse.agent_process import resident

pytestmark = pytest.mark.integration
TICK = 1.0  # of the garage
ATTACK = 6.0  # seconds
STREAMS = 50
CLEAR = {"Content-Type": "application/json"}
PATHS = (
    "/api/points",
    "/api/nothing",
    "/..%2f..%2fetc/passwd",
    "/api/points/%00",
    "/api/points/" + "x" * 5000,
    "/%ff",
)
BODIES = (
    b"", b"{", b"null", b"[]", b'"x"', b"{}" * 9000, b"[" * 100_000, b'{"value": 1e999}', b'{"value": {"a": []}}',
    b'{"user": 7, "password": []}', b'{"seconds": "long", "value": 1, "reason": ""}', b"\xff\xfe", b"x" * 1_000_000,
)  # fmt: skip
POSTS = (
    "/api/login", "/api/setup", "/api/release", "/api/points/lamps.level_3/override", "/api/points/nobody/write",
    "/api/areas/garage/authority", "/api/policies/lights/parameters/hold", "/api/password", "/api/users",
)  # fmt: skip


class Abuser:
    """Everybody who means no good, each for as long as the attack lasts; counts what was answered."""

    def __init__(self, page: str, until: float) -> None:
        self.page = page
        self.host, self.port = urlsplit(page).hostname, urlsplit(page).port
        self.until = until
        self.chance = random.Random(3)
        self.answers: dict[int, int] = {}
        self.streams = 0

    def lasts(self) -> bool:
        return time.monotonic() < self.until

    def count(self, status: int) -> None:
        self.answers[status] = self.answers.get(status, 0) + 1

    async def ask(self, session, method, path, **request):
        try:
            async with session.request(method, self.page + path, **request) as response:
                await response.read()
                self.count(response.status)
        except (aiohttp.ClientError, TimeoutError):
            self.count(0)  # hung up on: the right answer to some

    async def posts(self) -> None:
        """Bodies too large, of the wrong type, of no sense, to addresses that are and are not."""
        async with aiohttp.ClientSession(headers=CLEAR) as session:
            for path, body in itertools.cycle(itertools.product(POSTS, BODIES)):
                if not self.lasts():
                    return
                await self.ask(session, "POST", path, data=body)

    async def looks(self) -> None:
        methods = ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
        async with aiohttp.ClientSession() as session:
            while self.lasts():
                query = {
                    "pattern": self.chance.choice(["*", "[", "*" * 300, "\x00"]),
                    "limit": self.chance.choice(["-1", "x", "9" * 40]),
                }
                path, method = self.chance.choice(PATHS), self.chance.choice(methods)
                await self.ask(session, method, path, params=query)

    async def guesses(self) -> None:
        """Passwords, as fast as the door answers."""
        async with aiohttp.ClientSession() as session:
            while self.lasts():
                body = {"user": "admin", "password": str(self.chance.random())}
                await self.ask(session, "POST", "/api/login", json=body)

    async def listens(self) -> None:
        """One event stream, read as it comes."""
        limit = aiohttp.ClientTimeout(total=max(0.1, self.until - time.monotonic()))
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.get(self.page + "/api/events") as stream,
            ):
                self.count(stream.status)
                self.streams += stream.status == 200
                async for _ in stream.content:
                    pass
        except (TimeoutError, aiohttp.ClientError):
            pass

    async def drips(self) -> None:
        """A request that never ends: a header byte at a time."""
        _, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n")
            while self.lasts():
                writer.write(b"X")
                await writer.drain()
                await asyncio.sleep(0.2)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def attack(self) -> None:
        crowd = [self.posts(), self.looks(), self.guesses(), self.guesses()]
        crowd += [self.listens() for _ in range(STREAMS)]
        crowd += [self.drips() for _ in range(20)]
        await asyncio.gather(*crowd)


async def ticks(agent, seconds):
    """Ticks of the garage in this time, the oldest its last one was ever seen, and the longest wait for an answer."""
    oldest = slowest = 0.0
    seen, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        asked = time.monotonic()
        garage = next(one for one in await agent.api("GET", "/api/areas") if one["id"] == "garage")
        slowest = max(slowest, time.monotonic() - asked)
        oldest = max(oldest, garage["last_tick_age"] or 0.0)
        seen.append(garage["ticks"])
        await asyncio.sleep(0.1)
    return seen[-1] - seen[0], oldest, slowest


async def test_the_ticks_keep_their_pace(abused):
    await abused.agent.start()
    quiet, *_ = await ticks(abused.agent, ATTACK / 2)
    assert quiet >= ATTACK / 2 / TICK - 1
    before = resident(abused.agent.process.pid)
    abuser = Abuser(abused.agent.page, time.monotonic() + ATTACK)
    attacking = asyncio.create_task(abuser.attack())
    made, oldest, slowest = await ticks(abused.agent, ATTACK)
    await attacking
    grown = resident(abused.agent.process.pid) - before
    sys.stdout.write(
        f"{made} ticks, oldest {oldest:.2f} s, longest wait {slowest:.2f} s, answers {abuser.answers}, {grown:.1f} MB more\n"
    )
    assert made >= ATTACK / TICK - 1
    assert oldest < TICK + 0.5
    assert slowest < 1.0
    assert abuser.streams <= MOST_PAGES
    assert {status for status in abuser.answers if status >= 500} <= {503}, abuser.answers
    assert abuser.answers.get(429, 0) > 0  # the guesser had to wait
    assert not set(abuser.answers) & {201, 204}
    assert grown < 40
    views = await abused.agent.api("GET", "/api/points")
    assert {one["quality"] for one in views if one["id"].startswith("lamps.")} == {"good"}
    assert await abused.agent.api("GET", "/api/overrides") == []
    await _door_still_opens(abused.agent)
    assert "Traceback" not in abused.agent.log.read_text()


async def _door_still_opens(agent):
    """Who comes after the storm is served at once."""
    async with aiohttp.ClientSession() as session, session.get(agent.page + "/api/health") as response:
        assert response.status == 200
        assert json.loads(await response.read())["site"]
    assert await agent.end() == 0
