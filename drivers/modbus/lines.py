"""Lines: a TCP socket and a serial port, as two ends of bytes. What the bytes mean is the link's business.

Opening has an end, closing is at once. A serial port is locked, so that a second agent is refused instead of
talking in between.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import termios
from typing import Protocol, cast

import serial

from agent.core.errors import BusError
from drivers.modbus.settings import Parity, RtuBus

SERIAL_OPEN_TIMEOUT = 10.0
PARITIES = {Parity.NONE: serial.PARITY_NONE, Parity.EVEN: serial.PARITY_EVEN, Parity.ODD: serial.PARITY_ODD}


class Receiver(Protocol):
    """Who takes what a line brings."""

    def received(self, data: bytes) -> None: ...

    def lost(self, reason: str) -> None:
        """The line is gone, without `close` having been called."""
        ...


class Line(Protocol):
    """Somewhere to send bytes to."""

    def send(self, data: bytes) -> None: ...

    def close(self) -> None:
        """At once; nothing is received after it."""
        ...


class TcpLine(asyncio.Protocol):
    """A connected socket."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver: Receiver | None = receiver
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without saying so
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        if self._receiver is not None:
            self._receiver.received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.lost(str(exc) if exc else "connection closed by the other side")

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        self._receiver = None
        if self._transport is not None:
            self._transport.abort()


async def open_tcp(host: str, port: int, timeout: float, receiver: Receiver) -> Line:  # noqa: ASYNC109 - the installer's setting
    """Connect. Raises BusError."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout):
            _, line = await loop.create_connection(lambda: TcpLine(receiver), host, port)
    except TimeoutError as error:
        raise BusError(f"{host}:{port}: no connection within {timeout:g} s") from error
    except OSError as error:
        raise BusError(f"{host}:{port}: {error.strerror or error}") from error
    return line


class SerialLine:
    """An open serial port."""

    def __init__(self, port: serial.Serial, receiver: Receiver) -> None:
        self._port: serial.Serial | None = port
        self._descriptor = port.fileno()
        self._receiver = receiver
        self._loop = asyncio.get_running_loop()
        self._unsent = b""
        self._loop.add_reader(self._descriptor, self._read)

    def send(self, data: bytes) -> None:
        if self._port is None:
            return
        self._unsent += data
        self._write()

    def close(self) -> None:
        port, self._port = self._port, None
        if port is None:
            return
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        _close_port(port)

    def _read(self) -> None:
        if self._port is None:
            return
        try:
            data = os.read(self._descriptor, 4096)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(error.strerror or str(error))
            return
        if data:
            self._receiver.received(data)
        else:
            self._fail("the port is gone")

    def _write(self) -> None:
        if self._port is None:
            return
        try:
            sent = os.write(self._descriptor, self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._fail(error.strerror or str(error))
            return
        self._unsent = self._unsent[sent:]
        if self._unsent:
            self._loop.add_writer(self._descriptor, self._write)
        else:
            self._loop.remove_writer(self._descriptor)

    def _fail(self, reason: str) -> None:
        self.close()
        self._receiver.lost(reason)


async def open_serial(settings: RtuBus, receiver: Receiver) -> Line:
    """Open and lock the port, in a thread since a driver may take its time. Raises BusError."""
    loop = asyncio.get_running_loop()
    opening = loop.run_in_executor(None, _open_port, settings)
    try:
        async with asyncio.timeout(SERIAL_OPEN_TIMEOUT):
            port = await asyncio.shield(opening)
    except BaseException as error:
        opening.add_done_callback(_let_go)
        if isinstance(error, TimeoutError):
            raise BusError(f"{settings.port}: not open within {SERIAL_OPEN_TIMEOUT:g} s") from error
        if isinstance(error, OSError | ValueError | termios.error):
            raise BusError(_why_not_open(settings.port, error)) from error
        raise
    return SerialLine(port, receiver)


def _open_port(settings: RtuBus) -> serial.Serial:
    port = serial.Serial(
        settings.port,
        settings.baudrate,
        settings.bytesize,
        _parity(settings),
        settings.stopbits,
        timeout=0,
        write_timeout=0,
        exclusive=True,  # flock: ends with the process, however that ends
    )
    if not _is_pseudo_terminal(settings.port):
        # keeps other programs out too; a pseudo-terminal would keep the flag after our death
        fcntl.ioctl(port.fileno(), termios.TIOCEXCL)
    port.reset_input_buffer()
    return port


def _parity(settings: RtuBus) -> str:
    """None on a pseudo-terminal: it has no parity bit, and asked for one alone it refuses (tcsetattr(3), EINVAL)."""
    return serial.PARITY_NONE if _is_pseudo_terminal(settings.port) else PARITIES[settings.parity]


def _is_pseudo_terminal(port: str) -> bool:
    return os.path.realpath(port).startswith("/dev/pts/")


def _close_port(port: serial.Serial) -> None:
    try:
        if not _is_pseudo_terminal(str(port.port)):
            fcntl.ioctl(port.fileno(), termios.TIOCNXCL)
    except OSError:
        pass  # the adapter was pulled out: nothing is left to unlock
    finally:
        port.close()


def _let_go(opening: asyncio.Future[serial.Serial]) -> None:
    """Closes a port that came open after nobody waited for it any more."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _why_not_open(port: str, error: BaseException) -> str:
    text = str(error)
    if "lock" in text or "busy" in text.lower():
        return f"{port}: in use by another program"
    return f"{port}: {text}"
