"""Samples with the key that names them for ever: what a report needs to say where a figure comes from.

A block's key is (epoch, sequence) of the box (see agent.telemetry.samples); with the point's name it leads back to one number
on the disk and in every cloud that got it. Read straight from the file, beside a running agent or without one.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from agent.core.errors import StoreError
from agent.core.point import Value
from agent.core.reading import Quality
from agent.telemetry.database import connect_reader
from agent.telemetry.history import LONGEST_POSTING, offsets_of
from agent.telemetry.samples import Layout, decode, split_key, unpack_quality

_AT_ONCE = 500
_WRITE = '"event":"write"'


@dataclass(frozen=True, slots=True)
class TracedSample:
    """One number as it was stored. `time` UTC seconds."""

    time: float
    value: Value | None
    quality: Quality
    key: int

    @property
    def place(self) -> str:
        """Epoch and sequence of its block, as people write them."""
        epoch, sequence = split_key(self.key)
        return f"{epoch}/{sequence}"


@dataclass(frozen=True, slots=True)
class WrittenValue:
    """One write as the audit chain has it. `result`: sent, or what went wrong."""

    record: int
    time: float
    value: Value | None
    result: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The past of single points in the store's file at `path`. All questions raise StoreError."""

    path: str

    def samples(
        self, point: str, since: float, until: float, spacing: float = 0.0
    ) -> tuple[TracedSample, ...]:
        """Oldest first, at times that are to be believed; of more than one in `spacing` seconds only the first is read."""
        try:
            with closing(connect_reader(self.path)) as connection:
                found = [
                    sample
                    for layout in _layouts(connection, point)
                    for sample in _of(connection, layout, point, (since, until), spacing)
                ]
        except (sqlite3.Error, OSError, ValueError) as error:
            raise StoreError(f"cannot read {self.path}: {error}") from error
        return tuple(sorted(found, key=lambda one: (one.time, one.key)))

    def writes(
        self, points: Collection[str], since: float, until: float, most: int
    ) -> dict[str, list[WrittenValue]]:
        """The last `most` writes of each point in a stretch of time by the audit chain, oldest first."""
        found: dict[str, deque[WrittenValue]] = {point: deque(maxlen=most) for point in points}
        try:
            with closing(connect_reader(self.path)) as connection:
                # read through, never held: a month of a garage is a hundred thousand records
                for number, text in connection.execute(
                    "SELECT id, record FROM audit WHERE instr(record, ?) ORDER BY id", (_WRITE,)
                ):
                    record = json.loads(text)
                    if record.get("point") in found and since <= record["time"] <= until:
                        one = WrittenValue(number, record["time"], record["new"], str(record["result"]))
                        found[record["point"]].append(one)
        except (sqlite3.Error, OSError, ValueError, LookupError) as error:
            raise StoreError(f"cannot read {self.path}: {error}") from error
        return {point: list(kept) for point, kept in found.items()}


def _layouts(connection: sqlite3.Connection, point: str) -> list[Layout]:
    rows = connection.execute(
        "SELECT id, device, points, types FROM layout WHERE instr(points, ?)", (json.dumps(point),)
    ).fetchall()
    found = [Layout(id_, device, tuple(json.loads(points)), types) for id_, device, points, types in rows]
    return [layout for layout in found if point in layout.points]


def _of(
    connection: sqlite3.Connection, layout: Layout, point: str, span: tuple[float, float], spacing: float
) -> Iterator[TracedSample]:
    since, until = span
    at = layout.points.index(point)
    last = float("-inf")
    keys = list(_keys(connection, layout.id, since, until, spacing))
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        marks = ",".join("?" * len(part))
        rows = connection.execute(
            f"SELECT key, time, flags, data, quality FROM sample WHERE key IN ({marks}) ORDER BY time",  # noqa: S608 - only question marks
            part,
        ).fetchall()
        for key, time, flags, data, packed in rows:
            if not flags & 1 or not since <= time <= until or time - last < spacing:
                continue
            last = time
            qualities = unpack_quality(packed, len(layout.points))
            quality = Quality.GOOD if qualities is None else qualities[at]
            yield TracedSample(time, decode(layout.types, flags >> 1, data)[at], quality, key)


def _keys(
    connection: sqlite3.Connection, layout: int, since: float, until: float, spacing: float
) -> Iterator[int]:
    """Of the window in order of time; the newest are in no posting yet."""
    rows: Sequence[tuple[int, bytes, float, float]] = connection.execute(
        "SELECT first, offsets, low, high FROM posting"
        " WHERE layout = ? AND low BETWEEN ? AND ? AND high >= ? ORDER BY low",
        (layout, since - LONGEST_POSTING, until, since),
    ).fetchall()
    for first, packed, low, high in rows:
        offsets = offsets_of(packed)
        every = max(int(spacing / 2.0 / max((high - low) / len(offsets), 1e-6)), 1) if spacing else 1
        yield from (first + offset for offset in offsets[::every])
    posted = connection.execute("SELECT value FROM meta WHERE name = 'posted'").fetchone()
    newest = connection.execute(
        "SELECT key FROM sample WHERE key > ? AND layout = ? AND time BETWEEN ? AND ? ORDER BY key",
        (posted[0] if posted else 0, layout, since, until),
    )
    yield from (key for (key,) in newest)
