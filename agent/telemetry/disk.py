"""The disk's side of the store: everything here runs in the one writer thread, never in the event loop."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent.core.errors import StoreError
from agent.core.site import StoreSettings
from agent.telemetry import audit, database, retention
from agent.telemetry.batch import Batch
from agent.telemetry.database import GENESIS, Loaded

_DEAD_LETTERS = 1000  # kept for people; older ones go
_THREAD_IO = "/proc/thread-self/io"


@dataclass(frozen=True, slots=True)
class Report:
    """What one commit did. `written` counts the bytes handed to the disk (journal and file)."""

    bytes: int
    sample_bytes: int  # in use, without the audit records
    written: int


def _handed_to_disk() -> int:
    """Bytes this thread has written since it began; 0 where the kernel does not tell."""
    with suppress(OSError, ValueError), Path(_THREAD_IO).open(encoding="ascii") as file:
        for line in file:
            if line.startswith("wchar:"):
                return int(line.split()[1])
    return 0


class Disk:
    """The open file and the lock on it. Raises sqlite3.Error and OSError; StoreError where trying again is in vain."""

    def __init__(self, settings: StoreSettings) -> None:
        self.path = settings.path
        self.connection: sqlite3.Connection | None = None
        self.head = GENESIS
        self._lock: int | None = None
        self._written = 0

    def open(self, now: float) -> Loaded:
        """Opens, migrates, begins a new epoch; a damaged file is set aside and a new one begun."""
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = database.lock(self.path)
        try:
            return self._start(now)
        except sqlite3.DatabaseError as error:
            if not database.is_corrupt(error):
                raise
            documents = database.salvage_documents(self.path)
            aside = self.set_aside(now)
            loaded = self._start(now)
            loaded.documents = documents
            loaded.quarantined = aside
            return loaded

    def _start(self, now: float) -> Loaded:
        connection = self._connect()
        epoch = database.next_epoch(connection, self.path, now)
        return database.load(connection, epoch)

    def _connect(self) -> sqlite3.Connection:
        connection = self.connection = database.connect(self.path)
        database.check(connection, self.path)
        database.migrate(connection)
        row = connection.execute("SELECT value FROM meta WHERE name = 'audit_head'").fetchone()
        self.head = row[0] if row else GENESIS
        return connection

    def set_aside(self, now: float) -> str:
        if self.connection is not None:
            with suppress(sqlite3.Error):
                self.connection.close()
            self.connection = None
        return database.set_aside(self.path, now)

    def renew(self, now: float, epoch: int) -> str:
        """While running: sets the damaged file aside and begins a new one in the same epoch."""
        aside = self.set_aside(now)
        self._connect().execute("INSERT OR REPLACE INTO meta VALUES ('epoch', ?)", (epoch,))
        return aside

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def commit(self, batch: Batch) -> Report:
        """All of the batch or nothing; on the disk when this returns."""
        connection = self.need()
        head = self.head
        try:
            connection.execute("BEGIN IMMEDIATE")
            self._insert(connection, batch)
            if batch.audits:
                head = audit.append(connection, head, batch.audits)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        self.head = head
        try:
            return self.report()
        except sqlite3.Error:  # committed is committed, whatever can be said of it
            return Report(0, 0, 0)

    def need(self) -> sqlite3.Connection:
        """The connection, made anew when the last attempt has left none."""
        return self._connect() if self.connection is None else self.connection

    def report(self) -> Report:
        connection = self.need()
        written, before = _handed_to_disk(), self._written
        self._written = written
        return Report(
            database.file_bytes(connection), retention.used_bytes(connection), max(0, written - before)
        )

    def _insert(self, connection: sqlite3.Connection, batch: Batch) -> None:
        many = connection.executemany
        if batch.layouts:
            many(
                "INSERT OR REPLACE INTO layout VALUES (?, ?, ?, ?)",
                [(one.id, one.device, json.dumps(one.points), one.types) for one in batch.layouts],
            )
        if batch.rows:
            many("INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?, ?, ?, ?)", batch.rows)
        self._insert_documents(connection, batch)
        for name, value in batch.meta.items():
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
        if batch.postings:
            many(
                "INSERT OR REPLACE INTO posting VALUES (?, ?, ?, ?, ?, ?)",
                [(one.layout, one.low, one.first, one.last, one.high, one.offsets) for one in batch.postings],
            )
        if batch.gaps or batch.told:
            self._insert_gaps(connection, batch)
        if batch.letters:
            many(
                "INSERT INTO dead_letter (uplink, made, first, last, error, body) VALUES (?, ?, ?, ?, ?, ?)",
                [(one.uplink, one.made, one.first, one.last, one.error, one.body) for one in batch.letters],
            )
            connection.execute(
                "DELETE FROM dead_letter WHERE id <= (SELECT max(id) FROM dead_letter) - ?", (_DEAD_LETTERS,)
            )

    def _insert_documents(self, connection: sqlite3.Connection, batch: Batch) -> None:
        for (kind, key), text in batch.documents.items():
            if text is None:
                connection.execute("DELETE FROM document WHERE kind = ? AND key = ?", (kind, key))
            else:
                connection.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", (kind, key, text))

    def _insert_gaps(self, connection: sqlite3.Connection, batch: Batch) -> None:
        connection.executemany(
            "INSERT OR REPLACE INTO gap (id, uplink, first, last, blocks, low, high, made, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (one.id, one.uplink, one.first, one.last, one.blocks, one.low, one.high, one.made, one.reason)
                for one in batch.gaps.values()
            ],
        )
        connection.executemany("UPDATE gap SET delivered = 1 WHERE id = ?", [(one,) for one in batch.told])


__all__ = ["Disk", "Report", "StoreError"]
