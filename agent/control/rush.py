"""What somebody wants read now: by point, with those who wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agent.core.driver import ReadItem
from agent.core.errors import DeviceError


class Rush:
    """Points that go ahead of their turn, and the futures that end when they were read."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}

    def want(self, point: str) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(point, []).append(future)
        return future

    def next_of(self, plan: Sequence[ReadItem]) -> ReadItem | None:
        """The first item with a wanted point. Points in no item are given up: nothing can read them."""
        if not self._waiting:
            return None
        for item in plan:
            if any(point in self._waiting for point in item.points):
                return item
        for point in list(self._waiting):
            self.end((point,), DeviceError(f"{point} cannot be read from its device"))
        return None

    def end(self, points: Sequence[str], error: Exception | None) -> None:
        """These points were read, or failed with `error`."""
        if not self._waiting:
            return
        for point in points:
            for future in self._waiting.pop(point, ()):
                if future.done():
                    continue
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)
