"""Runs of many days in several goes: what each day came to is written down, and a later go leaves it out."""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hil.compare.days import Block

Work = tuple[Any, ...]
"""What a day is run with; the second of it is its block of days."""


def kept(
    file: Path, run: Callable[..., Mapping[str, float]], work: Sequence[Work], seconds: float
) -> list[tuple[Block, Mapping[str, float]]]:
    """All parts of `work` that are known by now; none is begun after so many seconds.

    A file made by another state of policies or plant is not gone on with: raises ValueError.
    """
    began, state = time.monotonic(), _state()
    known: dict[str, Mapping[str, float]] = {}
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["state"] != state:
                raise ValueError(f"{file} holds runs of other policies: begin a new file")
            known[row["key"]] = row["part"]
    found = []
    for one in work:
        key = json.dumps(one, default=str)
        if key not in known:
            if time.monotonic() - began > seconds:
                continue
            known[key] = run(*one)
            with file.open("a", encoding="utf-8") as book:
                book.write(json.dumps({"state": state, "key": key, "part": known[key]}) + "\n")
        found.append((one[1], known[key]))
    return found


def _state() -> str:
    """A hash of all that a run depends on."""
    here = Path(__file__)
    plant = ("garage*.py", "lamp.py", "lighting_map.py", "radar.py", "traffic.py", "walkers.py")
    files = [
        *(here.parents[3] / "policies" / "lighting").glob("[rt]*.py"),  # radar, tidal, traffic
        *(one for names in plant for one in (here.parents[2] / "plant").glob(names)),
        *here.parent.glob("*.yaml"),
    ]
    digest = hashlib.sha256()
    for one in sorted(files):
        digest.update(one.read_bytes())
    return digest.hexdigest()[:16]
