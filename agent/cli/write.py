"""`plantroom write`: one write for commissioning, while the agent is not in charge of the area."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.client import ask, part
from agent.cli.options import Json, Reason, Socket, read_value
from agent.cli.output import print_json, shown


def write(
    point: Annotated[str, typer.Argument(help="point id")],
    value: Annotated[str, typer.Argument(help="a number, on, off or a name")],
    reason: Reason = "commissioning",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Write one point once and read it back.

    For commissioning: the area must not be in the agent's hands.
    """
    one = ask(
        socket, "POST", f"/api/points/{part(point)}/write", {"value": read_value(value), "reason": reason}
    )
    if json:
        print_json(one)
    else:
        print(f"{one['id']} now reads {shown(one['value'], one['unit'])}")
