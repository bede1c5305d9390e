"""Modbus RTU: frames without a number, on a line that several units share. Late answers are the danger here.

An RTU answer shows only unit, function and length. One that comes after its time-out would be taken for the answer to
the next request of the same shape, and every later value would be shifted. So after any error the line is drained and
kept quiet for at least the longest response seen, and a unit that owes an answer is not asked in the same shape again
for a while (`ambiguous`; the driver then asks for another number of registers). Nothing is concluded from the order of
answers: gateways change it. What fits nothing is dropped; after several misfits the line is opened anew. Between two
blocks of one shape lies some quiet as well, since some gateways send an answer twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from agent.core.errors import BusError, DeviceError, RefusedError
from drivers.modbus.bus import Connect, Silences, expire
from drivers.modbus.debts import Debts
from drivers.modbus.frames import encode_frame, frame_gap, payload_in, round_trip
from drivers.modbus.lines import Line
from drivers.modbus.quiet import Quiet
from drivers.modbus.requests import DoubtfulError, NonsenseError, Request, Shape, SilenceError

log = logging.getLogger("plantroom.modbus")

LONGEST_DRAIN = 6.0  # a line that is never silent for so long is not ours alone
MOST_MISFITS = 5

_Look = tuple[int, Shape, bytes | None]


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
        self._quiet = Quiet(max(frame_gap(baudrate), turnaround), quiet)
        self._lock = asyncio.Lock()
        self._line: Line | None = None
        self._why_down = "not open"
        self._debts = Debts()
        self._reset()

    def _reset(self) -> None:
        self._buffer = b""
        self._request: Request | None = None
        self._waiter: asyncio.Future[bytes] | None = None
        self._last: tuple[Request, float, float] | None = None  # when it was sent, and its time-out
        self._owing = False  # whether the last request is still unanswered
        self._answered: dict[_Look, tuple[bytes, float]] = {}  # what was answered so last, and when
        self._silences = Silences(self._units)
        self._misfits = 0
        self._strays = False  # whether bytes came that nobody asked for, since the last request

    async def open(self) -> None:
        self._drop("opening")
        self._reset()
        self._line = await self._connect(self)
        # what a gateway still holds for us, or the line is busy with, comes out now and is dropped
        self._quiet.after_error(asyncio.get_running_loop().time())

    async def close(self) -> None:
        self._drop("closed")
        await asyncio.sleep(0)  # lets a transport finish

    def ambiguous(self, request: Request) -> bool:
        return self._debts.confuses(request)

    async def exchange(self, request: Request, timeout: float) -> bytes:  # noqa: ASYNC109 - see Link
        async with self._lock:
            if (alike := _alike(self._answered, request)) is not None:
                self._quiet.apart(alike)
            await self._silence()
            loop = asyncio.get_running_loop()
            if self._debts.blocks(request):
                raise DeviceError(f"unit {request.unit}: an earlier answer may still come")
            frame = encode_frame(request)
            timeout += round_trip(request, frame, self._baudrate)
            answered, due, refused = False, 0.0, False
            waiter = self._begin(request, timeout, loop)
            timer = loop.call_later(timeout, expire, waiter, request, timeout)
            if self._line is not None:
                self._line.send(frame)
            try:
                payload = await waiter
                answered = True
            except (SilenceError, NonsenseError) as error:
                due = timer.when()
                raise self._misfit(request, error) from None
            except DeviceError as error:
                if self._debts.casts_doubt(request):
                    raise DoubtfulError(f"{error} (or to an earlier request)") from None
                answered, refused = True, isinstance(error, RefusedError)
                raise
            finally:
                timer.cancel()
                self._end(answered=answered)
                if refused:
                    # asked in another shape next, where a second copy of an earlier answer could fit
                    self._quiet.prolong(loop.time())
                # an answer that did not fit was another's: ours may come until its time is over
                self._quiet.keep_until(due, loop.time())
            return payload

    def received(self, data: bytes) -> None:
        waiter, request = self._waiter, self._request
        if request is None or waiter is None or waiter.done():
            self._stray()
            return
        self._buffer += data
        try:
            payload = payload_in(self._buffer, request)
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

    async def _silence(self) -> None:
        """Waits until the line may be used; whatever comes in meanwhile is dropped and prolongs the wait."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        while (wait := self._quiet.left(loop.time())) > 0:
            if loop.time() - begin > LONGEST_DRAIN:
                self._drop("the line is never silent: somebody else sends on it")
                break
            await asyncio.sleep(wait)
        if self._line is None:
            raise BusError(f"bus {self._name}: {self._why_down}")

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

    def _end(self, *, answered: bool) -> None:
        now = asyncio.get_running_loop().time()
        self._request = self._waiter = None
        if answered:
            self._note_response(now)
            self._owing = False
            if self._last is not None:
                request = self._last[0]
                self._answered[_look(request)] = request.pdu, now
            self._silences.heard()
            self._misfits = 0
            if self._strays:
                self._stray()
            else:
                self._quiet.after_answer(now)
        else:
            self._remember_debt()
            self._quiet.after_error(now)

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

    def _remember_debt(self) -> None:
        if self._last is not None:
            request, _, timeout = self._last
            self._debts.remember(request, timeout)

    def _stray(self) -> None:
        """Bytes nobody waits for: late, repeated or foreign. They are dropped, and show how slow the line can be."""
        now = asyncio.get_running_loop().time()
        self._strays = True
        if self._owing:
            self._note_response(now)
        self._remember_debt()
        self._quiet.prolong(now)
        log.debug("bus %s: bytes that nobody asked for, dropped", self._name)

    def _note_response(self, now: float) -> None:
        if self._last is not None:
            self._quiet.note_response(now - self._last[1])

    def _drop(self, reason: str) -> None:
        self._why_down = reason
        self._buffer = b""
        line, self._line = self._line, None
        if line is not None:
            line.close()


def _look(request: Request) -> _Look:
    """Answers of the same look pass for each other. A write's echo names what was written: another one is no copy of it."""
    return request.unit, request.shape, request.echo


def _alike(answered: Mapping[_Look, tuple[bytes, float]], request: Request) -> float | None:
    """When something else of this look was answered: nothing would tell a second copy of that from ours."""
    pdu, at = answered.get(_look(request), (request.pdu, 0.0))
    return at if pdu != request.pdu else None
