"""Modbus faces: several units behind one TCP port (Modbus TCP or RTU frames) or on one pseudo-terminal line."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import tty
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import serial

from agent.core.errors import PlantroomError
from hil.faults import WireFaults
from hil.servers.device import SimulatedDevice
from hil.servers.framing import RtuFraming, TcpFraming
from hil.servers.line import Responder
from hil.servers.modbus_unit import ModbusUnit
from hil.servers.serial_port import SerialPort, open_port

_log = logging.getLogger("plantroom.hil")

Devices = Mapping[int, SimulatedDevice]
"""Unit address to device."""
DEVICES, TERMINALS = Path("/dev"), Path("/dev/pts")


class _Connection(asyncio.Protocol):
    """One master's connection."""

    def __init__(self, face: ModbusTcpFace) -> None:
        self._face = face
        self._responder: Responder | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast("asyncio.Transport", transport)  # create_server gives no other
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        face = self._face
        framing = RtuFraming() if face.rtu else TcpFraming()
        self._transport = transport
        self._responder = Responder(face.units, framing, face.faults, self._send, transport.abort)
        face.connections.add(transport)

    def _send(self, frame: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frame)

    def data_received(self, data: bytes) -> None:
        if self._responder is None or self._transport is None:
            return
        try:
            self._responder.received(data)
        except ValueError:
            self._transport.abort()

    def connection_lost(self, _: Exception | None) -> None:
        if self._responder is not None:
            self._responder.close()
        if self._transport is not None:
            self._face.connections.discard(self._transport)


class ModbusTcpFace:
    """Units behind one TCP port. `rtu` puts RTU frames on TCP, as a serial device server does."""

    def __init__(self, devices: Devices, *, rtu: bool = False, faults: WireFaults | None = None) -> None:
        self.units = {address: ModbusUnit(device) for address, device in devices.items()}
        self.rtu = rtu
        self.faults = faults or WireFaults()
        self.connections: set[asyncio.Transport] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        if self._server is None:
            raise RuntimeError("the face is not up")
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), host, port)

    def inject(self, noise: bytes) -> None:
        """Bytes nobody asked for, to every master."""
        for transport in tuple(self.connections):
            if not transport.is_closing():
                transport.write(noise)

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for transport in tuple(self.connections):
            transport.abort()
        await self._server.wait_closed()
        self._server = None


def clear_for_link(link: Path) -> None:
    """Takes away what a run that was killed has left at `link`. Raises PlantroomError for a place of real ports.

    Whoever is root could make a link anywhere, and the names below /dev/serial are links already: they are not ours.
    """
    if (link.parent.resolve() / link.name).is_relative_to(DEVICES):
        raise PlantroomError(
            f"{link} is the place of a real port, and nothing is made below {DEVICES}: --port <bus>={link} uses "
            "the port itself once it is there, --port <bus>=/tmp/line makes a pseudo-terminal at that place"
        )
    if not link.is_symlink():
        return
    if not link.readlink().is_relative_to(TERMINALS):
        raise PlantroomError(f"{link} leads to {link.readlink()}, which is nothing this program has made")
    link.unlink()


class ModbusLineFace:
    """Units on one serial line: a pseudo-terminal behind a stable link, or a real port.

    `baudrate` makes replies on a pseudo-terminal take the time their bits take; None answers as fast as the machine can.
    """

    def __init__(
        self, devices: Devices, *, baudrate: int | None = None, faults: WireFaults | None = None
    ) -> None:
        self.units = {address: ModbusUnit(device) for address, device in devices.items()}
        self.faults = faults or WireFaults()
        self.plugged = True  # out: nothing arrives and nothing leaves
        self._baudrate = baudrate
        self._ends: tuple[int, int] | None = None  # ours, and the terminal's other end
        self._port: serial.Serial | None = None
        self._link: Path | None = None
        self._responder: Responder | None = None

    @property
    def path(self) -> str:
        """Where a master finds the line: the stable link, or the terminal itself."""
        if self._port is not None:
            return str(self._port.port)
        if self._ends is None:
            raise RuntimeError("the face is not up")
        return str(self._link) if self._link is not None else os.ttyname(self._ends[1])

    def start(self, link: Path | None = None) -> None:
        """Raises OSError when no terminal is to be had or the link cannot be made, PlantroomError where none may be."""
        if link is not None:
            clear_for_link(link)
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self._ends = (ours, theirs)
        if link is not None:
            link.symlink_to(os.ttyname(theirs))
            self._link = link
        self._listen(ours, self._baudrate)

    def start_on(self, port: SerialPort) -> None:
        """On a real port, whose bits take their own time. Raises OSError."""
        self._port = open_port(port)
        self._listen(self._port.fileno(), None)

    def stop(self) -> None:
        descriptor = self._descriptor
        if descriptor is None:
            return
        asyncio.get_running_loop().remove_reader(descriptor)
        if self._responder is not None:
            self._responder.close()
        if self._link is not None:
            with contextlib.suppress(FileNotFoundError):
                self._link.unlink()
        if self._port is not None:
            self._port.close()
        for end in self._ends or ():
            os.close(end)
        self._ends, self._port = None, None

    def inject(self, noise: bytes) -> None:
        """Bytes nobody asked for."""
        self._send(noise)

    @property
    def _descriptor(self) -> int | None:
        if self._port is not None:
            return int(self._port.fileno())
        return None if self._ends is None else self._ends[0]

    def _listen(self, descriptor: int, baudrate: int | None) -> None:
        self._responder = Responder(self.units, RtuFraming(), self.faults, self._send, None, baudrate)
        asyncio.get_running_loop().add_reader(descriptor, self._readable)

    def _readable(self) -> None:
        descriptor = self._descriptor
        if descriptor is None or self._responder is None:
            return
        try:
            data = os.read(descriptor, 4096)
        except BlockingIOError:
            return
        except OSError as error:
            _log.warning("line %s: %s", self._link or self.path, error)
            asyncio.get_running_loop().remove_reader(descriptor)
            return
        if self.plugged:
            self._responder.received(data)

    def _send(self, frame: bytes) -> None:
        descriptor = self._descriptor
        if descriptor is None or not self.plugged:
            return
        with contextlib.suppress(BlockingIOError):  # nobody reads: the bytes are lost, as on a real line
            os.write(descriptor, frame)
