"""Plots of a run as SVG text, for the report. matplotlib is imported when the first plot is drawn."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

from hil.recording import Recording

HOUR = 3600.0
MARKED = ("fault", "step", "broken", "abort")


def plot_of(recording: Recording, names: Sequence[str], unit_of: dict[str, str]) -> str:
    """One drawing of these variables over the hours of the story, as an <svg> element."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 2.8), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    hours = [one / HOUR for one in recording.elapsed]
    for name in names:
        axes.plot(hours, list(recording.columns[name]), linewidth=1.0, label=name)
    _mark(axes, recording)
    axes.set_xlabel("h")
    units = sorted({unit_of.get(name, "") for name in names} - {""})
    axes.set_ylabel(", ".join(units))
    axes.grid(visible=True, linewidth=0.3)
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": "plantroom"})
    drawn = text.getvalue()
    return drawn[drawn.index("<svg") :]


def _mark(axes: Any, recording: Recording) -> None:
    """Thin lines where something happened; of a storm only as many as can be told apart."""
    marks = [one for one in recording.happenings if one.kind in MARKED]
    for one in marks[:: max(1, math.ceil(len(marks) / 60))]:
        colour = "tab:red" if one.kind in ("broken", "abort") else "tab:gray"
        axes.axvline(one.elapsed / HOUR, color=colour, linewidth=0.5, alpha=0.6)
