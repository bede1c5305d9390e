"""`plantroom sun`: the sun's day and the lamps' day for a place, computed here without any network."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli import sun_options as options
from agent.cli.exits import Exit, leave
from agent.cli.options import Json
from agent.cli.output import print_json, print_table

if TYPE_CHECKING:
    from agent.calc.lamp_year import LampPlace


def sun(  # noqa: PLR0917 - each is an option of the command line
    latitude: options.Latitude = None,
    longitude: options.Longitude = None,
    timezone: options.Timezone = None,
    config: options.SiteFile = None,
    policy: options.Policy = "",
    group: options.Group = "",
    date: options.Date = None,
    days: options.Days = None,
    lamps: options.Lamps = False,
    on: options.On = options.OnAt.SUNSET,
    off: options.Off = options.OffAt.SUNRISE,
    on_offset: options.OnOffset = 0,
    off_offset: options.OffOffset = 0,
    curfew: options.Curfew = "",
    curfew_level: options.CurfewLevel = 0,
    dim: options.Dim = "",
    dim_level: options.DimLevel = 50,
    horizon: options.Horizon = "",
    ridge: options.Ridge = "",
    calendar: options.Calendar = "cn",
    plot: options.Plot = None,
    ics: options.Ics = None,
    json: Json = False,
) -> None:
    """Print dawn, sunrise, sunset and dusk, a row a day; with lamps, when they switch.

    Dawn and dusk are civil: the sun 6 degrees below the horizon. Sunrise and sunset are those over a flat
    horizon; terrain counts for the lamps.

        plantroom sun -c site.yaml --policy nights --plot year.html --ics lamps.ics
    """
    from agent.cli.sun_rule import Wanted, lamp_place

    place = lamp_place(Wanted(
        latitude, longitude, timezone, on.value, off.value, on_offset, off_offset, curfew, curfew_level, dim,
        dim_level, horizon, ridge, calendar, config, policy, group,
    ))  # fmt: skip
    moved = any((on_offset, off_offset, curfew, dim, horizon, ridge, on == "dusk", off == "dawn"))
    _tell(place, (date, days), lamps or moved or config is not None, json, (plot, ics))


def _tell(
    place: LampPlace,
    when: tuple[str | None, int | None],
    lamps: bool,
    json: bool,
    files: tuple[Path | None, Path | None],
) -> None:
    plot, ics = files
    span = _span(place, *when, files=bool(plot or ics))
    if plot is not None:
        _draw(place, *span, plot)
    if ics is not None:
        _write_calendar(place, *span, ics)
    if plot is None and ics is None:
        _show(place, *span, lamps, json)


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
