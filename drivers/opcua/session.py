"""One session with one server, used once: made from nothing, watched, thrown away whole when anything breaks.

The client library's own reconnection, watchdogs and publish loop are not used: they outlive the connection they
belong to. Here a session owns every task it starts, every wait has an end, and closing leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from asyncua import Client, ua
from asyncua.ua.ua_binary import struct_from_binary

from agent.core.errors import BusError
from drivers.opcua import faults
from drivers.opcua.faults import ServiceFault
from drivers.opcua.settings import OpcUaBus
from drivers.opcua.wire import Raw, decode_read

log = logging.getLogger("plantroom.opcua")

Answer = TypeVar("Answer")

RENEW_AT = 0.75  # share of its lifetime after which a channel is renewed (OPC UA Part 4, 5.5.2)
CLOSING = 1.0  # seconds a server gets to answer our good-bye
_SERVER_STATE = ua.NodeId(ua.Int32(ua.ObjectIds.Server_ServerStatus_State))


def abort(client: Client) -> None:
    """Drop the socket at once, whatever it still had to say."""
    protocol = client.uaclient.protocol
    if protocol is not None and protocol.transport is not None:
        protocol.transport.abort()
    client.disconnect_socket()


class Session:
    """An activated session on an open channel (see drivers.opcua.connect). Dead for good once `lost` is set.

    `on_lost` is called once, with the reason, unless the session was closed on purpose.
    """

    def __init__(self, client: Client, settings: OpcUaBus, on_lost: Callable[[str], None]) -> None:
        self._client = client
        self._protocol = client.uaclient.protocol
        self._timeout = settings.timeout
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard = self._loop.time()
        self._quiet = min(settings.keep_alive, client.session_timeout / 3000)
        self._closing = False
        self.lost: str | None = None
        if self._protocol is None:
            raise BusError(f"{settings.url}: the connection was cut while it was being made")
        self._protocol.on_connection_lost = self._cut
        self.spawn(self._watch(), "watch")

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run `work` as long as the session lives; an error in it is the end of the session."""
        task = self._loop.create_task(work, name=f"opcua-{name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def ask(self, request: Any, patience: float | None = None) -> bytes:
        """Send one request, return the undecoded answer. `patience`: seconds, for a publish request that may wait.

        Raises BusError (the session is then lost) or ServiceFault (the server refuses this request).
        """
        if self.lost is not None or self._protocol is None:
            raise BusError(self.lost or "not connected")
        limit = self._timeout if patience is None else patience
        try:
            async with asyncio.timeout(limit):
                answer = await self._protocol.send_request(request, limit if patience is None else 0)
        except ua.UaStatusCodeError as error:
            if faults.breaks_session(error.code):
                raise self.lose(faults.name_of(error.code)) from error
            raise ServiceFault(error.code) from error
        except TimeoutError as error:
            silent = "no answer" if patience is None else "the subscription gave no sign of life"
            raise self.lose(f"{silent} within {limit:g} s") from error
        except (OSError, ua.UaError) as error:
            raise self.lose(str(error) or type(error).__name__) from error
        self._heard = self._loop.time()
        return bytes(answer)

    async def service(self, request: Any, answer: type[Answer]) -> Answer:
        """Like `ask`, with the answer decoded by the client library."""
        data = await self.ask(request)

        def checked(content: bytes) -> Answer:
            decoded = struct_from_binary(answer, ua.utils.Buffer(content))
            header: Any = decoded
            header.ResponseHeader.ServiceResult.check()
            return decoded

        return self.decode(checked, data)

    async def read(
        self, nodes: list[ua.NodeId], attribute: ua.AttributeIds = ua.AttributeIds.Value
    ) -> tuple[list[Raw], float]:
        """One Read service call. Returns the values in order and the server's time of the answer."""
        request = ua.ReadRequest()
        request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Source
        request.Parameters.NodesToRead = [
            ua.ReadValueId(NodeId=node, AttributeId=attribute) for node in nodes
        ]
        values, time = self.decode(decode_read, await self.ask(request))
        if len(values) != len(nodes):
            raise self.lose(f"{len(values)} values where {len(nodes)} were asked for")
        return values, time

    def decode(self, how: Callable[[bytes], Answer], data: bytes) -> Answer:
        """Decode an answer; one that makes no sense ends the session (the stream may be out of step)."""
        try:
            return how(data)
        except ua.UaStatusCodeError as error:
            raise ServiceFault(error.code) from error
        except Exception as error:
            # the library's decoder raises whatever its inputs lead it to
            raise self.lose(f"an answer makes no sense ({type(error).__name__}: {error})") from error

    def lose(self, reason: str) -> BusError:
        """Declare the session dead, tell once, and return the error to raise."""
        if self.lost is None:
            self.lost = reason
            abort(self._client)
            for task in self._tasks:
                task.cancel()
            if not self._closing:
                self._on_lost(reason)
        return BusError(self.lost)

    async def close(self) -> None:
        """Say good-bye within a second, drop the socket, end all tasks. Never raises."""
        self._closing = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        try:
            if self.lost is None:
                async with asyncio.timeout(min(CLOSING, self._timeout)):
                    await self._client.uaclient.close_session(True)
                    await self._client.uaclient.close_secure_channel()
        except Exception as error:  # noqa: BLE001 - good manners only; the server clears up by its own time-out
            log.debug("closing: %s", error)
        finally:
            self.lose("closed")
        await asyncio.gather(*tasks, return_exceptions=True)

    def _cut(self, error: Exception | None) -> None:
        self.lose(f"connection cut ({error or 'closed'})")

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, BusError):
            self.lose(str(error))
        elif error is not None:
            log.error("opcua: %s failed", task.get_name(), exc_info=error)
            self.lose(f"{task.get_name()}: {error}")

    async def _watch(self) -> None:
        """Renew the channel in time; when nothing was heard for a while, ask for the server's state."""
        renewed = self._loop.time()
        while True:
            lifetime = self._client.secure_channel_timeout / 1000 * RENEW_AT
            await asyncio.sleep(min(self._quiet, max(0.05, renewed + lifetime - self._loop.time())))
            if self._loop.time() - renewed >= lifetime:
                renewed = self._loop.time()
                await self._renew()
            if self._loop.time() - self._heard >= self._quiet * 0.9:
                await self.read([_SERVER_STATE])

    async def _renew(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._client.open_secure_channel(renew=True)
                self._client.uaclient.revolve_security_token()
        except (OSError, TimeoutError, ua.UaError) as error:
            raise self.lose(f"the channel cannot be renewed ({error or type(error).__name__})") from error
