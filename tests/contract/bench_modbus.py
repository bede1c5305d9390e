"""Modbus under the contract: a small server of our own, so that faults can be made in single frames."""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
import tempfile
import tty
from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.core.device_profile import BlockLimits, Device, DeviceProfile
from agent.core.point import Value
from agent.core.register import RawType, Register, Table, WordOrder
from drivers.modbus import KINDS
from drivers.modbus.settings import Parity, RtuBus, RtuTcpBus, RtuUnit, TcpBus, TcpUnit
from tests.rtu_frames import framed, is_framed

UNITS = {"d1": 1, "d2": 2}
TIMEOUT, SLOW, LATE = 0.08, 0.025, 0.12
MODES = {0: "off", 1: "cool", 2: "heat"}
HOLDING, INPUT = Table.HOLDING, Table.INPUT
# two blocks of one shape (300 and 400): a shifted answer would fit
REGISTERS = {
    "temp": Register(table=INPUT, address=100, type=RawType.INT16, scale=0.1),
    "spare": Register(table=INPUT, address=101, type=RawType.INT16, scale=0.1, sentinels=(0x8000,)),
    "humidity": Register(table=INPUT, address=102, scale=0.1),
    "power": Register(table=HOLDING, address=200, type=RawType.FLOAT32, order=WordOrder.CDAB),
    "count": Register(table=HOLDING, address=202, type=RawType.UINT32),
    "speed": Register(table=HOLDING, address=300, type=RawType.FLOAT32),
    "setpoint": Register(table=HOLDING, address=400, type=RawType.INT16, scale=0.1),
    "mode": Register(table=HOLDING, address=401, codes=MODES),
    "run": Register(table=Table.COIL, address=5),
}


