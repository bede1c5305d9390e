"""Modbus RTU: frames without a number, on a line that several units share. Late answers are the danger here.

An RTU answer shows only unit, function and length. One that comes after its time-out would be taken for the answer to
the next request of the same shape, and every later value would be shifted. So after any error the line is drained and
kept quiet for at least the longest response seen, and a unit that owes an answer is not asked in the same shape again
for a while (`ambiguous`; the driver then asks for another number of registers). Nothing is concluded from the order of
answers: gateways change it. What fits nothing is dropped; after several misfits the line is opened anew.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

from agent.core.errors import BusError, DeviceError
from drivers.modbus.bus import Connect, Silences
from drivers.modbus.lines import Line
from drivers.modbus.requests import EXCEPTION_BIT, DoubtfulError, NonsenseError, Request, SilenceError

log = logging.getLogger("plantroom.modbus")

FRAMER = FramerRTU(DecodePDU(is_server=False))
ENVELOPE = 3  # unit and CRC around an answer
EXCEPTION_FRAME = 5
LONGEST_QUIET = 3.0  # seconds; bounds what one very slow device can cost the line
LONGEST_DRAIN = 6.0  # a line that is never silent for so long is not ours alone
OWED = 10.0  # time-outs, and at most seconds, that an unanswered request is remembered
OWED_BLOCKS = 3.0  # the same, for keeping a request waiting whose shape cannot be changed
MOST_MISFITS = 5
SILENCE_CHARACTERS = 3.5  # Modbus over serial line V1.02, 2.5.1.1
FASTEST_SILENCE = 0.00175  # the same clause: fixed above 19200 baud

Shape = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Debt:
    """An answer that may still come: until when it keeps others waiting, and when it is forgotten (loop time)."""

    blocks_until: float
    until: float

    @classmethod
    def since(cls, now: float, timeout: float) -> Debt:
        patience = min(timeout, 1.0)
        return cls(now + patience * OWED_BLOCKS, now + patience * OWED)


def wire_time(length: int, baudrate: int) -> float:
    """Seconds `length` bytes take on the wire, 11 bits each."""
    return length * 11.0 / baudrate


class RtuLink:
    """Carries RTU frames over a serial port or a transparent serial server (`baudrate` None)."""

    nameless = True

    def __init__(
        self,
        name: str,
        connect: Connect,
        units: int,
        *,
        baudrate: int | None,
        turnaround: float,
        quiet: float,
    ) -> None:
        self._name = name
        self._connect = connect
        self._units = units
        self._baudrate = baudrate
        gap = FASTEST_SILENCE if baudrate is None else wire_time(1, baudrate) * SILENCE_CHARACTERS
        self._gap = max(gap, FASTEST_SILENCE, turnaround)
        self._least_quiet = max(quiet, self._gap)
        self._lock = asyncio.Lock()
        self._line: Line | None = None
        self._why_down = "not open"
        self._owed: dict[int, dict[Shape, Debt]] = {}
        self._longest_response = 0.0
        self._reset()

    def _reset(self) -> None:
        self._buffer = b""
        self._request: Request | None = None
        self._waiter: asyncio.Future[bytes] | None = None
        self._last: tuple[Request, float, float] | None = None  # when it was sent, and its time-out
        self._owing = False  # whether the last request is still unanswered
        self._silences = Silences(self._units)
        self._misfits = 0
        self._strays = False  # whether bytes came that nobody asked for, since the last request
        self._free_at = 0.0

    async def open(self) -> None:
        self._drop("opening")
        self._reset()
        self._line = await self._connect(self)
        # what a gateway still holds for us, or the line is busy with, comes out now and is dropped
        self._free_at = asyncio.get_running_loop().time() + max(self._least_quiet, self._longest_response)

    async def close(self) -> None:
        self._drop("closed")
        await asyncio.sleep(0)  # lets a transport finish

    def ambiguous(self, request: Request) -> bool:
        return request.shape in self._owed_by(request.unit)

    async def exchange(self, request: Request, timeout: float) -> bytes:  # noqa: ASYNC109 - see Link
        async with self._lock:
            await self._silence()
            loop = asyncio.get_running_loop()
            self._check_debt(request, loop.time())
            frame = FRAMER.encode(request.pdu, request.unit, 0)
            if self._baudrate is not None:
                timeout += wire_time(len(frame) + request.answer_length + ENVELOPE, self._baudrate)
            answered, due = False, 0.0
            waiter = self._begin(request, timeout, loop)
            timer = loop.call_later(timeout, self._expire, waiter, request, timeout)
            self._send(frame)
            try:
                payload = await waiter
                answered = True
            except (SilenceError, NonsenseError) as error:
                due = timer.when()
                raise self._misfit(request, error) from None
            except DeviceError as error:
                if any(function == request.function for function, _ in self._owed_by(request.unit)):
                    raise DoubtfulError(f"{error} (or to an earlier request)") from None
                answered = True
                raise
            finally:
                timer.cancel()
                self._end(answered=answered)
                # an answer that did not fit was another's: ours may come until its time is over
                self._free_at = max(self._free_at, min(due, loop.time() + LONGEST_QUIET))
            return payload

    def received(self, data: bytes) -> None:
        waiter = self._waiter
        if waiter is None or waiter.done():
            self._stray()
            return
        self._buffer += data
        try:
            payload = self._parse(self._buffer)
        except DeviceError as error:
            waiter.set_exception(error)
        else:
            if payload is not None:
                waiter.set_result(payload)

    def lost(self, reason: str) -> None:
        self._line = None
        waiter = self._waiter
        self._drop(reason)
        if waiter is not None and not waiter.done():
            waiter.set_exception(BusError(f"bus {self._name}: {reason}"))

    def _parse(self, buffer: bytes) -> bytes | None:
        """The payload once the frame is whole, None before. Raises what is wrong with it as soon as it shows."""
        request = self._request
        if request is None:
            return None
        if buffer[0] != request.unit:
            raise NonsenseError(f"unit {buffer[0]} answered instead of unit {request.unit}")
        if len(buffer) < 3:
            return None
        length = request.answer_length + ENVELOPE
        if buffer[1] == request.function | EXCEPTION_BIT:
            length = EXCEPTION_FRAME
        elif buffer[1] != request.function or (request.echo is None and buffer[2] != request.size):
            raise NonsenseError(f"unit {request.unit}: an answer that does not fit the request")
        if len(buffer) < length:
            return None
        if len(buffer) > length:
            raise NonsenseError(f"unit {request.unit}: bytes after the answer")
        if not FRAMER.check_CRC(buffer[:-2], int.from_bytes(buffer[-2:], "big")):
            raise NonsenseError(f"unit {request.unit}: checksum error")
        return request.payload(buffer[1:-2])

    async def _silence(self) -> None:
        """Waits until the line may be used; whatever comes in meanwhile is dropped and prolongs the wait."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        while (wait := self._free_at - loop.time()) > 0:
            if loop.time() - begin > LONGEST_DRAIN:
                self._drop("the line is never silent: somebody else sends on it")
                break
            await asyncio.sleep(wait)
        if self._line is None:
            raise BusError(f"bus {self._name}: {self._why_down}")

    def _check_debt(self, request: Request, now: float) -> None:
        debt = self._owed_by(request.unit).get(request.shape)
        if debt is not None and now < debt.blocks_until:
            raise DeviceError(f"unit {request.unit}: an earlier answer may still come")

    def _begin(
        self,
        request: Request,
        timeout: float,
        loop: asyncio.AbstractEventLoop,
    ) -> asyncio.Future[bytes]:
        self._buffer, self._strays = b"", False
        self._request, self._last, self._owing = request, (request, loop.time(), timeout), True
        self._waiter = loop.create_future()
        return self._waiter

    def _send(self, frame: bytes) -> None:
        if self._line is not None:
            self._line.send(frame)

    def _end(self, *, answered: bool) -> None:
        now = asyncio.get_running_loop().time()
        self._request = self._waiter = None
        if answered:
            self._note_response(now)
            self._owing = False
            self._silences.heard()
            self._misfits = 0
            if self._strays:
                self._stray()
            else:
                self._free_at = now + self._gap
        else:
            self._remember_debt(now)
            self._free_at = now + self._quiet()

    def _misfit(self, request: Request, error: SilenceError | NonsenseError) -> DeviceError | BusError:
        if isinstance(error, NonsenseError):
            self._misfits += 1
            self._note_response(asyncio.get_running_loop().time())
            if self._misfits < MOST_MISFITS:
                return error
            reason = f"{self._misfits} wrong answers in a row ({error})"
        elif self._buffer:
            return NonsenseError(f"unit {request.unit}: half an answer")
        elif self._silences.missed(request.unit):
            reason = f"nobody answers any more ({error})"
        else:
            return error
        self._drop(reason)
        return BusError(f"bus {self._name}: {reason}")

    def _remember_debt(self, now: float) -> None:
        if self._last is not None:
            request, _, timeout = self._last
            self._owed.setdefault(request.unit, {})[request.shape] = Debt.since(now, timeout)

    def _owed_by(self, unit: int) -> dict[Shape, Debt]:
        """The answers that may still come from a unit, by their shape."""
        owed = self._owed.get(unit)
        if not owed:
            return {}
        now = asyncio.get_running_loop().time()
        self._owed[unit] = {shape: debt for shape, debt in owed.items() if now < debt.until}
        return self._owed[unit]

    def _stray(self) -> None:
        """Bytes nobody waits for: late, repeated or foreign. They are dropped, and show how slow the line can be."""
        now = asyncio.get_running_loop().time()
        self._strays = True
        if self._owing:
            self._note_response(now)
        self._remember_debt(now)
        self._free_at = max(self._free_at, now + self._quiet())
        log.debug("bus %s: bytes that nobody asked for, dropped", self._name)

    def _note_response(self, now: float) -> None:
        if self._last is not None:
            self._longest_response = min(LONGEST_QUIET, max(self._longest_response, now - self._last[1]))

    def _quiet(self) -> float:
        return max(self._least_quiet, self._longest_response)

    def _drop(self, reason: str) -> None:
        self._why_down = reason
        self._buffer = b""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _expire(self, waiter: asyncio.Future[bytes], request: Request, timeout: float) -> None:
        if not waiter.done():
            waiter.set_exception(SilenceError(f"unit {request.unit}: no answer within {timeout:g} s"))
