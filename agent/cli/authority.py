"""`plantroom authority`: who is in charge of each area, and how to change it."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.client import ask, part
from agent.cli.exits import Exit, leave
from agent.cli.options import Json, Reason, Socket
from agent.cli.output import ago, print_json, print_table
from agent.core.equipment import Authority


def authority(
    area: Annotated[str | None, typer.Argument(help="area; none lists all")] = None,
    to: Annotated[Authority | None, typer.Argument(help="bms, shadow or agent")] = None,
    reason: Reason = "",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Show or change who is in charge of an area.

    bms: released, nothing is written. shadow: the agent decides and records and writes nothing. agent: it is in charge.
    """
    if area is not None and to is not None:
        body = {"authority": to.value, "reason": reason or "by command line"}
        areas = [ask(socket, "POST", f"/api/areas/{part(area)}/authority", body)]
    else:
        areas = [one for one in ask(socket, "GET", "/api/areas") if area in (None, one["id"])]
        if not areas:
            known = ", ".join(one["id"] for one in ask(socket, "GET", "/api/areas"))
            leave(Exit.BAD_INPUT, f"there is no area {area!r}; there are {known}")
    if json:
        print_json(areas)
        return
    rows = [
        (one["id"], one["authority"], one["authority_by"], one["authority_reason"], ago(one["last_tick_age"]))
        for one in areas
    ]
    print_table(("area", "in charge", "set by", "reason", "last tick"), rows)
