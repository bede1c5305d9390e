"""Acting: everything a person changes goes over this desk, is checked, done, kept in the audit chain and answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from agent.console.look import Look
from agent.console.unknown_name import UnknownNameError
from agent.console.views import AlarmView, AreaView, LearnedView, PointView
from agent.control.alarm_desk import AlarmDesk
from agent.control.handover import Handover
from agent.control.in_charge import InCharge
from agent.control.loop import AreaLoop
from agent.control.poller import Poller
from agent.control.recorder import Recorder
from agent.core.command import Override
from agent.core.equipment import Authority
from agent.core.errors import BusError
from agent.core.point import Access, Point, Value
from agent.core.tick import WriteOrder
from agent.safety.claims import value_problem
from agent.safety.overrides import Wanted, comfort_warning

PATIENCE = 15.0  # real seconds for one exchange with a device


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What the desk can put its hands on."""

    look: Look
    loops: Mapping[str, AreaLoop]
    pollers: Mapping[str, Poller]  # by device
    charge: InCharge
    handover: Handover
    alarms: AlarmDesk
    recorder: Recorder


class Desk:
    """Every verb a person has. Errors are ValueError (with the sentence for him) or KeyError (unknown name)."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    async def read(self, point: str) -> PointView:
        known = self._reach.look.known(point)
        poller = self._reach.pollers.get(known.device)
        if poller is not None and known.access is not Access.WRITE:
            async with asyncio.timeout(PATIENCE):
                await poller.read_now(point)
        return self._reach.look.point(point)

    async def write(self, point: str, value: Value, *, actor: str, reason: str) -> PointView:
        known = self._checked(point, value)
        area = self._reach.look.seat(point).area
        if area is not None and self._reach.charge.authority(area) is Authority.AGENT:
            raise ValueError(
                f"the agent is in charge of {area}: override {point}, or give the area to bms first"
            )
        self._not_locked_out(point, value)
        poller = self._reach.pollers.get(known.device)
        if poller is None:
            raise ValueError(f"{point} exists only inside the agent")
        before = self._reach.look.point(point).value
        error = await _written(poller, WriteOrder(point=point, value=value, reason=reason, why="manual"))
        self._reach.recorder.acted(
            actor, "write", point=point, old=before, new=value, reason=reason, result=str(error or "sent")
        )
        if error is not None:
            raise error
        return await self.read(point)

    async def override(
        self, point: str, value: Value, *, seconds: float, actor: str, reason: str
    ) -> Override:
        known = self._checked(point, value)
        area = self._reach.look.seat(point).area
        if area is None:
            raise ValueError(f"{point} belongs to no area, so nobody would carry the override out")
        decision = self._reach.loops[area].memory.decisions.get(point)
        claims = () if decision is None else decision.losers + ((decision.winner,) if decision.winner else ())
        warning = comfort_warning(known, value, claims)
        wanted = Wanted(value=value, owner=actor, reason=reason, seconds=seconds)
        made = await self._reach.charge.add_override(known, wanted)
        self._reach.loops[area].writer.clear(point)
        self._reach.loops[area].wake()
        self._reach.recorder.acted(
            actor, "overrides", point=point, value=value, until=made.until, reason=reason, warning=warning
        )
        if not warning:
            return made
        return replace(made, command=replace(made.command, reason=f"{reason} (warning: {warning})"))

    async def cancel_override(self, override: str, *, actor: str) -> None:
        ended = await self._reach.charge.cancel_override(override)
        loop = self._reach.loops.get(self._reach.look.seat(ended.command.point).area or "")
        if loop is not None:  # else the point has left the configuration
            loop.wake()
        self._reach.recorder.acted(actor, "overrides", cancelled=override, point=ended.command.point)

    async def set_authority(self, area: str, authority: Authority, *, actor: str, reason: str) -> AreaView:
        self._reach.look.known_area(area)
        before = self._reach.charge.authority(area)
        await self._reach.charge.assign(area, authority, actor, reason)
        self._reach.recorder.acted(
            actor, "areas", area=area, old=before.value, new=authority.value, reason=reason
        )
        if before is Authority.AGENT and authority is not Authority.AGENT:
            await self._reach.handover.release(area, partial(self._not_ours, area))
        self._reach.loops[area].wake()
        return self._reach.look.area(area)

    async def release(self, area: str | None, *, actor: str, reason: str) -> Sequence[dict[str, Any]]:
        if area is not None:
            self._reach.look.known_area(area)
        names = tuple(self._reach.loops) if area is None else (area,)
        assigned = asyncio.gather(
            *(self._reach.charge.assign(name, Authority.BMS, actor, reason) for name in names)
        )
        await asyncio.sleep(0)  # from here on it holds; whether the disk has it is no reason to wait
        rows = await self._reach.handover.release(area)
        await assigned
        plain = [{"point": r.point, "value": r.value, "ok": r.ok, "error": r.error} for r in rows]
        self._reach.recorder.acted(actor, "areas", released=area or "all", reason=reason, rows=plain)
        return plain

    async def lock_out(self, equipment: str, locked: bool, *, actor: str, reason: str) -> None:
        known = {one: loop for loop in self._reach.loops.values() for one in loop.setup.model.equipment}
        if equipment not in known:
            raise UnknownNameError("equipment", equipment, known)
        await self._reach.charge.lock_out(equipment, locked)
        known[equipment].wake()
        self._reach.recorder.acted(actor, "areas", equipment=equipment, locked_out=locked, reason=reason)

    async def acknowledge(self, alarm: str, *, actor: str) -> AlarmView:
        seen = self._reach.alarms.acknowledge(alarm, actor)
        self._reach.recorder.acted(actor, "alarms", alarm=alarm)
        return alarm_view(seen)

    async def learn(self, policy: str, *, actor: str, reason: str) -> LearnedView:
        seen = self._reach.look.learned.by(policy)
        self._reach.look.learned.planning.due_now(policy)
        self._reach.recorder.acted(actor, "areas", policy=policy, learn="now", reason=reason)
        return replace(seen, next_in=0.0, content=None)

    def _checked(self, point: str, value: Value) -> Point:
        known = self._reach.look.known(point)
        if not known.commandable:
            raise ValueError(f"{point} is only measured; it cannot be written")
        problem = value_problem(known, value)
        if problem:
            raise ValueError(f"{point}: {problem}")
        low, high = known.limits.low, known.limits.high
        if not isinstance(value, str) and (
            (low is not None and value < low) or (high is not None and value > high)
        ):
            raise ValueError(
                f"{point}: {value:g} is outside its limits {_limits(low, high)} {known.unit}".rstrip()
            )
        return known

    def _not_locked_out(self, point: str, value: Value) -> None:
        """Somebody may have his hands in the machine: switching off is all that is done to it."""
        for loop in self._reach.loops.values():
            for name, machine in loop.setup.model.equipment.items():
                locked = name in self._reach.charge.locked_out() and point in machine.roles.values()
                if locked and value is not False:
                    raise ValueError(f"{name} is locked out for maintenance: {point} is not written")

    def _not_ours(self, area: str) -> bool:
        return self._reach.charge.authority(area) is not Authority.AGENT


def _limits(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return f"(at least {low:g})" if low is not None else f"(at most {high:g})"


def alarm_view(alarm: Any) -> AlarmView:
    """What a person sees of one alarm."""
    return AlarmView(
        id=alarm.id,
        source=alarm.source,
        severity=alarm.severity.value,
        text=alarm.text,
        state=alarm.state.value,
        raised=alarm.raised,
        cleared=alarm.cleared,
        acknowledged_by=alarm.acknowledged_by,
    )


async def _written(poller: Poller, order: WriteOrder) -> Exception | None:
    future: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def done(_order: WriteOrder, error: Exception | None) -> None:
        if not future.done():
            future.set_result(error)

    poller.submit(order, done)
    try:
        async with asyncio.timeout(PATIENCE):
            return await future
    except TimeoutError:
        return BusError(f"no answer within {PATIENCE:.0f} s")
