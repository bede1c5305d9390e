"""The past of many points straight from the store's file, as learners want it: columns of equal steps.

Used by the planner, in a process of its own: a connection that cannot write, short questions (the writer's journal is
never kept from being folded), and no more rows than the steps need.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import ceil
from typing import Protocol

from agent.calc.columns import Bins
from agent.core.equipment import AreaModel
from agent.core.errors import StoreError
from agent.core.learning import Column
from agent.core.point import Value
from agent.core.reading import Quality, Reading
from agent.core.snapshot import Artefact
from agent.telemetry.database import connect_reader
from agent.telemetry.history import LONGEST_POSTING, offsets_of
from agent.telemetry.samples import Layout, decode, unpack_quality

_AT_ONCE = 500
_ENOUGH = 12  # samples of one plan in one step; more are thinned evenly
_SHORTEST = 60.0  # s: a posting covers about that much


class Collector(Protocol):
    """What takes the samples of one point, in any order."""

    def add(self, time: float, value: Value | None) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHistory:
    """Fulfils agent.core.learning.History. All questions raise StoreError."""

    path: str
    model: AreaModel
    since: float
    until: float
    readings: Mapping[str, Reading]
    artefacts: Mapping[str, Artefact]

    def columns(self, points: Sequence[str], step: float) -> Mapping[str, Column]:
        bins = {point: Bins(self.since, self.until, step) for point in points}
        self.gather(bins, step)
        return {point: one.column() for point, one in bins.items()}

    def gather(self, into: Mapping[str, Collector], step: float, enough: float = _ENOUGH) -> None:
        """Every point's samples into its collector, `enough` of one plan in one step at most."""
        try:
            with closing(connect_reader(self.path)) as connection:
                for layout in _layouts(connection, into):
                    for keys in _chunks(self._keys(connection, layout.id, step / enough)):
                        self._gather(connection, layout, keys, into)
        except sqlite3.Error as error:
            raise StoreError(f"cannot read the past from {self.path}: {error}") from error

    def _keys(self, connection: sqlite3.Connection, layout: int, spacing: float) -> list[int]:
        """Keys of the window in order of their time, one in `spacing` s; the newest are not in a posting yet."""
        found: list[int] = []
        rows = connection.execute(
            "SELECT first, offsets, low, high FROM posting"
            " WHERE layout = ? AND low BETWEEN ? AND ? AND high >= ? ORDER BY low",
            (layout, self.since - LONGEST_POSTING, self.until, self.since),
        ).fetchall()
        for first, packed, low, high in rows:
            offsets = offsets_of(packed)
            wanted = ceil(max(high - low, _SHORTEST) / spacing)
            found += [first + offset for offset in _evenly(offsets, wanted)]
        posted = connection.execute("SELECT value FROM meta WHERE name = 'posted'").fetchone()
        newest = connection.execute(
            "SELECT key FROM sample WHERE key > ? AND layout = ? ORDER BY key",
            (posted[0] if posted else 0, layout),
        )
        return found + [key for (key,) in newest.fetchall()]

    def _gather(
        self,
        connection: sqlite3.Connection,
        layout: Layout,
        keys: Sequence[int],
        bins: Mapping[str, Collector],
    ) -> None:
        mine = [(at, bins[point]) for at, point in enumerate(layout.points) if point in bins]
        marks = ",".join("?" * len(keys))
        rows = connection.execute(
            f"SELECT time, flags, data, quality FROM sample WHERE key IN ({marks})",  # noqa: S608 - only question marks
            keys,
        ).fetchall()
        for time, flags, data, packed in rows:
            if not flags & 1 or not self.since <= time <= self.until:
                continue  # at a time that is not to be believed it says nothing of any time of day
            values = decode(layout.types, flags >> 1, data)
            qualities = unpack_quality(packed, len(layout.points))
            for at, one in mine:
                bad = qualities is not None and qualities[at] is Quality.BAD
                one.add(time, None if bad else values[at])


def _layouts(connection: sqlite3.Connection, wanted: Mapping[str, Collector]) -> list[Layout]:
    rows = connection.execute("SELECT id, device, points, types FROM layout").fetchall()
    found = [Layout(id_, device, tuple(json.loads(points)), types) for id_, device, points, types in rows]
    return [layout for layout in found if not wanted.keys().isdisjoint(layout.points)]


def _evenly(offsets: array[int], wanted: int) -> array[int] | list[int]:
    """The last one always, since it says what held from there on."""
    if len(offsets) <= wanted:
        return offsets
    share = len(offsets) / wanted
    return [offsets[int((number + 1) * share) - 1] for number in range(wanted)]


def _chunks(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
