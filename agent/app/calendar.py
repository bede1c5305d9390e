"""What this agent does on a calendar."""

from __future__ import annotations

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

from agent.app.build import Parts
from agent.calc.calendar_table import sun_table
from agent.control.jobs import CalendarJobs

SUN_DAYS = 7


def calendar_of(parts: Parts) -> CalendarJobs:
    place = parts.site.place
    jobs = CalendarJobs(parts.clock, place.timezone)

    async def publish_sun() -> None:
        local = dt.datetime.fromtimestamp(parts.clock.utc(), ZoneInfo(place.timezone)).date()
        rows = await asyncio.to_thread(
            sun_table, place.latitude, place.longitude, place.timezone, local, SUN_DAYS
        )
        parts.store.put_soon("sun", "table", rows)

    jobs.daily("sun table", dt.time(0, 5), publish_sun)
    jobs.hourly("housekeeping", 10, parts.store.housekeeping)
    jobs.at_start("sun table")
    return jobs
