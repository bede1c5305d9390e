"""`plantroom mode`: the modes of an area; one word re-parameterises all its policies, with a preview of what will change."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from agent.cli.client import ask, part
from agent.cli.exits import Exit, leave
from agent.cli.options import Json, Reason, Socket, read_long_duration
from agent.cli.output import ago, print_json, print_table, shown


def mode(
    area: Annotated[str | None, typer.Argument(help="area; none lists all")] = None,
    name: Annotated[str | None, typer.Argument(help="the mode to choose")] = None,
    *,
    preview: Annotated[bool, typer.Option("--preview", help="say what would change, change nothing")] = False,
    duration: Annotated[
        str | None, typer.Option("--for", help="until it ends by itself: 4 h; without it, until --end")
    ] = None,
    none: Annotated[
        bool, typer.Option("--none", help="no mode, whatever the calendar says: the site file as it is")
    ] = False,
    end: Annotated[bool, typer.Option("--end", help="end the choice: the calendar says again")] = False,
    reason: Reason = "by command line",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """List the modes of an area, preview one, choose one, or end it."""
    if area is None or (name is None and not none and not end):
        _list(area, json, socket)
        return
    where = f"/api/areas/{part(area)}"
    if preview:
        found = ask(socket, "GET", f"{where}/mode-preview", mode=name or "")
        print_json(found) if json else print_change(found)
    elif end:
        _tell(ask(socket, "POST", f"{where}/mode/end", {"reason": reason}), json)
    else:
        seconds = None if duration is None else read_long_duration(duration)
        body = {"mode": name or "", "seconds": seconds, "reason": reason}
        _tell(ask(socket, "POST", f"{where}/mode", body), json)


def print_change(found: dict[str, Any]) -> None:
    """Old and new of each parameter, and of each point in this moment."""
    if not found["parameters"]:
        print("no parameter would change")
    else:
        rows = [
            (
                f"{one['policy']}.{one['parameter']}",
                shown(one["old"], one["unit"]),
                shown(one["new"], one["unit"]),
                one["by"],
                f"{', '.join(one['restarts'])} begin anew" if one["restarts"] else "",
            )
            for one in found["parameters"]
        ]
        print_table(("parameter", "now", "then", "now by", "timers"), rows)
    print()
    if found["points"]:
        points = [
            (one["point"], shown(one["old"], one["unit"]), shown(one["new"], one["unit"]), one["reason"])
            for one in found["points"]
        ]
        print_table(("set otherwise right now", "now", "then", "why"), points)
    else:
        print("right now no commanded point would be set otherwise")
    if found["note"]:
        print(found["note"])


def _list(area: str | None, json: bool, socket: Any) -> None:
    areas = [one for one in ask(socket, "GET", "/api/areas") if area in (None, one["id"])]
    if area is not None and not areas:
        leave(Exit.BAD_INPUT, f"there is no area {area!r}")
    if json:
        print_json([{"area": one["id"], "mode": one["mode"], "modes": one["modes"]} for one in areas])
        return
    rows = [
        (
            one["id"],
            each["name"],
            _standing(each["chosen"]),
            ", ".join(each["calendar"]) or "-",
            each["help"],
        )
        for one in areas
        for each in one["modes"]
    ]
    if rows:
        print_table(("area", "mode", "holds", "calendar", "what for"), rows)
    else:
        print("the site file names no modes (areas: {...: {modes: ...}})")


def _standing(chosen: dict[str, Any] | None) -> str:
    if chosen is None:
        return "-"
    left = "" if chosen["seconds_left"] is None else f", {ago(chosen['seconds_left'])} left"
    return f"by {chosen['owner']}{left}"


def _tell(area: dict[str, Any], json: bool) -> None:
    if json:
        print_json(area)
        return
    chosen = area["mode"]
    name = chosen["name"] or "none, the site file as it is" if chosen else "none, the site file as it is"
    print(f"{area['id']}: mode {name}{'' if chosen is None else ' ' + _standing(chosen)}")
    if area["authority"] != "agent":
        print(f"nothing is written for now: the area is in {area['authority']}, not in the agent's hands")
