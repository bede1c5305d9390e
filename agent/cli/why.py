"""`plantroom why`: the full answer to why a commanded point is what it is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from agent.cli.client import ask, part
from agent.cli.options import Json, Socket
from agent.cli.output import ago, print_json, print_table, shown


def why(
    point: Annotated[str, typer.Argument(help="point id")],
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Say why a point is set as it is.

    The sentence, then every claim by priority, what limited the winner, what was written and what the policy looked at.
    """
    answer = ask(socket, "GET", f"/api/points/{part(point)}/why")
    if json:
        print_json(answer)
        return
    one = answer["point"]
    print(f"{one['id']} reads {shown(one['value'], one['unit'])} ({one['quality']}, {ago(one['age'])} old)")
    print(answer["sentence"])
    print(
        f"authority {answer['authority']}, write {answer['write_state']}, last sent {shown(answer['written'])}"
    )
    if answer["claims"]:
        print()
        rows = [_claim(claim) for claim in answer["claims"]]
        print_table(("priority", "who", "value", "bounds", "ends in", "reason"), rows)
    for limit in answer["limited_by"]:
        before, after = shown(limit["before"]), shown(limit["after"])
        print(f"  {limit['stage']} by {limit['by']}: {before} -> {after}: {limit['reason']}")
    for one in answer["learned"]:
        print(f"  learned: {one['kind']} v{one['version']} {one['digest'][:12]}, {ago(one['age'])} old")
    if answer["inputs"]:
        print()
        looked = [
            (seen["id"], shown(seen["value"], seen["unit"]), seen["quality"]) for seen in answer["inputs"]
        ]
        print_table(("looked at", "value", "quality"), looked)


def _claim(claim: dict[str, Any]) -> tuple[str, ...]:
    low, high = claim["low"], claim["high"]
    bounds = "" if low is None and high is None else f"{shown(low)} .. {shown(high)}"
    left = ago(claim["seconds_left"])
    return (str(claim["priority"]), claim["source"], shown(claim["value"]), bounds, left, claim["reason"])
