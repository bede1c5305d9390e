"""A person ends a run before its time: whoever tells the story and whoever holds the lines is told at once."""

from __future__ import annotations

from collections.abc import Callable


class Ending:
    """Made by who hears the person, filled by who runs the story."""

    def __init__(self) -> None:
        self.reason = ""
        self._told: list[Callable[[str], None]] = []

    def tell(self, whom: Callable[[str], None]) -> None:
        """Will be called with the reason."""
        self._told.append(whom)

    def now(self, reason: str) -> bool:
        """False where nobody runs a story yet, or all have been told before: then only cancelling helps."""
        if self.reason or not self._told:
            return False
        self.reason = reason
        for one in self._told:
            one(reason)
        return True
