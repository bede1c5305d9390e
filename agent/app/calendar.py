"""What this agent does on a calendar."""

from __future__ import annotations

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

from agent.app.build import Parts
from agent.calc.calendar_table import sun_table
from agent.control.jobs import CalendarJobs
from agent.control.override_digest import block, sentence, standing
from agent.core.serial import to_plain

SUN_DAYS = 7
DIGEST_AT = dt.time(7, 0)  # before people come
DIGEST = "overrides"  # alarm


def calendar_of(parts: Parts) -> CalendarJobs:
    place = parts.site.place
    jobs = CalendarJobs(parts.clock, place.timezone)

    async def publish_sun() -> None:
        local = dt.datetime.fromtimestamp(parts.clock.utc(), ZoneInfo(place.timezone)).date()
        rows = await asyncio.to_thread(
            sun_table, place.latitude, place.longitude, place.timezone, local, SUN_DAYS
        )
        parts.store.put_soon("sun", "table", rows)

    async def list_overrides() -> None:
        tell_overrides(parts)

    jobs.daily("overrides", DIGEST_AT, list_overrides)
    jobs.daily("sun table", dt.time(0, 5), publish_sun)
    jobs.hourly("housekeeping", 10, parts.store.housekeeping)
    jobs.at_start("sun table")
    return jobs


def tell_overrides(parts: Parts) -> None:
    """What is held by hand, so that none is forgotten: an alarm that waits to be seen, an audit record, and for the cloud."""
    rows = standing(parts.charge.overrides(), parts.clock)
    if not rows:
        return
    parts.alarms.stand(DIGEST, "overrides", "info", sentence(rows))
    parts.alarms.over(DIGEST)  # it is no condition that lasts: seen, it is gone
    parts.recorder.acted("plantroom", "overrides", standing=to_plain(rows))
    parts.store.append(block(rows, parts.clock))
