"""Taps: between the agent and a bus, passing every byte on and showing it to the capture. Cut, they let nothing pass.

A tap on TCP is a socket of its own; a tap on a serial line is a pseudo-terminal, with the real port behind it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import termios
import tty
from pathlib import Path

from hil.bench.traffic import Traffic

CHUNK = 4096
CONNECT = 5.0  # real seconds


class TcpTap:
    """Listens on loopback and passes to one host and port."""

    def __init__(self, bus: str, traffic: Traffic, host: str, port: int) -> None:
        self._bus = bus
        self._traffic = traffic
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._cut = False

    async def start(self) -> int:
        """The port it listens on. Raises OSError."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """Nothing passes any more."""
        self._cut = True
        for writer in self._writers:
            writer.close()

    async def stop(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CONNECT):
                    await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            async with asyncio.timeout(CONNECT):
                far_reader, far_writer = await asyncio.open_connection(*self._target)
        except (OSError, TimeoutError) as error:
            self._traffic.note(self._bus, f"cannot be reached: {error or 'no answer'}")
            writer.close()
            self._writers.discard(writer)
            return
        self._writers.add(far_writer)
        passing = [
            asyncio.ensure_future(self._pass(reader, far_writer, to_device=True)),
            asyncio.ensure_future(self._pass(far_reader, writer, to_device=False)),
        ]
        try:
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in passing:
                task.cancel()
            for one in (writer, far_writer):
                one.close()
                self._writers.discard(one)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_device: bool
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while (data := await reader.read(CHUNK)) and not self._cut:
                self._traffic.passed(self._bus, to_device, data)
                writer.write(data)
                await writer.drain()


class SerialTap:
    """A pseudo-terminal for the agent, linked at `link`; behind it the port of the real line."""

    def __init__(self, bus: str, traffic: Traffic, port: str, link: Path) -> None:
        self._bus = bus
        self._traffic = traffic
        self._port = port
        self._link = link
        self._ours = self._slave = self._far = -1

    def start(self, baudrate: int, parity: str, stopbits: int) -> None:
        """Raises OSError when the port cannot be had, ValueError for a speed this machine does not know."""
        self._far = os.open(self._port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            _set_line(self._far, baudrate, parity, stopbits)
            self._ours, self._slave = os.openpty()
            tty.setraw(self._slave)
            os.set_blocking(self._ours, False)
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(os.ttyname(self._slave))
        except (OSError, ValueError):
            self.stop()
            raise
        loop = asyncio.get_running_loop()
        loop.add_reader(self._ours, self._pass, self._ours, self._far, True)
        loop.add_reader(self._far, self._pass, self._far, self._ours, False)

    def cut(self) -> None:
        """Nothing passes any more."""
        loop = asyncio.get_running_loop()
        for one in (self._ours, self._far):
            if one >= 0:
                loop.remove_reader(one)

    def stop(self) -> None:
        if self._ours >= 0:
            self.cut()
        for one in (self._ours, self._slave, self._far):
            if one >= 0:
                os.close(one)
        self._ours = self._slave = self._far = -1
        self._link.unlink(missing_ok=True)

    def _pass(self, source: int, target: int, to_device: bool) -> None:
        try:
            data = os.read(source, CHUNK)
            if data:
                self._traffic.passed(self._bus, to_device, data)
                os.write(target, data)
        except BlockingIOError:
            return
        except OSError as error:
            self._traffic.note(self._bus, f"the line is lost: {error}")
            self.cut()


def _set_line(descriptor: int, baudrate: int, parity: str, stopbits: int) -> None:
    speed = getattr(termios, f"B{baudrate}", None)
    if speed is None:
        raise ValueError(f"{baudrate} baud is not known here")
    tty.setraw(descriptor)
    settings = termios.tcgetattr(descriptor)
    flags = settings[2] & ~(termios.PARENB | termios.PARODD | termios.CSTOPB)
    flags |= {"none": 0, "even": termios.PARENB, "odd": termios.PARENB | termios.PARODD}[parity]
    settings[2] = flags | (termios.CSTOPB if stopbits == 2 else 0) | termios.CLOCAL | termios.CREAD
    settings[4] = settings[5] = speed
    termios.tcsetattr(descriptor, termios.TCSANOW, settings)
