"""Finding one point's past: which keys a layout has in a stretch of time, and the samples behind them."""

from __future__ import annotations

import sqlite3
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from agent.core.point import Value
from agent.core.reading import Quality
from agent.telemetry.batch import Posting
from agent.telemetry.samples import Layout, decode, unpack_quality

_SLICE_ROWS = 4096
_SLICE_SECONDS = 60.0
LONGEST_POSTING = (
    900.0  # s; longest stretch of read times in one posting, so that a search need not look further back
)
_FAR = 0xFFFFFFFF
_AT_ONCE = 500

T = TypeVar("T")
KeyTime = tuple[int, float]
Sample = tuple[float, Value | None, str]


class KeyIndex:
    """The keys of the last minute or two, by layout; cut into postings now and then."""

    def __init__(self, tail: Iterable[tuple[int, int, float]] = ()) -> None:
        self._slice: dict[int, list[KeyTime]] = {}
        self._before: dict[int, list[KeyTime]] = {}
        self._rows = 0
        self._since: float | None = None
        self._last = 0
        for key, layout, time in tail:
            self.add(key, layout, time)

    def add(self, key: int, layout: int, time: float) -> None:
        keys = self._slice.get(layout)
        if keys is None:
            keys = self._slice[layout] = []
        keys.append((key, time))
        self._rows += 1
        self._last = key

    def cut(self, elapsed: float) -> tuple[list[Posting], int] | None:
        """Postings of a full slice and the last key they reach to; None while the slice is young."""
        if self._since is None:
            self._since = elapsed
        if not self._rows or (self._rows < _SLICE_ROWS and elapsed - self._since < _SLICE_SECONDS):
            return None
        postings = [posting for layout, keys in self._slice.items() for posting in _postings(layout, keys)]
        self._before, self._slice = self._slice, {}
        self._rows, self._since = 0, elapsed
        return postings, self._last

    def recent(self, layout: int) -> list[KeyTime]:
        """Keys that may not be in a posting on the disk yet."""
        return self._before.get(layout, []) + self._slice.get(layout, [])


def _postings(layout: int, keys: Sequence[KeyTime]) -> list[Posting]:
    found: list[Posting] = []
    start, low, high = 0, keys[0][1], keys[0][1]
    for at, (key, time) in enumerate(keys):
        low_, high_ = min(low, time), max(high, time)
        if high_ - low_ > LONGEST_POSTING or key - keys[start][0] > _FAR:
            found.append(_posting(layout, keys[start:at], low, high))
            start, low_, high_ = at, time, time
        low, high = low_, high_
    found.append(_posting(layout, keys[start:], low, high))
    return found


def _posting(layout: int, keys: Sequence[KeyTime], low: float, high: float) -> Posting:
    first = keys[0][0]
    offsets = array("I", [key - first for key, _ in keys])
    if sys.byteorder == "big":
        offsets.byteswap()
    return Posting(layout, low, first, keys[-1][0], high, offsets.tobytes())


def offsets_of(data: bytes) -> array[int]:
    offsets = array("I")
    offsets.frombytes(data)
    if sys.byteorder == "big":
        offsets.byteswap()
    return offsets


@dataclass(frozen=True, slots=True)
class Question:
    """One point, one stretch of UTC time, and what memory knows of its newest keys."""

    point: str
    since: float
    until: float
    limit: int
    layouts: tuple[Layout, ...]
    recent: tuple[KeyTime, ...]


def answer(connection: sqlite3.Connection, question: Question) -> list[Sample]:
    """(UTC, value, quality) oldest first, thinned evenly to the limit; runs in the reader thread."""
    keys = {key for key, time in question.recent if question.since <= time <= question.until}
    for layout in question.layouts:
        keys.update(_stored_keys(connection, layout.id, question))
    layouts = {layout.id: layout for layout in question.layouts}
    found: list[Sample] = []
    chosen = _thin(sorted(keys), question.limit)
    for start in range(0, len(chosen), _AT_ONCE):
        part = chosen[start : start + _AT_ONCE]
        marks = ",".join("?" * len(part))
        rows = connection.execute(
            f"SELECT layout, time, flags, data, quality FROM sample WHERE key IN ({marks})",  # noqa: S608 - only question marks
            part,
        )
        for number, time, flags, data, quality in rows:
            if number in layouts and question.since <= time <= question.until:
                found.append(_sample(layouts[number], question.point, time, flags, data, quality))
    found.sort(key=lambda sample: sample[0])
    return found


def _stored_keys(connection: sqlite3.Connection, layout: int, question: Question) -> list[int]:
    rows = connection.execute(
        "SELECT first, offsets FROM posting WHERE layout = ? AND low BETWEEN ? AND ? AND high >= ? ORDER BY low",
        (layout, question.since - LONGEST_POSTING, question.until, question.since),
    ).fetchall()
    if len(rows) > question.limit:
        return [first for first, _ in _thin(rows, question.limit)]
    return [first + offset for first, offsets in rows for offset in offsets_of(offsets)]


def _thin(items: Sequence[T], limit: int) -> list[T]:
    if len(items) <= limit:
        return list(items)
    if limit < 2:
        return list(items[-limit:]) if limit > 0 else []
    last = len(items) - 1
    return [items[at * last // (limit - 1)] for at in range(limit)]


def _sample(
    layout: Layout, point: str, time: float, flags: int, data: bytes, quality: bytes | None
) -> Sample:
    at = layout.points.index(point)
    value = decode(layout.types, flags >> 1, data)[at]
    qualities = unpack_quality(quality, len(layout.points))
    return time, value, (Quality.GOOD if qualities is None else qualities[at]).name.lower()
