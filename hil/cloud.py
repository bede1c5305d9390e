"""The embedded cloud of the demonstration: an MQTT broker and an HTTPS receiver on loopback, both with TLS."""

from __future__ import annotations

import asyncio
import hmac
import logging
import ssl
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from aiohttp import web
from amqtt.broker import Broker
from amqtt.contexts import BaseContext
from amqtt.errors import AMQTTError
from amqtt.plugins.base import BaseAuthPlugin

from hil.certificates import Pair
from hil.cloud_book import BadMessageError, CloudBook
from hil.ports import free_port

_BOOKED = ("/samples", "/samples/gzip", "/gaps", "/gaps/gzip")

LAST_WORDS = 3.0  # s that clients are given when the cloud ends

_log = logging.getLogger("plantroom.hil")
_books: WeakValueDictionary[str, CloudBook] = (
    WeakValueDictionary()
)  # the broker makes its plugins by name only


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudKeys:
    """What guards the cloud: its own identity, the authority of client certificates, one user."""

    identity: Pair
    authority: str
    user: str
    password: str


class CloudGate(BaseAuthPlugin):
    """Sits in the broker: lets the one known user in and books every message of samples."""

    @dataclass
    class Config:
        """Set by `EmbeddedCloud`."""

        book: str = ""
        user: str = ""
        password: str = ""

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        gate: Any = context.config
        self._gate = gate
        self._book = _books.get(gate.book)

    async def authenticate(self, *, session: Any) -> bool:
        user = hmac.compare_digest((session.username or "").encode(), self._gate.user.encode())
        password = hmac.compare_digest((session.password or "").encode(), self._gate.password.encode())
        return user and password

    async def on_broker_message_received(self, *, client_id: str, message: Any) -> None:
        if self._book is None or message is None or not str(message.topic).endswith(_BOOKED):
            return
        try:
            self._book.take("mqtt", bytes(message.data))
        except BadMessageError as error:
            _log.warning("cloud: message of %s refused: %s", client_id, error)


class EmbeddedCloud:
    """Both receivers with one book. Quiet: its libraries only speak of what is wrong."""

    def __init__(self, keys: CloudKeys) -> None:
        self.book = CloudBook()
        self.mqtt_port = 0
        self.https_port = 0
        self._keys = keys
        self._broker: Broker | None = None
        self._runner: web.AppRunner | None = None

    async def start(self, mqtt_port: int = 0, https_port: int = 0) -> None:
        """Ports of 0 are chosen by the system. Raises OSError when one cannot be had."""
        for name in ("amqtt", "transitions"):
            logging.getLogger(name).setLevel(logging.ERROR)
        self.mqtt_port = mqtt_port or free_port()
        await self._start_broker()
        await self._start_receiver(https_port)

    async def stop(self) -> None:
        """Ends within seconds, whoever holds on: a cloud that is cut does not wait for its clients."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._broker is not None:
            broker, self._broker = self._broker, None
            try:
                async with asyncio.timeout(LAST_WORDS):
                    await broker.shutdown()
            except AMQTTError:
                pass
            except TimeoutError:
                _log.warning("the broker of the embedded cloud does not end by itself: its listener is shut")
                for server in broker._servers.values():  # noqa: SLF001 - amqtt has no harder way
                    server.instance.close()

    async def _start_broker(self) -> None:
        keys, name = self._keys, f"book-{id(self.book)}"
        _books[name] = self.book
        gate = {"book": name, "user": keys.user, "password": keys.password}
        listener = {
            "type": "tcp",
            "bind": f"127.0.0.1:{self.mqtt_port}",
            "ssl": True,
            "cafile": keys.authority,
            "certfile": str(keys.identity.certificate),
            "keyfile": str(keys.identity.key),
        }
        config = {"listeners": {"default": listener}, "plugins": {"hil.cloud.CloudGate": gate}}
        broker = Broker(config)
        try:
            await broker.start()
        except AMQTTError as error:
            raise OSError(f"the MQTT broker could not start on port {self.mqtt_port}: {error}") from error
        self._broker = broker

    async def _start_receiver(self, port: int) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self._keys.authority)
        context.load_cert_chain(self._keys.identity.certificate, self._keys.identity.key)
        context.verify_mode = ssl.CERT_OPTIONAL
        application = web.Application(client_max_size=32_000_000)
        application.router.add_post("/{tail:.*}", self._receive)
        application.router.add_get("/status", self._status)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=LAST_WORDS)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=context)
        await site.start()
        self.https_port = int(self._runner.addresses[0][1])

    async def _receive(self, request: web.Request) -> web.Response:
        wanted = f"Bearer {self._keys.password}"
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            return web.json_response({"error": "who are you?"}, status=401)
        if not request.path.endswith(_BOOKED):
            return web.json_response({})  # points and status: welcome, not counted
        try:
            fresh = self.book.take("https", await request.read())
        except BadMessageError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"accepted": fresh})

    async def _status(self, _: web.Request) -> web.Response:
        return web.Response(text=self.book.line())
