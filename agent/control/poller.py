"""The poller: one task per bus. Decides when each item is read; writes go ahead of reads.

A unit that does not answer is asked less and less often (its own back-off), so that it never starves its
neighbours on the line; a line that is down is reopened with a back-off of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from agent.control.poll_schedule import PollSchedule
from agent.control.rush import Rush
from agent.core.clock import Clock
from agent.core.driver import Driver, ReadItem
from agent.core.errors import BusError, DeviceError, RefusedError
from agent.core.reading import ReadingBlock, failed_block
from agent.core.tick import WriteOrder

log = logging.getLogger("plantroom.poller")

LINE_BACK_OFF = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # real seconds between tries to reopen
SOON = 1.0  # real seconds after which everybody is asked when a silent line is back
LONGEST_EXCHANGE = 30.0  # real seconds; a driver that takes longer is broken and its line is reopened

Deliver = Callable[[ReadingBlock], None]
WriteDone = Callable[[WriteOrder, Exception | None], None]


@dataclass(slots=True)
class LineHealth:
    """How the line itself does, for the health page. Up: somebody has answered since it was opened."""

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
        barred: Callable[[str], str] = lambda _point: "",
    ) -> None:
        """`barred`: why a point may not be written in this moment; asked last before the wire."""
        self.bus = bus
        self.line = LineHealth(since=clock.elapsed())
        self.opened = asyncio.Event()  # the line was up at least once
        self.schedule = PollSchedule()
        self._driver = driver
        self._at_once = bool(getattr(driver, "at_once", False))  # waits for nothing: no exchange can hang
        self._clock = clock
        self._deliver = deliver
        self._may_poll = may_poll
        self._barred = barred
        self._writes: dict[str, tuple[WriteOrder, WriteDone]] = {}
        self._rush = Rush()
        self._work = asyncio.Event()
        self._is_open = False  # exchanges may be tried, whether or not anybody answers
        self._failures = 0  # of the line, since somebody answered
        self._told: set[str] = set()  # devices said to be down
        self._breaker = ""  # the device whose answer, or silence, broke the line last

    def submit(self, order: WriteOrder, done: WriteDone) -> None:
        """Queue one write, ahead of all reads. A newer order for the same point replaces a waiting one.

        While the line is down it is refused at once: nothing old is sent when the line comes back.
        """
        if not self._is_open:
            done(order, BusError(f"bus {self.bus} is down: {self.line.error}"))
            return
        if order.why == "heartbeat" and self.schedule.silent(device := order.point.partition(".")[0]):
            # it may hear what we say though we hear nothing of it: its own watchdog has to see that nobody is in charge
            done(order, DeviceError(f"{device} does not answer: it gets no sign of life"))
            return
        self._writes[order.point] = (order, done)
        self._work.set()

    def withdraw(self, point: str) -> None:
        """Whoever waited to write `point` is told that it will not be: the point is given back."""
        waiting = self._writes.pop(point, None)
        if waiting is not None:
            order, done = waiting
            done(order, BusError("withdrawn: the point is given back"))

    def read_now(self, point: str) -> asyncio.Future[None]:
        """Ask for `point` to be read as soon as the line is free; the future ends when it was delivered."""
        if not self._is_open:
            refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            refused.set_exception(BusError(f"bus {self.bus} is down: {self.line.error}"))
            return refused
        self._work.set()
        return self._rush.want(point)

    async def run(self) -> None:
        """Serve the bus for ever; only cancellation ends it."""
        try:
            while True:
                try:
                    await self._open()
                    await self._serve()
                except BusError as error:
                    self._line_down(str(error))
                except (DeviceError, TimeoutError, OSError) as error:
                    self._line_down(f"{type(error).__name__}: {error}")
                except Exception as error:  # a driver's own fault must not stop the other buses
                    log.exception("the driver of bus %s failed", self.bus)
                    self._line_down(f"driver fault: {error!r}")
                await _let_go(self.bus, self._driver)
                await self._pause(LINE_BACK_OFF[min(self._failures, len(LINE_BACK_OFF) - 1)])
                self._failures += 1
        finally:
            await _let_go(self.bus, self._driver)

    async def _open(self) -> None:
        async with asyncio.timeout(LONGEST_EXCHANGE):
            await self._driver.open()
        now = self._clock.elapsed()
        self._is_open = True
        self.opened.set()
        self.schedule.take(self._driver.plan(), now)
        self.schedule.restart(now)
        if not self.schedule.plan:  # nothing to read: nobody will prove it
            self._proved()

    def _proved(self) -> None:
        """Somebody has answered. A host that takes the connection and then babbles or hangs up is not up."""
        if self.line.up:
            return
        log.info("bus %s is up", self.bus)
        self.line.up, self.line.error, self.line.since = True, "", self._clock.elapsed()
        self._failures = 0

    async def _serve(self) -> None:
        while True:
            if self._writes:
                await self._write_one()
                continue
            item = self._rush.next_of(self.schedule.plan)
            if item is None:
                item = self.schedule.next_due(self._clock.elapsed(), self._may_poll)
            if item is not None:
                await self._read(item)
            else:
                rest = self.schedule.rest(self._clock.elapsed())  # cut short by work that does not wait
                await self._pause(rest / self._clock.speed)

    async def _read(self, item: ReadItem) -> None:
        self.line.reads += 1
        try:
            if self._at_once:
                blocks = await self._driver.read(item)
            else:
                async with asyncio.timeout(LONGEST_EXCHANGE):
                    blocks = await self._driver.read(item)
        except DeviceError as error:
            if isinstance(error, RefusedError):
                self._proved()
            self._unit_failed(item, str(error))
            return
        except (BusError, TimeoutError, OSError) as error:
            self._rush.end(item.points, error)
            self._line_broken_by(item, error)
            raise
        if not self.line.up:
            self._proved()
        if self.schedule.failing(item.device):
            self._unit_answered(item.device)
        for block in blocks:
            self._deliver(block)
        self._rush.end(item.points, None)
        plan = self._driver.plan()
        if plan is not self.schedule.plan:
            self.schedule.take(plan, self._clock.elapsed())

    async def _write_one(self) -> None:
        point = self._next_written()
        order, done = self._writes.pop(point)
        if reason := self._barred(point):
            done(order, DeviceError(reason))
            return
        self.line.writes += 1
        try:
            if self._at_once:
                await self._driver.write(order.point, order.value)
            else:
                async with asyncio.timeout(LONGEST_EXCHANGE):
                    await self._driver.write(order.point, order.value)
        except (DeviceError, ValueError) as error:
            if isinstance(error, RefusedError):
                self._proved()
            done(order, error)
        except Exception as error:  # a driver's own fault too: whoever waits must hear of it
            done(order, error)
            raise
        else:
            self._proved()
            done(order, None)

    def _next_written(self) -> str:
        """The oldest; but the neighbours of a device that does not answer do not wait for its silence."""
        failing = self.schedule.failing
        living = (point for point in self._writes if not failing(point.partition(".")[0]))
        return next(living, next(iter(self._writes)))

    def _unit_failed(self, item: ReadItem, error: str) -> None:
        now = self._clock.elapsed()
        self.line.failures += 1
        self.schedule.failed(item, error, now)
        if item.device not in self._told:
            self._told.add(item.device)
            log.warning("device %s on bus %s is down: %s", item.device, self.bus, error)
        for other in self.schedule.plan:
            if other.device == item.device:
                self._deliver(failed_block(other.device, other.points, self._clock.utc(), now, error))
        self._rush.end(item.points, DeviceError(error))

    def _line_broken_by(self, item: ReadItem, error: Exception) -> None:
        """Whoever may break the line again comes after its neighbours, and is asked less and less."""
        if self.line.up and self._breaker == item.device:
            self._unit_failed(item, str(error))
        elif any(other.device != item.device for other in self.schedule.plan):
            self.schedule.failed(item, str(error), self._clock.elapsed())
        self._breaker = item.device

    def _unit_answered(self, device: str) -> None:
        failures = self.schedule.answered(device, self._clock.elapsed(), SOON * self._clock.speed)
        if failures and device in self._told:
            self._told.discard(device)
            log.info("device %s on bus %s is up after %d failures", device, self.bus, failures)

    def _line_down(self, error: str) -> None:
        now = self._clock.elapsed()
        if self.line.up or self.line.error == "not opened yet":
            log.warning("bus %s is down: %s", self.bus, error)
            self.line.since = now
        self._is_open = self.line.up = False
        self.line.error = error
        self.line.failures += 1
        for item in self.schedule.plan or self._driver.plan():
            self._deliver(failed_block(item.device, item.points, self._clock.utc(), now, error))
            self._rush.end(item.points, BusError(error))
        waiting, self._writes = self._writes, {}
        for order, done in waiting.values():
            done(order, BusError(error))

    async def _pause(self, seconds: float) -> None:
        """Real seconds, cut short by `submit` and `read_now`, which do so only while the line is up."""
        loop = asyncio.get_running_loop()
        timer = loop.call_later(seconds, self._work.set)
        try:
            await self._work.wait()
        finally:
            timer.cancel()
            self._work.clear()


async def _let_go(bus: str, driver: Driver) -> None:
    """Never for ever: a line that does not close is left behind and opened anew."""
    try:
        async with asyncio.timeout(LONGEST_EXCHANGE):
            await driver.close()
    except Exception as error:  # noqa: BLE001 - the bus must be served again whatever the driver does
        log.error("bus %s could not be closed: %r", bus, error)
