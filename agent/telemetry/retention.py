"""Keeping the store within its bounds: by age and by bytes, oldest first. Runs in the writer thread, a bite at a time."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from agent.telemetry.samples import Layout

_BITE = 2000  # rows a transaction, so that commits get in between
_VACUUM = 5000  # pages given back at once
_FUTURE = (
    86_400.0  # a read time further ahead than this came from a wrong clock and does not hold the rest back
)
_LETTERS_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Bite:
    """What one step of retention took: keys first..last, read between `low` and `high`."""

    first: int
    last: int
    rows: int
    samples: int
    low: float
    high: float
    reason: str


def used_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of the file in use, without the audit records, which have a quota of their own."""
    (page,) = connection.execute("PRAGMA page_size").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    row = connection.execute("SELECT value FROM meta WHERE name = 'audit_bytes'").fetchone()
    return int((pages - free) * page - (row[0] if row else 0))


def bite(
    connection: sqlite3.Connection,
    layouts: dict[int, Layout],
    *,
    cutoff: float | None,
    now: float,
    max_bytes: int,
) -> Bite | None:
    """Deletes the oldest rows that are too old or too many; None when the bounds hold.

    `cutoff` None: the clock is not to be believed, nothing goes by age.
    """
    rows = connection.execute(
        "SELECT key, layout, time FROM sample ORDER BY key LIMIT ?", (_BITE,)
    ).fetchall()
    if not rows:
        return None
    over = used_bytes(connection) - max_bytes
    count = 0
    if cutoff is not None:
        for _, _, time in rows:
            if cutoff <= time <= now + _FUTURE:
                break
            count += 1
    reason = "kept long enough"
    if not count and over > 0:
        count, reason = _rows_for(connection, rows, over), "store full"
    if not count:
        return None
    gone = rows[:count]
    _delete(connection, gone[-1][0])
    times = [time for _, _, time in gone]
    samples = sum(len(layouts[layout].points) for _, layout, _ in gone if layout in layouts)
    return Bite(gone[0][0], gone[-1][0], count, samples, min(times), max(times), reason)


def _rows_for(connection: sqlite3.Connection, rows: list[tuple[int, int, float]], over: int) -> int:
    """How many of the oldest rows make room for `over` bytes (some more, so that it is not done row by row)."""
    (held,) = connection.execute(
        "SELECT sum(length(data) + 30) FROM sample WHERE key <= ?", (rows[-1][0],)
    ).fetchone()
    return max(1, min(len(rows), len(rows) * (over + over // 8) // int(held) + 1))


def _delete(connection: sqlite3.Connection, last: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("DELETE FROM sample WHERE key <= ?", (last,))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def tidy(connection: sqlite3.Connection, *, now: float, max_bytes: int) -> None:
    """What belongs to rows that went goes too; the file shrinks where it is bigger than it may be."""
    (first,) = connection.execute("SELECT min(key) FROM sample").fetchone()
    connection.execute("DELETE FROM posting WHERE last < ?", (first if first is not None else 1 << 62,))
    connection.execute("DELETE FROM gap WHERE delivered = 1 AND made < ?", (now - _LETTERS_SECONDS,))
    connection.execute("DELETE FROM dead_letter WHERE made < ?", (now - _LETTERS_SECONDS,))
    (page,) = connection.execute("PRAGMA page_size").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    surplus = min(free, pages - max_bytes // page, _VACUUM)
    if surplus > 0:
        # one step of this pragma frees one page, and execute() takes only one
        connection.executescript(f"PRAGMA incremental_vacuum({int(surplus)})")
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
