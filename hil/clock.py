"""Clocks of the simulated site: real time stretched, or time that moves only when told."""

from __future__ import annotations

import asyncio
import heapq
import time
from itertools import count


class ScaledClock:
    """Site time runs `speed` times as fast as ours, from `start` (UTC seconds; now where not given)."""

    def __init__(self, speed: float = 1.0, start: float | None = None) -> None:
        if not speed > 0.0:
            raise ValueError("speed must be above 0")
        self.speed = speed
        self._start = time.time() if start is None else start
        self._zero = time.monotonic()

    def elapsed(self) -> float:
        return (time.monotonic() - self._zero) * self.speed

    def utc(self) -> float:
        return self._start + self.elapsed()

    def trusted(self) -> bool:
        return True

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0) / self.speed)


class VirtualClock:
    """Stands still until `advance` is called; sleepers wake in the order of their time."""

    def __init__(self, start: float = 0.0, *, trusted: bool = True) -> None:
        self.is_trusted = trusted
        self._start = start
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def elapsed(self) -> float:
        return self._elapsed

    def utc(self) -> float:
        return self._start + self._elapsed

    def trusted(self) -> bool:
        return self.is_trusted

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0.0:
            await asyncio.sleep(0)
            return
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), wake))
        await wake

    async def advance(self, seconds: float, *, turns: int = 20) -> None:
        """Move on by `seconds`; everybody due on the way wakes at its own time and gets `turns` of the loop."""
        end = self._elapsed + seconds
        await _turn(turns)
        while self._sleepers and self._sleepers[0][0] <= end:
            self._elapsed = max(self._sleepers[0][0], self._elapsed)
            while self._sleepers and self._sleepers[0][0] <= self._elapsed:
                wake = heapq.heappop(self._sleepers)[2]
                if not wake.done():
                    wake.set_result(None)
            await _turn(turns)
        self._elapsed = end
        await _turn(turns)


async def _turn(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)
