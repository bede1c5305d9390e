"""What stands where the agent's store would be: keeps the audit records of the run and nothing else.

A run on virtual time is never restarted, and its samples are recorded from the truth; what the agent would keep for its
next life is dropped here without being packed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from agent.core.reading import ReadingBlock

MOST_AUDITS = 20_000


class ForgetfulStore:
    """Fulfils what agent.app.build asks of a store."""

    def __init__(self) -> None:
        self.audits: deque[dict[str, Any]] = deque(maxlen=MOST_AUDITS)
        self._sequence = 0

    def append(self, _block: ReadingBlock) -> int:
        self._sequence += 1
        return self._sequence

    async def put(self, kind: str, key: str, value: Any) -> None:
        """Durable at once, as far as this run goes."""

    async def delete(self, kind: str, key: str) -> None:
        """Gone."""

    def put_soon(self, kind: str, key: str, value: Any) -> None:
        """Nobody will read it."""

    def documents(self, _kind: str) -> dict[str, Any]:
        return {}

    def audit(self, record: Mapping[str, Any]) -> None:
        self.audits.append(dict(record))

    def status(self) -> dict[str, Any]:
        return {"state": "ok", "error": "", "quarantined": None, "backlog": {}}
