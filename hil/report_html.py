"""The report a person opens: one HTML file with everything in it, plots too, so that it can be mailed and kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from hil.plant.variables import VariableInfo
from hil.report import clock_of, figure_text
from hil.report_happenings import Line, chapters, lines, spans
from hil.report_plots import plot_of, spans_of
from hil.scenario.telling import Outcome
from hil.scenario.words import FIGURES

MOST_LINES = 2_000

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 1.4rem }
td, th { text-align: left; padding: .2rem .7rem .2rem 0; border-bottom: 1px solid #e3e6ea; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums }
td.cause { font-weight: 600 }
.good { color: #17692f } .bad { color: #b3261e; font-weight: 600 } .dim { color: #68707a }
svg { width: 100%; height: auto }
"""


def write_html(outcome: Outcome, path: Path, bench: str, variables: Mapping[str, VariableInfo]) -> None:
    """Verdicts first, then what happened, the plots, and the figures."""
    scenario = outcome.scenario
    units = {name: info.unit for name, info in variables.items()}
    groups: Sequence[Sequence[str]] = scenario.plots or _default_plots(outcome, units)
    stood = spans(outcome.recording.happenings, outcome.told)
    parts = [
        f"<h1>{escape(scenario.name)}</h1>",
        f"<p>{escape(scenario.help)}</p>" if scenario.help else "",
        _verdict(outcome, bench),
        f'<p class="bad">{escape(outcome.aborted)}</p>' if outcome.aborted else "",
        *(f'<p class="bad">{escape(text)}</p>' for text in outcome.warnings),
        "<h2>What had to be so</h2>",
        _table(("", "expectation", "when", "outcome"), _verdicts(outcome)),
        "<h2>Plots</h2>",
        spans_of(stood, scenario.length) if stood else "",
        *(plot_of(outcome.recording, names, units, scenario.length) for names in groups if names),
        "<h2>What happened</h2>",
        "<p>Each fault and step, and the alarms that came and went until the next.</p>",
        _table(("after", "at the site", "what", ""), _happenings(outcome)),
        "<h2>Figures</h2>",
        _table(("figure", "value", ""), _figures(outcome)),
    ]
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(scenario.name)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        + "\n".join(parts)
        + "</body></html>\n"
    )
    path.write_text(text, encoding="utf-8")


def _verdict(outcome: Outcome, bench: str) -> str:
    scenario = outcome.scenario
    look, word = ("good", "Passed") if outcome.passed else ("bad", "Failed")
    local = dt.datetime.fromtimestamp(scenario.start, ZoneInfo(scenario.timezone))
    stage = f"{scenario.site} from {local:%Y-%m-%d %H:%M} ({scenario.timezone}), seed {scenario.seed}"
    rate = f"{outcome.days_per_second:.3g} days a second"
    told = f"on the {bench} bench: {clock_of(outcome.told)} of site time in {outcome.wall:.1f} s ({rate})"
    return f'<p class="{look}">{word} <span class="dim">{told}<br>{escape(stage)}</span></p>'


def _default_plots(outcome: Outcome, units: Mapping[str, str]) -> list[list[str]]:
    """What was recorded, one plot a unit."""
    groups: dict[str, list[str]] = {}
    for name in outcome.recording.names:
        groups.setdefault(units.get(name, ""), []).append(name)
    return [names[:12] for names in groups.values()]


def _verdicts(outcome: Outcome) -> Iterable[str]:
    for one in outcome.verdicts:
        mark = '<span class="good">met</span>' if one.met else '<span class="bad">not met</span>'
        yield f"<td>{mark}<td>{escape(one.name)}<td>{clock_of(one.at)}<td>{escape(one.text)}"


def _happenings(outcome: Outcome) -> Iterable[str]:
    scenario = outcome.scenario
    zone = ZoneInfo(scenario.timezone)
    shown = 0
    for chapter in chapters(outcome.recording.happenings):
        cause = () if chapter.cause is None else (chapter.cause,)
        for one in (*lines(cause), *lines(chapter.followed)):
            shown += 1
            if shown <= MOST_LINES:
                local = dt.datetime.fromtimestamp(scenario.start + one.elapsed, zone)
                yield f"<td>{clock_of(one.elapsed)}<td>{local:%H:%M:%S}<td>{escape(one.kind)}{_told(one)}"
    if shown > MOST_LINES:
        yield f"<td><td><td><td>and {shown - MOST_LINES} more lines: outcome.json has them all"


def _told(line: Line) -> str:
    look = {
        "fault": ' class="cause"',
        "step": ' class="cause"',
        "broken": ' class="bad"',
        "abort": ' class="bad"',
    }
    first = escape(line.texts[0])
    if len(line.texts) == 1:
        return f"<td{look.get(line.kind, '')}>{first}"
    rest = "<br>".join(map(escape, line.texts[1:]))
    return f"<td><details><summary>{first} and {len(line.texts) - 1} more</summary>{rest}</details>"


def _figures(outcome: Outcome) -> Iterable[str]:
    for name, value in outcome.figures.items():
        unit = FIGURES.get(name.partition(".")[0], "") if value is not None else ""
        yield f'<td>{escape(name)}<td class="n">{figure_text(value)}<td class="dim">{escape(unit)}'


def _table(heads: Sequence[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{escape(one)}" for one in heads)
    return f"<table><tr>{head}</tr>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"
