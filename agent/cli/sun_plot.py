"""The year of a place as a picture: night, twilight and burning lamps over every evening, as SVG or as a page with its table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from html import escape

from agent.calc.lamp_year import Evening, LampPlace, changes_said
from agent.calc.sun import SunEvent, nights

LEFT, TOP, HIGH = 60, 70, 480
WIDE = 980
STYLE = """
svg { font: 13px system-ui, sans-serif; background: #fff; max-width: 100% }
.day { fill: #fbf3dc } .twilight { fill: #9db4d3 } .night { fill: #26365a } .lamps { fill: #ffb020; fill-opacity: .8 }
.dimmed { fill: #ffb020; fill-opacity: .4 } .grid { stroke: #888; stroke-opacity: .35 } .over { fill: transparent }
.over:hover { fill: #fff; fill-opacity: .35 } .axis { fill: #444 } .title { font-size: 18px; font-weight: 600; fill: #222 }
"""
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ font: 15px system-ui, sans-serif; margin: 1.5em auto; max-width: 1080px; padding: 0 1em; color: #222 }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
td, th {{ padding: .15em .9em .15em 0; text-align: left; border-bottom: 1px solid #ddd }}
td.n, th.n {{ text-align: right }}</style>
{plot}
<h2>Months</h2>
<table><tr><th>month</th><th class="n">burning, h</th><th class="n">as full light, h</th><th>on the 15th</th></tr>{months}</table>
<details><summary>Every evening</summary>
<table><tr><th>evening</th><th>lamps</th><th class="n">h</th></tr>{days}</table></details>
</html>
"""


def sun_svg(place: LampPlace, year: Sequence[Evening]) -> str:
    """Columns are evenings from noon to noon by the wall clock."""
    width = WIDE / len(year)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + 20} {TOP + HIGH + 70}" role="img">',
        f"<title>{escape(_title(place, year))}</title><style>{STYLE}</style>",
        f'<text x="{LEFT}" y="28" class="title">{escape(_title(place, year))}</text>',
        f'<text x="{LEFT}" y="50" class="axis">{escape(_totals(year))}</text>',
        f'<rect class="day" x="{LEFT}" y="{TOP}" width="{WIDE}" height="{HIGH}"/>',
        _bands(place, year, "twilight", (SunEvent.SUNSET, SunEvent.SUNRISE)),
        _bands(place, year, "night", (SunEvent.DUSK, SunEvent.DAWN)),
        _path("lamps", (_strip(place, year, n, span) for n, span in _lit(year, full=True))),
        _path("dimmed", (_strip(place, year, n, span) for n, span in _lit(year, full=False))),
        *_axes(year, width),
        *(_over(place, evening, LEFT + n * width, width) for n, evening in enumerate(year)),
        *_legend(),
        "</svg>",
    ]
    return "\n".join(parts)


def sun_page(place: LampPlace, year: Sequence[Evening]) -> str:
    """The picture with a table of the months, and one of the evenings below it."""
    return PAGE.format(
        title=escape(_title(place, year)),
        plot=sun_svg(place, year),
        months="".join(_months(place, year)),
        days="".join(
            f"<tr><td>{one.day}</td><td>{changes_said(place, one.changes)}</td><td class='n'>{one.hours:.2f}</td></tr>"
            for one in year
        ),
    )


def _title(place: LampPlace, year: Sequence[Evening]) -> str:
    spot = place.spot
    north, east = "N" if spot.latitude >= 0 else "S", "E" if spot.longitude >= 0 else "W"
    where = f"{abs(spot.latitude):g} {north} {abs(spot.longitude):g} {east}"
    return f"{place.name or 'Lamp times'}, {where}: {year[0].day} to {year[-1].day}"


def _totals(year: Sequence[Evening]) -> str:
    hours, full = sum(one.hours for one in year), sum(one.full for one in year)
    text = f"lamps burn {hours:,.0f} h, {hours / len(year):.2f} h a day"
    return text if full > hours - 0.5 else f"{text}; as much as {full:,.0f} h at full light"


def _lit(year: Sequence[Evening], *, full: bool) -> Iterator[tuple[int, tuple[float, float]]]:
    for number, evening in enumerate(year):
        for begin, end, level in evening.spans():
            if (level >= 99.5) is full:
                yield number, (begin, end)


def _bands(place: LampPlace, year: Sequence[Evening], name: str, edges: tuple[SunEvent, SunEvent]) -> str:
    strips = (
        _strip(place, year, number, (night.start, night.end))
        for number, evening in enumerate(year)
        for night in dict.fromkeys(nights((evening.start + evening.end) / 2.0, place.spot, *edges))
    )
    return _path(name, strips)


def _strip(place: LampPlace, year: Sequence[Evening], number: int, span: tuple[float, float]) -> str:
    evening, width = year[number], WIDE / len(year)
    begin, end = max(span[0], evening.start), min(span[1], evening.end)
    if end <= begin:
        return ""
    top, bottom = _y(place, evening, begin), _y(place, evening, end)
    if bottom <= top:  # the hour that the clocks repeat
        return ""
    return f"M{LEFT + number * width:.2f} {top:.1f}h{width + 0.05:.2f}V{bottom:.1f}h{-width - 0.05:.2f}z"


def _y(place: LampPlace, evening: Evening, utc: float) -> float:
    """By the wall clock, noon at the top."""
    if utc >= evening.end:
        return float(TOP + HIGH)
    local = place.local(utc)
    hours = (local.hour + local.minute / 60.0 + local.second / 3600.0 - 12.0) % 24.0
    return TOP + HIGH * hours / 24.0


def _path(name: str, strips: Iterable[str]) -> str:
    return f'<path class="{name}" d="{"".join(strips)}"/>'


def _axes(year: Sequence[Evening], width: float) -> Iterator[str]:
    for hour in range(0, 25, 3):
        y = TOP + HIGH * hour / 24.0
        yield f'<line class="grid" x1="{LEFT}" x2="{LEFT + WIDE}" y1="{y}" y2="{y}"/>'
        yield f'<text class="axis" x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{(12 + hour) % 24:02d}:00</text>'
    for number, evening in enumerate(year):
        if evening.day.day == 1:
            x = LEFT + number * width
            yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + HIGH}"/>'
            yield f'<text class="axis" x="{x + 4:.1f}" y="{TOP + HIGH + 18}">{evening.day:%b}</text>'


def _over(place: LampPlace, evening: Evening, x: float, width: float) -> str:
    until = evening.day + timedelta(days=1)
    text = f"{evening.day} to {until}: {changes_said(place, evening.changes) or 'no change'}"
    return (
        f'<rect class="over" x="{x:.2f}" y="{TOP}" width="{width:.2f}" height="{HIGH}">'
        f"<title>{escape(text)}</title></rect>"
    )


def _legend() -> Iterator[str]:
    x, y = LEFT, TOP + HIGH + 44
    for name, words in (
        ("day", "day"),
        ("twilight", "civil twilight"),
        ("night", "night"),
        ("lamps", "lamps on"),
        ("dimmed", "lamps dimmed"),
    ):
        yield f'<rect class="{name}" x="{x}" y="{y}" width="18" height="12" stroke="#999" stroke-width=".5"/>'
        yield f'<text class="axis" x="{x + 24}" y="{y + 11}">{words}</text>'
        x += 130


def _months(place: LampPlace, year: Sequence[Evening]) -> Iterator[str]:
    for month in dict.fromkeys((one.day.year, one.day.month) for one in year):
        found = [one for one in year if (one.day.year, one.day.month) == month]
        middle = found[min(14, len(found) - 1)]
        yield (
            f"<tr><td>{middle.day:%B %Y}</td><td class='n'>{sum(one.hours for one in found):.1f}</td>"
            f"<td class='n'>{sum(one.full for one in found):.1f}</td>"
            f"<td>{changes_said(place, middle.changes)}</td></tr>"
        )
