"""`plantroom watch`: values as they change."""

from __future__ import annotations

import json as jsonlib
from typing import Annotated

import typer

from agent.cli.client import events
from agent.cli.options import Json, Pattern, Socket
from agent.cli.output import clock_time, shown
from agent.cli.points import matching
from agent.core.point import Value


def watch(
    pattern: Pattern = "",
    json: Json = False,
    count: Annotated[int | None, typer.Option(help="end after this many changes")] = None,
    socket: Socket = None,
) -> None:
    """Print values as they change, until Ctrl-C."""
    units = {one["id"]: one["unit"] for one in matching(socket, pattern)}
    last: dict[str, object] = {}
    printed = 0
    try:
        for event in events(socket):
            for point, (value, quality, time) in event.get("points", {}).items():
                if point not in units or last.get(point) == (value, quality):
                    continue
                last[point] = (value, quality)
                _print(point, value, units[point], quality, time, json)
                printed += 1
                if count is not None and printed >= count:
                    return
    except KeyboardInterrupt:
        return


def _print(point: str, value: Value | None, unit: str, quality: str, time: float, json: bool) -> None:
    if json:
        line = jsonlib.dumps({"point": point, "value": value, "quality": quality, "time": time})
    else:
        line = f"{clock_time(time)}  {point:<34} {shown(value, unit)}{'' if quality == 'good' else '  ' + quality.upper()}"
    print(line, flush=True)
