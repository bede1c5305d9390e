"""The receiving end in small: takes messages of the open format, drops duplicates by key, and says what is missing.

Used by the tests and the embedded cloud; a model for anyone who writes a receiver of their own.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from typing import Any

from agent.telemetry.ranges import Range, Ranges

_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(slots=True)
class Run:
    """What has come of one (site, epoch)."""

    seen: Ranges = field(default_factory=Ranges)
    gaps: Ranges = field(default_factory=Ranges)

    def missing(self) -> list[Range]:
        """Sequences below the highest seen that neither came nor were declared lost."""
        highest = max((last for _, last in [*self.seen, *self.gaps]), default=0)
        return [hole for first, last in self.seen.holes(1, highest) for hole in self.gaps.holes(first, last)]


class Receiver:
    """De-duplicates by (site, epoch, seq)."""

    def __init__(self) -> None:
        self.runs: dict[tuple[str, int], Run] = {}
        self.blocks = 0
        self.values = 0
        self.duplicates = 0
        self.gaps: list[dict[str, Any]] = []

    def take(self, payload: bytes) -> list[dict[str, Any]]:
        """The new blocks of one message, each with its `site`, `epoch` and `lane`. Raises ValueError."""
        if payload[:2] == _GZIP_MAGIC:
            try:
                payload = gzip.decompress(payload)
            except (OSError, EOFError) as error:
                raise ValueError(f"damaged gzip: {error}") from error
        message = json.loads(payload)
        if not isinstance(message, dict) or message.get("version") != 1:
            raise ValueError("not a message of version 1")
        for gap in message.get("gaps", ()):
            self._gap(message["site"], gap)
        return self._blocks(message) if message.get("blocks") else []

    def _blocks(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        origin = {name: message[name] for name in ("site", "epoch", "lane")}
        run = self.runs.setdefault((message["site"], message["epoch"]), Run())
        fresh = []
        for block in message["blocks"]:
            sequence = block["seq"]
            if sequence in run.seen:
                self.duplicates += 1
                continue
            run.seen.add(sequence, sequence)
            self.blocks += 1
            self.values += len(block["values"])
            fresh.append({**block, **origin})
        return fresh

    def _gap(self, site: str, gap: dict[str, Any]) -> None:
        self.gaps.append({"site": site, **gap})
        first, last = gap["first"], gap["last"]
        for epoch in {first["epoch"], last["epoch"]}:
            run = self.runs.setdefault((site, epoch), Run())
            low = first["seq"] if epoch == first["epoch"] else 1
            high = last["seq"] if epoch == last["epoch"] else max((end for _, end in run.seen), default=0)
            run.gaps.add(low, high)

    def missing(self) -> dict[tuple[str, int], list[Range]]:
        """By (site, epoch): sequences that neither came nor were declared lost."""
        found = {name: run.missing() for name, run in self.runs.items()}
        return {name: ranges for name, ranges in found.items() if ranges}
