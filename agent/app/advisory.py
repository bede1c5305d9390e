"""Runs advisory mode: store, desk, sender and door of one advisory file, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from agent.advisory.carriers import Carrier
from agent.advisory.desk import Desk
from agent.advisory.door import Door
from agent.advisory.links import Links, key_beside
from agent.advisory.message import Composer
from agent.advisory.model import Advisory
from agent.advisory.sender import Sender
from agent.advisory.store import AdvisoryStore
from agent.advisory.worker import Worker
from agent.app.advisory_file import load_advisory
from agent.control.clock import SystemClock
from agent.control.site_lock import SiteLock
from agent.control.watchdog import notify
from agent.core.clock import Clock

log = logging.getLogger("plantroom.advisory")

LOOK = 2.0  # s between looks at what is due


@dataclass(frozen=True, slots=True)
class AdvisoryParts:
    """What runs, for whoever looks at it."""

    desk: Desk
    sender: Sender
    door: Door
    store: AdvisoryStore


async def run_advisory(
    config: Path,
    *,
    clock: Clock | None = None,
    ready: Callable[[str], None] = log.info,
    started: Callable[[AdvisoryParts], None] = lambda _parts: None,
) -> None:
    """Run until cancelled. Raises ConfigurationError, SiteLockedError, OSError or sqlite3.Error before anything is sent."""
    advisory = await asyncio.to_thread(load_advisory, config)
    clock = clock or SystemClock(always_trusted=advisory.service.clock == "always_trusted")
    path = store_path(config, advisory)
    lock = SiteLock(path.parent)
    await asyncio.to_thread(lock.acquire)
    try:
        async with _opened(advisory, path, clock) as (parts, worker):
            started(parts)
            ready(
                f"advisory mode for {len(advisory.sites)} sites; links and meters on port {parts.door.port}"
            )
            notify("READY=1")
            async with asyncio.TaskGroup() as group:
                group.create_task(parts.sender.run())
                group.create_task(_work(parts.desk, worker, clock))
    finally:
        notify("STOPPING=1")
        lock.give_back()


@contextlib.asynccontextmanager
async def _opened(
    advisory: Advisory, path: Path, clock: Clock
) -> AsyncIterator[tuple[AdvisoryParts, Worker]]:
    async with contextlib.AsyncExitStack() as stack:
        worker = Worker()
        stack.callback(worker.close)
        store = await worker(AdvisoryStore, path)
        stack.push_async_callback(worker, store.close)
        key = await worker(key_beside, path, advisory.service.link_key)
        links = Links(advisory.service.public_url, key, store.epoch)
        desk = await worker(Desk, advisory, store, clock.utc())
        carrier = Carrier()
        await carrier.open()
        stack.push_async_callback(carrier.close)
        composer = Composer(advisory.sites, links, advisory.service.language)
        sender = Sender(advisory.channels, store, worker, composer, carrier, clock)
        door = Door(advisory, desk, store, links, worker, clock.utc)
        stack.push_async_callback(door.close)
        await door.open()
        yield AdvisoryParts(desk, sender, door, store), worker


async def _work(desk: Desk, worker: Worker, clock: Clock) -> None:
    """What is due, in pieces. A disk that refuses and a clock that may be wrong are said once.

    systemd is told after each look that has come to its end: a desk that hangs is not one that works.
    """
    said = ""
    while True:
        trouble = "" if clock.trusted() else "the clock is not trusted: nothing is told until it is"
        try:
            more = not trouble and await worker(desk.work, clock.utc())
        except sqlite3.Error as error:
            more, trouble = False, f"the store refuses: {error}"
        if trouble and trouble != said:
            log.error("%s", trouble)
        said = trouble
        notify("WATCHDOG=1")
        await clock.sleep(0.0 if more else LOOK)


def store_path(config: Path, advisory: Advisory) -> Path:
    """Relative to the advisory file."""
    return config.absolute().parent / advisory.service.store
