"""The layers of parameters that stand, and the only hand that changes a policy of a running area.

A change is durable before it acts, is in the audit chain, loses no state of a policy, and ends by itself where it was told to:
at its time, or when an alarm comes that it names. Modes come from people, or from the calendar while nobody has chosen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from agent.control.alarm_desk import AlarmDesk
from agent.control.loop import AreaLoop
from agent.control.mode_calendar import mode_of_the_hour
from agent.control.tuning_book import BOOK, TuningBook, as_now, kept_book, summoned
from agent.core.clock import Clock
from agent.core.policy import AnyPolicy
from agent.core.serial import to_plain
from agent.core.tuning import AS_FILED, Effective, Layer, Mode, Tuning, UnfitError, Values, carried, effective

log = logging.getLogger("plantroom.tuning")

TUNING = "tuning"  # kind of the documents
CALENDAR = "calendar"  # owner of the modes that nobody chose

Acted = Callable[..., None]


class Documents(Protocol):
    """The part of the store that keeps small durable documents."""

    async def put(self, kind: str, key: str, value: Any) -> None: ...

    def put_soon(self, kind: str, key: str, value: Any) -> None: ...

    def documents(self, kind: str) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What tuning needs of the agent around it. `acted` writes the audit record."""

    store: Documents
    clock: Clock
    timezone: str
    alarms: AlarmDesk
    acted: Acted


