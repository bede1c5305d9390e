"""Options that several commands share, and how a value or a duration is read from the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from agent.core.point import Value

Socket = Annotated[
    Path | None, typer.Option("--socket", help="the agent's UNIX socket (or $PLANTROOM_SOCKET)")
]
Json = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]
Reason = Annotated[str, typer.Option("--reason", "-r", help="why, for the audit log")]
Pattern = Annotated[
    str, typer.Argument(help="shell pattern of point ids, or any part of one", show_default=False)
]
Config = Annotated[Path, typer.Option("--config", "-c", help="the site file", dir_okay=False)]

MINUS = "\u2212"  # stands for the minus of a negative value while options are told from arguments
LONGEST = 604_800.0  # seconds, of an override
YEAR = 366 * 86_400.0
_SECONDS = {"s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def read_value(text: str) -> Value:
    """`on`/`off`/`true`/`false` are switches, numbers are numbers, the rest is text."""
    text = text.replace(MINUS, "-")
    lowered = text.strip().lower()
    if lowered in ("on", "true"):
        return True
    if lowered in ("off", "false"):
        return False
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def read_long_duration(text: str) -> float:
    """Like `read_duration`, up to a year."""
    return read_duration(text, YEAR, "366 d")


def read_duration(text: str, longest: float = LONGEST, said: str = "7 d") -> float:
    """Seconds of `90 s`, `30min`, `2 h`, `1d`; a bare number means minutes."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|min|m|h|d)?\s*", text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a duration; write 30 min, 2 h or 90 s")
    seconds = float(found[1]) * _SECONDS[found[2] or "min"]
    if not 1.0 <= seconds <= longest:
        raise typer.BadParameter(f"{text!r}: from 1 s to {said} is possible")
    return seconds
