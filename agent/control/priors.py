"""The values found before our first write, durable before that write goes out. What release gives back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
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
        self._owed = set(self._found)  # a value of ours stands there, or may since the last run
        self._returning: set[str] = set()
        self._left: dict[str, float] = {}
        self._forgetting: set[asyncio.Task[None]] = set()
        self._refused = False

    def taken(self, point: str) -> bool:
        return point in self._found

    def prior(self, point: str) -> Value | None:
        return self._found.get(point)

    def wrote(self, point: str) -> None:
        """From now on a value of ours stands there."""
        self._owed.add(point)

    def owed(self, point: str) -> bool:
        """Whether it has to be given back. What was only stored and never written has not."""
        return point in self._found and point in self._owed

    def returning(self, point: str) -> bool:
        """It is being given back just now: nobody else writes it meanwhile."""
        return point in self._returning

    def left_at(self, point: str) -> float:
        """Elapsed when it was last given back: what was read before may still be our own value."""
        return self._left.get(point, float("-inf"))

    @contextmanager
    def giving_back(self, points: Iterable[str]) -> Iterator[None]:
        """While they are given back, whatever becomes of the authority."""
        names = set(points)
        self._returning |= names
        try:
            yield
        finally:
            self._returning -= names

    def any(self) -> bool:
        return bool(self._found)

    def points(self) -> Collection[str]:
        return self._found.keys()

    def all(self) -> Mapping[str, Value]:
        """Every prior value that could be read before the first write."""
        return {point: value for point, value in self._found.items() if value is not None}

    async def given_back(self, points: Iterable[str]) -> None:
        """These are in other hands again: the next take-over stores anew what it finds."""
        names = [one for one in points if one in self._found]
        for point in names:
            del self._found[point]
            self._owed.discard(point)
            self._left[point] = self._clock.elapsed()
        await asyncio.gather(*(self._forget(point) for point in names))

    def let_go(self, point: str) -> None:
        """Nothing of ours stands there (any more), as is known for certain: the next take-over stores anew."""
        if self._found.pop(point, self) is not self:
            self._owed.discard(point)
            task = asyncio.get_running_loop().create_task(self._forget(point))
            self._forgetting.add(task)
            task.add_done_callback(self._forgetting.discard)

    def take(self, point: str, value: Value | None) -> None:
        """Start storing the value found; `taken` turns true when it is durable."""
        if point not in self._found and point not in self._storing:
            self._storing[point] = asyncio.get_running_loop().create_task(self._keep(point, value))

    async def _forget(self, point: str) -> None:
        try:
            await self._store.delete(KIND, point)
        except PlantroomError as error:
            log.error("%s was given back, but that cannot be stored: %s", point, error)

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
