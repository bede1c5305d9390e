"""Losing a server and finding it again: cut, killed, silent; nothing is left behind and nothing hangs."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from typing import Self

import pytest

from agent.control.poller import Poller
from agent.core.errors import BusError
from agent.core.reading import Quality
from agent.core.register import Node
from drivers.opcua import connect as connecting
from drivers.opcua.session import Session

pytestmark = pytest.mark.integration


class Pipe:
    """A relay to the server that can cut its connections, or go on accepting and say nothing more."""

    def __init__(self, target: str) -> None:
        self._target = int(target.rpartition(":")[2].partition("/")[0])
        self._streams: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task] = set()
        self.silent = False
        self.connections = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"opc.tcp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/test"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        for stream in self._streams:
            stream.transport.abort()
        self._streams.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        inner, outer = await asyncio.open_connection("127.0.0.1", self._target)
        self._streams |= {writer, outer}
        for source, sink in ((reader, outer), (inner, writer)):
            task = asyncio.ensure_future(self._copy(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                if not self.silent:
                    sink.write(data)
        except OSError:
            pass
        finally:
            sink.transport.abort()


def client_tasks() -> list[str]:
    """Tasks of the driver or its library that are alive."""
    return [
        task.get_name() + repr(task.get_coro())
        for task in asyncio.all_tasks()
        if "asyncua" in repr(task.get_coro()) or task.get_name().startswith("opcua")
    ]


async def test_a_cut_turns_values_bad_at_once_and_open_recovers(serve, look, until):
    peer = await serve()
    async with Pipe(peer.url) as pipe:
        scene = look(pipe.url, {"temp": Node(node=await peer.add("temp", 21.5))})
        await scene.driver.open()
        await until(lambda: scene.value("temp") == 21.5)
        pipe.cut()
        await until(lambda: scene.latest["temp"].quality is Quality.BAD)
        assert "cut" in scene.latest["temp"].reason
        pulse = scene.driver.plan()[0]
        assert (pulse.points, pulse.period) == ((), 1.0)
        with pytest.raises(BusError, match="cut"):
            await scene.driver.read(pulse)
        with pytest.raises(BusError, match="cut"):
            await scene.driver.write("d.temp", 1.0)
        await peer.set("temp", 25.0)
        await scene.driver.open()
        await until(lambda: scene.value("temp") == 25.0)
        assert pipe.connections == 2
        await scene.driver.close()


async def test_a_server_killed_and_restarted_is_found_again(serve, look, until):
    peer = await serve(own=True)
    url, name = peer.url, peer.prefix
    scene = look(url, {"temp": Node(node=await peer.add("temp", 21.5))})
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 21.5)
    await peer.stop()
    await until(lambda: scene.latest["temp"].quality is Quality.BAD)
    with pytest.raises(BusError):
        await scene.driver.open()
    again = await serve(own=True, port=int(url.rpartition(":")[2].partition("/")[0]))
    again.prefix = name
    await again.add("temp", 30.5)
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 30.5)
    await again.set("temp", 31.5)
    await until(lambda: scene.value("temp") == 31.5)
    await scene.driver.close()
    await again.stop()


async def test_silence_is_noticed_by_the_watch(serve, look, until):
    peer = await serve()
    async with Pipe(peer.url) as pipe:
        scene = look(pipe.url, {"temp": Node(node=await peer.add("temp", 21.5))}, keep_alive=0.3, timeout=0.5)
        await scene.driver.open()
        await until(lambda: scene.value("temp") == 21.5)
        pipe.silent = True
        begun = time.monotonic()
        await until(lambda: scene.latest["temp"].quality is Quality.BAD)
        assert time.monotonic() - begun < 3.0
        assert "no answer within 0.5 s" in scene.latest["temp"].reason


async def test_a_request_into_silence_ends_in_time(serve, look):
    peer = await serve()
    async with Pipe(peer.url) as pipe:
        scene = look(pipe.url, {"temp": Node(node=await peer.add("temp", 21.5))}, timeout=0.3)
        await scene.driver.open()
        pipe.silent = True
        begun = time.monotonic()
        with pytest.raises(BusError, match="no answer"):
            await scene.driver.read(scene.driver.plan()[-1])
        await scene.driver.close()
        assert time.monotonic() - begun < 1.5


async def test_a_black_hole_fails_in_time_and_leaves_nothing(look):
    with socket.create_server(("127.0.0.1", 0)) as hole:  # accepts by the kernel, answers nothing
        scene = look(
            f"opc.tcp://127.0.0.1:{hole.getsockname()[1]}/x", {"t": Node(node="i=2258")}, timeout=0.2
        )
        begun = time.monotonic()
        for _ in range(3):
            with pytest.raises(BusError, match="does not answer"):
                await scene.driver.open()
        assert time.monotonic() - begun < 3.0
        await asyncio.sleep(0)
        assert client_tasks() == []


async def test_nobody_there(look):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(BusError, match=f"opc.tcp://127.0.0.1:{port}"):
        await look(f"opc.tcp://127.0.0.1:{port}/x", {"t": Node(node="i=2258")}).driver.open()


async def test_a_peer_that_talks_nonsense(look):
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 20)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(BusError, match="127"):
        await look(f"opc.tcp://127.0.0.1:{port}/x", {"t": Node(node="i=2258")}, timeout=0.5).driver.open()
    server.close()


@pytest.mark.parametrize("way", ["close", "cut", "cancel"])
async def test_fifty_rounds_leave_no_task_and_no_client(serve, look, until, way):
    peer = await serve()
    node = await peer.add("temp", 21.5)
    async with Pipe(peer.url) as pipe:
        scene = look(pipe.url, {"temp": Node(node=node)})
        for number in range(50):
            if way == "cancel":
                opening = asyncio.ensure_future(scene.driver.open())
                await asyncio.sleep(0.0005 * number)  # another place in the hand-shake each time
                opening.cancel()
                await asyncio.wait([opening])
            else:
                await scene.driver.open()
                if way == "cut":
                    pipe.cut()
                    await until(lambda: scene.driver._session is None or scene.driver._session.lost)
        await scene.driver.close()
        await scene.driver.close()
        await until(lambda: client_tasks() == [])
        gc.collect()
        sessions = [one for one in gc.get_objects() if type(one) is Session]
        assert len(sessions) <= 1
        assert pipe.connections <= 50


async def test_cancelling_a_read_passes_through_and_close_still_works(serve, look):
    peer = await serve()
    async with Pipe(peer.url) as pipe:
        scene = look(pipe.url, {"temp": Node(node=await peer.add("temp", 21.5))})
        await scene.driver.open()
        pipe.silent = True
        reading = asyncio.ensure_future(scene.driver.read(scene.driver.plan()[-1]))
        await asyncio.sleep(0.02)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await scene.driver.close()
        assert client_tasks() == []


async def test_the_channel_is_renewed_in_time(serve, look, until, monkeypatch):
    monkeypatch.setattr(connecting, "CHANNEL_LIFETIME", 0.6)
    peer = await serve()
    scene = look(peer.url, {"temp": Node(node=await peer.add("temp", 1.0))}, keep_alive=0.2)
    await scene.driver.open()
    protocol = scene.driver._session._protocol
    first = protocol._connection.security_token.TokenId
    await until(lambda: protocol._connection.security_token.TokenId > first + 1)
    await peer.set("temp", 2.0)
    await until(lambda: scene.value("temp") == 2.0)
    assert scene.driver._session.lost is None


async def test_a_subscription_the_server_drops_ends_the_session(serve, look, until):
    peer = await serve()
    node = {"temp": Node(node=await peer.add("temp", 21.5))}
    scene = look(peer.url, node, keep_alive=0.3, timeout=0.5)
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 21.5)
    service = peer.server.iserver.subscription_service
    mine = max(service.subscriptions)
    await peer.workshop.do(service.delete_subscriptions([mine]))
    await until(lambda: scene.latest["temp"].quality is Quality.BAD)
    assert "subscription" in scene.latest["temp"].reason
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 21.5)


async def test_the_poller_brings_the_bus_back_by_itself(serve, look, until):
    peer = await serve()
    async with Pipe(peer.url) as pipe:
        scene = look(pipe.url, {"temp": Node(node=await peer.add("temp", 21.5))})
        poller = Poller("b", scene.driver, scene.clock, scene.take)
        running = asyncio.ensure_future(poller.run())
        await until(lambda: scene.value("temp") == 21.5)
        for value in (22.5, 23.5):
            pipe.cut()
            await until(lambda: scene.latest["temp"].quality is Quality.BAD)
            await peer.set("temp", value)
            await until(lambda value=value: scene.value("temp") == value)
            await until(lambda: poller.line.up)
        running.cancel()
        await asyncio.wait([running])
        await until(lambda: client_tasks() == [])
