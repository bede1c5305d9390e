"""A clock whose elapsed site time goes on where the last run ended, so that timers kept on disk stay valid."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

from agent.core.clock import Clock


class ResumedClock:
    """Adds to another clock's elapsed time what the site had lived before.

    Down-time counts only where the wall clock can prove it; else it counts as nothing, the worst assumption.
    """

    def __init__(self, clock: Clock, saved: Mapping[str, Any] | None) -> None:
        self._clock = clock
        self._offset = 0.0
        if saved is not None:
            proved = clock.trusted() and saved.get("trusted", True)  # both ends of the down-time
            down = clock.utc() - float(saved["utc"]) if proved else 0.0
            self._offset = float(saved["elapsed"]) + max(0.0, down) - clock.elapsed()

    @property
    def speed(self) -> float:
        return self._clock.speed

    def elapsed(self) -> float:
        return self._clock.elapsed() + self._offset

    def utc(self) -> float:
        return self._clock.utc()

    def trusted(self) -> bool:
        return self._clock.trusted()

    def sleep(self, seconds: float) -> Awaitable[None]:
        return self._clock.sleep(seconds)
