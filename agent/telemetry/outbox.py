"""The outbox of one uplink: a cursor over the samples, not a copy.

`pending` are the ranges of keys not yet delivered. The live lane hands blocks on straight from memory, before the
commit; the backfill lane takes what is left from the store, oldest first. A key is `claimed` while a lane has it, so
that no block goes out by both.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable

from agent.core.reading import ReadingBlock
from agent.telemetry.batch import DeadLetter, Gap
from agent.telemetry.ranges import Range, Ranges

_SAVED_RANGES = 500  # more are joined: a few blocks go twice, under the same key


class Outbox:
    """What one uplink has to deliver. `changed` is called when the saved position is no longer true."""

    def __init__(
        self,
        name: str,
        pending: Ranges,
        *,
        gaps: list[Gap] | None = None,
        changed: Callable[[], None] = lambda: None,
        live_blocks: int = 4000,
    ) -> None:
        self.name = name
        self.pending = pending
        self.claimed = Ranges()
        self.gaps: list[Gap] = gaps or []  # not yet told
        self.told: list[int] = []
        self.telling: set[int] = set()  # gaps on their way: they may not grow any more
        self.letters: list[DeadLetter] = []  # refused for good, on their way to the store
        self.overflows = 0  # blocks that left the live lane for the backfill lane
        self.live: deque[tuple[int, ReadingBlock]] = deque()
        self.wake = asyncio.Event()
        self._changed = changed
        self._live_blocks = live_blocks
        self._open = False

    @property
    def backlog(self) -> int:
        """Blocks not yet delivered."""
        return self.pending.count

    def offer(self, key: int, block: ReadingBlock) -> None:
        """A new block. While the live lane is closed or too slow, the backfill lane will find it in the store."""
        self.pending.add(key, key)
        if not self._open:
            return
        self.claimed.add(key, key)
        self.live.append((key, block))
        if len(self.live) > self._live_blocks:
            oldest, _ = self.live.popleft()
            self.claimed.remove(oldest, oldest)
            self.overflows += 1
        self.wake.set()

    def open_live(self) -> None:
        self._open = True

    def close_live(self) -> None:
        """The connection is gone: whatever a lane had is pending again, nothing more."""
        self._open = False
        self.live.clear()
        self.claimed = Ranges()
        self.telling.clear()
        self.wake.clear()

    def claim(self, limit: int, through: int) -> Range | None:
        """The oldest undelivered range nobody has, up to key `through`, at most `limit` keys; now claimed."""
        for first, last in self.pending:
            if first > through:
                return None
            free = self.claimed.holes(first, min(last, through))
            if free:
                low, high = free[0][0], min(free[0][1], free[0][0] + limit - 1)
                self.claimed.add(low, high)
                return low, high
        return None

    def release(self, first: int, last: int) -> None:
        self.claimed.remove(first, last)

    def delivered(self, first: int, last: int) -> None:
        """The receiver has these keys (or was told that it will never get them)."""
        self.claimed.remove(first, last)
        if self.pending.remove(first, last):
            self._changed()

    def lost(self, first: int, last: int) -> list[Range]:
        """Takes keys out that no longer exist, except those in a lane's hands; returns what was undelivered."""
        gone = [
            part for low, high in self.pending.overlap(first, last) for part in self.claimed.holes(low, high)
        ]
        for low, high in gone:
            self.pending.remove(low, high)
        return gone

    def tell(self, gap: Gap) -> None:
        """A gap this uplink has to report; replaces an earlier state of the same gap."""
        self.gaps = [one for one in self.gaps if one.id != gap.id]
        self.gaps.append(gap)
        self.wake.set()

    def gap_told(self, gap: Gap) -> None:
        self.gaps = [one for one in self.gaps if one.id != gap.id]
        self.telling.discard(gap.id)
        self.told.append(gap.id)
        self._changed()

    def bury(self, letter: DeadLetter) -> None:
        """The receiver will never take these keys: kept for people, and done with."""
        self.letters.append(letter)
        self.delivered(letter.first, letter.last)

    def cursor(self, through: int) -> str:
        """The position to be saved with a commit that reaches to key `through`."""
        ranges = Ranges(self.pending.overlap(0, through)).coarse(_SAVED_RANGES)
        return json.dumps({"through": through, "pending": ranges}, separators=(",", ":"))


def restore_pending(saved: str | None, spans: list[Range]) -> Ranges:
    """What is undelivered at start: the saved ranges and whatever was stored after them.

    `spans` are the stored keys, a range an epoch. An uplink never seen before has all of them still to deliver.
    """
    if saved is None:
        return Ranges(spans)
    position = json.loads(saved)
    pending = Ranges((first, last) for first, last in position["pending"])
    beyond = position["through"] + 1
    for first, last in spans:
        pending.add(max(first, beyond), last)
    return pending
