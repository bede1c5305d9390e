"""The layers of parameters that stand, and the only hand that changes a policy of a running area.

A change is durable before it acts, is in the audit chain, loses no state of a policy, and ends by itself where it was told to:
at its time, or when an alarm comes that it names. Modes come from people, or from the calendar while nobody has chosen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from agent.control.alarm_desk import AlarmDesk
from agent.control.loop import AreaLoop
from agent.control.mode_calendar import mode_of_the_hour
from agent.control.policy_stack import PolicyStack
from agent.control.tuning_book import BOOK, TuningBook, as_now, kept_book, summoned
from agent.core.clock import Clock
from agent.core.serial import to_plain
from agent.core.tuning import AS_FILED, Effective, Layer, Mode, Tuning, Values

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
        self._stack = stack = PolicyStack(loops)
        self.area_of, self.policies = stack.area_of, stack.policies
        self.filed, self.effective, self.aside = stack.filed, stack.effective, stack.aside
        stack.begin(as_now(kept_book(around.store.documents(TUNING), stack.area_of), modes, CALENDAR))
        self._numbers = stack.book.made
        self._one_by_one = asyncio.Lock()
        self._with_hours = [name for name in loops if any(one.when for one in modes.get(name, {}).values())]
        self.look()  # what ran out while nobody was there

    @property
    def layers(self) -> tuple[Tuning, ...]:
        """What stands, oldest first."""
        return self._stack.book.layers

    def mode(self, area: str) -> Tuning | None:
        """The mode that stands; None: the site file as it is."""
        return self._stack.book.mode(area)

    def would_be(self, area: str, name: str) -> dict[str, Effective]:
        """The area's policies as they would be in this mode (AS_FILED: in none). Raises UnfitError."""
        layer = self._mode_layer(area, name, Tuning(id="?", layer=Layer.MODE, area=area))
        return self._stack.judged(self._stack.book.with_mode(layer), layer, self._loops[area].policies)

    def would_be_tuned(self, policy: str, values: Values) -> Effective:
        """One policy with these values on top. Raises UnfitError."""
        layer = Tuning(id="?", layer=Layer.TUNED, area="", values={policy: values})
        return self._stack.judged(self._stack.book.with_layer(layer), layer, (policy,))[policy]

    async def choose(self, area: str, name: str, *, seconds: float | None, actor: str, reason: str) -> Tuning:
        """A person chooses a mode (AS_FILED: none, whatever the calendar says). Raises UnfitError, StoreError."""
        made = self._made(Layer.MODE, area, actor, reason, seconds)
        layer = self._mode_layer(area, name, made)
        self._stack.judged(self._stack.book.with_mode(layer), layer, self._loops[area].policies)
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
        judged = self._stack.judged(self._stack.book.with_layer(layer), layer, (policy,))[policy]
        old = {name: getattr(self.effective(policy).policy, name) for name in values}
        new = {name: getattr(judged.policy, name) for name in values}
        layer = replace(layer, values={policy: new})
        await self._change(lambda book: book.with_layer(layer))
        self._around.acted(
            actor, "areas", policy=policy, tuned=layer.id, old=old, new=new, probation=seconds, reason=reason
        )
        return layer

    async def confirm(self, tuning: str, *, actor: str, reason: str) -> Tuning:
        """What was on probation stays. Raises KeyError when nothing of this id is on probation."""
        layer = self._stack.book.find(tuning)
        if not layer.on_probation:
            raise KeyError(tuning)
        confirmed = replace(layer, until=None, ends_on=())
        await self._change(lambda book: book.replaced(confirmed))
        self._around.acted(actor, "areas", confirmed=tuning, values=layer.values, reason=reason)
        return confirmed

    async def undo(self, tuning: str, *, actor: str, reason: str) -> Tuning:
        """Take one layer away: what lay under it holds again. Raises KeyError when it does not stand."""
        layer = self._stack.book.find(tuning)
        await self._change(lambda book: book.without(tuning))
        self._around.acted(actor, "areas", undone=tuning, mode=layer.name, values=layer.values, reason=reason)
        return layer

    def look(self) -> None:
        """Once a second: what is due ends, and the calendar has its say."""
        now = self._around.clock.elapsed()
        alarms = self._around.alarms.all() if any(layer.ends_on for layer in self.layers) else ()
        for layer in self.layers:
            if layer.until is not None and now >= layer.until:
                why = "its time is up" if layer.layer is Layer.MODE else "its probation ended unconfirmed"
                self._end(layer, why)
            elif layer.ends_on and (alarm := summoned(layer, alarms)) is not None:
                self._end(layer, f"alarm {alarm.id}: {alarm.text}")
        if self._around.clock.trusted():
            for area in self._with_hours:
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
            self._take(self._stack.book.with_mode(layer))
            self._around.acted(CALENDAR, "areas", area=area, mode=due.name, reason=layer.reason)

    def _end(self, layer: Tuning, why: str) -> None:
        self._take(self._stack.book.without(layer.id))
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

    async def _change(self, change: Callable[[TuningBook], TuningBook]) -> None:
        """Durable before it acts; on top of what ended while the disk was busy."""
        async with self._one_by_one:
            before = self._stack.book
            changed = change(before)
            await self._around.store.put(TUNING, BOOK, to_plain(changed))
            self._take(changed if self._stack.book is before else change(self._stack.book))

    def _take(self, book: TuningBook) -> None:
        self._stack.take(book)
        self._around.store.put_soon(TUNING, BOOK, to_plain(book))
