"""Back-off: who fails at the door waits, longer each time; who changes too much too fast waits a little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

FREE_FAILURES = 4  # typing mistakes cost nothing
FORGET_AFTER = 3_600.0  # seconds without a failure
MOST_KEYS = 1_000  # a flood of made-up names must not fill the memory


@dataclass(frozen=True, slots=True)
class Failures:
    """How often one key failed, when it last did, and until when it must wait (monotonic seconds)."""

    count: int
    last: float
    until: float


class Backoff:
    """Doubling waits per key (a user's name, an address) up to `longest` seconds."""

    def __init__(self, longest: float, clock: Callable[[], float]) -> None:
        self._longest = longest
        self._clock = clock
        self._failures: dict[str, Failures] = {}

    def wait(self, key: str) -> float:
        """Seconds this key still has to wait; 0 when it may try."""
        known = self._failures.get(key)
        return 0.0 if known is None else max(0.0, known.until - self._clock())

    def failed(self, key: str) -> None:
        now = self._clock()
        known = self._failures.pop(key, None)
        count = 1 if known is None or now - known.last > FORGET_AFTER else known.count + 1
        beyond = count - FREE_FAILURES
        pause = min(self._longest, 2.0 ** min(beyond, 20)) if beyond > 0 else 0.0
        self._failures[key] = Failures(count, now, now + pause)
        if len(self._failures) > MOST_KEYS:
            del self._failures[next(iter(self._failures))]  # the one that failed longest ago

    def succeeded(self, key: str) -> None:
        self._failures.pop(key, None)


class Pace:
    """At most `burst` changes at once and `rate` a second after that, for each actor."""

    def __init__(self, burst: float, rate: float, clock: Callable[[], float]) -> None:
        self._burst = burst
        self._rate = rate
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def wait(self, actor: str) -> float:
        """Takes one turn and answers 0, or the seconds until there is one."""
        now = self._clock()
        left, then = self._left.pop(actor, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        turn = left >= 1.0
        self._left[actor] = (left - 1.0 if turn else left, now)
        if len(self._left) > MOST_KEYS:
            del self._left[next(iter(self._left))]
        return 0.0 if turn else (1.0 - left) / self._rate
