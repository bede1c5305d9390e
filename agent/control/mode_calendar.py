"""Which mode the calendar chooses for an area at a moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from agent.calc.calendar import CALENDARS
from agent.core.tuning import Mode, Span


def mode_of_the_hour(modes: Iterable[Mode], utc: float, timezone: str) -> Mode | None:
    """The first mode whose hours it is; None: none's."""
    local = dt.datetime.fromtimestamp(utc, ZoneInfo(timezone))
    return next((mode for mode in modes if any(_in(span, local) for span in mode.when)), None)


def _in(span: Span, local: dt.datetime) -> bool:
    seconds = local.hour * 3600.0 + local.minute * 60.0 + local.second
    if span.start < span.end:
        return span.start <= seconds < span.end and _day(span, local.date())
    if seconds >= span.start:
        return _day(span, local.date())
    return seconds < span.end and _day(span, local.date() - dt.timedelta(days=1))


def _day(span: Span, day: dt.date) -> bool:
    return span.days == "all" or CALENDARS[span.calendar].working(day) is (span.days == "working")
