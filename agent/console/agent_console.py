"""The console of a running agent: what may be looked at and the desk for what may be done, side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from agent.console.desk import Desk, alarm_view
from agent.console.look import Look
from agent.console.tuning_desk import TuningDesk
from agent.console.views import AlarmView, HealthView
from agent.control.alarm_desk import AlarmDesk
from agent.control.in_charge import InCharge
from agent.control.live import Live
from agent.core.command import Override
from agent.core.point import Value
from agent.telemetry.store import Store


class AgentConsole:
    """Fulfils agent.console.views.Console; every verb belongs to one of the parts it is made of."""

    def __init__(
        self,
        look: Look,
        desk: Desk,
        health: Callable[[], HealthView],
        keep: ConsoleRecords,
        tuning: TuningDesk,
    ) -> None:
        self.health = health
        self.areas = look.areas
        self.points = look.points
        self.point = look.point
        self.why = look.why
        self.learned = look.learned.all
        self.learned_by = look.learned.by
        self.overrides = keep.overrides
        self.alarms = keep.alarms
        self.history = keep.history
        self.audit = keep.audit
        self.changes = keep.changes
        self.read = desk.read
        self.write = desk.write
        self.override = desk.override
        self.cancel_override = desk.cancel_override
        self.set_authority = desk.set_authority
        self.release = desk.release
        self.lock_out = desk.lock_out
        self.acknowledge = desk.acknowledge
        self.learn = desk.learn
        self.tune = tuning.tune
        self.modes = tuning.modes
        self.preview_mode = tuning.preview_mode
        self.set_mode = tuning.set_mode
        self.end_mode = tuning.end_mode
        self.tunings = tuning.tunings
        self.preview_tuning = tuning.preview_tuning
        self.try_out = tuning.try_out
        self.confirm_tuning = tuning.confirm_tuning
        self.undo_tuning = tuning.undo_tuning


class ConsoleRecords:
    """What is kept: overrides, alarms, samples, audit, and the live events."""

    def __init__(self, store: Store, charge: InCharge, alarms: AlarmDesk, live: Live) -> None:
        self._store = store
        self._charge = charge
        self._alarms = alarms
        self._live = live

    def overrides(self) -> Sequence[Override]:
        return self._charge.overrides()

    def alarms(self) -> Sequence[AlarmView]:
        return [alarm_view(alarm) for alarm in self._alarms.all()]

    async def history(
        self, point: str, since: float, until: float, limit: int = 2000
    ) -> Sequence[tuple[float, Value | None, str]]:
        return await self._store.history(point, since, until, limit)

    async def audit(self, limit: int = 100) -> Sequence[dict[str, Any]]:
        return await self._store.audit_tail(limit)

    def changes(self) -> AsyncIterator[dict[str, Any]]:
        return self._live.changes()
