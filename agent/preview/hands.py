"""In whose hands an area was, step by step, as the audit chain tells it."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from contextlib import closing

from agent.core.equipment import Authority
from agent.core.errors import StoreError
from agent.telemetry.database import connect_reader


class Hands:
    """Authority of one area over time. Raises StoreError where the store cannot be read."""

    def __init__(self, path: str, area: str, now: str) -> None:
        self._times: list[float] = []
        self._hands: list[str] = []
        self._first = now
        for time, before, after in _changes(path, area):
            if not self._times and before:
                self._first = before
            self._times.append(time)
            self._hands.append(after)

    def at(self, utc: float) -> str:
        place = bisect_right(self._times, utc)
        return self._hands[place - 1] if place else self._first


def _changes(path: str, area: str) -> list[tuple[float, str, str]]:
    try:
        with closing(connect_reader(path)) as connection:
            rows = connection.execute(
                'SELECT record FROM audit WHERE record LIKE \'%"event":"areas"%\' ORDER BY id'
            ).fetchall()
    except sqlite3.Error as error:
        raise StoreError(f"cannot read who was in charge from {path}: {error}") from error
    found: list[tuple[float, str, str]] = []
    known = {one.value for one in Authority}
    for (text,) in rows:
        record = json.loads(text)
        if record.get("area") == area and str(record.get("new")) in known:
            found.append((record["time"], str(record.get("old", "")), record["new"]))
        elif record.get("released") in (area, "all"):
            found.append((record["time"], "", Authority.BMS.value))
    return found
