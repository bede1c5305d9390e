"""When a shared line may be used again: the gap between frames, and the longer quiet after anything went wrong."""

from __future__ import annotations

LONGEST = 3.0  # seconds; bounds what one very slow device can cost the line


class Quiet:
    """Keeps the time from which the line is free. Learns from the slowest response; all times are loop times."""

    def __init__(self, gap: float, least: float) -> None:
        """`gap` after a right answer, `least` after an error; both in seconds."""
        self._gap = gap
        self._least = max(least, gap)
        self._longest_response = 0.0
        self._until = 0.0

    def left(self, now: float) -> float:
        """Seconds until the line may be used; zero or less: at once."""
        return self._until - now

    def note_response(self, seconds: float) -> None:
        self._longest_response = min(LONGEST, max(self._longest_response, seconds))

    def after_answer(self, now: float) -> None:
        self._until = now + self._gap

    def after_error(self, now: float) -> None:
        self._until = now + self._long

    def apart(self, answered: float) -> None:
        """The next request has the shape of the one answered then: a second copy of that answer must not fit it."""
        self._until = max(self._until, answered + self._least)

    def prolong(self, now: float) -> None:
        """Something came that nobody asked for: more of it may follow."""
        self._until = max(self._until, now + self._long)

    def keep_until(self, due: float, now: float) -> None:
        """The line stays quiet while an answer may still come."""
        self._until = max(self._until, min(due, now + LONGEST))

    @property
    def _long(self) -> float:
        return max(self._least, self._longest_response)
