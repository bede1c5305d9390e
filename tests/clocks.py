"""Clocks for tests that need one and do not care, or that speak over real lines."""

from __future__ import annotations


class StillClock:
    """Stands at 5 site seconds, UTC 1000, not trusted; whoever wants to sleep on it is wrong."""

    speed = 1.0

    def elapsed(self) -> float:
        return 5.0

    def utc(self) -> float:
        return 1000.0

    def trusted(self) -> bool:
        return False

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)
