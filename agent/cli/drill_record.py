"""What a drill found: its cuts, their checks, and the commissioning record in the store that keeps them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from agent.telemetry.store import read_documents, write_document

KIND = "commissioning"


@dataclass(frozen=True, slots=True)
class Check:
    """One promise looked at. `ok` None: nobody could say."""

    promise: str
    ok: bool | None
    seen: str = ""


@dataclass(slots=True)
class Cut:
    """One thing that was cut, and what was seen then."""

    what: str
    began: float  # UTC seconds
    checks: list[Check] = field(default_factory=list)
    skipped: bool = False

    @property
    def held(self) -> bool:
        """Every promise was seen to be kept."""
        return not self.skipped and bool(self.checks) and all(one.ok for one in self.checks)


def keep(store: str, site: str, watching: str, cuts: list[Cut]) -> dict[str, Any]:
    """The record as it is kept, under the time the first cut was made. Raises StoreError."""
    record = {
        "kind": "drill",
        "site": site,
        "watching": watching,
        "passed": bool(cuts) and all(one.held for one in cuts),
        "cuts": [asdict(one) | {"held": one.held} for one in cuts],
    }
    began = cuts[0].began if cuts else 0.0
    write_document(store, KIND, datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds"), record)
    return record


def kept(store: str) -> dict[str, Any]:
    """All drills on record by their time. Raises StoreError."""
    return dict(sorted(read_documents(store, KIND).items()))
