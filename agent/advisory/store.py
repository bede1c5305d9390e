"""What advisory mode must not forget: tasks, notes that wait, who answered, what meters said. SQLite, one thread.

A note is there before anything is sent and is marked only when the channel has taken it: a restart repeats at most the
message that was under way, and loses none. After a power cut what was marked in the last seconds may be repeated as well:
marks do not wait for the disk, tasks, notes and answers do.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.advisory.note_book import NoteBook
from agent.advisory.task_book import TaskBook

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (
  number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, site TEXT NOT NULL, kind TEXT NOT NULL,
  state TEXT NOT NULL, step INTEGER NOT NULL, next_at REAL NOT NULL, detail TEXT NOT NULL,
  by TEXT NOT NULL DEFAULT '', at REAL NOT NULL DEFAULT 0, made REAL NOT NULL);
CREATE INDEX IF NOT EXISTS tasks_due ON tasks (state, next_at);
CREATE INDEX IF NOT EXISTS tasks_site ON tasks (site, state);
CREATE TABLE IF NOT EXISTS notes (
  number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, task INTEGER NOT NULL, site TEXT NOT NULL,
  channel TEXT NOT NULL, kind TEXT NOT NULL, step INTEGER NOT NULL, detail TEXT NOT NULL, mention TEXT NOT NULL,
  expires REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'waiting', at REAL NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS notes_waiting ON notes (state, channel, not_before);
CREATE TABLE IF NOT EXISTS used (token TEXT PRIMARY KEY, task INTEGER NOT NULL, by TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sends (channel TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS meters (site TEXT PRIMARY KEY, time REAL NOT NULL, power REAL NOT NULL);
"""


class AdvisoryStore:
    """The file. All of it blocks and belongs to one thread. Raises sqlite3.Error where the disk refuses."""

    def __init__(self, path: str | Path) -> None:
        if str(path) != ":memory:":  # names and numbers of people: for the owner only
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=NORMAL")  # safe from a kill; `together` also from a power cut
        self._base.execute("PRAGMA busy_timeout=5000")
        self._base.executescript(_SCHEMA)
        self._base.execute("INSERT OR IGNORE INTO facts VALUES ('epoch', ?)", (secrets.token_hex(8),))
        (epoch,) = self._base.execute("SELECT value FROM facts WHERE name = 'epoch'").fetchone()
        self.epoch = str(epoch)
        self.tasks = TaskBook(self._base)
        self.notes = NoteBook(self._base)

    def close(self) -> None:
        self._base.close()

    @contextmanager
    def together(self, *, on_disk: bool = True) -> Iterator[None]:
        """All or nothing; `on_disk`: on the disk itself when it ends."""
        self._base.execute(f"PRAGMA synchronous={'FULL' if on_disk else 'NORMAL'}")
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._base.execute("COMMIT")
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        finally:
            self._base.execute("PRAGMA synchronous=NORMAL")

    def counts(self) -> dict[str, dict[str, int]]:
        """How many tasks and notes are in which state."""
        return {
            table: dict(self._base.execute(f"SELECT state, COUNT(*) FROM {table} GROUP BY state"))  # noqa: S608 - our own words, no value
            for table in ("tasks", "notes")
        }

    def forget(self, before: float) -> None:
        """Tasks made before, with their notes and links."""
        for table in ("notes", "used"):
            self._base.execute(
                f"DELETE FROM {table} WHERE task IN (SELECT number FROM tasks WHERE made < ? AND state != 'open')",  # noqa: S608 - our own words, no value
                (before,),
            )
        self._base.execute("DELETE FROM tasks WHERE made < ? AND state != 'open'", (before,))
