"""`plantroom watch`: values as they change."""

from __future__ import annotations

import fnmatch
import json as jsonlib
from typing import Annotated

import typer

from agent.cli.client import events
from agent.cli.options import Json, Socket
from agent.cli.output import clock_time, shown


def watch(
    pattern: Annotated[str, typer.Argument(help="shell pattern of point ids")] = "*",
    json: Json = False,
    count: Annotated[int | None, typer.Option(help="end after this many changes")] = None,
    socket: Socket = None,
) -> None:
    """Print changes of values as they arrive, until Ctrl-C."""
    last: dict[str, object] = {}
    printed = 0
    try:
        for event in events(socket):
            for point, (value, quality, time) in event.get("points", {}).items():
                if not fnmatch.fnmatch(point, pattern) or last.get(point) == (value, quality):
                    continue
                last[point] = (value, quality)
                _print(point, value, quality, time, json)
                printed += 1
                if count is not None and printed >= count:
                    return
    except KeyboardInterrupt:
        return


def _print(point: str, value: float | str | bool | None, quality: str, time: float, json: bool) -> None:
    if json:
        line = jsonlib.dumps({"point": point, "value": value, "quality": quality, "time": time})
    else:
        line = f"{clock_time(time)}  {point:<40} {shown(value)}{'' if quality == 'good' else '  ' + quality.upper()}"
    print(line, flush=True)
