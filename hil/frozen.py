"""What savings are measured with is frozen: sites' sizes and arms, baselines, weather, traffic, tariffs and machines.

`hil/frozen.json` holds a hash of each such file and the title of the decision under which they stand. A change needs an
entry in DECISIONS.md and `python -m hil.frozen "title of the entry"`; the test beside it fails until both are there.

The book stood open while nothing had been tuned on it. It is closed now, and nothing here opens it again: each change
is a decision of its own, which says what the figures were before and are after (docs/savings.md).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HIL = Path(__file__).parent
BOOK = HIL / "frozen.json"
PATTERNS = (
    "sites/*/plant.yaml",
    "sites/*/arms.yaml",
    "baselines/*.py",
    "compare/days.py",
    "data/*.json",
    "plant/climate*.py",
    "plant/weather*.py",
    "plant/people.py",
    "plant/traffic.py",
    "plant/walkers.py",
    "plant/garage_days.py",
    "plant/garage_routes.py",
    "plant/garage_sites.py",
    "plant/radar.py",
    "plant/lamp.py",
    "plant/street_clouds.py",
)


def frozen_files() -> Iterator[Path]:
    """All of them, in a fixed order."""
    for pattern in PATTERNS:
        yield from sorted(HIL.glob(pattern))


def hashes() -> dict[str, str]:
    """Path below `hil` -> SHA-256 of the file as it is now."""
    return {
        path.relative_to(HIL).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in frozen_files()
    }


def read_book() -> dict[str, Any]:
    """What was frozen. Raises OSError, ValueError."""
    book = json.loads(BOOK.read_text(encoding="utf-8"))
    if not isinstance(book, dict):
        raise ValueError(f"{BOOK} is no book of hashes")  # noqa: TRY004 - a bad file, not a bad argument
    return book


def changed() -> list[str]:
    """Files that are not as they were frozen, with what is the matter."""
    before, now = read_book()["files"], hashes()
    names = sorted({*before, *now})
    return [
        f"{name}: {'new' if name not in before else 'gone' if name not in now else 'changed'}"
        for name in names
        if before.get(name) != now.get(name)
    ]


def freeze(decision: str, *, close: bool = False) -> None:
    """Take everything as it is now. Raises ValueError for a decision that froze something else before.

    While the book is `open` (no policy has been tuned on it yet), the same decision may be used again; `close` ends that.
    """
    book: dict[str, Any] = read_book() if BOOK.is_file() else {"open": True, "decisions": []}
    if decision in book["decisions"] and not book["open"]:
        raise ValueError(f"{decision!r} has been used: a change of the yardstick is a decision of its own")
    used = [one for one in book["decisions"] if one != decision]
    book = {"open": book["open"] and not close, "decisions": [*used, decision], "files": hashes()}
    BOOK.write_text(json.dumps(book, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    freeze(sys.argv[1], close="--close" in sys.argv[2:])
