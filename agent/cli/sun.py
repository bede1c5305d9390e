"""`plantroom sun`: dawn, sunrise, sunset and dusk for a place, computed here without any network."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from agent.cli.exits import Exit, leave
from agent.cli.options import Json
from agent.cli.output import print_json, print_table

LONGEST = 36_600  # days: a century


def sun(
    latitude: Annotated[float, typer.Option(min=-90, max=90, help="degrees, north positive")],
    longitude: Annotated[float, typer.Option(min=-180, max=180, help="degrees, east positive")],
    timezone: Annotated[str, typer.Option(help="e.g. Asia/Shanghai")],
    date: Annotated[str | None, typer.Option(help="first day, YYYY-MM-DD; today when left out")] = None,
    days: Annotated[int, typer.Option(min=1, max=LONGEST)] = 1,
    json: Json = False,
) -> None:
    """Print dawn, sunrise, sunset and dusk, a row a day.

    Dawn and dusk are civil: the sun 6 degrees below the horizon.
    """
    from agent.calc.calendar_table import sun_table

    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        leave(Exit.BAD_INPUT, f"there is no time zone {timezone!r}; write a name such as Asia/Shanghai")
    try:
        start = dt.date.fromisoformat(date) if date else dt.datetime.now(zone).date()
    except ValueError:
        leave(Exit.BAD_INPUT, f"{date!r} is not a date; write YYYY-MM-DD")
    rows = sun_table(latitude, longitude, timezone, start, days)
    if json:
        print_json(rows)
        return
    print_table(
        ("date", "dawn", "sunrise", "sunset", "dusk"),
        [
            (row["date"] or "", *(_time(row[event]) for event in ("dawn", "sunrise", "sunset", "dusk")))
            for row in rows
        ],
    )


def _time(moment: str | None) -> str:
    return "none" if moment is None else moment[11:19]
