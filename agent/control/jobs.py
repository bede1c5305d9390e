"""What is on a calendar: the day's table of the sun, housekeeping, retention. Nothing in the control path.

APScheduler keeps the calendar and runs the jobs; the times are site time, so that a test bench whose clock runs fast
runs its days fast.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from agent.core.clock import Clock

log = logging.getLogger("plantroom.jobs")

Job = Callable[[], Awaitable[None]]


class CalendarJobs:
    """Runs each job at its times of the site's calendar. A job that fails is logged and comes again."""

    def __init__(self, clock: Clock, timezone: str) -> None:
        self._clock = clock
        self._zone = ZoneInfo(timezone)
        self._scheduler = AsyncIOScheduler(timezone=dt.UTC)
        self._jobs: dict[str, tuple[CronTrigger, Job]] = {}
        self._first: list[str] = []

    def daily(self, name: str, at: dt.time, job: Job) -> None:
        """Every day at a local time. A day's time that the clock leaps over is run once, not made up for in a burst."""
        trigger = CronTrigger(hour=at.hour, minute=at.minute, timezone=self._zone)
        self._jobs[name] = (trigger, job)

    def hourly(self, name: str, minute: int, job: Job) -> None:
        """Every hour at this minute."""
        self._jobs[name] = (CronTrigger(minute=minute, timezone=self._zone), job)

    def at_start(self, name: str) -> None:
        """Run this one also as soon as the calendar starts."""
        self._first.append(name)

    def start(self) -> None:
        self._scheduler.start()
        for name in self._jobs:
            self._plan(name)
        for name in self._first:
            self._scheduler.add_job(self._jobs[name][1], id=f"{name} at start")

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    def _plan(self, name: str) -> None:
        trigger, _ = self._jobs[name]
        site_now = dt.datetime.fromtimestamp(self._clock.utc(), self._zone)
        due = trigger.get_next_fire_time(None, site_now)
        if due is None:
            return
        wait = max(1.0, (due - site_now).total_seconds() / self._clock.speed)
        when = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=wait)
        self._scheduler.add_job(
            self._run,
            DateTrigger(when),
            args=(name,),
            id=name,
            replace_existing=True,
            misfire_grace_time=None,
        )

    async def _run(self, name: str) -> None:
        try:
            await self._jobs[name][1]()
        except Exception:  # a job's fault is not the calendar's
            log.exception("calendar job %s failed", name)
        self._plan(name)
