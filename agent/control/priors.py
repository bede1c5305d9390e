"""The values found before our first write, durable before that write goes out. What release gives back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from agent.core.clock import Clock
from agent.core.errors import PlantroomError
from agent.core.point import Value

log = logging.getLogger("plantroom.priors")

KIND = "prior"


class Documents(Protocol):
    """The part of the store that keeps small durable documents."""

    async def put(self, kind: str, key: str, value: Any) -> None: ...

    async def delete(self, kind: str, key: str) -> None: ...

    def documents(self, kind: str) -> dict[str, Any]: ...


class Priors:
    """A point counts as taken only when its prior value is safely on disk.

    When the disk refuses, points already taken go on and no new ones are taken.
    """

    def __init__(self, store: Documents, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._found: dict[str, Value | None] = {
            point: document.get("value") for point, document in store.documents(KIND).items()
        }
        self._storing: dict[str, asyncio.Task[None]] = {}
        self._refused = False

    def taken(self, point: str) -> bool:
        return point in self._found

    def prior(self, point: str) -> Value | None:
        return self._found.get(point)

    def any(self) -> bool:
        return bool(self._found)

    def all(self) -> Mapping[str, Value]:
        """Every prior value that could be read before the first write."""
        return {point: value for point, value in self._found.items() if value is not None}

    async def given_back(self, points: Iterable[str]) -> None:
        """These are in other hands again: the next take-over stores anew what it finds."""
        for point in [one for one in points if one in self._found]:
            del self._found[point]
            await self._store.delete(KIND, point)

    def take(self, point: str, value: Value | None) -> None:
        """Start storing the value found; `taken` turns true when it is durable."""
        if point not in self._found and point not in self._storing:
            self._storing[point] = asyncio.get_running_loop().create_task(self._keep(point, value))

    async def _keep(self, point: str, value: Value | None) -> None:
        try:
            await self._store.put(KIND, point, {"value": value, "time": self._clock.utc()})
        except PlantroomError as error:
            if not self._refused:
                log.error("no new points are taken: the value found cannot be stored: %s", error)
            self._refused = True
        else:
            self._found[point] = value
            self._refused = False
        finally:
            del self._storing[point]
