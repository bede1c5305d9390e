"""What is on a calendar: the day's table of the sun, housekeeping, retention. Nothing in the control path.

APScheduler's cron triggers say when; the waiting is on site time, so that a test bench whose clock runs fast runs its days
fast, and a wall clock that is set neither stops a job nor lets it run in a burst.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from agent.core.clock import Clock

log = logging.getLogger("plantroom.jobs")

Job = Callable[[], Awaitable[None]]
LOOK_AGAIN = 600.0
"""Site seconds after which the wall clock is looked at again: it may have been set."""


class CalendarJobs:
    """Runs each job at its times of the site's calendar. A job that fails is logged and comes again."""

    def __init__(self, clock: Clock, timezone: str) -> None:
        self._clock = clock
        self._zone = ZoneInfo(timezone)
        self._jobs: dict[str, tuple[CronTrigger, dt.tzinfo, Job]] = {}
        self._first: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def daily(self, name: str, at: dt.time, job: Job) -> None:
        """Every day at a local time. A day's time that the clock leaps over is run once, not made up for in a burst."""
        trigger = CronTrigger(hour=at.hour, minute=at.minute, timezone=dt.UTC)
        self._jobs[name] = (trigger, self._zone, job)

    def hourly(self, name: str, minute: int, job: Job) -> None:
        """Every hour at this minute, also in the hour that summer time takes twice."""
        self._jobs[name] = (CronTrigger(minute=minute, timezone=dt.UTC), dt.UTC, job)

    def at_start(self, name: str) -> None:
        """Run this one also as soon as the calendar starts."""
        self._first.add(name)

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._keep(name), name=f"calendar {name}") for name in self._jobs]

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _keep(self, name: str) -> None:
        if name in self._first:
            await self._run(name)
        while await self._until_due(name):
            await self._run(name)

    async def _until_due(self, name: str) -> bool:
        """False where it is never due again. A clock set back is gone by: the next time on the new calendar."""
        now = self._clock.utc()
        due = self._next(name, now)
        while due is not None and now < due:
            await self._clock.sleep(max(1e-3, min(due - now, LOOK_AGAIN)))
            before, now = now, self._clock.utc()
            if now < before:
                due = self._next(name, now)
        return due is not None

    def _next(self, name: str, now: float) -> float | None:
        """The first time after `now`, UTC seconds.

        The trigger is asked in wall time without summer time: with it, it leaves out the day after a change and runs
        twice in the hour that comes twice. Of two equal times the first counts, one that is left out is an hour later.
        """
        trigger, zone, _ = self._jobs[name]
        wall: dt.datetime | None = dt.datetime.fromtimestamp(now, zone).replace(tzinfo=dt.UTC)
        while wall is not None:
            wall = trigger.get_next_fire_time(None, wall + dt.timedelta(milliseconds=1))
            if wall is not None and (due := wall.replace(tzinfo=zone, fold=0).timestamp()) > now:
                return due
        return None

    async def _run(self, name: str) -> None:
        try:
            await self._jobs[name][2]()
        except Exception:  # a job's fault is not the calendar's
            log.exception("calendar job %s failed", name)
