"""Modbus TCP: one socket for all units of a host. Every answer is matched by transaction, unit, function and length."""

from __future__ import annotations

import asyncio
import logging
import struct

from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU

from agent.core.errors import BusError, DeviceError
from drivers.modbus.bus import Connect, Silences, expire
from drivers.modbus.lines import Line
from drivers.modbus.requests import NonsenseError, Request, SilenceError

log = logging.getLogger("plantroom.modbus")

HEADER = struct.Struct(">HHHB")  # transaction, protocol, length, unit
SHORTEST, LONGEST = 2, 254  # the header's length field: unit and PDU
LAST_TRANSACTION = 0xFFFF
FRAMER = FramerSocket(DecodePDU(is_server=False))


class TcpLink:
    """Carries requests over MBAP. A frame that breaks the stream closes the socket: after it nothing can be trusted."""

    nameless = False

    def __init__(self, name: str, connect: Connect, units: int, turnaround: float = 0.0) -> None:
        self._name = name
        self._connect = connect
        self._units = units
        self._turnaround = turnaround
        self._lock = asyncio.Lock()
        self._line: Line | None = None
        self._why_down = "not open"
        self._transaction = (
            0  # goes on over a reconnect: a gateway may answer on the new socket what came on the old
        )
        self._reset()

    def _reset(self) -> None:
        self._buffer = b""
        self._request: Request | None = None
        self._waiter: asyncio.Future[bytes] | None = None
        self._silences = Silences(self._units)
        self._free_at = 0.0

    async def open(self) -> None:
        self._drop("opening")
        self._reset()
        self._line = await self._connect(self)

    async def close(self) -> None:
        self._drop("closed")
        await asyncio.sleep(0)  # lets the transport finish

    def ambiguous(self, request: Request) -> bool:  # noqa: ARG002 - the transaction number tells answers apart
        return False

    async def exchange(self, request: Request, timeout: float) -> bytes:  # noqa: ASYNC109 - see Link
        async with self._lock:
            loop = asyncio.get_running_loop()
            if self._turnaround:
                await asyncio.sleep(self._free_at - loop.time())
            if self._line is None:
                raise BusError(f"bus {self._name}: {self._why_down}")
            self._transaction = self._transaction % LAST_TRANSACTION + 1
            waiter: asyncio.Future[bytes] = loop.create_future()
            self._waiter = waiter
            self._request = request
            timer = loop.call_later(timeout, expire, waiter, request, timeout)
            self._line.send(FRAMER.encode(request.pdu, request.unit, self._transaction))
            try:
                payload = await waiter
            except SilenceError as error:
                raise self._unanswered(request, error) from None
            except NonsenseError as error:
                if not error.broken:
                    raise
                self._drop(str(error))
                raise BusError(f"bus {self._name}: {error}") from None
            except DeviceError:
                self._silences.heard()
                raise
            finally:
                timer.cancel()
                self._request = self._waiter = None
                self._free_at = loop.time() + self._turnaround
            self._silences.heard()
            return payload

    def received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        while len(buffer) > HEADER.size:
            transaction, protocol, length, unit = HEADER.unpack_from(buffer)
            if protocol or not SHORTEST <= length <= LONGEST:
                self._break("not a Modbus TCP frame")
                return
            end = length + 6
            if len(buffer) < end:
                break
            answer, buffer = buffer[HEADER.size : end], buffer[end:]
            if buffer and not _may_begin_frame(buffer):
                # a torn answer that others have filled up looks whole, but what is left over is off step
                self._break("bytes behind an answer that are no Modbus TCP frame")
                return
            self._answered(transaction, unit, answer)
        self._buffer = buffer

    def lost(self, reason: str) -> None:
        self._line = None
        self._break(reason)

    def _answered(self, transaction: int, unit: int, answer: bytes) -> None:
        request, waiter = self._request, self._waiter
        if request is None or waiter is None or waiter.done() or transaction != self._transaction:
            log.debug("bus %s: answer %d from unit %d is late, dropped", self._name, transaction, unit)
            return
        try:
            if unit != request.unit:
                waiter.set_exception(NonsenseError(f"unit {unit} answered instead of unit {request.unit}"))
            else:
                waiter.set_result(request.payload(answer))
        except DeviceError as error:
            waiter.set_exception(error)

    def _unanswered(self, request: Request, error: SilenceError) -> DeviceError | BusError:
        if self._buffer:
            reason = f"half an answer from unit {request.unit}"
        elif self._silences.missed(request.unit):
            reason = f"nobody answers any more ({error})"
        else:
            return error
        self._drop(reason)
        return BusError(f"bus {self._name}: {reason}")

    def _break(self, reason: str) -> None:
        """The stream is of no use any more: whoever waits is told, and the socket goes."""
        waiter = self._waiter
        self._drop(reason)
        if waiter is not None and not waiter.done():
            waiter.set_exception(BusError(f"bus {self._name}: {reason}"))

    def _drop(self, reason: str) -> None:
        self._why_down = reason
        self._buffer = b""
        line, self._line = self._line, None
        if line is not None:
            line.close()


def _may_begin_frame(buffer: bytes) -> bool:
    """As far as protocol and length are to be seen."""
    length = int.from_bytes(buffer[4:6], "big")
    return not any(buffer[2:4]) and (len(buffer) < 6 or SHORTEST <= length <= LONGEST)
