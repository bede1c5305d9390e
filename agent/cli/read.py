"""`plantroom read`: one point, now, from its device."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.client import ask, part
from agent.cli.options import Json, Socket
from agent.cli.output import ago, print_json, shown


def read(
    point: Annotated[str, typer.Argument(help="point id, e.g. ch1.chilled_water_supply_temp")],
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Read one point now, from the device."""
    one = ask(socket, "POST", f"/api/points/{part(point)}/read", {})
    if json:
        print_json(one)
        return
    bad = "" if one["quality"] == "good" else f"  {one['quality'].upper()}: {one['reason']}"
    print(f"{one['id']} = {shown(one['value'], one['unit'])}  ({ago(one['age'])} old){bad}")
