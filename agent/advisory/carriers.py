"""How a message leaves: HTTP for robots and webhooks, SMTP for mail. Errors name the host, never an address with its key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from agent.advisory.mail import build_mail, send_mail
from agent.advisory.message import Message
from agent.advisory.model import BusyError
from agent.advisory.robots import Request, RobotSettings, judge, requests_of
from agent.advisory.settings import ChannelSettings, EmailSettings

TIMEOUT = 20.0  # s
MOST_ANSWER = 4096


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to send; calling it sends it. Raises BusyError or ContentError."""

    send: Callable[[], Coroutine[Any, Any, None]]
    picture: bool = False

    async def __call__(self) -> None:
        await self.send()


class Carrier:
    """Kept-alive connections of all channels. Open it before use."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=100, limit_per_host=20),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
        )

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def parts(self, settings: ChannelSettings, message: Message, utc: float) -> Iterator[Part]:
        """The words first; a picture by itself where the channel wants that."""
        if isinstance(settings, EmailSettings):
            mail = build_mail(settings, message, utc)
            yield Part(partial(_mailed, settings, mail))
            return
        for number, request in enumerate(requests_of(settings, message, utc)):
            yield Part(partial(self._post, settings, request), picture=number > 0)

    async def _post(self, settings: RobotSettings, request: Request) -> None:
        if self._session is None:
            raise BusyError("not open")
        host = urlsplit(request.url).hostname or "?"
        headers = {"Content-Type": "application/json; charset=utf-8", **request.headers}
        try:
            async with self._session.post(
                request.url, data=request.body, headers=headers, allow_redirects=False
            ) as response:
                body = await response.content.read(MOST_ANSWER)
                wait = response.headers.get("Retry-After", "")
                judge(settings, response.status, body, float(wait) if wait.isdecimal() else 0.0)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise BusyError(f"{host}: {type(error).__name__}") from None


async def _mailed(settings: EmailSettings, mail: Any) -> None:
    async with asyncio.timeout(4.0 * settings.timeout):
        await asyncio.to_thread(send_mail, settings, mail)
