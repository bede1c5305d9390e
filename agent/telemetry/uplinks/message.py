"""The open message format: blocks, gaps and points as JSON. README.md beside this file is the contract."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from agent.core.point import DataClass, Point
from agent.core.reading import Quality, ReadingBlock
from agent.telemetry.batch import Gap
from agent.telemetry.samples import split_key

VERSION = 1
LIVE = "live"
BACKFILL = "backfill"

Item = tuple[int, bytes]
"""Key and JSON of one block."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message on its way. `subject`: samples, gaps, points or status; `id` is the same for the same content."""

    subject: str
    body: bytes
    id: str
    gzip: bool = False
    retain: bool = False


def topic_part(name: str) -> str:
    """A site's name as one level of a topic or path."""
    return re.sub(r"[\s/+#$\x00-\x1f]+", "-", name).strip("-") or "site"


def to_json(document: Any) -> bytes:
    """JSON that every receiver can read: what is not a finite number becomes null, odd text is escaped."""
    try:
        return orjson.dumps(document)
    except TypeError:  # an integer past 64 bits, a lone surrogate
        return json.dumps(_finite(document), separators=(",", ":"), default=str).encode()


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


MOST_NAMES = 60
"""Of tuples that are remembered, and a tenth of all points: read plans share theirs, decisions bring a new one each time."""


class _Names:
    """What of one tuple of points is exported, and under which names."""

    __slots__ = ("device", "names", "picks", "points")

    def __init__(self, block: ReadingBlock, known: Mapping[str, Point]) -> None:
        self.points = block.points
        self.device = block.device
        self.picks: list[int] | None = [
            at
            for at, point in enumerate(block.points)
            if point in known and known[point].data_class is not DataClass.PERSONAL
        ]
        start = f"{block.device}."
        self.names = tuple(block.points[at].removeprefix(start) for at in self.picks)
        if len(self.picks) == len(block.points):
            self.picks = None


class Encoder:
    """Turns blocks into JSON. Personal points, and points nobody has declared, never leave the site."""

    def __init__(self, site: str, points: Mapping[str, Point]) -> None:
        self._site = site
        self._points = points
        self._names: dict[int, _Names] = {}
        self._most = MOST_NAMES + len(points) // 10

    def twin(self) -> Encoder:
        """Another of the same, for use in another thread."""
        return Encoder(self._site, self._points)

    def block(self, block: ReadingBlock, key: int) -> bytes | None:
        """The JSON object of one block; None where nothing of it may leave."""
        names = self._names.get(id(block.points))
        if names is None or names.points is not block.points or names.device != block.device:
            names = self._learn(block)
        if not names.names:
            return None
        values, qualities = block.values, block.qualities
        if names.picks is not None:
            values = tuple(values[at] for at in names.picks)
            qualities = qualities and tuple(qualities[at] for at in names.picks)
        document: dict[str, Any] = {
            "seq": split_key(key)[1],
            "time": block.time,
            "trusted": block.time_trusted,
            "device": block.device,
            "values": dict(zip(names.names, values, strict=True)),
        }
        if qualities is not None:
            poor = {
                name: quality.name.lower()
                for name, quality in zip(names.names, qualities, strict=True)
                if quality is not Quality.GOOD
            }
            if poor:
                document["quality"] = poor
        if block.reason:
            document["reason"] = block.reason
        return to_json(document)

    def samples(self, lane: str, items: Sequence[Item]) -> Envelope:
        """One message of blocks of one epoch."""
        epoch, first = split_key(items[0][0])
        head = to_json({"version": VERSION, "site": self._site, "epoch": epoch, "lane": lane})
        body = head[:-1] + b',"blocks":[' + b",".join(item for _, item in items) + b"]}"
        return self._envelope("samples", body, f"{epoch}-{first}-{split_key(items[-1][0])[1]}")

    def gap(self, gap: Gap) -> Envelope:
        epoch, first = split_key(gap.first)
        last_epoch, last = split_key(gap.last)
        document = {
            "version": VERSION,
            "site": self._site,
            "gaps": [
                {
                    "first": {"epoch": epoch, "seq": first},
                    "last": {"epoch": last_epoch, "seq": last},
                    "blocks": gap.blocks,
                    "from": gap.low,
                    "to": gap.high,
                    "made": gap.made,
                    "reason": gap.reason,
                }
            ],
        }
        return self._envelope("gaps", to_json(document), f"gap-{gap.id}")

    def points(self) -> Envelope:
        """The list of all that may leave, for receivers to know what a name means."""
        listed = [
            {
                "id": point.id,
                "label": point.label,
                "unit": point.unit,
                "kind": point.kind.value,
                "role": point.role,
                "data_class": point.data_class.value,
            }
            for point in self._points.values()
            if point.data_class is not DataClass.PERSONAL
        ]
        document = {"version": VERSION, "site": self._site, "points": listed}
        return self._envelope("points", to_json(document), "points", retain=True)

    def status(self, state: str, epoch: int, time: float | None) -> Envelope:
        document = {"version": VERSION, "site": self._site, "state": state, "epoch": epoch, "time": time}
        return self._envelope("status", to_json(document), f"status-{epoch}-{state}", retain=True)

    def _envelope(self, subject: str, body: bytes, name: str, *, retain: bool = False) -> Envelope:
        digest = hashlib.blake2b(body, digest_size=8).hexdigest()
        return Envelope(subject, body, f"{topic_part(self._site)}-{name}-{digest}", retain=retain)

    def _learn(self, block: ReadingBlock) -> _Names:
        if len(self._names) >= self._most:
            self._names.clear()
        names = self._names[id(block.points)] = _Names(block, self._points)
        return names
