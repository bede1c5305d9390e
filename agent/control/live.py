"""Live events for whoever watches: the page, `plantroom watch`. A slow watcher misses events, the agent never waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from agent.core.reading import ReadingBlock
from agent.core.tick import Tick

BACKLOG = 200  # events a slow watcher may be behind
GATHER = 0.25  # real seconds over which point values are gathered into one event
QUALITY = ("bad", "uncertain", "good")


class Live:
    """Gathers what changed and hands it to every watcher."""

    def __init__(self, shown_by: Mapping[str, str] | None = None) -> None:
        """`shown_by`: commanded point to the point that shows what became of the command."""
        self._shown_by = dict(shown_by or {})
        self._watchers: set[asyncio.Queue[dict[str, Any]]] = set()
        self._blocks: dict[tuple[str, ...], ReadingBlock] = {}
        self._timer: asyncio.TimerHandle | None = None

    def block(self, block: ReadingBlock) -> None:
        """New readings; costs nothing while nobody watches."""
        if not self._watchers:
            return
        self._blocks[block.points] = block
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER, self._flush)

    def tick(self, tick: Tick) -> None:
        if self._watchers:
            decisions = {
                id_: [one.value, one.reason, one.winner.source if one.winner else None]
                for id_, one in tick.decisions.items()
            }
            self.publish({"type": "decisions", "area": tick.area, "decisions": decisions})

    def publish(self, event: dict[str, Any]) -> None:
        for queue in self._watchers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)

    async def changes(self) -> AsyncIterator[dict[str, Any]]:
        """Events from now on, until the watcher goes away."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(BACKLOG)
        self._watchers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._watchers.discard(queue)

    def _flush(self) -> None:
        self._timer = None
        blocks, self._blocks = self._blocks, {}
        points: dict[str, list[Any]] = {}
        for block in blocks.values():
            for index, (point, value) in enumerate(zip(block.points, block.values, strict=True)):
                quality = 2 if block.qualities is None else block.qualities[index]
                points[point] = [value, QUALITY[quality], block.time]
        shown = {point: points[other] for point, other in self._shown_by.items() if other in points}
        own = {point: one for point, one in points.items() if point not in self._shown_by}
        self.publish({"type": "points", "points": own | shown})
