"""An event loop whose time jumps to the next timer: a day of the agent's own code in seconds, without sleeping.

Only for code without real sockets: where nothing is ready to run, time goes straight to the next timer.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")
OWN_PIPE = 1  # descriptor
RESOLUTION = 1e-9  # s by which asyncio takes timers early
START_UTC = 1_790_812_800.0  # 2026-10-01 00:00 UTC, as good as any


class _JumpingSelector(selectors.SelectSelector):
    """Never waits: what would have been waited for is added to the virtual time.

    The loop's own pipe only ends a wait, and there is none: as long as it is all there is, the system is not asked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0) if len(self.get_map()) > OWN_PIPE or timeout is None else []
        if not ready:
            if timeout is None:
                raise RuntimeError("virtual time stands still: nothing is scheduled and nothing is ready")
            self.now += max(0.0, timeout)
            if timeout > 0.0 and self.blurred:
                self.now += 2.0 * math.ulp(self.now)
        return ready

    @property
    def blurred(self) -> bool:
        """So late that the loop's own resolution is lost in the last digit: from the 194th day on."""
        return self.now + RESOLUTION == self.now


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time; `time()` starts at 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def call_at(
        self,
        when: float,
        callback: Callable[[*Arguments], object],
        *args: *Arguments,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """What is due now is due at the next instant that can be told from now: else it never would be."""
        jumping = self._jumping
        if jumping.blurred:
            when = max(when, jumping.now + 4.0 * math.ulp(jumping.now))
        return super().call_at(when, callback, *args, context=context)


class LoopClock:
    """Site time of a virtual loop: elapsed is the loop's time, UTC follows it from `start_utc`."""

    speed = 1.0

    def __init__(self, loop: asyncio.AbstractEventLoop, start_utc: float = START_UTC) -> None:
        self.elapsed: Callable[[], float] = loop.time  # asked a hundred times a tick: no call in between
        self.start_utc = start_utc
        self.is_trusted = True

    def utc(self) -> float:
        return self.start_utc + self.elapsed()

    def trusted(self) -> bool:
        return self.is_trusted

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run_virtual(main: Coroutine[Any, Any, Result]) -> Result:
    """Run `main` to its end on virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
