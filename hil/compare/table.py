"""A comparison for people: one column an arm, one row a figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from hil.compare.comparison import Comparison
from hil.ready_site.ready_site import ARMS, COMPETENT, REPORTED, WEAK

ROWS = (
    ("kwh", "electricity, kWh", "{:,.0f}"),
    ("cost", "cost", "{:,.0f}"),
    ("peak_kw", "peak of a quarter-hour, kW", "{:,.0f}"),
    ("eer_sys", "EER of the system", "{:.2f}"),
    ("cooling_kwh_th", "cooling delivered, kWh", "{:,.0f}"),
    ("degree_hours", "discomfort, K h", "{:,.1f}"),
    ("starts_per_day", "starts a machine and day", "{:.2f}"),
    ("dark_arrivals", "arrivals in the dark", "{:,.0f}"),
    ("in_band", "people have the light they should, % of the time", "{:.2f}"),
    ("visible_steps", "steps of the light that can be seen", "{:,.0f}"),
    ("stored_kwh_charged", "of it for cold owed, kWh", "{:,.0f}"),
    ("trips", "trips", "{:,.0f}"),
    ("days_per_second", "simulated days a second", "{:.2f}"),
)


def print_comparison(result: Comparison) -> None:
    """On standard output."""
    console = Console()
    arms = [
        *(name for name in ARMS if name in result.arms),
        *(name for name in result.arms if name not in ARMS),
    ]
    extra = "".join((f", {result.variant}" * bool(result.variant), ", hold-out machines" * result.hold_out))
    table = Table(title=f"{result.site}: {result.days} days of the year, seed {result.seed}{extra}")
    table.add_column("")
    for name in arms:
        table.add_column(name, justify="right")
    for key, label, form in ROWS:
        cells = [_cell(result.arms[name], key, form) for name in arms]
        if any(cells):
            table.add_row(label, *cells)
    for against in (WEAK, COMPETENT):
        savings = [result.saving(name, against) for name in arms]
        cells = ["" if one is None else f"{one:.1f} %" for one in savings]
        table.add_row(f"saving of {result.measure} against {against}", *cells)
    told = None if result.project is None else result.project.told.get("saving")
    if told is not None:
        table.add_row("saving that the project reports", *(f"{told} %" * (name == REPORTED) for name in arms))
    console.print(table)
    for line in _sentences(result):
        console.print(line, highlight=False)


def _cell(figures: Mapping[str, Any], key: str, form: str) -> str:
    value = figures.get(key)
    return "" if value is None else form.format(value)


def _sentences(result: Comparison) -> list[str]:
    lines = []
    if result.fraction is not None:
        lines.append(f"policy reaches {100.0 * result.fraction:.1f} % of the saving that is possible")
    if result.project is not None:
        lines += result.project.sentences()
    lines += [f"note: {one}" for one in result.notes]
    lines += [f"[red]NOT FAIR[/red] {one}" for one in result.problems]
    return lines
