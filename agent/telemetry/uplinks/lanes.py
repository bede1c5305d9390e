"""The two lanes of an uplink: live blocks straight from memory, and everything else from the store, oldest first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agent.core.errors import StoreError
from agent.telemetry.outbox import Outbox
from agent.telemetry.ranges import Ranges
from agent.telemetry.samples import split_key
from agent.telemetry.store import Store
from agent.telemetry.uplinks.message import BACKFILL, LIVE, Encoder, Item
from agent.telemetry.uplinks.settings import Pace

log = logging.getLogger("plantroom.telemetry")

_IDLE = 1.0  # seconds between looks into the store when there is nothing to catch up with
_PACKED = 4  # JSON is about this many times the size of the packed rows
_CHUNK = 2000  # most blocks fetched at once

Deliver = Callable[[str, list[Item]], Awaitable[int]]
"""Sends items of one lane; returns the bytes on the wire when they are acknowledged."""


@dataclass(slots=True)
class Lanes:
    """Feeds `deliver` until cancelled. One of these a connection."""

    store: Store
    outbox: Outbox
    encoder: Encoder
    pace: Pace
    deliver: Deliver
    troubled: bool = False  # the store could not be read; said once

    async def live(self) -> None:
        """Sends at once after a pause, and gathers while blocks keep coming."""
        outbox, loop = self.outbox, asyncio.get_running_loop()
        slots = asyncio.Semaphore(self.pace.in_flight)
        sent = 0.0

        async def send(items: list[Item]) -> None:
            try:
                await self.deliver(LIVE, items)
            finally:
                slots.release()

        async with asyncio.TaskGroup() as group:
            while True:
                await outbox.wake.wait()
                outbox.wake.clear()
                await asyncio.sleep(max(0.0, sent + self.pace.max_delay / 1000.0 - loop.time()))
                sent = loop.time()
                while outbox.live:
                    await slots.acquire()
                    items = self._gather()
                    if items:
                        group.create_task(send(items))
                    else:
                        slots.release()

    def _gather(self) -> list[Item]:
        outbox, items, size = self.outbox, [], 0
        live, encode = outbox.live, self.encoder.block
        while live and size < self.pace.max_bytes:
            key, block = live.popleft()
            item = encode(block, key)
            if item is None:
                outbox.delivered(key, key)
                continue
            size += len(item)
            items.append((key, item))
        return items

    async def backfill(self) -> None:
        """Gaps first, then the oldest blocks nobody has; no faster than the backfill rate."""
        encoder = self.encoder.twin()
        while True:
            try:
                sent = await self._chunk(encoder)
                self.troubled = False
            except StoreError as error:
                if not self.troubled:
                    log.warning("backfill of %s waits: %s", self.outbox.name, error)
                self.troubled, sent = True, None
            if sent is None:
                await asyncio.sleep(_IDLE)
            else:
                await asyncio.sleep(sent / (self.pace.backfill_rate * 1000.0))

    async def _chunk(self, encoder: Encoder) -> int | None:
        """Delivers one piece of the backlog; bytes on the wire, None where there is no backlog."""
        outbox = self.outbox
        claimed = outbox.claim(_CHUNK, self.store.keeper.counters.durable)
        if claimed is None:
            return None
        first, last = claimed
        try:
            found = await self.store.reader.blocks(first, last, self.pace.max_bytes // _PACKED, encoder.block)
        except StoreError:
            outbox.release(first, last)
            raise
        end = found.next_key - 1
        outbox.release(end + 1, last)
        self._miss(first, end, [key for key, _ in found.items])
        items: list[Item] = []
        for key, item in found.items:
            if item is None:
                outbox.delivered(key, key)
            else:
                items.append((key, item))
        return sum([await self.deliver(BACKFILL, part) for part in _by_epoch(items)])

    def _miss(self, first: int, end: int, keys: list[int]) -> None:
        """What the store no longer has becomes a gap."""
        there = Ranges((key, key) for key in keys)
        for low, high in there.holes(first, end):
            self.outbox.release(low, high)
            self.store.keeper.book.lose(self.outbox, (low, high), "no longer stored")


def _by_epoch(items: list[Item]) -> list[list[Item]]:
    parts: list[list[Item]] = []
    for item in items:
        if parts and split_key(parts[-1][0][0])[0] == split_key(item[0])[0]:
            parts[-1].append(item)
        else:
            parts.append([item])
    return parts
