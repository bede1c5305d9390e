"""MQTT: a clean session a site, acknowledged publishes in parallel, status by last will."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
from contextlib import suppress
from urllib.parse import urlsplit

import aiomqtt

from agent.telemetry.uplinks.carrier import LinkError, TlsPapers
from agent.telemetry.uplinks.message import Encoder, Envelope, topic_part
from agent.telemetry.uplinks.settings import MqttSettings

_PORTS = {"mqtt": 1883, "mqtts": 8883}
_CLOSE_SECONDS = 3.0
_QUIET = logging.getLogger(
    "plantroom.telemetry.mqtt"
)  # the client's own words; ours are one line down, one up
_QUIET.setLevel(logging.ERROR)


class MqttCarrier:
    """One connection to a broker. A new client for every connection: nothing lingers from a broken one."""

    def __init__(self, settings: MqttSettings, *, site: str, name: str, encoder: Encoder, epoch: int) -> None:
        parts = urlsplit(settings.url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"not an MQTT address: {settings.url!r} (mqtt://host:port or mqtts://host:port)")
        self._host = parts.hostname
        self._port = parts.port or _PORTS[parts.scheme]
        tls = parts.scheme == "mqtts"
        self._papers = TlsPapers(settings.ca, settings.certificate, settings.key) if tls else None
        self._settings = settings
        self._prefix = f"{settings.prefix}/{topic_part(site)}/"
        self._identifier = f"plantroom-{topic_part(site)}-{topic_part(name)}"
        self._offline = encoder.status("offline", epoch, None)
        self._client: aiomqtt.Client | None = None

    async def open(self) -> None:
        settings = self._settings
        client = aiomqtt.Client(
            self._host,
            self._port,
            identifier=self._identifier,
            username=settings.user or None,
            password=settings.password or None,
            clean_session=True,
            keepalive=settings.keepalive,
            timeout=settings.timeout,
            logger=_QUIET,
            will=aiomqtt.Will(self._prefix + "status", self._offline.body, 1, retain=True),
            max_inflight_messages=settings.in_flight + 4,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            tls_context=await self._papers.context() if self._papers else None,
        )
        client.pending_calls_threshold = 2 * settings.in_flight + 10
        try:
            async with asyncio.timeout(settings.timeout + settings.keepalive):
                await client.__aenter__()
        except (aiomqtt.MqttError, OSError, TimeoutError) as error:
            self._drop(client)
            raise LinkError(f"{self._host}:{self._port}: {error or 'no answer'}") from error
        self._client = client

    async def send(self, envelope: Envelope) -> None:
        client = self._client
        if client is None:
            raise LinkError("not connected")
        topic = self._prefix + envelope.subject + ("/gzip" if envelope.gzip else "")
        try:
            await client.publish(topic, envelope.body, qos=self._settings.qos, retain=envelope.retain)
        except (aiomqtt.MqttError, OSError, ValueError) as error:
            raise LinkError(f"{self._host}:{self._port}: {error}") from error

    async def lost(self) -> None:
        client = self._client
        if client is None:
            raise LinkError("not connected")
        try:
            async for _ in client.messages:
                continue  # nothing is subscribed to: the iterator is how the client tells of its end
        except (aiomqtt.MqttError, OSError) as error:
            raise LinkError(f"{self._host}:{self._port}: {error.__cause__ or error}") from error

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        with suppress(aiomqtt.MqttError, OSError, TimeoutError, ValueError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await client.publish(
                    self._prefix + "status", self._offline.body, qos=1, retain=True, timeout=math.inf
                )
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await client.__aexit__(None, None, None)
        except (aiomqtt.MqttError, OSError, TimeoutError, ValueError):
            self._drop(client)

    @staticmethod
    def _drop(client: aiomqtt.Client) -> None:
        """A client that never came up holds its socket until it is told to let go."""
        with suppress(OSError, ValueError):
            client._client.disconnect()  # noqa: SLF001 - aiomqtt has no way to give up a half-open client
