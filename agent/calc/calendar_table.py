"""The sun's table of days: what the command line prints and what is published each morning."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from agent.calc.sun import sun_day


def sun_table(
    latitude: float, longitude: float, timezone: str, start: date, days: int
) -> list[dict[str, str | None]]:
    """One row a day: `date`, `dawn`, `sunrise`, `sunset`, `dusk` in ISO 8601 with offset, None where there is none.

    Raises ValueError for a negative number of days or a place not on earth, KeyError for an unknown time zone.
    """
    if days < 0:
        raise ValueError("the number of days must not be negative")
    return [_row(latitude, longitude, timezone, start + timedelta(days=number)) for number in range(days)]


def _row(latitude: float, longitude: float, timezone: str, day: date) -> dict[str, str | None]:
    found = sun_day(day, latitude, longitude, timezone)
    return {
        "date": day.isoformat(),
        "dawn": _text(found.dawn),
        "sunrise": _text(found.sunrise),
        "sunset": _text(found.sunset),
        "dusk": _text(found.dusk),
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
