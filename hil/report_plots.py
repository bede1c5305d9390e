"""Plots of a run as SVG text, for the report. matplotlib is imported when the first plot is drawn."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

from hil.recording import Recording

HOUR = 3600.0
MARKED = ("fault", "step", "broken", "abort")


LAYERS = {
    "bus": "tab:purple",
    "device": "tab:blue",
    "point": "tab:cyan",
    "plant": "tab:orange",
    "alarms": "tab:red",
}


def spans_of(spans: Mapping[str, Sequence[tuple[float, float]]], length: float) -> str:
    """One drawing of when faults and alarms stood, a lane a layer, over the hours of the story."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 0.6 + 0.3 * len(spans)), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    axes.set_xlim(0.0, length / HOUR)
    for row, (layer, found) in enumerate(spans.items()):
        bars = [(begin / HOUR, max(end - begin, length / 1000.0) / HOUR) for begin, end in found]
        axes.broken_barh(bars, (-row - 0.35, 0.7), facecolors=LAYERS.get(layer, "tab:gray"), alpha=0.6)
    axes.set_yticks([-row for row in range(len(spans))], list(spans))
    axes.set_xlabel("h")
    axes.grid(visible=True, axis="x", linewidth=0.3)
    return _svg(figure)


def plot_of(recording: Recording, names: Sequence[str], unit_of: Mapping[str, str], length: float) -> str:
    """One drawing of these variables over the hours of the story, as an <svg> element."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 2.8), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    axes.set_xlim(0.0, length / HOUR)
    hours = [one / HOUR for one in recording.elapsed]
    for name in names:
        axes.plot(hours, list(recording.columns[name]), linewidth=1.0, label=name)
    _mark(axes, recording)
    axes.set_xlabel("h")
    units = sorted({unit_of.get(name, "") for name in names} - {""})
    axes.set_ylabel(", ".join(units))
    axes.grid(visible=True, linewidth=0.3)
    axes.legend(fontsize=7, loc="lower left", bbox_to_anchor=(0.0, 1.0), frameon=False, ncols=4)
    return _svg(figure)


def _svg(figure: Any) -> str:
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
