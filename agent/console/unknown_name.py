"""The error for a name nobody knows, with the nearest ones that are known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UnknownNameError(KeyError):
    """No such point, area, equipment ...; carries the nearest names."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        super().__init__(name)
        self.what = what
        self.nearest = tuple(difflib.get_close_matches(name, list(known), 3, 0.5))

    def __str__(self) -> str:
        return f"there is no {self.what} {self.args[0]!r}"
