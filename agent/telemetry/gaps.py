"""The gap book: what was lost, to whom, and why. Nothing goes missing without a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agent.telemetry.batch import Gap
from agent.telemetry.journal import Journal
from agent.telemetry.outbox import Outbox
from agent.telemetry.ranges import Range

_OPEN_SECONDS = 60.0  # losses of one kind within this time are one gap


class GapBook:
    """Writes gaps into the journal and tells the outbox they concern. Losses that follow each other become one gap."""

    def __init__(self, journal: Journal, next_id: int, now: Callable[[], float]) -> None:
        self._journal = journal
        self._next = next_id
        self._now = now
        self._open: dict[tuple[str, str], Gap] = {}

    def lose(
        self,
        outbox: Outbox,
        keys: Range,
        reason: str,
        times: tuple[float | None, float | None] = (None, None),
    ) -> int:
        """Keys first..last are gone: what of them this outbox had not delivered becomes a gap. Returns how many."""
        gone = outbox.lost(*keys)
        if not gone:
            return 0
        blocks = sum(last - first + 1 for first, last in gone)
        self._write(outbox, (gone[0][0], gone[-1][1]), blocks, reason, times)
        return blocks

    def _write(
        self,
        outbox: Outbox,
        keys: Range,
        blocks: int,
        reason: str,
        times: tuple[float | None, float | None],
    ) -> None:
        low, high = times
        now = self._now()
        known = self._open.get((outbox.name, reason))
        if known is not None and self._follows(outbox, known, keys, now):
            gap = replace(
                known,
                last=max(known.last, keys[1]),
                blocks=known.blocks + blocks,
                low=known.low if low is None else min(low, low if known.low is None else known.low),
                high=known.high if high is None else max(high, high if known.high is None else known.high),
            )
        else:
            gap = Gap(
                id=self._next,
                uplink=outbox.name,
                first=keys[0],
                last=keys[1],
                blocks=blocks,
                reason=reason,
                made=now,
                low=low,
                high=high,
            )
            self._next += 1
        self._open[outbox.name, reason] = gap
        self._journal.gaps[gap.id] = gap
        outbox.tell(gap)

    def _follows(self, outbox: Outbox, known: Gap, keys: Range, now: float) -> bool:
        """True while the earlier gap is still open, unreported, and nothing else lies between."""
        return (
            known in outbox.gaps
            and keys[0] == known.last + 1
            and abs(now - known.made) < _OPEN_SECONDS
            and known.id not in outbox.telling
        )