class Plant:
    """Registers of both units, and what each does wrong. Written apart from the driver's own codec."""

    def __init__(self) -> None:
        self.words: dict[tuple[int, int], int] = {}
        self.coils: dict[tuple[int, int], int] = {}
        self.faults: dict[int, str] = {}
        self.stalled = False

    def set(self, unit: int, name: str, value: Value | None) -> None:
        register = REGISTERS[name]
        if name == "run":
            self.coils[unit, register.address] = int(bool(value))
            return
        self.put(unit, register.address, self._words(name, value))

    def _words(self, name: str, value: Any) -> list[int]:
        if value is None:
            return [0x8000]
        if name == "mode":
            return [next(code for code, text in MODES.items() if text == value)]
        if name == "count":
            return list(struct.unpack(">HH", struct.pack(">I", value)))
        if name in ("power", "speed"):
            words = list(struct.unpack(">HH", struct.pack(">f", value)))
            return words[::-1] if name == "power" else words
        return [round(value * 10) & 0xFFFF]

    def get(self, unit: int, name: str) -> Value:
        address = REGISTERS[name].address
        if name == "run":
            return bool(self.coils[unit, address])
        first = self.words[unit, address]
        if name == "mode":
            return MODES[first]
        if name in ("temp", "spare", "humidity", "setpoint"):
            return struct.unpack(">h", struct.pack(">H", first))[0] / 10
        pair = [first, self.words[unit, address + 1]]
        data = struct.pack(">HH", *(pair[::-1] if name == "power" else pair))
        return struct.unpack(">I" if name == "count" else ">f", data)[0]

    def put(self, unit: int, address: int, words: list[int]) -> None:
        for at, word in enumerate(words):
            self.words[unit, address + at] = word

    def answer(self, unit: int, pdu: bytes) -> bytes:
        """The right answer to a request."""
        function = pdu[0]
        address, second = struct.unpack(">HH", pdu[1:5])
        if function in (1, 2):
            bits = sum(self.coils.get((unit, address + at), 0) << at for at in range(second))
            size = (second + 7) // 8
            return bytes((function, size)) + bits.to_bytes(size, "little")
        if function in (3, 4):
            return self._registers(unit, function, address, second)
        if function == 5:
            self.coils[unit, address] = int(second == 0xFF00)
            return pdu
        if function == 6:
            self.put(unit, address, [second])
            return pdu
        if function == 15:
            for at in range(second):
                self.coils[unit, address + at] = pdu[6 + at // 8] >> at % 8 & 1
            return pdu[:5]
        if function == 16:
            self.put(unit, address, list(struct.unpack(f">{second}H", pdu[6:])))
            return pdu[:5]
        return bytes((function | 0x80, 1))

    def _registers(self, unit: int, function: int, address: int, count: int) -> bytes:
        known = [self.words.get((unit, address + at)) for at in range(count)]
        if None in known:
            return bytes((function | 0x80, 2))
        return bytes((function, 2 * count)) + struct.pack(f">{count}H", *known)


class Server:
    """Answers frames as the plant says; `frame` wraps an answer for the wire, `send` and `cut` are the line's."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.waiting: set[asyncio.TimerHandle] = set()

    def serve(self, unit: int, pdu: bytes, frame: Any, send: Any, cut: Any) -> None:
        fault = self.plant.faults.get(unit)
        if self.plant.stalled or fault == "silent" or unit not in UNITS.values():
            return
        if fault == "cut":
            cut()
            return
        answer = bytes((pdu[0] | 0x80, 6)) if fault == "refusing" else self.plant.answer(unit, pdu)
        data = frame(3 - unit if fault == "unit" else unit, answer)
        if fault == "half":
            data = data[: len(data) // 2]
        elif fault == "repeated":
            data += data
        delay = {"slow": SLOW, "late": LATE}.get(fault or "")
        if delay is None:
            send(data)
        else:
            self.waiting.add(asyncio.get_running_loop().call_later(delay, send, data))

    def forget(self) -> None:
        for handle in self.waiting:
            handle.cancel()
        self.waiting.clear()


class RtuEars:
    """Cuts a stream of bytes into RTU requests."""

    def __init__(self, server: Server, send: Any, cut: Any) -> None:
        self.server, self.send, self.cut, self.buffer = server, send, cut, b""

    def hear(self, data: bytes) -> None:
        self.buffer += data
        while len(self.buffer) >= 8:
            length = 8
            if self.buffer[1] in (15, 16):
                length = 9 + self.buffer[6]
            if len(self.buffer) < length:
                return
            frame, self.buffer = self.buffer[:length], self.buffer[length:]
            assert is_framed(frame)
            self.server.serve(frame[0], frame[1:-2], rtu_frame, self.send, self.cut)


def rtu_frame(unit: int, answer: bytes) -> bytes:
    return framed(bytes((unit,)) + answer)


class Bench(ABC):
    """What the three share."""

    marks = (pytest.mark.integration,)
    faults = frozenset({"silent", "refusing", "unit", "cut", "half", "slow", "late", "repeated", "stalled"})
    name = ""

    def __init__(self, points: dict[str, Any]) -> None:
        self.points = points
        self.plant = Plant()
        self.server = Server(self.plant)

    def set(self, device: str, name: str, value: Value | None) -> None:
        self.plant.set(UNITS[device], name, value)

    def get(self, device: str, name: str) -> Value:
        return self.plant.get(UNITS[device], name)

    def fault(self, kind: str, device: str) -> None:
        if kind == "stalled":
            self.plant.stalled = True
        else:
            self.plant.faults[UNITS[device]] = kind

    def heal(self) -> None:
        self.plant.stalled = False
        self.plant.faults.clear()

    def driver(self, clock: Any, sink: Any) -> Any:
        settings, unit = self.settings()
        profile = DeviceProfile(
            id="contract", points=self.points, sources=dict(REGISTERS), limits=BlockLimits(max_hole=4)
        )
        devices = [
            Device(
                id=one,
                bus="contract",
                profile=profile,
                settings=unit(unit=UNITS[one]),
                points={name: replace(point, id=f"{one}.{name}") for name, point in self.points.items()},
            )
            for one in UNITS
        ]
        return KINDS[self.name].create("contract", settings, devices, clock, sink)

    @abstractmethod
    def settings(self) -> tuple[Any, Any]: ...

    @abstractmethod
    async def start(self) -> None: ...

    @abstractmethod
    async def stop(self) -> None: ...


class Listening(Bench):
    """On a TCP port."""

    def __init__(self, points: dict[str, Any]) -> None:
        super().__init__(points)
        self.writers: set[asyncio.StreamWriter] = set()
        self.listener: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        self.listener = await asyncio.start_server(self.talk, "127.0.0.1", self.port)
        self.port = self.listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.server.forget()
        if self.listener is not None:
            self.listener.close()
            for writer in list(self.writers):
                writer.transport.abort()
            await self.listener.wait_closed()
            await asyncio.sleep(0)
            self.listener = None

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self.listen(reader, writer)
        finally:
            self.writers.discard(writer)
            writer.transport.abort()

    @abstractmethod
    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...


def sender(writer: asyncio.StreamWriter) -> Any:
    return lambda data: None if writer.transport.is_closing() else writer.write(data)


class TcpBench(Listening):
    name = "modbus-tcp"

    def settings(self) -> tuple[Any, Any]:
        return TcpBus(host="127.0.0.1", port=self.port, timeout=TIMEOUT), TcpUnit

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            transaction, _, length, unit = struct.unpack(">HHHB", await reader.readexactly(7))
            pdu = await reader.readexactly(length - 1)

            def frame(who: int, answer: bytes, number: int = transaction) -> bytes:
                return struct.pack(">HHHB", number, 0, len(answer) + 1, who) + answer

            self.server.serve(unit, pdu, frame, sender(writer), writer.transport.abort)


class RtuTcpBench(Listening):
    name = "modbus-rtu-tcp"

    def settings(self) -> tuple[Any, Any]:
        return RtuTcpBus(host="127.0.0.1", port=self.port, timeout=TIMEOUT, quiet=0.01), RtuUnit

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ears = RtuEars(self.server, sender(writer), writer.transport.abort)
        while data := await reader.read(4096):
            ears.hear(data)


class RtuBench(Bench):
    """A pseudo-terminal behind a stable name, as udev gives an adapter; "cut" pulls the adapter and plugs it in again."""

    name = "modbus-rtu"

    def __init__(self, points: dict[str, Any]) -> None:
        super().__init__(points)
        self.path = Path(tempfile.gettempdir()) / f"contract-adapter-{os.getpid()}-{id(self)}"
        self.ends: tuple[int, int] | None = None

    def settings(self) -> tuple[Any, Any]:
        settings = RtuBus(
            port=str(self.path), baudrate=115200, parity=Parity.NONE, timeout=TIMEOUT, quiet=0.01
        )
        return settings, RtuUnit

    async def start(self) -> None:
        self.plug()

    async def stop(self) -> None:
        self.server.forget()
        self.unplug()

    def plug(self) -> None:
        self.ends = os.openpty()
        master, slave = self.ends
        tty.setraw(slave)
        os.set_blocking(master, False)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))
        ears = RtuEars(self.server, self.send, self.replug)
        asyncio.get_running_loop().add_reader(master, self.hear, master, ears)

    def hear(self, master: int, ears: RtuEars) -> None:
        with contextlib.suppress(BlockingIOError):
            ears.hear(os.read(master, 4096))

    def unplug(self) -> None:
        if self.ends is None:
            return
        master, slave = self.ends
        self.ends = None
        asyncio.get_running_loop().remove_reader(master)
        self.path.unlink(missing_ok=True)
        os.close(slave)
        os.close(master)

    def replug(self) -> None:
        self.unplug()
        self.plug()

    def send(self, data: bytes) -> None:
        if self.ends is not None:
            os.write(self.ends[0], data)


BENCHES = [TcpBench, RtuTcpBench, RtuBench]