class Tunings:
    """One per agent. The loops' policies are those of the site file with the layers that stand."""

    def __init__(
        self, loops: Mapping[str, AreaLoop], modes: Mapping[str, Mapping[str, Mode]], around: Around
    ) -> None:
        self.modes = modes
        self._loops = loops
        self._around = around
        self._filed = {name: one for loop in loops.values() for name, one in loop.policies.items()}
        self._book = as_now(kept_book(around.store.documents(TUNING), self.area_of), modes, CALENDAR)
        self._numbers = self._book.made
        self._effective: dict[str, Effective] = {}
        self._one_by_one = asyncio.Lock()
        for name in self._filed:
            self._apply(name, kept_state=True)
        self.look()  # what ran out while nobody was there

    @property
    def layers(self) -> tuple[Tuning, ...]:
        """What stands, oldest first."""
        return self._book.layers

    def area_of(self, policy: str) -> str | None:
        return next((area for area, loop in self._loops.items() if policy in loop.policies), None)

    def policies(self) -> tuple[str, ...]:
        return tuple(self._filed)

    def filed(self, policy: str) -> AnyPolicy:
        """As the site file says. Raises KeyError."""
        return self._filed[policy]

    def effective(self, policy: str) -> Effective:
        """As it decides, and by whose word. Raises KeyError."""
        return self._effective[policy]

    def mode(self, area: str) -> Tuning | None:
        """The mode that stands; None: the site file as it is."""
        return self._book.mode(area)

    def would_be(self, area: str, name: str) -> dict[str, Effective]:
        """The area's policies as they would be in this mode (AS_FILED: in none). Raises UnfitError."""
        layer = self._mode_layer(area, name, Tuning(id="?", layer=Layer.MODE, area=area))
        return self._judged(self._book.with_mode(layer), layer, self._loops[area].policies)

    def would_be_tuned(self, policy: str, values: Values) -> Effective:
        """One policy with these values on top. Raises UnfitError."""
        layer = Tuning(id="?", layer=Layer.TUNED, area="", values={policy: values})
        return self._judged(self._book.with_layer(layer), layer, (policy,))[policy]

    async def choose(self, area: str, name: str, *, seconds: float | None, actor: str, reason: str) -> Tuning:
        """A person chooses a mode (AS_FILED: none, whatever the calendar says). Raises UnfitError, StoreError."""
        made = self._made(Layer.MODE, area, actor, reason, seconds)
        layer = self._mode_layer(area, name, made)
        self._judged(self._book.with_mode(layer), layer, self._loops[area].policies)
        before = self.mode(area)
        await self._change(lambda book: book.with_mode(layer))
        old = before.name if before else AS_FILED
        self._around.acted(actor, "areas", area=area, old_mode=old, mode=name, seconds=seconds, reason=reason)
        return layer

    async def tune(
        self,
        policy: str,
        values: Values,
        *,
        actor: str,
        reason: str,
        seconds: float | None = None,
        ends_on: tuple[str, ...] = (),
    ) -> Tuning:
        """New values, for good or (with `seconds`) on probation. Raises UnfitError, StoreError."""
        made = self._made(Layer.TUNED, self.area_of(policy) or "", actor, reason, seconds)
        layer = replace(made, values={policy: dict(values)}, ends_on=ends_on)
        judged = self._judged(self._book.with_layer(layer), layer, (policy,))[policy]
        old = {name: getattr(self._effective[policy].policy, name) for name in values}
        new = {name: getattr(judged.policy, name) for name in values}
        layer = replace(layer, values={policy: new})
        await self._change(lambda book: book.with_layer(layer))
        self._around.acted(
            actor, "areas", policy=policy, tuned=layer.id, old=old, new=new, probation=seconds, reason=reason
        )
        return layer

    async def confirm(self, tuning: str, *, actor: str, reason: str) -> Tuning:
        """What was on probation stays. Raises KeyError when nothing of this id is on probation."""
        layer = self._book.find(tuning)
        if not layer.on_probation:
            raise KeyError(tuning)
        confirmed = replace(layer, until=None, ends_on=())
        await self._change(lambda book: book.replaced(confirmed))
        self._around.acted(actor, "areas", confirmed=tuning, values=layer.values, reason=reason)
        return confirmed

    async def undo(self, tuning: str, *, actor: str, reason: str) -> Tuning:
        """Take one layer away: what lay under it holds again. Raises KeyError when it does not stand."""
        layer = self._book.find(tuning)
        await self._change(lambda book: book.without(tuning))
        self._around.acted(actor, "areas", undone=tuning, mode=layer.name, values=layer.values, reason=reason)
        return layer

    def look(self) -> None:
        """Once a second: what is due ends, and the calendar has its say."""
        now = self._around.clock.elapsed()
        alarms = self._around.alarms.all()
        for layer in self.layers:
            if layer.until is not None and now >= layer.until:
                why = "its time is up" if layer.layer is Layer.MODE else "its probation ended unconfirmed"
                self._end(layer, why)
            elif layer.ends_on and (alarm := summoned(layer, alarms)) is not None:
                self._end(layer, f"alarm {alarm.id}: {alarm.text}")
        if self._around.clock.trusted():
            for area in self._loops:
                self._by_calendar(area)

    def _by_calendar(self, area: str) -> None:
        stands = self.mode(area)
        if stands is not None and stands.owner != CALENDAR:
            return
        modes = self.modes.get(area, {})
        due = mode_of_the_hour(modes.values(), self._around.clock.utc(), self._around.timezone)
        if (due.name if due else None) == (stands.name if stands else None):
            return
        if stands is not None:
            self._end(stands, "its hours are over")
        if due is not None:
            made = self._made(Layer.MODE, area, CALENDAR, "its hours have come", None)
            layer = self._mode_layer(area, due.name, made)
            self._take(self._book.with_mode(layer))
            self._around.acted(CALENDAR, "areas", area=area, mode=due.name, reason=layer.reason)

    def _end(self, layer: Tuning, why: str) -> None:
        self._take(self._book.without(layer.id))
        what = f"mode {layer.name}" if layer.layer is Layer.MODE else f"tuning {layer.id}"
        log.info("%s of area %s goes back: %s", what, layer.area, why)
        self._around.acted(
            "plantroom",
            "areas",
            area=layer.area,
            ended=layer.id,
            mode=layer.name,
            values=layer.values,
            reason=why,
        )

    def _made(self, layer: Layer, area: str, owner: str, reason: str, seconds: float | None) -> Tuning:
        clock = self._around.clock
        self._numbers += 1
        return Tuning(
            id=f"t{self._numbers}",
            layer=layer,
            area=area,
            owner=owner,
            reason=reason,
            made=clock.utc(),
            until=None if seconds is None else clock.elapsed() + seconds,
        )

    def _mode_layer(self, area: str, name: str, made: Tuning) -> Tuning:
        if name == AS_FILED:
            return made
        return replace(made, name=name, values=self.modes[area][name].policies)

    def _judged(self, book: TuningBook, layer: Tuning, policies: Iterable[str]) -> dict[str, Effective]:
        """The policies under this book; raises UnfitError when the new layer does not go with the rest."""
        found = {name: effective(self._filed[name], book.layers) for name in policies}
        for name, one in found.items():
            if layer.id in one.aside:
                raise UnfitError(f"{name}: {one.aside[layer.id]}")
        return found

    async def _change(self, change: Callable[[TuningBook], TuningBook]) -> None:
        """Durable before it acts; on top of what ended while the disk was busy."""
        async with self._one_by_one:
            before = self._book
            changed = change(before)
            await self._around.store.put(TUNING, BOOK, to_plain(changed))
            self._take(changed if self._book is before else change(self._book))

    def _take(self, book: TuningBook) -> None:
        """From here on it holds."""
        touched = {
            name for layer in {*_ids(self._book), *_ids(book)} for name in _policies(self._book, book, layer)
        }
        self._book = book
        self._around.store.put_soon(TUNING, BOOK, to_plain(book))
        for name in touched & self._filed.keys():
            self._apply(name)

    def _apply(self, policy: str, *, kept_state: bool = False) -> None:
        """`kept_state`: the state is that of the run before, under these parameters."""
        new = effective(self._filed[policy], self.layers)
        for tuning, why in new.aside.items():
            log.error(
                "what was tuned on policy %s (%s) does not fit, it is left aside: %s", policy, tuning, why
            )
        self._effective[policy] = new
        loop = self._loops[self.area_of(policy) or ""]
        before = loop.policies[policy]
        if new.policy == before:
            return
        if not kept_state:
            loop.memory.states[policy] = carried(before, new.policy, loop.memory.states[policy])
        loop.policies[policy] = new.policy
        loop.wake()


def _ids(book: TuningBook) -> frozenset[str]:
    return frozenset(layer.id for layer in book.layers)


def _policies(before: TuningBook, after: TuningBook, layer: str) -> Iterable[str]:
    """The policies that a layer names, in either book."""
    return [name for book in (before, after) for one in book.layers if one.id == layer for name in one.values]
