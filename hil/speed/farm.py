"""The device farm: many Modbus TCP devices in one process, every register changing at every poll.

Not a server to control anything with: it answers function 3 only, as cheaply as Python can, so that it is not the
bottleneck. Registers 96..99 carry when (ms, 48 bits) and how often the device last changed by itself, which is what
the time from a change to its arrival is measured with.

    python -m hil.speed.farm DEVICES PORT     device n answers at its own loopback address, see `address`
"""

from __future__ import annotations

import asyncio
import random
import struct
import sys
import time
from typing import cast

REGISTERS = 100
MEAN_CHANGE = 1.3  # seconds between a device's own changes; no multiple of the poll period
_RAMP = [(7 * number) & 0xFFFF for number in range(96)]
_REPLY = struct.Struct(">HHHBBB100H")
_REQUEST = struct.Struct(">HHHBBHH")


class Unit(asyncio.Protocol):
    """One connection is one device."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._polls = random.randrange(0xFFFF)
        self._changes = 0
        self._changed_at = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._change()

    def connection_lost(self, _error: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= _REQUEST.size:
            transaction, _, _, unit, function, address, count = _REQUEST.unpack_from(self._buffer)
            self._buffer = self._buffer[_REQUEST.size :]
            if self._transport is None:
                return
            if (function, address, count) != (3, 0, REGISTERS):
                self._transport.write(struct.pack(">HHHBBB", transaction, 0, 3, unit, function | 0x80, 2))
                continue
            self._transport.write(self._reply(transaction, unit))

    def _reply(self, transaction: int, unit: int) -> bytes:
        self._polls += 1
        shift = self._polls
        at = self._changed_at
        ramp = [(value + shift) & 0xFFFF for value in _RAMP]
        stamp = (at >> 32 & 0xFFFF, at >> 16 & 0xFFFF, at & 0xFFFF, self._changes & 0xFFFF)
        return _REPLY.pack(transaction, 0, 3 + 2 * REGISTERS, unit, 3, 2 * REGISTERS, *ramp, *stamp)

    def _change(self) -> None:
        self._changes += 1
        self._changed_at = int(time.time() * 1000)
        wait = random.uniform(0.5 * MEAN_CHANGE, 1.5 * MEAN_CHANGE)
        self._timer = asyncio.get_running_loop().call_later(wait, self._change)


def address(number: int) -> str:
    """The loopback address of one device."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


async def serve(devices: int, port: int) -> None:
    """Serve for ever; prints a line when ready."""
    hosts = [address(number) for number in range(devices)]
    server = await asyncio.get_running_loop().create_server(Unit, hosts, port)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
