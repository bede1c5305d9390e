"""Tasks in the store: what is wanted of whom, who answered, and what meters said."""

from __future__ import annotations

import sqlite3
from typing import Any

from agent.advisory.model import Task, TaskKind, TaskState

_TASK = "number, key, site, kind, state, step, next_at, detail, by, at"


class TaskBook:
    """Reads and writes rows; the store's thread and transactions hold."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def add(self, task: Task, now: float) -> int | None:
        """Its number; None where it has been made before."""
        cursor = self._base.execute(
            "INSERT OR IGNORE INTO tasks (key, site, kind, state, step, next_at, detail, made) VALUES (?,?,?,?,?,?,?,?)",
            (task.key, task.site, task.kind, task.state, task.step, task.next_at, task.detail, now),
        )
        return cursor.lastrowid if cursor.rowcount else None

    def get(self, number: int) -> Task | None:
        row = self._base.execute(f"SELECT {_TASK} FROM tasks WHERE number = ?", (number,)).fetchone()  # noqa: S608 - our own words, no value
        return None if row is None else _task(row)

    def of_site(self, site: str, *states: TaskState) -> list[Task]:
        marks = ",".join("?" * len(states))
        found = self._base.execute(
            f"SELECT {_TASK} FROM tasks WHERE site = ? AND state IN ({marks})",  # noqa: S608 - our own words, no value
            (site, *states),
        )
        return [_task(row) for row in found]

    def sites_open(self) -> set[str]:
        """Sites with a task that a meter may still close."""
        found = self._base.execute("SELECT DISTINCT site FROM tasks WHERE state != 'executed'")
        return {row[0] for row in found}

    def due(self, now: float, most: int) -> list[Task]:
        """Open tasks whose next step has come."""
        found = self._base.execute(
            f"SELECT {_TASK} FROM tasks WHERE state = 'open' AND next_at <= ? ORDER BY next_at LIMIT ?",  # noqa: S608 - our own words, no value
            (now, most),
        )
        return [_task(row) for row in found]

    def change(self, task: Task) -> None:
        self._base.execute(
            "UPDATE tasks SET state = ?, step = ?, next_at = ?, by = ?, at = ?, detail = ? WHERE number = ?",
            (task.state, task.step, task.next_at, task.by, task.at, task.detail, task.number),
        )

    def unsettled(self) -> list[Task]:
        """Tasks that nobody has answered, oldest first."""
        found = self._base.execute(
            f"SELECT {_TASK} FROM tasks WHERE state IN ('open', 'unanswered') ORDER BY made"  # noqa: S608 - our own words, no value
        )
        return [_task(row) for row in found]

    def use(self, token: str, task: int, by: str, now: float) -> bool:
        """False where the link has been used before."""
        cursor = self._base.execute("INSERT OR IGNORE INTO used VALUES (?,?,?,?)", (token, task, by, now))
        return bool(cursor.rowcount)

    def meter(self, site: str, time: float, power: float) -> None:
        self._base.execute("INSERT OR REPLACE INTO meters VALUES (?,?,?)", (site, time, power))

    def meters(self) -> dict[str, tuple[float, float]]:
        """Time and kW by site."""
        return {
            row[0]: (row[1], row[2]) for row in self._base.execute("SELECT site, time, power FROM meters")
        }


def _task(row: tuple[Any, ...]) -> Task:
    number, key, site, kind, state, *rest = row
    return Task(number, key, site, TaskKind(kind), TaskState(state), *rest)
