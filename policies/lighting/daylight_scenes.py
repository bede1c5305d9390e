"""Scenes: fixed levels by a name that staff call up from the page or a switch point, from the window inwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

AUTOMATIC = ("", "automatic", "auto", "none")


@lru_cache(maxsize=32)
def scene_levels(lines: tuple[str, ...]) -> Mapping[str, tuple[float, ...]]:
    """`presentation: 5 30 60`: levels in % by row from the window, the last for all deeper ones.

    Raises ValueError with a sentence for the installer.
    """
    found: dict[str, tuple[float, ...]] = {}
    for line in lines:
        name, colon, levels = line.partition(":")
        name = name.strip().casefold()
        try:
            numbers = tuple(float(one.rstrip("%")) for one in levels.replace(",", " ").split())
        except ValueError:
            numbers = ()
        if not colon or not name or not numbers or not all(0.0 <= one <= 100.0 for one in numbers):
            raise ValueError(
                f"scene {line!r}: write name: level level ..., in % from the window inwards, as in 'presentation: 5 30 60'"
            )
        if name in AUTOMATIC or name in found:
            raise ValueError(f"scene {line!r}: the name is {'taken' if name in found else 'no scene'}")
        found[name] = numbers
    return found


def level_of(levels: Sequence[float], rank: int) -> float:
    return levels[min(rank, len(levels) - 1)]
