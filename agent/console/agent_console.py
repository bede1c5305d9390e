"""The console of a running agent: what may be looked at and the desk for what may be done, side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from agent.console.desk import Desk, alarm_view
from agent.console.look import Look
from agent.console.previews import Previews
from agent.console.site_desk import SiteDesk
from agent.console.tuning_desk import TuningDesk
from agent.console.views import AlarmView, HealthView
from agent.control.alarm_desk import AlarmDesk
from agent.control.in_charge import InCharge
from agent.control.live import Live
from agent.control.recorder import DECIDED
from agent.core.command import Override
from agent.core.point import Access, Point, Value
from agent.telemetry.store import Store


class AgentConsole:
    """Fulfils agent.console.views.Console; every verb belongs to one of the parts it is made of."""

    def __init__(
        self,
        look: Look,
        desk: Desk,
        health: Callable[[], HealthView],
        keep: ConsoleRecords,
        tuning: tuple[TuningDesk, Previews, SiteDesk],
    ) -> None:
        changing, previews, site = tuning
        self.health = health
        self.areas = look.areas
        self.points, self.point, self.why = look.points, look.point, look.why
        self.learned, self.learned_by = look.learned.all, look.learned.by
        self.overrides, self.alarms = keep.overrides, keep.alarms
        self.history, self.audit, self.changes = keep.history, keep.audit, keep.changes
        self.read, self.write = desk.read, desk.write
        self.override, self.cancel_override = desk.override, desk.cancel_override
        self.set_authority, self.release, self.lock_out = desk.set_authority, desk.release, desk.lock_out
        self.acknowledge, self.learn = desk.acknowledge, desk.learn
        self.modes, self.preview_mode = changing.modes, changing.preview_mode
        self.set_mode, self.end_mode = changing.set_mode, changing.end_mode
        self.tunings, self.tune, self.try_out = changing.tunings, changing.tune, changing.try_out
        self.preview_tuning = changing.preview_tuning
        self.confirm_tuning, self.undo_tuning = changing.confirm_tuning, changing.undo_tuning
        self.preview, self.shadow = previews.preview, previews.shadow
        self.site_file, self.try_site = site.site_file, site.try_site
        self.keep_site, self.take_back_site = site.keep_site, site.take_back_site


class ConsoleRecords:
    """What is kept: overrides, alarms, samples, audit, and the live events."""

    def __init__(
        self, store: Store, points: Mapping[str, Point], charge: InCharge, alarms: AlarmDesk, live: Live
    ) -> None:
        self._store = store
        self._points = points
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
        """What people are shown of the point, as it was: its feedback, and of what cannot be read what was decided."""
        known = self._points.get(point)
        if known is not None and known.writing.feedback:
            point = known.writing.feedback
        elif known is not None and known.access is Access.WRITE:
            point += DECIDED
        return await self._store.history(point, since, until, limit)

    async def audit(self, limit: int = 100) -> Sequence[dict[str, Any]]:
        return await self._store.audit_tail(limit)

    def changes(self) -> AsyncIterator[dict[str, Any]]:
        return self._live.changes()
