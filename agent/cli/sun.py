"""`plantroom sun`: the sun's day and the lamps' day for a place, computed here without any network."""

from __future__ import annotations

import datetime as dt
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.exits import Exit, leave
from agent.cli.options import Json
from agent.cli.output import print_json, print_table

if TYPE_CHECKING:
    from agent.calc.lamp_year import LampPlace

LONGEST = 36_600  # days: a century
PLACE, LAMPS, OUTPUT = "Place", "Lamps", "Output"


class OnAt(StrEnum):
    """What lamps go on at."""

    SUNSET = "sunset"
    DUSK = "dusk"


class OffAt(StrEnum):
    """What lamps go off at."""

    SUNRISE = "sunrise"
    DAWN = "dawn"


def sun(  # noqa: PLR0917 - each is an option of the command line
    latitude: Annotated[float | None, typer.Option(min=-90, max=90, help="degrees, north positive")] = None,
    longitude: Annotated[float | None, typer.Option(min=-180, max=180, help="degrees, east positive")] = None,
    timezone: Annotated[str | None, typer.Option(help="e.g. Asia/Shanghai")] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="a site file: place and lamp hours as it says", dir_okay=False),
    ] = None,
    policy: Annotated[str, typer.Option(help="which policy of the site file; the first by the sun")] = "",
    group: Annotated[str, typer.Option(help="which lamp group of it, for offsets of its own")] = "",
    date: Annotated[str | None, typer.Option(help="first day, YYYY-MM-DD; today when left out")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=LONGEST, help="1; for files a year")] = None,
    lamps: Annotated[bool, typer.Option("--lamps", help="show when the lamps switch, too")] = False,
    on: Annotated[OnAt, typer.Option(help="lamps go on at")] = OnAt.SUNSET,
    off: Annotated[OffAt, typer.Option(help="lamps go off at")] = OffAt.SUNRISE,
    on_offset: Annotated[float, typer.Option(min=-240, max=240, help="minutes later; negative: earlier")] = 0,
    off_offset: Annotated[
        float, typer.Option(min=-240, max=240, help="minutes later; negative: earlier")
    ] = 0,
    curfew: Annotated[str, typer.Option(help="local hours of less light, e.g. 23:00-05:00")] = "",
    curfew_level: Annotated[float, typer.Option(min=0, max=100, help="% in them; 0 is off")] = 0,
    dim: Annotated[str, typer.Option(help="local hours of dimming, e.g. 22:00-06:00")] = "",
    dim_level: Annotated[float, typer.Option(min=1, max=100, help="% in them")] = 50,
    horizon: Annotated[str, typer.Option(help="terrain, azimuth:height in degrees: 90:4,120:7,270:0")] = "",
    ridge: Annotated[
        str, typer.Option(help="or its points, azimuth:metres above:metres away: 80:300:4000,100:500:5000")
    ] = "",
    calendar: Annotated[str, typer.Option(help="which days are worked: cn, weekly or daily")] = "cn",
    plot: Annotated[
        Path | None, typer.Option(help="draw the year: FILE.svg, or FILE.html with tables")
    ] = None,
    ics: Annotated[
        Path | None, typer.Option(help="write the lamp times as a calendar file: FILE.ics")
    ] = None,
    json: Json = False,
) -> None:
    """Print dawn, sunrise, sunset and dusk, a row a day; with lamps, when they switch.

    Dawn and dusk are civil: the sun 6 degrees below the horizon. Sunrise and sunset are those over a flat
    horizon; terrain counts for the lamps.

    A year's plot and a calendar file of one's own lamps:

        plantroom sun -c site.yaml --policy nights --plot year.html --ics lamps.ics
    """
    from agent.cli.sun_rule import Wanted, lamp_place

    place = lamp_place(
        Wanted(
            latitude=latitude, longitude=longitude, timezone=timezone, config=config, policy=policy, group=group,
            on=on.value, off=off.value, on_offset=on_offset, off_offset=off_offset,
            curfew=curfew, curfew_level=curfew_level, dim=dim, dim_level=dim_level,
            horizon=horizon, ridge=ridge, calendar=calendar,
        )
    )  # fmt: skip
    first, number = _span(place, date, days, files=plot is not None or ics is not None)
    told = lamps or config is not None or any((on_offset, off_offset, curfew, dim, horizon, ridge))
    if plot is not None:
        _draw(place, first, number, plot)
    if ics is not None:
        _write_calendar(place, first, number, ics)
    if plot is None and ics is None:
        _show(place, first, number, told or on is not OnAt.SUNSET or off is not OffAt.SUNRISE, json)


def _span(place: LampPlace, date: str | None, days: int | None, *, files: bool) -> tuple[dt.date, int]:
    try:
        start = dt.date.fromisoformat(date) if date else place.local(time.time()).date()
        if files and not date and days is None:
            start = start.replace(month=1, day=1)
        number = days or (
            (dt.date(start.year + 1, start.month, 1) - start.replace(day=1)).days if files else 1
        )
        start + dt.timedelta(days=number + 2)
    except (ValueError, OverflowError):
        leave(Exit.BAD_INPUT, f"{date!r} is not a date here; write YYYY-MM-DD")
    return start, number


def _show(place: LampPlace, first: dt.date, days: int, lamps: bool, json: bool) -> None:
    from agent.calc.calendar_table import sun_table
    from agent.calc.lamp_year import changes_said, evenings

    events = ("date", "dawn", "sunrise", "sunset", "dusk")
    rows: list[dict[str, Any]] = [
        dict(row) for row in sun_table(place.spot.latitude, place.spot.longitude, place.timezone, first, days)
    ]
    said = []
    if lamps:
        found = list(evenings(place, first, days))
        said = [changes_said(place, one.changes) or "no change" for one in found]
        for row, evening in zip(rows, found, strict=True):
            row["lamps"] = [
                {
                    "time": place.local(one.utc).isoformat(timespec="seconds"),
                    "level": one.level,
                    "why": one.why,
                }
                for one in evening.changes
            ]
            row["hours"] = round(evening.hours, 4)
    if json:
        print_json(rows)
        return
    cells = [(row["date"] or "", *(_time(row[event]) for event in events[1:])) for row in rows]
    if lamps:
        print_table(
            (*events, "lamps, noon to noon"), [(*row, text) for row, text in zip(cells, said, strict=True)]
        )
    else:
        print_table(events, cells)


def _draw(place: LampPlace, first: dt.date, days: int, file: Path) -> None:
    from agent.calc.lamp_year import evenings
    from agent.cli.sun_plot import sun_page, sun_svg

    kinds = {".svg": sun_svg, ".html": sun_page}
    if file.suffix not in kinds:
        leave(Exit.BAD_INPUT, f"{file}: a plot is a file .svg or .html")
    _write(file, kinds[file.suffix](place, list(evenings(place, first, days))).encode())


def _write_calendar(place: LampPlace, first: dt.date, days: int, file: Path) -> None:
    from agent.calc.icalendar import calendar_file
    from agent.calc.lamp_year import calendar_events

    name = place.name or f"Lamps at {place.spot.latitude:g}, {place.spot.longitude:g}"
    _write(file, calendar_file(name, calendar_events(place, first, days), time.time()))


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        leave(Exit.FAILED, f"{file}: {error.strerror or error}")
    print(file)


def _time(moment: str | None) -> str:
    return "none" if moment is None else moment[11:19]
