"""What each sort of channel may be sent: how much in a message, how many in a minute and a second."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from agent.advisory.settings import (
    ChannelSettings,
    DingtalkSettings,
    EmailSettings,
    FeishuSettings,
    WebhookSettings,
    WecomSettings,
)

MINUTE = 63.0  # s: what leaves evenly may arrive closer together
SECOND = 1.3


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of the text, messages in windows of so many seconds."""

    bytes: int
    windows: tuple[tuple[float, int], ...]


def limits_of(settings: ChannelSettings, *, called: bool = False) -> Limits:
    """`called`: somebody is called by name or number in it. What is left of a limit is for names and marks."""
    minute = (MINUTE, settings.per_minute)
    match settings:
        case WecomSettings():
            return Limits(1900 if called else 3900, (minute,))
        case DingtalkSettings():
            return Limits(4500, (minute,))
        case FeishuSettings():
            return Limits(15_000, (minute, (SECOND, 5)))
        case EmailSettings() | WebhookSettings():
            return Limits(100_000, (minute,))


class Pace:
    """When the next message of one channel may leave. `sent`: of the last minutes, before a restart."""

    def __init__(self, limits: Limits, sent: Iterable[float] = ()) -> None:
        self._windows = limits.windows
        self._sent = deque(sent, maxlen=max(count for _, count in limits.windows))

    def wait(self, now: float) -> float:
        """Seconds from now."""
        until = now
        for seconds, count in self._windows:
            if len(self._sent) >= count:
                until = max(until, self._sent[-count] + seconds)
        return until - now

    def note(self, now: float) -> None:
        self._sent.append(now)
