"""`plantroom override`: hold a point by hand for a while; alone it lists what is held, with --cancel it ends it."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.client import ask, part
from agent.cli.exits import Exit, leave
from agent.cli.options import Json, Reason, Socket, read_duration, read_value
from agent.cli.output import ago, clock_time, print_json, print_table, shown


def override(
    point: Annotated[str | None, typer.Argument(help="point id; none lists the overrides in force")] = None,
    value: Annotated[str | None, typer.Argument(help="a number, on, off or a name")] = None,
    duration: Annotated[str, typer.Option("--for", help="until it ends by itself: 30 min, 2 h")] = "2 h",
    cancel: Annotated[bool, typer.Option("--cancel", help="end the overrides of this point")] = False,
    reason: Reason = "",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Hold a point by hand for a while, list overrides, or end one.

    An override has priority 8: it passes what policies want, never limits, guards or interlocks.
    """
    if point is None:
        _list(json, socket)
    elif cancel:
        _cancel(point, json, socket)
    elif value is None:
        leave(Exit.BAD_INPUT, "give a value to hold, or --cancel to end the override of this point")
    else:
        body = {
            "value": read_value(value),
            "seconds": read_duration(duration),
            "reason": reason or "by command line",
        }
        made = ask(socket, "POST", f"/api/points/{part(point)}/override", body)
        if json:
            print_json(made)
            return
        command = made["command"]
        print(f"{command['point']} held at {shown(command['value'])} until {clock_time(made['until'])}")
        print(command["reason"])
        authority = ask(socket, "GET", f"/api/points/{part(point)}/why")["authority"]
        if authority != "agent":
            print(f"nothing is written for now: the area is in {authority}, not in the agent's hands")


def _list(json: bool, socket: Socket) -> None:
    standing = ask(socket, "GET", "/api/overrides")
    if json:
        print_json(standing)
        return
    if not standing:
        print("no override stands")
        return
    now = ask(socket, "GET", "/api/health")["utc"]
    rows = [
        (
            one["command"]["point"],
            shown(one["command"]["value"]),
            one["owner"],
            ago(max(0.0, now - one["made"])),
            clock_time(one["until"]),
            one["command"]["reason"],
        )
        for one in standing
    ]
    print_table(("point", "held at", "by", "for", "until", "reason"), rows)


def _cancel(point: str, json: bool, socket: Socket) -> None:
    mine = [
        one for one in ask(socket, "GET", "/api/overrides") if point in (one["command"]["point"], one["id"])
    ]
    if not mine:
        leave(Exit.BAD_INPUT, f"no override stands on {point}")
    for one in mine:
        ask(socket, "DELETE", f"/api/overrides/{part(one['id'])}")
    if json:
        print_json([one["id"] for one in mine])
    else:
        print(f"{len(mine)} override(s) of {point} ended")
