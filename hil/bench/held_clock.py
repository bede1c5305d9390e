"""The clock of the live bench: stands at the beginning of the story until everybody is ready, then runs at its speed."""

from __future__ import annotations

import asyncio
import time


class HeldClock:
    """Site time that begins when `go` is called. Sleepers sleep real seconds all the same."""

    def __init__(self, speed: float, start: float) -> None:
        """`start`: UTC seconds at the beginning."""
        if not speed > 0.0:
            raise ValueError("speed must be above 0")
        self.speed = speed
        self._start = start
        self._zero: float | None = None

    def go(self) -> None:
        """From now on time passes."""
        if self._zero is None:
            self._zero = time.monotonic()

    def elapsed(self) -> float:
        return 0.0 if self._zero is None else (time.monotonic() - self._zero) * self.speed

    def utc(self) -> float:
        return self._start + self.elapsed()

    def trusted(self) -> bool:
        return True

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0) / self.speed)
