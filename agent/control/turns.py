"""Whose turn it is on a line while everything is given back: units that do not answer come after their neighbours."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """One exchange at a time, first come first served; but whoever was silent waits until the others are through.

    A cabinet without power would else cost its neighbours on the line the time in which they can be given back.
    """

    def __init__(self) -> None:
        self._busy = False
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []
        self._silences: Counter[str] = Counter()

    @asynccontextmanager
    async def take(self, device: str) -> AsyncIterator[None]:
        """The line is this device's until the end of the block; a block that raises counts as silence."""
        if self._busy:
            await self._wait(device)
        self._busy = True
        try:
            yield
        except Exception:
            self._silences[device] += 1
            raise
        finally:
            self._busy = False
            self._next()

    async def _wait(self, device: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((device, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was given the line and does not want it any more
                self._busy = False
                self._next()
            raise

    def _next(self) -> None:
        self._waiting = [one for one in self._waiting if not one[1].done()]
        if self._waiting:
            chosen = min(self._waiting, key=lambda one: self._silences[one[0]])
            self._waiting.remove(chosen)
            self._busy = True
            chosen[1].set_result(None)
