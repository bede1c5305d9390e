"""Who is in charge: authority per area, operators' overrides, maintenance lock-outs. All of it survives a restart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from agent.control.override_book import OverrideBook
from agent.core.clock import Clock
from agent.core.command import Command, Override
from agent.core.equipment import Area, Authority
from agent.core.errors import PlantroomError
from agent.core.frozen import quick
from agent.core.point import Point
from agent.core.serial import from_plain, to_plain
from agent.core.snapshot import Snapshot
from agent.safety.authority import AreaAuthority, advanced, assigned, crashed, initial
from agent.safety.moment import Moment
from agent.safety.overrides import Wanted

log = logging.getLogger("plantroom.charge")

AUTHORITY, LOCK_OUT = "authority", "lock_out"
ALL = "all"
OPERATORS = frozenset({"operator"})


class Documents(Protocol):
    """The part of the store that keeps small durable documents."""

    async def put(self, kind: str, key: str, value: Any) -> None: ...

    def put_soon(self, kind: str, key: str, value: Any) -> None: ...

    def documents(self, kind: str) -> dict[str, Any]: ...


@quick
@dataclass(frozen=True, slots=True)
class StandingOrders:
    """What people want in one tick, and whose word is complete."""

    commands: tuple[Command, ...]
    heard: frozenset[str]


class InCharge:
    """The one place that knows. Changes are durable when the call returns; the loop only looks."""

    def __init__(
        self,
        areas: Iterable[Area],
        store: Documents,
        clock: Clock,
        acts: Callable[[], bool] = lambda: True,
    ) -> None:
        """`acts`: whether this box may act at all; else what is in our hands is only watched."""
        self._acts = acts
        self._store = store
        self._clock = clock
        now = self._now()
        kept = store.documents(AUTHORITY)
        self._areas: dict[str, AreaAuthority] = {
            area.id: from_plain(AreaAuthority, kept[area.id]) if area.id in kept else initial(area, now)
            for area in areas
        }
        self._overrides = OverrideBook(store, now)
        self._one_by_one = asyncio.Lock()  # people's changes: each starts from what the one before has kept
        self._locked: frozenset[str] = frozenset(store.documents(LOCK_OUT).get(ALL, ()))

    def standing_orders(self, snapshot: Snapshot) -> StandingOrders:
        """The overrides that stand at this tick, as commands. Ends those whose time is up."""
        self._overrides.expire(snapshot.elapsed)
        mine, commands = snapshot.model.points, self._overrides.standing.commands()
        return StandingOrders(tuple(one for one in commands if one.point in mine), OPERATORS)

    def authority(self, area: str) -> Authority:
        before = self._areas[area]
        now = advanced(before, self._now())
        if now is not before:
            self._areas[area] = now
            self._store.put_soon(AUTHORITY, area, to_plain(now))
        if now.authority is Authority.AGENT and not self._acts():
            return Authority.SHADOW
        return now.authority

    def standing(self, area: str) -> AreaAuthority:
        return self._areas[area]

    def overridden(self, point: str) -> bool:
        return self._overrides.standing.on(point) is not None

    def overrides(self) -> tuple[Override, ...]:
        return self._overrides.standing.standing

    def locked_out(self) -> frozenset[str]:
        return self._locked

    async def assign(self, area: str, authority: Authority, actor: str, reason: str) -> AreaAuthority:
        """A person says who is in charge. Raises StoreError when it cannot be kept.

        Taking the area out of our hands holds at once, whatever the disk does.
        """
        before = self._areas[area]
        new = assigned(before, authority, actor, reason, self._now())
        if authority is not Authority.AGENT:
            self._areas[area] = new
            try:
                await self._store.put(AUTHORITY, area, to_plain(new))
            except PlantroomError as error:
                log.error("%s is %s, but that is not stored yet: %s", area, authority.value, error)
                self._store.put_soon(AUTHORITY, area, to_plain(new))
            return new
        async with self._one_by_one:
            await self._store.put(AUTHORITY, area, to_plain(new))
            if self._areas[area] is before:
                self._areas[area] = new
            else:  # taken out of our hands while it was being stored: that holds
                self._store.put_soon(AUTHORITY, area, to_plain(self._areas[area]))
        return self._areas[area]

    def note_crash(self, dwell: float) -> None:
        """The last run did not end by itself: its areas stay released for a dwell, or until a person says so."""
        for area, state in self._areas.items():
            self._areas[area] = crashed(state, self._now(), dwell)
            self._store.put_soon(AUTHORITY, area, to_plain(self._areas[area]))

    async def add_override(self, point: Point, wanted: Wanted) -> Override:
        """Durable before it acts. Raises ValueError with a sentence when it is not acceptable."""
        return await self._overrides.add(point, wanted, self._now())

    def learn_override(self, point: Point, wanted: Wanted) -> None:
        """Somebody set the point at the machine's own panel: theirs, until it ends."""
        self._overrides.learn(point, wanted, self._now())

    async def cancel_override(self, override: str) -> Override:
        """Raises ValueError when none of this id stands."""
        return await self._overrides.cancel(override)

    async def lock_out(self, equipment: str, locked: bool) -> None:
        """Locking holds at once, unlocking when it is stored. Raises StoreError: it would be lost at a restart."""
        if locked:
            self._locked |= {equipment}
        async with self._one_by_one:
            names = self._locked | {equipment} if locked else self._locked - {equipment}
            await self._store.put(LOCK_OUT, ALL, sorted(names))
            if not locked:
                self._locked -= {equipment}
            if self._locked != names:  # somebody locked another one meanwhile
                self._store.put_soon(LOCK_OUT, ALL, sorted(self._locked))

    def _now(self) -> Moment:
        return Moment(self._clock.elapsed(), self._clock.utc(), self._clock.trusted())
