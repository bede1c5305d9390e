"""How commands print: JSON for programs, a table for people. Rich measures and wraps, and is imported only for people."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from agent.core.point import Value

GAP = 2  # cells between two columns
NARROW = 40  # cells a long text needs beside the other columns; with less it goes under its row
SHORTEST = 8  # cells a column keeps in any case

Row = Sequence[str]


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


def print_table(columns: Row, rows: Sequence[Row | str]) -> None:
    """Columns as wide as they need; only the last one, the sentence, is wrapped. A row that is a text is a heading.

    On a narrow terminal the sentence goes under its row. Into a file or pipe every row stays one line.
    """
    width = _width()
    cells = [row if isinstance(row, str) else [_plain(cell) for cell in row] for row in rows]
    widths = _widths([columns, *(row for row in cells if not isinstance(row, str))], width)
    room = None if width is None else width - sum(widths[:-1]) - GAP * (len(columns) - 1)
    below = room is not None and room < min(NARROW, widths[-1])
    print(_emphasised(_line(columns[:-1] if below else columns, widths).rstrip()))
    for row in cells:
        if isinstance(row, str):
            print(f"\n{_emphasised(row)}")
        elif below and width is not None:
            print(_line(row[:-1], widths).rstrip())
            print(
                *(f"    {part}" for part in _wrapped(row[-1], width - 4)),
                sep="\n",
                end="\n" if row[-1] else "",
            )
        else:
            parts = [row[-1]] if room is None else _wrapped(row[-1], room) or [""]
            start = _line((*row[:-1], parts[0]), widths)
            indent = " " * (sum(widths[:-1]) + GAP * (len(columns) - 1))
            print(start.rstrip(), *(f"{indent}{part}" for part in parts[1:]), sep="\n")


def shown(value: Value | None, unit: str = "") -> str:
    """A value as people read it; `-` when there is none."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "on" if value else "off"
    many = isinstance(value, float) and 1e6 <= abs(value) < 1e15  # counters, in whole units
    text = f"{value:.0f}" if many else f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{text} {unit}".strip()


def mean_shown(point: Mapping[str, Any], key: str) -> str:
    """The mean of one line of a compared point, in its unit; of a switch the share of the time it is on."""
    value = point[key]
    if value is None:
        return "-"
    return f"{100.0 * value:.0f} % on" if point["kind"] == "switch" else shown(round(value, 2), point["unit"])


def ago(seconds: float | None) -> str:
    """An age or a time left: `4 s`, `12 min`, `3 h 20 min`."""
    if seconds is None:
        return "-"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"


def clock_time(utc: float | None) -> str:
    """UTC seconds as local time of this terminal."""
    return "-" if utc is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(utc))


def _width() -> int | None:
    """Cells of a line; None where the output is not for a screen."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return None
    return shutil.get_terminal_size().columns


def _plain(text: str) -> str:
    """One line without control characters: names and reasons come from outside."""
    return "".join(one if one.isprintable() else "\ufffd" for one in " ".join(text.split()))


def _widths(rows: Sequence[Row], width: int | None) -> list[int]:
    """What each column needs; where that is more than there is, the widest ones but the last give way."""
    from rich.cells import cell_len

    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    if width is None or len(widths) == 1:
        return widths
    while sum(widths[:-1]) + GAP * (len(widths) - 1) > width and max(widths[:-1]) > SHORTEST:
        widest = widths.index(max(widths[:-1]))
        widths[widest] -= 1
    return widths


def _line(cells: Row, widths: Sequence[int]) -> str:
    from rich.cells import cell_len, set_cell_size

    fitted = [
        set_cell_size(cell, width - 1) + "\u2026" if cell_len(cell) > width else set_cell_size(cell, width)
        for cell, width in zip(cells[:-1], widths, strict=False)
    ]
    last = cells[-1]
    if len(cells) < len(widths) and cell_len(last) > widths[len(cells) - 1]:
        last = set_cell_size(last, widths[len(cells) - 1] - 1) + "\u2026"
    return (" " * GAP).join([*fitted, last])


def _wrapped(text: str, width: int) -> list[str]:
    """In lines of so many cells; characters that are two cells wide are counted as two."""
    from rich.console import Console
    from rich.text import Text

    if not text:
        return []
    return [line.plain.rstrip() for line in Text(text).wrap(Console(), max(width, SHORTEST))]


def _emphasised(text: str) -> str:
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[1m{text}\x1b[0m"
