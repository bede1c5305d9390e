"""The file: how it is opened, migrated up and down, what is read from it at start, and how a bad one is set aside."""

from __future__ import annotations

import fcntl
import json
import os
import re
import sqlite3
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.core.errors import StoreError
from agent.telemetry.batch import Gap
from agent.telemetry.samples import SEQUENCE_BITS, Layout, make_key, split_key

SCHEMA = Path(__file__).parent / "schema"
GENESIS = bytes(32)  # what the first audit record follows
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_QUICK_CHECK_BYTES = 32_000_000  # a bigger file is judged page by page, as it is used
_CLOCK_START = 1_577_836_800  # 2020-01-01 UTC
_CLOCK_EPOCHS = 1 << 24  # minutes until 2051: an epoch taken from the clock stays below
_BUSY_SECONDS = 5.0


def is_corrupt(error: BaseException) -> bool:
    if not isinstance(error, sqlite3.DatabaseError):
        return False
    code = getattr(error, "sqlite_errorcode", None)
    return (code is not None and code & 0xFF in _CORRUPT) or "malformed" in str(error)


def connect(path: str) -> sqlite3.Connection:
    """The writer's connection: what a commit returns from is on the disk."""
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    try:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA journal_size_limit=16000000")
        connection.execute("PRAGMA cache_size=-1500")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def connect_reader(path: str) -> sqlite3.Connection:
    """A second connection that cannot write; it never delays a commit."""
    connection = sqlite3.connect(
        f"{Path(path).absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA cache_size=-1000")
    return connection


def _scripts(folder: Path) -> dict[int, tuple[str, str]]:
    """Version -> (up, down). The first version has nothing to go down to."""
    found = {}
    for up in sorted(folder.glob("[0-9]*_up.sql")):
        down = up.with_name(up.name.replace("_up", "_down"))
        version = int(re.match(r"\d+", up.name)[0])  # type: ignore[index] # the glob asks for a digit
        found[version] = (up.read_text("utf-8"), down.read_text("utf-8") if down.exists() else "")
    return found


def migrate(connection: sqlite3.Connection, folder: Path = SCHEMA) -> None:
    """Brings the file to this program's version; a file one version ahead is taken down by its own script.

    Each version leaves its way back in the file, so that the program before it finds it there.
    """
    scripts = _scripts(folder)
    wanted = max(scripts)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    while version < wanted:
        version += 1
        up, down = scripts[version]
        steps = [
            *_statements(up),
            "CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY, down TEXT)",
        ]
        _step(connection, steps, version, ("INSERT INTO migration VALUES (?, ?)", (version, down)))
    if version > wanted:
        _down(connection, version, wanted)


def _down(connection: sqlite3.Connection, version: int, wanted: int) -> None:
    row = connection.execute("SELECT down FROM migration WHERE version = ?", (version,)).fetchone()
    if version - wanted > 1 or row is None or not row[0]:
        raise StoreError(
            f"the store was written by a newer program (version {version}, this one knows {wanted}); "
            "install that program, or the one before it, or move the file away"
        )
    forget = ("DELETE FROM migration WHERE version = ?", (version,))
    _step(connection, _statements(row[0]), wanted, forget)


