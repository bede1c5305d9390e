"""Days and quarter hours as people count them: by the site's own calendar and clock."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

QUARTER = 900.0  # s
QUARTERS = 96  # of a day


class DayKind(StrEnum):
    """Days that are lived alike."""

    WORKDAY = "workday"
    REST_DAY = "rest_day"


def local_day(utc: float, timezone: str) -> tuple[date, DayKind, int]:
    """The local date, its kind (Saturday and Sunday are rest days) and the quarter hour of it, 0 to 95.

    Raises ZoneInfoNotFoundError (a KeyError) for an unknown time zone.
    """
    local = datetime.fromtimestamp(utc, ZoneInfo(timezone))
    kind = DayKind.REST_DAY if local.isoweekday() >= 6 else DayKind.WORKDAY
    return local.date(), kind, local.hour * 4 + local.minute // 15
