"""Notes in the store: what still has to be said on which channel, and how much was said lately."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from agent.advisory.model import Note, TaskKind

_NOTE = "number, key, task, site, channel, kind, step, detail, mention, expires, tries"


class NoteBook:
    """Reads and writes rows; the store's thread and transactions hold."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def add(self, note: Note) -> bool:
        """False where it has been made before."""
        cursor = self._base.execute(
            "INSERT OR IGNORE INTO notes (key, task, site, channel, kind, step, detail, mention, expires)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (
                note.key,
                note.task,
                note.site,
                note.channel,
                note.kind,
                note.step,
                note.detail,
                note.mention,
                note.expires,
            ),
        )
        return bool(cursor.rowcount)

    def spare(self, task: int) -> None:
        """What waits of a task that is answered need not be said."""
        self._base.execute("UPDATE notes SET state = 'spared' WHERE task = ? AND state = 'waiting'", (task,))

    def channels(self, now: float) -> list[str]:
        found = self._base.execute(
            "SELECT DISTINCT channel FROM notes WHERE state = 'waiting' AND not_before <= ?", (now,)
        )
        return [row[0] for row in found]

    def waiting(self, channel: str, now: float, most: int) -> list[Note]:
        """Trouble before times, then in order."""
        found = self._base.execute(
            f"SELECT {_NOTE} FROM notes WHERE state = 'waiting' AND channel = ? AND not_before <= ?"  # noqa: S608 - our own words, no value
            " ORDER BY kind = 'times', number LIMIT ?",
            (channel, now, most),
        )
        return [_note(row) for row in found]

    def expire(self, now: float) -> int:
        """Notes that nobody needs any more; how many."""
        return self._base.execute(
            "UPDATE notes SET state = 'expired' WHERE state = 'waiting' AND expires < ?", (now,)
        ).rowcount

    def settle(self, notes: Iterable[int], state: str, now: float, error: str = "") -> None:
        self._base.executemany(
            "UPDATE notes SET state = ?, at = ?, error = ? WHERE number = ?",
            [(state, now, error[:300], number) for number in notes],
        )

    def postpone(self, notes: Sequence[int], until: float, error: str, *, refused: bool = False) -> None:
        """To be tried again from `until` on. `refused`: the content is at fault, which counts."""
        self._base.executemany(
            "UPDATE notes SET tries = tries + ?, not_before = ?, error = ? WHERE number = ?",
            [(int(refused), until, error[:300], number) for number in notes],
        )

    def tries(self, notes: Sequence[int]) -> int:
        """How often the first of them has been tried."""
        row = self._base.execute("SELECT tries FROM notes WHERE number = ?", (notes[0],)).fetchone()
        return int(row[0]) if row else 0

    def note_send(self, channel: str, now: float) -> None:
        self._base.execute("INSERT INTO sends VALUES (?, ?)", (channel, now))

    def sends(self, since: float) -> list[tuple[str, float]]:
        """Messages sent after `since`, so that a restart keeps within the limits; older ones are forgotten."""
        self._base.execute("DELETE FROM sends WHERE at < ?", (since,))
        return [(row[0], row[1]) for row in self._base.execute("SELECT channel, at FROM sends ORDER BY at")]


def _note(row: tuple[Any, ...]) -> Note:
    number, key, task, site, channel, kind, *rest = row
    return Note(number, key, task, site, channel, TaskKind(kind), *rest)
