"""What the Modbus tests share: virtual time, a line without a wire, frames made by hand."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterable

import pytest

from drivers.modbus.lines import Receiver
from hil.virtual_time import run_virtual
from tests.rtu_frames import framed

Answer = Callable[[bytes], Iterable[tuple[float, bytes]]]


class WirelessLine:
    """A line whose far end is a function: request -> (delay, bytes) to be received."""

    def __init__(self, answer: Answer, receiver: Receiver) -> None:
        self.answer, self.receiver = answer, receiver
        self.sent: list[tuple[float, bytes]] = []
        self.closed = False

    def send(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        self.sent.append((loop.time(), data))
        for delay, answer in self.answer(data):
            loop.call_later(delay, self.bring, answer)

    def bring(self, data: bytes) -> None:
        if not self.closed and data:
            self.receiver.received(data)

    def close(self) -> None:
        self.closed = True


class Wireless:
    """Opens such lines and keeps them."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.lines: list[WirelessLine] = []

    async def __call__(self, receiver: Receiver) -> WirelessLine:
        self.lines.append(WirelessLine(self.answer, receiver))
        return self.lines[-1]

    @property
    def sent(self) -> list[tuple[float, bytes]]:
        return [one for line in self.lines for one in line.sent]


def own_numbers(request: bytes) -> bytes:
    """The RTU answer of a unit whose registers hold their own address, so that any shift shows."""
    unit, function, address, count = struct.unpack(">BBHH", request[:6])
    return framed(struct.pack(f">BBB{count}H", unit, function, 2 * count, *range(address, address + count)))


class Tools:
    """The fixture's face: test files cannot import this one."""

    run = staticmethod(run_virtual)
    wireless = Wireless
    rtu = staticmethod(framed)
    own_numbers = staticmethod(own_numbers)


@pytest.fixture
def tools() -> type[Tools]:
    return Tools
