"""What has arrived at the embedded cloud: messages decoded, blocks counted once by their key."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import orjson

LARGEST = 16_000_000  # bytes of one message after unpacking

Key = tuple[str, int, int]
"""Site, box epoch, sequence: what makes a block the same block."""


class BadMessageError(Exception):
    """Not a message of the contract."""


@dataclass(slots=True)
class Count:
    """What one way of delivery has brought."""

    messages: int = 0
    blocks: int = 0
    samples: int = 0
    duplicates: int = 0
    refused: int = 0


@dataclass(slots=True, weakref_slot=True)
class CloudBook:
    """The receiver's memory: every key it has seen, and counts by the way it came ("mqtt", "https")."""

    counts: dict[str, Count] = field(default_factory=dict)
    latest: dict[str, dict[str, Any]] = field(default_factory=dict)  # device -> its last values
    seen: dict[str, set[Key]] = field(default_factory=dict)

    def take(self, way: str, payload: bytes) -> int:
        """One message of samples. Returns the new samples in it; raises BadMessageError."""
        count = self.counts.setdefault(way, Count())
        try:
            message = _decode(payload)
            site, epoch, blocks = str(message["site"]), int(message["epoch"]), list(message["blocks"])
            fresh = sum(self._take_block(way, (site, epoch, int(block["seq"])), block) for block in blocks)
        except (KeyError, TypeError, ValueError, OSError, EOFError, zlib.error) as error:
            count.refused += 1
            raise BadMessageError(str(error)) from error
        count.messages += 1
        return fresh

    def line(self) -> str:
        """One line of what has come in, for people."""
        parts = [
            f"{way}: {count.samples} samples in {count.messages} messages, {count.duplicates} duplicates"
            for way, count in sorted(self.counts.items())
        ]
        return "cloud received  " + ("; ".join(parts) or "nothing yet")

    def _take_block(self, way: str, key: Key, block: dict[str, Any]) -> int:
        count, seen = self.counts[way], self.seen.setdefault(way, set())
        values = dict(block["values"])
        count.blocks += 1
        if key in seen:
            count.duplicates += 1
            return 0
        seen.add(key)
        count.samples += len(values)
        self.latest.setdefault(str(block["device"]), {}).update(values)
        return len(values)


def _decode(payload: bytes) -> dict[str, Any]:
    if payload[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=BytesIO(payload)) as packed:
            payload = packed.read(LARGEST + 1)
    if len(payload) > LARGEST:
        raise ValueError("message too large")
    message = orjson.loads(payload)
    if not isinstance(message, dict) or message.get("version") != 1:
        raise ValueError("not a message of version 1")
    return message
