"""`plantroom alarms`: what stands, and the word that somebody has seen it."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.client import ask, part
from agent.cli.options import Json, Socket
from agent.cli.output import clock_time, print_json, print_table


def alarms(
    acknowledge: Annotated[
        str | None, typer.Option("--acknowledge", "-a", help="id of an alarm you have seen")
    ] = None,
    json: Json = False,
    socket: Socket = None,
) -> None:
    """List standing alarms, the most severe first, or acknowledge one."""
    if acknowledge is not None:
        found = [ask(socket, "POST", f"/api/alarms/{part(acknowledge)}/acknowledge", {})]
    else:
        found = ask(socket, "GET", "/api/alarms")
    if json:
        print_json(found)
        return
    if not found:
        print("no alarms")
        return
    rows = [
        (one["id"], one["severity"], one["state"], clock_time(one["raised"]), one["text"]) for one in found
    ]
    print_table(("alarm", "severity", "state", "since", "what"), rows)
