"""The store's own books, all in the event loop: counters, cursors and postings around each commit, and retention."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from agent.core.reading import ReadingBlock
from agent.core.site import StoreSettings
from agent.telemetry import audit, retention
from agent.telemetry.batch import Batch
from agent.telemetry.committer import Call
from agent.telemetry.database import Loaded
from agent.telemetry.disk import Disk, Report
from agent.telemetry.documents import Documents
from agent.telemetry.gaps import GapBook
from agent.telemetry.history import KeyIndex
from agent.telemetry.journal import Journal
from agent.telemetry.outbox import Outbox, restore_pending
from agent.telemetry.ranges import Range
from agent.telemetry.samples import Packer, make_key

log = logging.getLogger("plantroom.telemetry")
DAY = 86_400.0
_MEMORY_FULL = "memory full while the disk refused"
_FILE_DAMAGED = "store file was damaged"

_ROOM = 0.98  # of the quota is left when the store was full, so that rows do not go one by one


@dataclass(slots=True)
class Counters:
    """What the store knows of itself."""

    rows: int = 0
    samples: int = 0
    dropped: int = 0  # blocks that had to go from memory while the disk refused
    bytes: int = 0
    written: int = 0  # bytes handed to the disk since `day` began
    day: int = 0
    durable: int = 0  # highest key on the disk
    trusted: bool = False  # the clock, as the newest block has it

    def note_written(self, count: int, day: int) -> None:
        if day != self.day:
            self.day, self.written = day, 0
        self.written += count


def _count(loaded: Loaded) -> Counters:
    day, written = (int(part) for part in str(loaded.meta.get("written", "0:0")).split(":"))
    return Counters(
        loaded.meta.get("rows", 0),
        loaded.meta.get("samples", 0),
        bytes=loaded.bytes,
        written=written,
        day=day,
        durable=loaded.spans[-1][1] if loaded.spans else 0,
    )


class Keeper:
    """Takes blocks in, readies each commit, hears of its end, and lets the oldest go."""

    def __init__(self, settings: StoreSettings, disk: Disk, loaded: Loaded, now: Callable[[], float]) -> None:
        self.epoch = loaded.epoch
        self.quarantined = loaded.quarantined
        self.packer = Packer(loaded.layouts)
        self.documents = Documents(loaded.documents)
        self.journal = Journal(self.packer, self.documents)
        self.book = GapBook(self.journal, loaded.next_gap, now)
        self.index = KeyIndex(loaded.tail)
        self.counters = _count(loaded)
        self.outboxes: dict[str, Outbox] = {}
        self.sequence = 0
        self.replaced: Callable[[], None] = lambda: (
            None
        )  # called when a new file has taken the old one's place
        self._full = False
        self._settings = settings
        self._disk = disk
        self._loaded = loaded
        self._now = now
        if loaded.quarantined is not None:
            self._salvage(loaded.quarantined)

    def append(self, block: ReadingBlock) -> int:
        self.sequence += 1
        key = make_key(self.epoch, self.sequence)
        row = self.packer.pack(key, block)
        dropped = self.journal.add(row)
        self.index.add(key, row.layout, row.time)
        counters = self.counters
        counters.rows += 1
        counters.samples += len(block.values)
        counters.trusted = block.time_trusted
        for outbox in self.outboxes.values():
            outbox.offer(key, block)
        if dropped is not None:
            counters.dropped += 1
            counters.rows -= 1
            counters.samples -= len(self.packer.layouts[dropped.layout].points)
            self._lose((dropped.key, dropped.key), _MEMORY_FULL, (dropped.time, dropped.time))
        return self.sequence

    def outbox(self, name: str, changed: Callable[[], None]) -> Outbox:
        outbox = self.outboxes.get(name)
        if outbox is None:
            pending = restore_pending(self._loaded.meta.get(f"cursor:{name}"), self._loaded.spans)
            pending.add(make_key(self.epoch, 1), make_key(self.epoch, self.sequence))
            gaps = [gap for gap in self._loaded.gaps if gap.uplink == name]
            outbox = self.outboxes[name] = Outbox(name, pending, gaps=gaps, changed=changed)
        return outbox

    def prepare(self) -> None:
        """Completes the journal: what a commit says of the store is true with that commit."""
        journal, counters = self.journal, self.counters
        cut = self.index.cut(asyncio.get_running_loop().time())
        if cut is not None:
            postings, journal.meta["posted"] = cut
            journal.postings += postings
        through = journal.rows[-1].key if journal.rows else counters.durable
        for outbox in self.outboxes.values():
            journal.meta[f"cursor:{outbox.name}"] = outbox.cursor(through)
            journal.told += outbox.told
            journal.letters += outbox.letters
            outbox.told, outbox.letters = [], []
        journal.meta |= {
            "rows": counters.rows,
            "samples": counters.samples,
            "written": f"{counters.day}:{counters.written}",
        }

    def settled(self, batch: Batch, report: Report) -> None:
        if batch.rows:
            self.counters.durable = batch.rows[-1].key
        self.counters.bytes = report.bytes
        self._full = report.sample_bytes > self._settings.max_bytes
        self.counters.note_written(report.written, int(self._now() // DAY))

    async def renew(self, call: Call) -> None:
        """Sets the damaged file aside; documents live on, stored samples are lost to whoever had not got them."""
        aside = await call(self._disk.renew, self._now(), self.epoch)
        self._lose((0, self.counters.durable), _FILE_DAMAGED)
        self.counters.rows = len(self.journal.rows)
        self.counters.samples = sum(len(self.packer.layouts[row.layout].points) for row in self.journal.rows)
        self.index = KeyIndex((row.key, row.layout, row.time) for row in self.journal.rows)
        self.journal.postings.clear()
        self.packer.fresh = list(self.packer.layouts.values())
        self._salvage(aside)
        self.replaced()

    async def make_room(self, call: Call) -> None:
        """The quota holds all the time, not only after housekeeping."""
        if self._full:
            self._full = False
            await self._let_go(call, None, int(self._settings.max_bytes * _ROOM))

    async def retain(self, call: Call) -> None:
        """Retention by age and bytes."""
        now = self._now()
        cutoff = now - self._settings.keep_days * DAY if self.counters.trusted else None
        await self._let_go(call, cutoff, self._settings.max_bytes)
        await call(self._tidy, now)

    async def _let_go(self, call: Call, cutoff: float | None, max_bytes: int) -> None:
        while bite := await call(self._bite, cutoff, max_bytes):
            self.counters.rows -= bite.rows
            self.counters.samples -= bite.samples
            self._lose((bite.first, bite.last), bite.reason, (bite.low, bite.high))

    def _salvage(self, aside: str) -> None:
        self.quarantined = aside
        self.documents.dirty.update(self.documents.everything())
        self.journal.add_audit(
            audit.canonical({"time": self._now(), "event": "damaged store set aside", "file": aside})
        )
        log.error("store file was damaged; it is kept as %s and a new one begun", aside)

    def _lose(
        self, keys: Range, reason: str, times: tuple[float | None, float | None] = (None, None)
    ) -> None:
        for outbox in self.outboxes.values():
            self.book.lose(outbox, keys, reason, times)

    def _bite(self, cutoff: float | None, max_bytes: int) -> retention.Bite | None:
        return retention.bite(
            self._disk.need(), self.packer.layouts, cutoff=cutoff, now=self._now(), max_bytes=max_bytes
        )

    def _tidy(self, now: float) -> None:
        connection = self._disk.need()
        while audit.trim(connection, self._settings.audit_max_bytes):
            pass
        retention.tidy(connection, now=now, max_bytes=self._settings.max_bytes)
