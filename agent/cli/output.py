"""How commands print: JSON for programs, a table for people. Rich is imported only for people."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from agent.core.point import Value


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None) -> None:
    """A table as wide as the terminal; numbers line up since the caller formats them."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if _terminal() else 160)
    table = Table(*columns, title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def shown(value: Value | None, unit: str = "") -> str:
    """A value as people read it; `-` when there is none."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "on" if value else "off"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{text} {unit}".strip()


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


def _terminal() -> bool:
    import sys

    return sys.stdout.isatty()
