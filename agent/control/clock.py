"""The clock of a real site: the operating system's, with a judgement on whether its wall time can be trusted."""

from __future__ import annotations

import asyncio
import ctypes
import time
from pathlib import Path

EARLIEST_PLAUSIBLE = 1_790_000_000.0  # late September 2026: this program did not exist before
STEP = 60.0  # a jump of wall time against the monotonic clock that is more than NTP slewing
DISTRUST_AFTER_STEP = 900.0
JUDGE_EVERY = 1.0  # asked with every reading, it must cost nothing
_STA_UNSYNC = 0x0040
_TIME_ERROR = 5


class SystemClock:
    """Wall and monotonic time of the box.

    `latest_seen` is the newest UTC the store has ever seen: a clock behind it has lost its battery.
    """

    speed = 1.0

    def __init__(self, latest_seen: float = 0.0, *, always_trusted: bool = False) -> None:
        self._always = always_trusted
        self._latest_seen = max(latest_seen, EARLIEST_PLAUSIBLE)
        self._difference = time.time() - time.monotonic()
        self._stepped_at: float | None = None
        self._judge_at = float("-inf")
        self._trusted = False
        self._has_battery = any(Path("/dev").glob("rtc*"))

    def elapsed(self) -> float:
        return time.monotonic()

    def utc(self) -> float:
        return time.time()

    def trusted(self) -> bool:
        """False before the first plausible time, after a jump, and without battery and NTP. Judged once a second."""
        now = time.monotonic()
        if now >= self._judge_at:
            self._judge_at = now + JUDGE_EVERY
            self._trusted = self._judge(now)
        return self._trusted

    def _judge(self, now: float) -> bool:
        difference = time.time() - now
        if abs(difference - self._difference) > STEP:
            self._stepped_at = now
        self._difference = difference
        if time.time() < self._latest_seen:
            return False
        synchronised = self._always or kernel_synchronised()
        if self._stepped_at is not None and not synchronised:
            return now - self._stepped_at > DISTRUST_AFTER_STEP
        return synchronised or self._has_battery

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


def kernel_synchronised() -> bool:
    """Whether the kernel believes NTP disciplines its clock (adjtimex(2), STA_UNSYNC clear)."""
    buffer = (ctypes.c_byte * 512)()  # struct timex with room to spare; zeroed modes = only read
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(buffer))
    except (OSError, AttributeError):
        return False
    if state < 0 or state == _TIME_ERROR:
        return False
    # struct timex: modes(4) pad(4) offset freq maxerror esterror (8 each) then int status
    status = int.from_bytes(bytes(buffer[40:44]), "little", signed=True)
    return not status & _STA_UNSYNC
