"""What stands at the other end in a test: robots and webhooks over real HTTP, a mail server over real SMTP."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import ssl
from collections.abc import AsyncIterator
from email import message_from_bytes, policy

from aiohttp import web


class Receiver:
    """Takes posts. `answers`: what it says first; `{"errcode": 0}` ever after."""

    def __init__(self, *answers: tuple[int, dict]) -> None:
        self.answers = list(answers)
        self.posts: list[dict] = []
        self.headers: list[dict] = []
        self.queries: list[dict] = []
        self.port = 0

    @contextlib.asynccontextmanager
    async def open(self, port: int = 0) -> AsyncIterator[Receiver]:
        app = web.Application(client_max_size=8_000_000)
        app.router.add_post("/hook", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self.port = site.port
        try:
            yield self
        finally:
            await runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=TOPSECRET"

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.answers:
            status, answer = self.answers.pop(0)
            return web.json_response(answer, status=status)
        image = body.get("image")
        if image and hashlib.md5(base64.b64decode(image["base64"])).hexdigest() != image["md5"]:
            return web.json_response({"errcode": 301019, "errmsg": "image md5 not match"})
        self.posts.append(body)
        self.headers.append(dict(request.headers))
        self.queries.append(dict(request.query))
        return web.json_response({"errcode": 0, "code": 0})

    def text(self) -> str:
        return json.dumps(self.posts, ensure_ascii=False)


class MailPeer:
    """Just enough of RFC 5321. `refuse`: how many mails it answers with 451 first; `tls` at once or when asked for."""

    def __init__(self, refuse: int = 0, tls: ssl.SSLContext | None = None, *, at_once: bool = False) -> None:
        self.refuse = refuse
        self.tls = tls
        self.at_once = at_once
        self.logins: list[bytes] = []
        self.mails: list = []
        self.recipients: list[str] = []
        self.port = 0
        self._talks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[MailPeer]:
        server = await asyncio.start_server(
            self._heard, "127.0.0.1", 0, ssl=self.tls if self.at_once else None
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()
            for one in tuple(self._talks):
                one.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)

    async def _heard(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """No line outlives the peer, however the other side left it."""
        task = asyncio.current_task()
        self._talks.add(task)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._talks.discard(task)
            writer.close()
            with contextlib.suppress(Exception):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 peer ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
                writer.write(self._take(raw.replace(b"\r\n..", b"\r\n.")))
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            elif verb == b"EHLO":
                writer.write(b"250-peer\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250 SMTPUTF8\r\n")
            elif verb == b"STAR" and self.tls is not None:
                writer.write(b"220 go on\r\n")
                await writer.start_tls(self.tls)
            elif verb == b"AUTH":
                self.logins.append(base64.b64decode(line.split()[-1]))
                writer.write(b"235 in\r\n" if self.logins[-1].endswith(b"right") else b"535 no\r\n")
            else:
                if verb == b"RCPT":
                    self.recipients.append(line.decode().strip())
                writer.write(b"250 ok\r\n")
            await writer.drain()

    def _take(self, raw: bytes) -> bytes:
        if self.refuse:
            self.refuse -= 1
            return b"451 later\r\n"
        self.mails.append(message_from_bytes(raw, policy=policy.default))
        return b"250 taken\r\n"
