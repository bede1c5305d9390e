"""Small durable documents: overrides, authority, prior values, policy state. In memory as of now, on disk soon after.

The two functions at the end are for the release program, which runs when the agent is dead or hung: they need no
agent, no event loop and no lock of its.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from agent.core.errors import StoreError
from agent.telemetry.database import connect, connect_reader, migrate

Key = tuple[str, str]
"""Kind and key."""


def to_text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


class Documents:
    """The documents as of now, and which of them the disk has not got yet (None: deleted)."""

    def __init__(self, stored: dict[Key, str]) -> None:
        self.dirty: dict[Key, str | None] = {}
        self._texts: dict[str, dict[str, str]] = {}
        for (kind, key), text in stored.items():
            self._texts.setdefault(kind, {})[key] = text

    def get(self, kind: str) -> dict[str, Any]:
        return {key: json.loads(text) for key, text in self._texts.get(kind, {}).items()}

    def text(self, kind: str, key: str) -> str | None:
        return self._texts.get(kind, {}).get(key)

    def set(self, kind: str, key: str, text: str | None) -> bool:
        """Takes the new text (None: gone); False when that is what it was already."""
        if self.text(kind, key) == text:
            return False
        if text is None:
            del self._texts[kind][key]
        else:
            self._texts.setdefault(kind, {})[key] = text
        self.dirty[kind, key] = text
        return True

    def everything(self) -> dict[Key, str | None]:
        """All documents, for a new file."""
        return {(kind, key): text for kind, texts in self._texts.items() for key, text in texts.items()}


@contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path}: {error}") from error


def read_documents(path: str, kind: str) -> dict[str, Any]:
    """One kind of documents straight from the file; empty where there is none, or nothing in it yet. Raises StoreError."""
    if not Path(path).exists():
        return {}
    with _translated(path), closing(connect_reader(path)) as connection:
        if connection.execute("PRAGMA user_version").fetchone() == (0,):  # whoever made it died at once
            return {}
        rows = connection.execute("SELECT key, value FROM document WHERE kind = ?", (kind,)).fetchall()
    return {key: json.loads(value) for key, value in rows}


def write_document(path: str, kind: str, key: str, value: Any) -> None:
    """One document straight into the file, as `write_documents` does it."""
    write_documents(path, {(kind, key): value})


def write_documents(path: str, documents: Mapping[Key, Any]) -> None:
    """All of them or none straight into the file, durable on return (None deletes). Raises StoreError.

    One commit, however many: a release of a whole site must not wait for the disk once a point. A running agent does
    not see them until it is started again.
    """
    with _translated(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with closing(connect(path)) as connection:
            if connection.execute("PRAGMA user_version").fetchone() == (0,):
                migrate(connection)
            connection.execute("BEGIN IMMEDIATE")
            for (kind, key), value in documents.items():
                if value is None:
                    connection.execute("DELETE FROM document WHERE kind = ? AND key = ?", (kind, key))
                else:
                    connection.execute(
                        "INSERT OR REPLACE INTO document VALUES (?, ?, ?)", (kind, key, to_text(value))
                    )
            connection.execute("COMMIT")
