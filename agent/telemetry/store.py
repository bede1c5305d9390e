"""The store: every sample, document and audit record, durable within a commit interval, never in the loop's way.

All state lives in the event loop; one writer thread commits, one reader thread answers. What the store promises:
a block that `acknowledged` covers survives kill -9 and power loss; (site, epoch, sequence) names a block for ever.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.core.errors import StoreError
from agent.core.point import Value
from agent.core.reading import ReadingBlock
from agent.core.site import StoreSettings
from agent.telemetry import audit
from agent.telemetry.audit import verify_audit
from agent.telemetry.committer import Committer
from agent.telemetry.disk import Disk
from agent.telemetry.documents import read_documents, to_text, write_document, write_documents
from agent.telemetry.history import Question
from agent.telemetry.keeper import DAY, Keeper
from agent.telemetry.outbox import Outbox
from agent.telemetry.reader import Reader
from agent.telemetry.samples import split_key

__all__ = ["Store", "StoreError", "read_documents", "verify_audit", "write_document", "write_documents"]

log = logging.getLogger("plantroom.telemetry")


@dataclass(slots=True, kw_only=True, eq=False)
class Store:
    """See the module. Made by `open`; used from one event loop."""

    site: str
    epoch: int
    settings: StoreSettings
    now: Callable[[], float]
    disk: Disk
    keeper: Keeper
    committer: Committer
    reader: Reader

    @classmethod
    async def open(cls, settings: StoreSettings, *, site: str, now: Callable[[], float]) -> Store:
        """Begins a new epoch. A damaged file is set aside (`status()["quarantined"]`). Raises StoreError."""
        disk = Disk(settings)
        try:
            loaded = await asyncio.to_thread(disk.open, now())
        except (sqlite3.Error, OSError, StoreError) as error:
            await asyncio.to_thread(disk.close)
            raise StoreError(f"cannot open the store {settings.path}: {error}") from error
        keeper = Keeper(settings, disk, loaded, now)
        committer = Committer(disk, keeper.journal, keeper, settings.commit_interval)
        reader = Reader(settings.path, keeper.packer, committer.damaged)
        keeper.replaced = reader.reopen
        committer.start()
        return cls(
            site=site,
            epoch=loaded.epoch,
            settings=settings,
            now=now,
            disk=disk,
            keeper=keeper,
            committer=committer,
            reader=reader,
        )

    @property
    def quarantined(self) -> str | None:
        """Where a damaged file was put aside."""
        return self.keeper.quarantined

    @property
    def acknowledged(self) -> int:
        """Highest sequence of this epoch known durable."""
        epoch, sequence = split_key(self.keeper.counters.durable)
        return sequence if epoch == self.epoch else 0

    def append(self, block: ReadingBlock) -> int:
        """Takes a block; returns its sequence in this epoch. Never waits, never raises for trouble of the disk."""
        sequence = self.keeper.append(block)
        self.committer.touch()
        return sequence

    async def flush(self) -> None:
        """Returns when everything before is durable. Raises StoreError when the disk refuses."""
        await self.committer.durable()

    async def put(self, kind: str, key: str, value: Any) -> None:
        """A small document (None: gone), durable on return.

        Raises StoreError, and then the document is what it was before.
        """
        documents = self.keeper.documents
        before, text = documents.text(kind, key), None if value is None else to_text(value)
        documents.set(kind, key, text)
        try:
            await self.committer.durable()
        except StoreError:
            if documents.text(kind, key) == text:
                documents.set(kind, key, before)
            raise

    def put_soon(self, kind: str, key: str, value: Any) -> None:
        """Rides on the next commit (None: gone); the last one wins, an unchanged one costs nothing."""
        if self.keeper.documents.set(kind, key, None if value is None else to_text(value)):
            self.committer.touch()

    async def delete(self, kind: str, key: str) -> None:
        await self.put(kind, key, None)

    def documents(self, kind: str) -> dict[str, Any]:
        """As of now, with what waits for the disk."""
        return self.keeper.documents.get(kind)

    def audit(self, record: Mapping[str, Any]) -> None:
        """One record of the chain (`time` is added where it is missing); rides on the next commit."""
        self.keeper.journal.add_audit(audit.canonical({"time": self.now(), **record}))
        self.committer.touch()

    async def audit_tail(self, limit: int) -> list[dict[str, Any]]:
        """Newest records first, as far as they are durable."""
        return await self.reader.audit_tail(limit)

    async def history(
        self, point: str, since: float, until: float, limit: int
    ) -> list[tuple[float, Value | None, str]]:
        """(UTC seconds, value, quality) of durable samples, oldest first, thinned evenly to `limit`."""
        keeper = self.keeper
        layouts = tuple(layout for layout in keeper.packer.layouts.values() if point in layout.points)
        recent = tuple(pair for layout in layouts for pair in keeper.index.recent(layout.id))
        return await self.reader.history(Question(point, since, until, limit, layouts, recent))

    async def housekeeping(self) -> None:
        """Keeps age and bytes within bounds; what an uplink had not yet got becomes a gap. Raises StoreError."""
        try:
            await self.keeper.retain(self.committer.call)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"housekeeping: {error}") from error
        finally:
            self.committer.touch()

    def status(self) -> dict[str, Any]:
        keeper, committer = self.keeper, self.committer
        counters = keeper.counters
        return {
            "state": committer.state,
            "error": committer.error,
            "path": self.settings.path,
            "bytes": counters.bytes,
            "rows": counters.rows,
            "samples": counters.samples,
            "written_today": counters.written if counters.day == int(self.now() // DAY) else 0,
            "waiting": len(keeper.journal.rows),
            "dropped": counters.dropped,
            "lost_audits": keeper.journal.lost_audits,
            "backlog": {name: outbox.backlog for name, outbox in keeper.outboxes.items()},
            "epoch": self.epoch,
            "acknowledged": self.acknowledged,
            "quarantined": keeper.quarantined,
        }

    async def close(self) -> None:
        """Commits what waits and lets go of the file; a disk that refuses is logged, not raised."""
        if self.committer.stopped:
            return
        try:
            await self.flush()
        except StoreError as error:
            log.error("store closed with %d blocks not durable: %s", len(self.keeper.journal.rows), error)
        await self.reader.close()
        self.reader.stop()
        await self.committer.stop()
        await asyncio.to_thread(self.disk.close)


def outbox_of(store: Store, name: str) -> Outbox:
    """The cursor of one uplink, as it was saved; an uplink never seen before has all that is stored to deliver."""
    return store.keeper.outbox(name, store.committer.touch)
