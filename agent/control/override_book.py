"""Overrides on the disk: one row each. Hundreds made at once share a commit, and none is written again because another came."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Protocol

from agent.core.command import Override
from agent.core.point import Point
from agent.core.serial import from_plain, to_plain
from agent.safety.moment import Moment
from agent.safety.overrides import Overrides, Wanted, number_of, restored

log = logging.getLogger("plantroom.charge")

KIND, MADE = "overrides", "made"
AS_ONE = "all"  # key under which all of them lay before each had its row


class Documents(Protocol):
    """The part of the store that keeps small durable documents."""

    async def put(self, kind: str, key: str, value: Any) -> None: ...

    def put_soon(self, kind: str, key: str, value: Any) -> None: ...

    def documents(self, kind: str) -> dict[str, Any]: ...


class OverrideBook:
    """What stands, in memory and on the disk. A person's override is durable before it acts."""

    def __init__(self, store: Documents, now: Moment) -> None:
        self._store = store
        self.standing, ended = restored(self._kept(), now.elapsed, now)
        self._rub_out(ended)

    async def add(self, point: Point, wanted: Wanted, now: Moment) -> Override:
        """Raises ValueError with a sentence when it is not acceptable, StoreError when it cannot be kept."""
        added, made = self.standing.add(point, wanted, now)
        self._count(added.made)  # taken at once: others come while the disk is busy
        await self._store.put(KIND, made.id, to_plain(made))
        newer = self.standing.on(point.id)
        if newer is not None and number_of(newer) > number_of(made):
            self._rub_out((made,))
            raise ValueError(f"another override of {point.id} came meanwhile: that one holds")
        self._take(made)
        return made

    def learn(self, point: Point, wanted: Wanted, now: Moment) -> None:
        """Somebody set the point at the machine's own panel. Raises ValueError when it is not acceptable."""
        added, made = self.standing.add(point, wanted, now)
        self._count(added.made)
        self._store.put_soon(KIND, made.id, to_plain(made))
        self._take(made)

    async def cancel(self, name: str) -> Override:
        """Raises ValueError when none of this id stands, StoreError when its end cannot be kept."""
        ended = self.standing.find(name)
        await self._store.put(KIND, name, None)
        self.standing = self.standing.without(name)  # it may have run out meanwhile
        return ended

    def expire(self, elapsed: float) -> None:
        """Those whose time is up end."""
        self.standing, ended = self.standing.expire(elapsed)
        self._rub_out(ended)

    def _take(self, made: Override) -> None:
        before = self.standing.on(made.command.point)
        self.standing = self.standing.with_one(made)
        if before is not None:
            self._rub_out((before,))

    def _count(self, made: int) -> None:
        self.standing = replace(self.standing, made=made)
        self._store.put_soon(KIND, MADE, made)

    def _rub_out(self, ended: tuple[Override, ...]) -> None:
        for one in ended:
            self._store.put_soon(KIND, one.id, None)

    def _kept(self) -> Overrides:
        """The last run's. A row that cannot be read is left aside: that override has ended."""
        kept = self._store.documents(KIND)
        found = from_plain(Overrides, kept[AS_ONE]) if kept.get(AS_ONE) else Overrides()
        rows = []
        for key, value in kept.items():
            if key in (AS_ONE, MADE) or value is None:
                continue
            try:
                rows.append(from_plain(Override, value))
            except (TypeError, ValueError) as error:
                log.error("override %s cannot be read and has ended: %s", key, error)
                self._store.put_soon(KIND, key, None)
        made = max([found.made, int(kept.get(MADE) or 0), *map(number_of, rows)])
        for one in sorted(rows, key=number_of):  # of two on one point the newer holds
            found = found.with_one(one)
        if kept.get(AS_ONE):
            for one in found.standing:
                self._store.put_soon(KIND, one.id, to_plain(one))
            self._store.put_soon(KIND, AS_ONE, None)
        return replace(found, made=made)