def _step(
    connection: sqlite3.Connection, statements: list[str], version: int, last: tuple[str, tuple[object, ...]]
) -> None:
    """One version, all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements:
            connection.execute(statement)
        connection.execute(*last)
        connection.execute(f"PRAGMA user_version={int(version)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> list[str]:
    found, rest = [], ""
    for line in script.splitlines(keepends=True):
        rest += line
        if sqlite3.complete_statement(rest):
            found.append(rest)
            rest = ""
    return found


def check(connection: sqlite3.Connection, path: str) -> None:
    """Raises DatabaseError for a damaged file, as far as can be told in a moment."""
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if Path(path).stat().st_size <= _QUICK_CHECK_BYTES:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"malformed: {verdict}")


@dataclass(slots=True)
class Loaded:
    """What the store has to know of its file at start."""

    epoch: int
    layouts: list[Layout] = field(default_factory=list)
    documents: dict[tuple[str, str], str] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    next_gap: int = 1
    tail: list[tuple[int, int, float]] = field(default_factory=list)  # key, layout, time: not yet in postings
    spans: list[tuple[int, int]] = field(default_factory=list)  # first and last stored key of each epoch
    bytes: int = 0
    quarantined: str | None = None


def load(connection: sqlite3.Connection, epoch: int) -> Loaded:
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    gaps = connection.execute(
        "SELECT id, uplink, first, last, blocks, reason, made, low, high FROM gap WHERE delivered = 0 ORDER BY id"
    )
    names = ("id", "uplink", "first", "last", "blocks", "reason", "made", "low", "high")
    return Loaded(
        epoch,
        [
            Layout(id_, device, tuple(map(sys.intern, json.loads(points))), types)
            for id_, device, points, types in connection.execute(
                "SELECT id, device, points, types FROM layout"
            )
        ],
        {
            (kind, key): value
            for kind, key, value in connection.execute("SELECT kind, key, value FROM document")
        },
        meta,
        [Gap(**dict(zip(names, row, strict=True))) for row in gaps],
        1 + connection.execute("SELECT coalesce(max(id), 0) FROM gap").fetchone()[0],
        connection.execute(
            "SELECT key, layout, time FROM sample WHERE key > ? ORDER BY key", (meta.get("posted", 0),)
        ).fetchall(),
        _spans(connection),
        file_bytes(connection),
    )


def file_bytes(connection: sqlite3.Connection) -> int:
    (page,) = connection.execute("PRAGMA page_size").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    return int(page * pages)


def _spans(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """First and last key of each epoch, by a few seeks and no scan."""
    spans = []
    row = connection.execute("SELECT min(key) FROM sample").fetchone()
    while row[0] is not None:
        first = row[0]
        beyond = make_key(split_key(first)[0] + 1, 0)
        (last,) = connection.execute("SELECT max(key) FROM sample WHERE key < ?", (beyond,)).fetchone()
        spans.append((first, last))
        row = connection.execute("SELECT min(key) FROM sample WHERE key >= ?", (beyond,)).fetchone()
    return spans


def next_epoch(connection: sqlite3.Connection, path: str, now: float) -> int:
    """An epoch no earlier run on this disk has had, not even in a file since set aside; durable on return."""
    side = Path(f"{path}.epoch")
    try:
        aside = int(side.read_text("ascii"))
    except (OSError, ValueError):
        aside = 0
    row = connection.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
    minutes = int((now - _CLOCK_START) // 60)
    epoch = max(aside + 1, (int(row[0]) if row else 0) + 1, minutes if minutes < _CLOCK_EPOCHS else 0)
    if epoch >= 1 << (63 - SEQUENCE_BITS):
        raise StoreError("the store has run out of epochs")
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('epoch', ?)", (epoch,))
    fresh = Path(f"{path}.epoch.new")
    with fresh.open("w", encoding="ascii") as file:
        file.write(str(epoch))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(side)
    _sync_folder(side.parent)
    return epoch


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def set_aside(path: str, now: float) -> str:
    """Renames a damaged file with all that SQLite keeps beside it; nothing is deleted. Returns the new name.

    A journal left behind would be played back into the new file.
    """
    number, aside = 0, Path(f"{path}.damaged-{int(now)}")
    while aside.exists():
        number += 1
        aside = Path(f"{path}.damaged-{int(now)}-{number}")
    for tail in ("", "-wal", "-shm", "-journal"):
        part = Path(path + tail)
        if part.exists():
            part.rename(f"{aside}{tail}")
    return str(aside)


def salvage_documents(path: str) -> dict[tuple[str, str], str]:
    """What can still be read of the overrides, prior values and states in a damaged file."""
    found: dict[tuple[str, str], str] = {}
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            for kind, key, value in connection.execute("SELECT kind, key, value FROM document"):
                json.loads(value)
                found[kind, key] = value
        finally:
            connection.close()
    except (sqlite3.Error, ValueError, TypeError):  # what was read so far is what is left
        return found
    return found


def lock(path: str) -> int:
    """Keeps a second agent off this store; returns the open descriptor that holds the lock."""
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StoreError(f"another agent is using the store {path}") from error
    return descriptor
