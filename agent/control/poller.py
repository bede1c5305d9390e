"""The poller: one task per bus. Decides when each item is read; writes go ahead of reads.

A unit that does not answer is asked less and less often (its own back-off), so that it never starves its
neighbours on the line; a line that is down is reopened with a back-off of its own.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.core.clock import Clock
from agent.core.driver import Driver, ReadItem
from agent.core.errors import BusError, DeviceError
from agent.core.reading import ReadingBlock, failed_block
from agent.core.tick import WriteOrder

log = logging.getLogger("plantroom.poller")

UNIT_BACK_OFF = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # poll periods, then at most this many site seconds
LONGEST_UNIT_BACK_OFF = 60.0
LINE_BACK_OFF = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # real seconds between tries to reopen
LONGEST_EXCHANGE = 30.0  # real seconds; a driver that takes longer is broken and its line is reopened

Deliver = Callable[[ReadingBlock], None]
WriteDone = Callable[[WriteOrder, Exception | None], None]


@dataclass(slots=True)
class UnitHealth:
    """How one device on the line has answered lately."""

    failures: int = 0
    error: str = ""
    since: float = 0.0  # elapsed site seconds of the last change between up and down
    resume_at: float = 0.0


@dataclass(slots=True)
class LineHealth:
    """How the line itself does, for the health page."""

    up: bool = False
    error: str = "not opened yet"
    since: float = 0.0
    reads: int = 0
    failures: int = 0
    writes: int = 0


class Poller:
    """Serves one bus. `submit` and `read_now` may be called at any time from the event loop."""

    def __init__(
        self,
        bus: str,
        driver: Driver,
        clock: Clock,
        deliver: Deliver,
        may_poll: Callable[[str], bool] = lambda _device: True,
    ) -> None:
        self.bus = bus
        self.line = LineHealth()
        self.units: dict[str, UnitHealth] = {}
        self._driver = driver
        self._clock = clock
        self._deliver = deliver
        self._may_poll = may_poll
        self._heap: list[tuple[float, int, ReadItem]] = []
        self._plan: Sequence[ReadItem] = ()
        self._writes: dict[str, tuple[WriteOrder, WriteDone]] = {}
        self._rush: dict[str, list[asyncio.Future[None]]] = {}  # points somebody wants read now
        self._work = asyncio.Event()

    def submit(self, order: WriteOrder, done: WriteDone) -> None:
        """Queue one write, ahead of all reads. A newer order for the same point replaces a waiting one.

        While the line is down it is refused at once: nothing old is sent when the line comes back.
        """
        if not self.line.up:
            done(order, BusError(f"bus {self.bus} is down: {self.line.error}"))
            return
        self._writes[order.point] = (order, done)
        self._work.set()

    def read_now(self, point: str) -> asyncio.Future[None]:
        """Ask for `point` to be read as soon as the line is free; the future ends when it was delivered."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not self.line.up:
            future.set_exception(BusError(f"bus {self.bus} is down: {self.line.error}"))
            return future
        self._rush.setdefault(point, []).append(future)
        self._work.set()
        return future

    def settled(self) -> bool:
        """True when no write waits."""
        return not self._writes

    async def run(self) -> None:
        """Serve the bus for ever; only cancellation ends it."""
        failures = 0
        try:
            while True:
                try:
                    await self._open()
                    failures = 0
                    await self._serve()
                except BusError as error:
                    self._line_down(str(error))
                except (DeviceError, TimeoutError, OSError) as error:
                    self._line_down(f"{type(error).__name__}: {error}")
                except Exception as error:  # a driver's own fault must not stop the other buses
                    log.exception("the driver of bus %s failed", self.bus)
                    self._line_down(f"driver fault: {error!r}")
                await self._driver.close()
                await self._pause(LINE_BACK_OFF[min(failures, len(LINE_BACK_OFF) - 1)])
                failures += 1
        finally:
            await self._driver.close()

    async def _open(self) -> None:
        async with asyncio.timeout(LONGEST_EXCHANGE):
            await self._driver.open()
        now = self._clock.elapsed()
        if self.line.error:
            log.info("bus %s is up", self.bus)
        self.line.up, self.line.error, self.line.since = True, "", now
        self._take_plan(now)

    async def _serve(self) -> None:
        while True:
            if self._writes:
                await self._write_one()
                continue
            item = self._next_rush() or self._next_due()
            if item is not None:
                await self._read(item)
            else:
                await self._rest()

    def _take_plan(self, now: float) -> None:
        plan = self._driver.plan()
        if plan is self._plan:
            return
        kept = {id(item): due for due, _, item in self._heap}
        count = max(1, len(plan))
        self._heap = [
            (kept.get(id(item), now + 1e-6 * number / count), number, item)
            for number, item in enumerate(plan)
        ]
        heapq.heapify(self._heap)
        self._plan = plan

    def _next_due(self) -> ReadItem | None:
        """The item whose time has come, already put back with its next time."""
        now = self._clock.elapsed()
        while self._heap and self._heap[0][0] <= now:
            due, number, item = self._heap[0]
            unit = self.units.get(item.device)
            waits = unit is not None and unit.resume_at > now
            later = unit.resume_at if unit is not None and waits else _next_slot(due, item.period, now)
            heapq.heapreplace(self._heap, (later, number, item))
            if not waits and self._may_poll(item.device):
                return item
        return None

    def _next_rush(self) -> ReadItem | None:
        if not self._rush:
            return None
        for item in self._plan:
            if any(point in self._rush for point in item.points):
                return item
        for point in list(self._rush):  # in no item: nothing can be read
            self._end_rush((point,), DeviceError(f"{point} cannot be read from its device"))
        return None

    async def _read(self, item: ReadItem) -> None:
        self.line.reads += 1
        try:
            async with asyncio.timeout(LONGEST_EXCHANGE):
                blocks = await self._driver.read(item)
        except DeviceError as error:
            self._unit_failed(item, str(error))
            return
        except (BusError, TimeoutError, OSError) as error:
            self._end_rush(item.points, error)
            raise
        self._unit_answered(item.device)
        for block in blocks:
            self._deliver(block)
        self._end_rush(item.points, None)
        if self._driver.plan() is not self._plan:
            self._take_plan(self._clock.elapsed())

    async def _write_one(self) -> None:
        point = next(iter(self._writes))
        order, done = self._writes.pop(point)
        self.line.writes += 1
        try:
            async with asyncio.timeout(LONGEST_EXCHANGE):
                await self._driver.write(order.point, order.value)
        except (DeviceError, ValueError) as error:
            done(order, error)
        except (BusError, TimeoutError, OSError) as error:
            done(order, error)
            raise
        else:
            done(order, None)

    def _unit_failed(self, item: ReadItem, error: str) -> None:
        now = self._clock.elapsed()
        unit = self.units.setdefault(item.device, UnitHealth())
        if unit.failures == 0:
            unit.since = now
            log.warning("device %s on bus %s is down: %s", item.device, self.bus, error)
        wait = item.period * UNIT_BACK_OFF[min(unit.failures, len(UNIT_BACK_OFF) - 1)]
        unit.failures += 1
        unit.error = error
        unit.resume_at = now + min(wait, max(LONGEST_UNIT_BACK_OFF, item.period))
        self.line.failures += 1
        for other in self._plan:
            if other.device == item.device:
                self._deliver(failed_block(other.device, other.points, self._clock.utc(), now, error))
        self._end_rush(item.points, DeviceError(error))

    def _unit_answered(self, device: str) -> None:
        unit = self.units.get(device)
        if unit is None or unit.failures == 0:
            return
        log.info("device %s on bus %s is up after %d failures", device, self.bus, unit.failures)
        unit.failures, unit.error, unit.resume_at = 0, "", 0.0
        unit.since = now = self._clock.elapsed()
        # its other items need not sit out a back-off that is over
        self._heap = [
            (min(due, now + item.period) if item.device == device else due, number, item)
            for due, number, item in self._heap
        ]
        heapq.heapify(self._heap)

    def _line_down(self, error: str) -> None:
        now = self._clock.elapsed()
        if self.line.up or self.line.error == "not opened yet":
            log.warning("bus %s is down: %s", self.bus, error)
            self.line.since = now
        self.line.up, self.line.error = False, error
        self.line.failures += 1
        for item in self._plan or self._driver.plan():
            self._deliver(failed_block(item.device, item.points, self._clock.utc(), now, error))
            self._end_rush(item.points, BusError(error))
        waiting, self._writes = self._writes, {}
        for order, done in waiting.values():
            done(order, BusError(error))

    def _end_rush(self, points: Sequence[str], error: Exception | None) -> None:
        if not self._rush:
            return
        for point in points:
            for future in self._rush.pop(point, ()):
                if future.done():
                    continue
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)

    async def _rest(self) -> None:
        """Wait for the next item, or for work that does not wait for its time."""
        wait = self._heap[0][0] - self._clock.elapsed() if self._heap else 1.0
        await self._pause(max(0.0, wait) / self._clock.speed)

    async def _pause(self, seconds: float) -> None:
        """Real seconds, cut short by `submit` and `read_now`, which do so only while the line is up."""
        loop = asyncio.get_running_loop()
        timer = loop.call_later(seconds, self._work.set)
        try:
            await self._work.wait()
        finally:
            timer.cancel()
            self._work.clear()


def _next_slot(due: float, period: float, now: float) -> float:
    """The next time on the item's own grid; slots that were missed are skipped, never caught up in a burst."""
    following = due + period
    return following if following > now else now + period - (now - due) % period
