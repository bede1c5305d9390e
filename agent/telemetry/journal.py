"""What the disk has not got yet. Bounded: when the disk refuses for long, the oldest waiting blocks go, counted."""

from __future__ import annotations

from collections import deque
from typing import Any

from agent.telemetry.batch import Batch, DeadLetter, Gap, Posting
from agent.telemetry.documents import Documents
from agent.telemetry.samples import Packer, Row

_ROW_BYTES = 250  # what a waiting row costs beside its data
_AUDITS = 20_000


class Journal:
    """Collects between commits. What is in a batch on its way is not touched; a refused batch comes back in front."""

    def __init__(self, packer: Packer, documents: Documents, *, max_bytes: int = 32_000_000) -> None:
        self.packer = packer
        self.documents = documents
        self.rows: deque[Row] = deque()
        self.gaps: dict[int, Gap] = {}
        self.told: list[int] = []
        self.letters: list[DeadLetter] = []
        self.postings: list[Posting] = []
        self.meta: dict[str, Any] = {}
        self.bytes = 0
        self.lost_audits = 0
        self._audits: deque[str] = deque()
        self._max_bytes = max_bytes
        self._on_its_way = 0

    def add(self, row: Row) -> Row | None:
        """Takes a row in; returns the one that had to go for it, if any."""
        self.rows.append(row)
        self.bytes += _ROW_BYTES + len(row.data)
        if self.bytes + self._on_its_way <= self._max_bytes or not self.rows:
            return None
        gone = self.rows.popleft()
        self.bytes -= _ROW_BYTES + len(gone.data)
        return gone

    def add_audit(self, record: str) -> None:
        if len(self._audits) >= _AUDITS:
            self._audits.popleft()
            self.lost_audits += 1
        self._audits.append(record)

    def collect(self) -> Batch:
        """Everything that waits, as one batch; it must be settled or restored."""
        batch = Batch(
            list(self.rows),
            self.packer.fresh,
            self.documents.dirty,
            list(self._audits),
            self.gaps,
            self.told,
            self.letters,
            self.postings,
            self.meta,
        )
        self._on_its_way, self.bytes = self.bytes, 0
        self.rows.clear()
        self._audits.clear()
        self._begin(Batch())
        return batch

    def settle(self) -> None:
        """The batch on its way is on the disk."""
        self._on_its_way = 0

    def restore(self, refused: Batch) -> None:
        """The disk refused: all comes back, in front of what came since."""
        self.rows.extendleft(reversed(refused.rows))
        self._audits.extendleft(reversed(refused.audits))
        self.bytes += self._on_its_way
        self._on_its_way = 0
        self._begin(refused.before(self._rest()))

    def _rest(self) -> Batch:
        return Batch(
            layouts=self.packer.fresh,
            documents=self.documents.dirty,
            gaps=self.gaps,
            told=self.told,
            letters=self.letters,
            postings=self.postings,
            meta=self.meta,
        )

    def _begin(self, batch: Batch) -> None:
        self.packer.fresh = batch.layouts
        self.documents.dirty = batch.documents
        self.gaps = batch.gaps
        self.told = batch.told
        self.letters = batch.letters
        self.postings = batch.postings
        self.meta = batch.meta
