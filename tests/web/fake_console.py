"""A console with a small moving plant behind it, for the tests of the page and for working on it (develop.py)."""

from __future__ import annotations

import asyncio
import difflib
import fnmatch
import math
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from agent.console import AlarmView, AreaView, ClaimView, HealthView, LearnedView, PointView, WhyView
from agent.core.command import Command, Override
from agent.core.equipment import Authority
from agent.core.point import Value
from tests.web.fake_plant import FakeArea, FakePoint, make_areas, make_learned, make_points, move
from tests.web.fake_tuning import give_modes


class FakeConsole:
    """Does what the real one promises, in memory. `calls` keeps who did what."""

    def __init__(self, clock=time.time, step: float = 1.0) -> None:
        self.clock = clock
        self.step = step
        self.started = clock()
        self._points = make_points(self.started)
        self._areas = make_areas(self.started)
        self._overrides: dict[str, Override] = {}
        self._alarms = {
            "bms-3": AlarmView(
                id="bms-3",
                source="bms",
                severity="warning",
                text="BMS: zone 3 gives no value",
                state="unacknowledged",
                raised=self.started - 240.0,
            )
        }
        self._records: list[dict[str, Any]] = []
        self._queues: set[asyncio.Queue] = set()
        self.calls: list[tuple] = []
        self.probation: Any = None
        self.unheard = asyncio.Event()  # a listener left
        give_modes(self)

    def health(self) -> HealthView:
        buses = (
            {
                "id": "plant",
                "kind": "modbus-tcp",
                "state": "up",
                "since": self.started,
                "error": "",
                "reads": 1204,
                "failures": 0,
            },
            {
                "id": "meters",
                "kind": "modbus-rtu",
                "state": "up",
                "since": self.started,
                "error": "",
                "reads": 804,
                "failures": 2,
            },
            {
                "id": "bms",
                "kind": "opcua",
                "state": "down",
                "since": self.started - 240,
                "error": "session lost: no answer in 4 s",
                "reads": 90,
                "failures": 12,
            },
        )
        uplinks = (
            {"id": "cloud", "kind": "mqtt", "state": "up", "backlog": 128, "delivered": 90_112, "error": ""},
        )
        store = {"bytes": 18_400_000, "rows": 412_000, "written_today": 90_240, "backlog": 0, "state": "ok"}
        return HealthView(
            version="0.1.0",
            site="Cloud City",
            timezone="Asia/Shanghai",
            started=self.started,
            utc=self.clock(),
            utc_trusted=True,
            buses=buses,
            uplinks=uplinks,
            store=store,
            rss_mb=61.5,
            probation=self.probation,
        )

    def areas(self) -> list[AreaView]:
        return [self._area(area) for area in self._areas.values()]

    def points(self, pattern: str = "*") -> list[PointView]:
        return [
            self._view(point) for name, point in self._points.items() if fnmatch.fnmatchcase(name, pattern)
        ]

    def point(self, point: str) -> PointView:
        return self._view(self._known(point))

    def why(self, point: str) -> WhyView:
        known = self._known(point)
        if not known.commandable:
            raise ValueError(f"{point} is measured, not commanded: nobody sets it")
        area = self._areas[known.area]
        claims = [
            ClaimView(
                priority=9,
                source="comfort",
                value=None,
                low=6.0,
                high=None,
                reason="never colder than 6 degC",
                seconds_left=None,
            ),
            ClaimView(
                priority=15,
                source=known.decided_by or "",
                value=known.decided,
                low=None,
                high=None,
                reason=known.decided_reason,
                seconds_left=12.0,
            ),
        ]
        override = self._override_of(point)
        winner, wanted, reason = known.decided_by, known.decided, known.decided_reason
        if override is not None:
            left = override.until - self.clock()
            claims.insert(
                0,
                ClaimView(
                    priority=8,
                    source=override.command.source,
                    value=override.command.value,
                    low=None,
                    high=None,
                    reason=override.command.reason,
                    seconds_left=left,
                ),
            )
            winner, wanted, reason = override.command.source, override.command.value, override.command.reason
        sentence = f"{known.label} is set to {wanted} {known.unit} by {winner}: {reason}."
        limits = (
            (
                {
                    "stage": "guard",
                    "by": "minimum_on",
                    "before": False,
                    "after": True,
                    "reason": "runs for 212 s of 600 s",
                },
            )
            if point == "ch1.enable"
            else ()
        )
        inputs = tuple(self._view(self._points[name]) for name in ("ch1.load", "ch2.load"))
        state = {"bms": "released", "shadow": "shadow", "agent": "confirmed"}[area.authority.value]
        return WhyView(
            point=self._view(known),
            authority=area.authority,
            claims=tuple(claims),
            winner=winner,
            wanted=wanted,
            final=wanted,
            limited_by=limits,
            sentence=sentence,
            written=None if state != "confirmed" else wanted,
            write_state=state,
            inputs=inputs,
        )

    def learned(self) -> list[LearnedView]:
        return list(make_learned(self.clock()).values())

    def learned_by(self, policy: str) -> LearnedView:
        return replace(make_learned(self.clock())[policy], content={"kw": [310.0, None]})

    async def learn(self, policy: str, *, actor: str, reason: str) -> LearnedView:
        self._note("learn", policy, None, actor, reason)
        return make_learned(self.clock())[policy]

    def overrides(self) -> list[Override]:
        self._expire()
        return list(self._overrides.values())

    def alarms(self) -> list[AlarmView]:
        return list(self._alarms.values())

    async def history(self, point: str, since: float, until: float, limit: int = 2000) -> list[tuple]:
        known = self._known(point)
        count = min(limit, 360)
        base = float(known.value) if isinstance(known.value, int | float) else 0.0
        steps = (since + (until - since) * n / count for n in range(count))
        return [
            (t, None if n % 90 == 0 else round(base * (1 + 0.05 * math.sin(t / 1800.0)), 2), "good")
            for n, t in enumerate(steps)
        ]

    async def audit(self, limit: int = 100) -> list[dict[str, Any]]:
        return self._records[::-1][:limit]

    async def read(self, point: str) -> PointView:
        return self.point(point)

    async def write(self, point: str, value: Value, *, actor: str, reason: str) -> PointView:
        known = self._commandable(point)
        if self._areas[known.area].authority is Authority.AGENT:
            raise ValueError("the agent is in charge of this area: use an override")
        known.value = value
        self._note("write", point, value, actor, reason)
        return self._view(known)

    async def override(
        self, point: str, value: Value, *, seconds: float, actor: str, reason: str
    ) -> Override:
        known = self._commandable(point)
        if known.kind == "number" and known.high is not None and not known.low <= value <= known.high:
            raise ValueError(f"{point} takes {known.low:g} to {known.high:g} {known.unit}")
        now = self.clock()
        old = self._override_of(point)
        if old is not None:
            del self._overrides[old.id]
        command = Command(point=point, priority=8, source=actor, reason=reason, value=value, expires=seconds)
        override = Override(
            id=f"o{len(self._records) + 1}", command=command, owner=actor, made=now, until=now + seconds
        )
        self._overrides[override.id] = override
        self._note("override", point, value, actor, reason)
        self._tell({"type": "overrides"}, {"type": "decisions", "decisions": {point: [value, reason]}})
        return override

    async def cancel_override(self, override: str, *, actor: str) -> None:
        if override not in self._overrides:
            raise KeyError(
                f"there is no override {override}", *difflib.get_close_matches(override, self._overrides)
            )
        gone = self._overrides.pop(override)
        known = self._points[gone.command.point]
        self._note("cancel", known.id, None, actor, "")
        self._tell(
            {"type": "overrides"},
            {"type": "decisions", "decisions": {known.id: [known.decided, known.decided_reason]}},
        )

    async def set_authority(self, area: str, authority: Authority, *, actor: str, reason: str) -> AreaView:
        if area not in self._areas:
            raise KeyError(f"there is no area {area}", *self._areas)
        known = self._areas[area]
        known.authority, known.since, known.by, known.reason = authority, self.clock(), actor, reason
        self._note("authority", area, authority.value, actor, reason)
        self._tell({"type": "areas"})
        return self._area(known)

    async def release(self, area: str | None, *, actor: str, reason: str) -> list[dict[str, Any]]:
        names = list(self._areas) if area is None else [area]
        for name in names:
            await self.set_authority(name, Authority.BMS, actor=actor, reason=reason)
        rows = [p for p in self._points.values() if p.commandable and p.area in names]
        return [
            {
                "point": p.id,
                "value": p.value,
                "ok": p.id != "lamps.level_c",
                "error": "" if p.id != "lamps.level_c" else "no answer from the gateway",
            }
            for p in rows
        ]

    async def lock_out(self, equipment: str, locked: bool, *, actor: str, reason: str) -> None:
        for area in self._areas.values():
            for machine in area.equipment:
                if machine["id"] == equipment:
                    machine["locked_out"] = locked
                    self._note("lock-out", equipment, locked, actor, reason)
                    self._tell({"type": "areas"})
                    return
        raise KeyError(f"there is no equipment {equipment}")

    async def acknowledge(self, alarm: str, *, actor: str) -> AlarmView:
        if alarm not in self._alarms:
            raise KeyError(f"there is no alarm {alarm}", *self._alarms)
        self._alarms[alarm] = replace(self._alarms[alarm], state="acknowledged", acknowledged_by=actor)
        self._note("acknowledge", alarm, None, actor, "")
        self._tell({"type": "alarms"})
        return self._alarms[alarm]

    async def tune(self, policy: str, parameter: str, value: Value, *, actor: str, reason: str) -> AreaView:
        for area in self._areas.values():
            for one in area.policies:
                for known in one["parameters"] if one["name"] == policy else ():
                    if known["name"] == parameter:
                        known["value"] = value
                        self._note("tune", f"{policy}.{parameter}", value, actor, reason)
                        return self._area(area)
        raise KeyError(f"{policy} has no parameter {parameter}")

    async def changes(self) -> AsyncIterator[dict[str, Any]]:
        queue: asyncio.Queue = asyncio.Queue(100)
        self._queues.add(queue)
        try:
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), self.step)
                except TimeoutError:
                    moved = move(self._points, self.clock())
                    yield {"type": "points", "points": {n: self._short(self._points[n]) for n in moved}}
        finally:
            self._queues.discard(queue)
            self.unheard.set()

    def _short(self, point: FakePoint) -> list:
        return [point.value, point.quality, point.time]

    def _tell(self, *events: dict[str, Any]) -> None:
        for queue in self._queues:
            for event in events:
                queue.put_nowait(event)

    def _note(self, what: str, target: str, value: Any, actor: str, reason: str) -> None:
        self.calls.append((what, target, value, actor, reason))
        self._records.append(
            {
                "time": self.clock(),
                "what": what,
                "target": target,
                "value": value,
                "actor": actor,
                "reason": reason,
            }
        )

    def _expire(self) -> None:
        now = self.clock()
        self._overrides = {key: one for key, one in self._overrides.items() if one.until > now}

    def _override_of(self, point: str) -> Override | None:
        self._expire()
        return next((one for one in self._overrides.values() if one.command.point == point), None)

    def _known(self, point: str) -> FakePoint:
        if point not in self._points:
            raise KeyError(f"there is no point {point}", *difflib.get_close_matches(point, self._points))
        return self._points[point]

    def _commandable(self, point: str) -> FakePoint:
        known = self._known(point)
        if not known.commandable:
            raise ValueError(f"{point} can only be read")
        return known

    def _view(self, p: FakePoint) -> PointView:
        override = self._override_of(p.id)
        decided = (p.decided, p.decided_by, p.decided_reason)
        if override is not None:
            decided = (override.command.value, override.owner, override.command.reason)
        return PointView(
            id=p.id,
            label=p.label,
            unit=p.unit,
            kind=p.kind,
            value=p.value,
            quality=p.quality,
            reason=p.reason,
            time=p.time,
            age=self.clock() - p.time,
            area=p.area,
            equipment=p.equipment,
            role=p.role,
            commandable=p.commandable,
            choices=p.choices,
            low=p.low,
            high=p.high,
            decided=decided[0],
            decided_by=decided[1],
            decided_reason=decided[2],
            overridden=override is not None,
        )

    def _area(self, a: FakeArea) -> AreaView:
        return AreaView(
            id=a.id,
            authority=a.authority,
            authority_since=a.since,
            authority_by=a.by,
            authority_reason=a.reason,
            tick=a.tick,
            ticks=500,
            last_tick_age=2.0,
            faults=(),
            policies=tuple(a.policies),
            equipment=tuple(a.equipment),
        )
