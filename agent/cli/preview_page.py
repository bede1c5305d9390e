"""A preview as one page for a browser: the plots of both lines, point by point, and the twin's figures. No script, nothing from outside."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from agent.core.point import Value

WIDE, HIGH = 900.0, 120.0
LEFT, UNDER = 56.0, 18.0
DAY = 86_400.0
NAMES = {
    "kwh": ("electricity", "kWh"),
    "cost": ("cost", ""),
    "eer_sys": ("EER-sys", ""),
    "peak_kw": ("highest quarter of an hour", "kW"),
    "degree_hours": ("comfort: outside the band", "Kh"),
    "lux_minutes_below": ("light below the limit", "min"),
    "starts": ("starts", ""),
}
STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:1.5rem auto;padding:0 1rem;color:#1d2733;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:1.6rem 0 .2rem}table{border-collapse:collapse}td,th{padding:.15rem .9rem .15rem 0;text-align:right}
td:first-child,th:first-child{text-align:left}svg{width:100%;height:auto}.q{color:#5a6675}.a{color:#64748b}.b{color:#b45309}
@media (prefers-color-scheme: dark){body{background:#14181d;color:#e6eaef}.q{color:#9aa7b5}}"""


def page(found: Mapping[str, Any], policy: str, values: Mapping[str, Value]) -> str:
    """The whole page."""
    wanted = ", ".join(f"{name} = {value}" for name, value in values.items())
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>Preview of {escape(policy)}</title><style>{STYLE}</style>",
        f"<h1>{escape(policy)}: {escape(wanted)}</h1>",
        f"<p>{_day(found['since'])} to {_day(found['until'])}, {found['hours']:.1f} h replayed. ",
        '<span class="a">■ as it is now</span> <span class="b">■ as it would be</span></p>',
    ]
    if found["agreement"] is not None:
        share = 100.0 * found["agreement"]
        parts.append(
            f'<p class="q">Today\'s parameters give what was decided then for {share:.0f} % of the time.</p>'
        )
    parts += [f"<p><b>Fault:</b> {escape(one)}</p>" for one in found["faults"]]
    if not found["points"]:
        parts.append("<p>No commanded point would have been set otherwise.</p>")
    for one in found["points"]:
        parts += _point(one, found["since"], found["until"])
    if found["twin"]:
        parts += _twin(found["twin"])
    parts += [f'<p class="q">{escape(note[:1].upper() + note[1:])}.</p>' for note in found["notes"]]
    return "\n".join(parts) + "\n"


def _point(one: Mapping[str, Any], since: float, until: float) -> Iterator[str]:
    yield f"<h2>{escape(one['label'] or one['point'])} <small class='q'>{escape(one['point'])}</small></h2>"
    yield (
        f'<p class="q">differs for {one["hours_differing"]:.1f} h; changes {one["changes_old"]} → {one["changes_new"]}</p>'
    )
    lines = [_numbers(one["line_old"]), _numbers(one["line_new"])]
    known = [value for line in lines for _, value in line if value is not None]
    if not known:
        return
    low, high = (0.0, 1.0) if one["kind"] == "switch" else (min(known), max(known))
    yield f'<svg viewBox="0 0 {WIDE:.0f} {HIGH + UNDER:.0f}" role="img" aria-label="{escape(one["point"])}">'
    for value, height in ((high, 10.0), (low, HIGH - 2.0)):
        label = (
            ("on" if value else "off") if one["kind"] == "switch" else f"{value:.4g} {escape(one['unit'])}"
        )
        yield f'<text x="0" y="{height:.0f}" font-size="11" fill="currentColor">{label}</text>'
    yield from _days(since, until)
    for line, colour, wide in ((lines[0], "#64748b", 3.0), (lines[1], "#b45309", 1.4)):
        path = _path(line, (since, until), (low, high))
        yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{wide}"/>'
    yield "</svg>"


def _path(
    line: Sequence[tuple[float, float | None]], span: tuple[float, float], bounds: tuple[float, float]
) -> str:
    """Steps: each value holds until the next."""
    since, until = span
    low, high = bounds
    parts: list[str] = []
    drawing = False
    for at, (moment, value) in enumerate(line):
        end = line[at + 1][0] if at + 1 < len(line) else until
        if value is None:
            drawing = False
            continue
        share = 0.5 if high <= low else (value - low) / (high - low)
        x, y = _x(moment, since, until), 6.0 + (1.0 - share) * (HIGH - 12.0)
        parts.append(f"{'L' if drawing else 'M'}{x:.1f} {y:.1f}H{_x(end, since, until):.1f}")
        drawing = True
    return "".join(parts)


def _days(since: float, until: float) -> Iterator[str]:
    """A thin line each midnight of this machine's own clock, named where there is room."""
    local = time.localtime(since)
    midnight = since - (local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec) + DAY
    every = max(round((until - since) / DAY / 12), 1)
    number = 0
    while midnight < until:
        x = _x(midnight, since, until)
        yield f'<path d="M{x:.1f} 0V{HIGH:.0f}" stroke="currentColor" stroke-opacity=".15"/>'
        if number % every == 0:
            day = time.strftime("%m-%d", time.localtime(midnight + 1.0))
            yield f'<text x="{x + 2:.1f}" y="{HIGH + 13:.0f}" font-size="11" fill="currentColor">{day}</text>'
        midnight, number = midnight + DAY, number + 1


def _twin(twin: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>Simulated twin</h2>"
    if twin["arms"]:
        now, then = (arm["figures"] for arm in twin["arms"])
        yield f"<table><tr><th>{twin['days']} days<th>now<th>then</tr>"
        for key, (name, unit) in NAMES.items():
            old, new = now.get(key), then.get(key)
            if old is not None and new is not None:
                unit_ = twin["currency"] if key == "cost" else unit
                yield f"<tr><td>{escape(f'{name}, {unit_}'.removesuffix(', '))}<td>{old:,.1f}<td>{new:,.1f}</tr>"
        yield "</table>"
    if saving := twin["saving"]:
        yield (
            f"<p>Saves {saving['mean']:.0f} kWh a day ({saving['low']:.0f} to {saving['high']:.0f}, 90 % interval by "
            f"bootstrap over {saving['days']} days).</p>"
        )
    yield f'<p class="q">{escape(twin["note"])}</p>'


def _numbers(line: Sequence[Sequence[Any]]) -> list[tuple[float, float | None]]:
    return [(when, None if value is None or isinstance(value, str) else float(value)) for when, value in line]


def _x(moment: float, since: float, until: float) -> float:
    return LEFT + (WIDE - LEFT) * min(max((moment - since) / (until - since), 0.0), 1.0)


def _day(utc: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(utc))
