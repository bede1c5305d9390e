"""`plantroom lock-out`: keep the agent's hands off one machine while somebody works at it."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.client import ask, part
from agent.cli.exits import Exit, leave
from agent.cli.options import Json, Reason, Socket
from agent.cli.output import print_json, print_table


def lock_out(
    equipment: Annotated[str | None, typer.Argument(help="machine; none lists those locked out")] = None,
    end: Annotated[bool, typer.Option("--end", help="the work is done: lift the lock-out")] = False,
    reason: Reason = "",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Lock a machine out for maintenance: the agent will not start it. Does not isolate it: lock and tag it too."""
    if equipment is not None:
        body = {"locked": not end, "reason": reason or "by command line"}
        ask(socket, "POST", f"/api/equipment/{part(equipment)}/lock-out", body)
    elif end:
        leave(Exit.BAD_INPUT, "name the machine whose lock-out ends")
    areas = ask(socket, "GET", "/api/areas")
    locked = [
        (one["id"], area["id"], one["name"])
        for area in areas
        for one in area["equipment"]
        if one["locked_out"]
    ]
    if json:
        print_json([{"id": id_, "area": area, "name": name} for id_, area, name in locked])
    elif locked:
        print_table(("locked out", "area", "name"), locked)
    else:
        print("no machine is locked out")
