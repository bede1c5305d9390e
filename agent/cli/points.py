"""`plantroom points`: what the agent knows of its points."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.client import ask
from agent.cli.options import Json, Socket
from agent.cli.output import ago, print_json, print_table, shown


def points(
    pattern: Annotated[str, typer.Argument(help="shell pattern of point ids")] = "*",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """List points with value, age, quality and what they are set to."""
    found = ask(socket, "GET", "/api/points", pattern=pattern)
    if json:
        print_json(found)
        return
    rows = [
        (
            one["id"],
            shown(one["value"], one["unit"]),
            ago(one["age"]),
            one["quality"] if one["quality"] == "good" else f"{one['quality'].upper()}: {one['reason']}",
            shown(one["decided"]) if one["commandable"] else "",
            one["decided_reason"],
        )
        for one in found
    ]
    print_table(("point", "value", "age", "quality", "set to", "why"), rows)
