"""What a clock is. Time is handed in everywhere, so that a year can be run in minutes."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol


class Clock(Protocol):
    """Site time. `elapsed` never jumps; `utc` may, and says through `trusted` whether it is to be believed.

    `speed` is site seconds per real second: 1 on a real site, more on a test bench.
    """

    @property
    def speed(self) -> float: ...

    def elapsed(self) -> float:
        """Monotonic site seconds since an arbitrary start."""
        ...

    def utc(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        ...

    def trusted(self) -> bool: ...

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait this many site seconds."""
        ...
