"""The audit chain: every record holds the hash of the one before it, so that no one can change the past unseen."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from agent.core.errors import StoreError
from agent.telemetry.database import GENESIS, connect_reader


def canonical(record: Mapping[str, Any]) -> str:
    """The one text of a record: keys sorted, no spaces; what JSON does not know becomes its text."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), default=str)


def link(previous: bytes, record: str) -> bytes:
    """sha256(previous || record)."""
    return hashlib.sha256(previous + record.encode()).digest()


def append(connection: sqlite3.Connection, head: bytes, records: list[str]) -> bytes:
    """Adds records inside the caller's transaction; returns the new head."""
    for record in records:
        following = link(head, record)
        connection.execute(
            "INSERT INTO audit (record, previous, hash) VALUES (?, ?, ?)", (record, head, following)
        )
        head = following
    held = connection.execute("SELECT value FROM meta WHERE name = 'audit_bytes'").fetchone()
    connection.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)",
        [("audit_head", head), ("audit_bytes", (held[0] if held else 0) + sum(map(_size, records)))],
    )
    return head


def _size(record: str) -> int:
    return len(record) + 80  # two hashes and the row around them


def first_broken(connection: sqlite3.Connection) -> int | None:
    """Id of the first record that does not fit the chain, also one that is missing; None when all is well.

    Records that went by their quota are not missed: the chain starts at the anchor they left.
    """
    meta = dict(connection.execute("SELECT name, value FROM meta WHERE name LIKE 'audit%'"))
    head = meta.get("audit_anchor", GENESIS)
    expected = int(meta.get("audit_first", 1))
    for number, record, previous, digest in connection.execute(
        "SELECT id, record, previous, hash FROM audit ORDER BY id"
    ):
        if number != expected or previous != head or digest != link(previous, record):
            return expected
        head, expected = digest, number + 1
    return None if head == meta.get("audit_head", GENESIS) else expected


def verify_audit(path: str) -> int | None:
    """The id of the first broken audit record of a store, None when the chain is whole. Raises StoreError."""
    try:
        with closing(connect_reader(path)) as connection:
            return first_broken(connection)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error


def trim(connection: sqlite3.Connection, max_bytes: int, most: int = 5000) -> int:
    """Lets the oldest records go until the quota holds; the chain goes on from the anchor. Returns how many."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'audit_bytes'").fetchone()
    held = row[0] if row else 0
    if held <= max_bytes:
        return 0
    gone, anchor, last = 0, b"", 0
    for number, record, digest in connection.execute(
        "SELECT id, record, hash FROM audit ORDER BY id LIMIT ?", (most,)
    ):
        held -= _size(record)
        gone, anchor, last = gone + 1, digest, number
        if held <= max_bytes:
            break
    if gone:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM audit WHERE id <= ?", (last,))
        connection.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)",
            [("audit_anchor", anchor), ("audit_first", last + 1), ("audit_bytes", held)],
        )
        connection.execute("COMMIT")
    return gone
