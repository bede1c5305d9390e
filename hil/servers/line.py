"""What answers on a wire: requests in, replies out, with the wire's faults and timing in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from hil.faults import Fault, FaultKind, WireFaults
from hil.servers.framing import Framing, Request
from hil.servers.modbus_unit import ModbusUnit
from hil.servers.pdu import answer, exception

Units = Mapping[int, ModbusUnit]
GATEWAY_SILENT = 11  # "gateway target device failed to respond"


class Responder:
    """One connection or line. `send` puts bytes on the wire, `cut` closes it (None: a line cannot be closed)."""

    def __init__(
        self,
        units: Units,
        framing: Framing,
        faults: WireFaults,
        send: Callable[[bytes], None],
        cut: Callable[[], None] | None = None,
        baudrate: int | None = None,
    ) -> None:
        self._units = units
        self._framing = framing
        self._faults = faults
        self._send = send
        self._cut = cut
        self._baudrate = baudrate
        self._free_at = 0.0
        self._loop = asyncio.get_running_loop()
        self._gap: asyncio.TimerHandle | None = None

    def received(self, data: bytes) -> None:
        """Bytes from the wire. Raises ValueError when the stream is beyond repair (close it)."""
        if self._gap is not None:
            self._gap.cancel()
        for request in self._framing.feed(data):
            self._serve(request)
        self._gap = self._loop.call_later(0.05, self._framing.silence)

    def close(self) -> None:
        if self._gap is not None:
            self._gap.cancel()

    def _serve(self, request: Request) -> None:
        unit = self._units.get(request.unit)
        if unit is None or not request.pdu:
            if self._framing.speaks_for_absent and request.pdu:
                self._send(self._framing.reply(request, exception(request.pdu[0], GATEWAY_SILENT)))
            return
        if unit.device.deaf:
            return
        fault = self._faults.take(unit.device.id)
        if fault is not None and self._unheard(fault):
            return
        unit.device.watch()
        unit.device.heard()
        if fault is not None:
            self._spoil(unit, request, fault)
            return
        frame = self._framing.reply(request, answer(unit, request.pdu))
        if self._faults.alter is None:
            self._put(frame, request, self._thinking(unit))
            return
        for seconds, piece in self._faults.alter(frame):
            self._after(seconds, piece)

    def _unheard(self, fault: Fault) -> bool:
        """Whether the request does not even reach the device."""
        lost = fault.kind is FaultKind.LOSS and self._faults.chance.random() < 0.5
        return lost or fault.kind is FaultKind.STALL

    def _thinking(self, unit: ModbusUnit) -> float:
        """Real seconds the device takes before it answers."""
        slow, jitter = unit.quirks.reply_delay, unit.quirks.reply_jitter
        return slow + jitter * self._faults.chance.random() if jitter else slow

    def _after(self, seconds: float, piece: bytes) -> None:
        """Send while the line goes on with other requests."""
        if seconds > 0.0:
            self._loop.call_later(seconds, self._send, piece)
        else:
            self._send(piece)

    def _spoil(self, unit: ModbusUnit, request: Request, fault: Fault) -> None:
        """The same reply, hit by a fault. The device itself has done its work in every case but an exception."""
        if fault.kind is FaultKind.EXCEPTION:
            self._put(self._framing.reply(request, exception(request.pdu[0], fault.code)), request, 0.0)
            return
        frame = self._framing.reply(request, answer(unit, request.pdu))
        match fault.kind:
            case FaultKind.DROP | FaultKind.LOSS:
                pass
            case FaultKind.CUT:
                if self._cut is not None:
                    self._cut()
            case FaultKind.DELAY:
                self._put(frame, request, fault.seconds)
            case FaultKind.LATE:
                self._after(fault.seconds, frame)
            case _:
                self._put(_spoiled(frame, fault.kind, self._framing, request), request, 0.0)

    def _put(self, frame: bytes, request: Request, delay: float) -> None:
        """Send after `delay` and, on a line with a speed, after the time the bits take; in order."""
        if self._baudrate is not None:
            delay += (len(request.pdu) + 3 + len(frame)) * 11.0 / self._baudrate
        now = self._loop.time()
        start = max(now, self._free_at) + delay
        if start <= now:
            self._send(frame)
            return
        self._free_at = start
        self._loop.call_at(start, self._send, frame)


def _spoiled(frame: bytes, kind: FaultKind, framing: Framing, request: Request) -> bytes:
    if kind is FaultKind.HALF:
        return frame[: len(frame) // 2]
    if kind is FaultKind.GARBAGE:
        return bytes((0x55, 0xAA)) * 9
    if kind is FaultKind.CHECKSUM:
        return _wrong_length(frame) if framing.speaks_for_absent else frame[:-1] + bytes((frame[-1] ^ 0x01,))
    if kind is FaultKind.WRONG_UNIT:
        foreign = Request(request.unit % 247 + 1, request.pdu, request.transaction)
        pdu = frame[7:] if framing.speaks_for_absent else frame[1:-2]
        return framing.reply(foreign, pdu)
    return frame + frame  # repeated


def _wrong_length(frame: bytes) -> bytes:
    return frame[:5] + bytes((frame[5] ^ 0x01,)) + frame[6:]
