"""HTTPS: batches posted to a receiver. 2xx is delivered; what cannot get better is refused, the rest tried again."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp

from agent.telemetry.uplinks.carrier import LinkError, RejectedError, TlsPapers
from agent.telemetry.uplinks.message import Envelope
from agent.telemetry.uplinks.settings import HttpsSettings

_REJECTED = {400, 405, 406, 409, 410, 411, 413, 414, 415, 422, 431}
"""The content is at fault. All other failures (401, 403, 404, 408, 429, 5xx) are the way's, and may pass."""


class HttpsCarrier:
    """A session of kept-alive connections to one receiver."""

    def __init__(self, settings: HttpsSettings) -> None:
        if not settings.url.startswith(("https://", "http://")):
            raise ValueError(f"not an HTTPS address: {settings.url!r}")
        self._settings = settings
        self._url = settings.url.rstrip("/")
        self._papers = TlsPapers(settings.ca, settings.certificate, settings.key)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        settings = self._settings
        context = True if self._url.startswith("http://") else await self._papers.context()
        connector = aiohttp.TCPConnector(limit=settings.in_flight + 2, ssl=context)
        headers = {"Authorization": f"Bearer {settings.token}"} if settings.token else {}
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=settings.timeout, sock_connect=settings.timeout / 2),
        )

    async def send(self, envelope: Envelope) -> None:
        if self._session is None:
            raise LinkError("not connected")
        headers = {"Content-Type": "application/json", "Idempotency-Key": envelope.id}
        if envelope.gzip:
            headers["Content-Encoding"] = "gzip"
        try:
            async with self._session.post(
                f"{self._url}/{envelope.subject}", data=envelope.body, headers=headers, allow_redirects=False
            ) as response:
                text = "" if response.ok else (await response.content.read(300)).decode("utf-8", "replace")
                status, wait = response.status, response.headers.get("Retry-After", "")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise LinkError(f"{self._url}: {error or 'no answer in time'}") from error
        if 200 <= status < 300:
            return
        if status in _REJECTED:
            raise RejectedError(f"HTTP {status} {text}".strip())
        raise LinkError(
            f"{self._url}: HTTP {status} {text}".strip(), float(wait) if wait.isdecimal() else 0.0
        )

    async def lost(self) -> None:
        """Nothing to watch: each request tells."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with suppress(aiohttp.ClientError, OSError):
                await session.close()
