"""The group commit: a task that carries the journal to the disk, and what happens while the disk refuses."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from agent.core.errors import StoreError
from agent.telemetry.batch import Batch
from agent.telemetry.database import is_corrupt
from agent.telemetry.disk import Disk, Report
from agent.telemetry.journal import Journal

T = TypeVar("T")
Call = Callable[..., Awaitable[Any]]
"""Runs a function with its arguments in the writer thread."""
log = logging.getLogger("plantroom.telemetry")

_ROWS_AT_ONCE = 5000  # a commit does not wait for its time when this many wait for it
_RETRY = (1.0, 30.0)
_RENEW_SECONDS = 600.0
_DURABLE_SECONDS = 15.0  # how long a caller waits for the disk before it is told that it refuses


class Books(Protocol):
    """What the committer asks of the store's books. `call` runs a function in the writer thread."""

    def prepare(self) -> None:
        """Completes the journal before a commit."""
        ...

    def settled(self, batch: Batch, report: Report) -> None: ...

    async def renew(self, call: Call) -> None:
        """Sets a damaged file aside and fills the journal for a new one."""
        ...

    async def make_room(self, call: Call) -> None:
        """Lets the oldest go when the store is full."""
        ...


class Committer:
    """Owns the writer thread and says when it commits."""

    def __init__(self, disk: Disk, journal: Journal, books: Books, interval: float) -> None:
        self.state = "ok"
        self.error = ""
        self.stopped = False
        self._disk = disk
        self._journal = journal
        self._interval = interval
        self._books = books
        self._executor = ThreadPoolExecutor(1, "store-writer")
        self._dirty = asyncio.Event()
        self._urgent = asyncio.Event()
        self._waiters: list[asyncio.Future[None]] = []
        self._damage = ""
        self._renewed: float | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="store-commit")

    def touch(self) -> None:
        """Something waits for the next commit."""
        self._dirty.set()
        if len(self._journal.rows) >= _ROWS_AT_ONCE:
            self._urgent.set()

    def damaged(self, what: str) -> None:
        """A page was found bad: the file will be set aside at the next commit."""
        self._damage = self._damage or what
        self._dirty.set()
        self._urgent.set()

    async def durable(self) -> None:
        """Returns when all that waits now is on the disk. Raises StoreError when the disk refuses."""
        if self.stopped:
            raise StoreError("the store is closed")
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._dirty.set()
        self._urgent.set()
        try:
            async with asyncio.timeout(_DURABLE_SECONDS):
                await waiter
        except TimeoutError as error:
            raise StoreError("the disk does not answer") from error

    async def call(self, work: Callable[..., T], *arguments: object) -> T:
        """Runs `work` in the writer thread, between two commits."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)

    async def stop(self) -> None:
        """Ends the task and the thread; what is not committed by now stays where it is."""
        self.stopped = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._executor.shutdown(wait=False)

    async def _run(self) -> None:
        pause = self._interval
        while True:
            await self._dirty.wait()
            await self._wait(pause)
            self._dirty.clear()
            self._urgent.clear()
            if await self._cycle():
                pause = self._interval
            else:
                pause = min(max(pause * 2, _RETRY[0]), _RETRY[1])
                self._dirty.set()

    async def _cycle(self) -> bool:
        try:
            done = await self._commit()
            if done:
                await self._books.make_room(self.call)
        except Exception:  # the task must live whatever happens: without it nothing is stored
            log.exception("commit failed")
            return False
        return done

    async def _renew(self) -> None:
        """Not again and again: a disk that spoils every file is failing, and copies of it would fill it."""
        now = asyncio.get_running_loop().time()
        if self._renewed is not None and now - self._renewed < _RENEW_SECONDS:
            raise StoreError(f"damaged again, the disk is failing: {self._damage}")
        log.error("store file is damaged: %s", self._damage)
        self._renewed = now
        await self._books.renew(self.call)
        self._damage = ""

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._urgent.wait()
        except TimeoutError:
            return

    async def _commit(self) -> bool:
        waiters, self._waiters = self._waiters, []
        batch = Batch()
        try:
            if self._damage:
                await self._renew()
            self._books.prepare()
            batch = self._journal.collect()
            report = await asyncio.shield(self.call(self._disk.commit, batch))
        except (sqlite3.Error, OSError, StoreError) as error:
            self._refused(batch, waiters, error)
            return False
        except Exception as error:  # a fault of ours must not end the store: degraded, loudly
            log.exception("commit failed")
            self._refused(batch, waiters, error)
            return False
        self._journal.settle()
        self._books.settled(batch, report)
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
        if self.state != "ok":
            log.info("store works again")
        self.state, self.error = "ok", ""
        return True

    def _refused(self, batch: Batch, waiters: list[asyncio.Future[None]], error: Exception) -> None:
        self._journal.restore(batch)
        if is_corrupt(error):
            self._damage = self._damage or str(error)
        if self.state == "ok":
            log.error("store refuses: %s; live work goes on, samples wait in memory", error)
        self.state, self.error = "degraded", str(error)
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(StoreError(f"the disk refuses: {error}"))
