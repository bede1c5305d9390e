"""Changing a running site: what differs between two of them, and a file written so that power loss leaves one whole.

The last few versions are kept beside the file as `<name>.1` (newest) to `<name>.N`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.core.site import Site

GENERATIONS = 5


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that was added, removed or changed."""

    section: str
    name: str
    what: str  # added, removed, changed

    def __str__(self) -> str:
        return f"{self.section}.{self.name} {self.what}"


def diff(old: Site, new: Site) -> tuple[Change, ...]:
    """What a person would want to read before saying yes."""
    changes: list[Change] = []
    for section in ("buses", "devices", "points", "equipment", "uplinks"):
        changes += _compare(section, getattr(old, section), getattr(new, section))
    areas = ({name: model.area for name, model in site.areas.items()} for site in (old, new))
    changes += _compare("areas", *areas)
    changes += _compare("policies", _policies(old), _policies(new))
    interlocks = ({one.id: one for one in site.interlocks} for site in (old, new))
    changes += _compare("interlocks", *interlocks)
    changes += [
        Change("site", name, "changed")
        for name in ("place", "store", "web")
        if getattr(old, name) != getattr(new, name)
    ]
    return tuple(changes)


def write_site(path: Path, text: str, *, generations: int = GENERATIONS) -> None:
    """Replaces the file in one step and keeps what was there before. Raises OSError; then nothing has changed."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o640
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("w", encoding="utf-8") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        _keep(path, generations)
        fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


def generations_of(path: Path) -> tuple[Path, ...]:
    """The kept versions, newest first."""
    numbered = [(int(kept.suffix[1:]), kept) for kept in path.parent.glob(f"{path.name}.*") if _number(kept)]
    return tuple(kept for _, kept in sorted(numbered))


def roll_back(path: Path) -> None:
    """Takes the newest kept version back; the present one becomes the newest kept. Raises FileNotFoundError."""
    kept = generations_of(path)
    if not kept:
        raise FileNotFoundError(f"no earlier version of {path} is kept")
    write_site(path, kept[0].read_text(encoding="utf-8"), generations=max(GENERATIONS, len(kept)))


def _keep(path: Path, generations: int) -> None:
    """Moves the kept versions on by one and makes the present file the first; the file itself stays in place."""
    if not path.exists() or generations < 1:
        return
    for kept in reversed(generations_of(path)):
        number = int(kept.suffix[1:])
        if number >= generations:
            kept.unlink()
        else:
            kept.replace(path.with_name(f"{path.name}.{number + 1}"))
    os.link(path, path.with_name(f"{path.name}.1"))


def _number(path: Path) -> bool:
    return path.suffix[1:].isdecimal()


def sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _policies(site: Site) -> dict[str, Any]:
    return {policy.name: (area, policy) for area, policies in site.policies.items() for policy in policies}


def _compare(section: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    return [
        *(Change(section, name, "removed") for name in old if name not in new),
        *(Change(section, name, "added") for name in new if name not in old),
        *(Change(section, name, "changed") for name in new if name in old and old[name] != new[name]),
    ]
