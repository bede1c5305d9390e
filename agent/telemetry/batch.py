"""What one group commit takes to the disk, and the small records that travel with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agent.telemetry.samples import Layout, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Blocks an uplink will never get: keys first..last, `blocks` of them, read between `low` and `high` (UTC)."""

    id: int
    uplink: str
    first: int
    last: int
    blocks: int
    reason: str
    made: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message a receiver refused for good, kept for people to look at."""

    uplink: str
    first: int
    last: int
    made: float
    error: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Posting:
    """Which keys a layout has in a stretch of time; `offsets` are packed distances from `first`."""

    layout: int
    low: float
    first: int
    last: int
    high: float
    offsets: bytes


@dataclass(slots=True)
class Batch:
    """One transaction. `documents` with None are deletions; `told` are gaps their uplink has reported."""

    rows: list[Row] = field(default_factory=list)
    layouts: list[Layout] = field(default_factory=list)
    documents: dict[tuple[str, str], str | None] = field(default_factory=dict)
    audits: list[str] = field(default_factory=list)
    gaps: dict[int, Gap] = field(default_factory=dict)
    told: list[int] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not (
            self.rows
            or self.layouts
            or self.documents
            or self.audits
            or self.gaps
            or self.told
            or self.letters
            or self.postings
            or self.meta
        )

    def before(self, later: Batch) -> Batch:
        """What the disk refused, joined with what came after it."""
        return Batch(
            self.rows + later.rows,
            self.layouts + later.layouts,
            {**self.documents, **later.documents},
            self.audits + later.audits,
            {**self.gaps, **later.gaps},
            self.told + later.told,
            self.letters + later.letters,
            self.postings + later.postings,
            {**self.meta, **later.meta},
        )
