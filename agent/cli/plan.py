"""`plantroom plan`: what policies have learned, how old it is, and what keeps the planner from learning."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from agent.cli.client import ask, part
from agent.cli.options import Json, Reason, Socket
from agent.cli.output import ago, clock_time, print_json, print_table


def plan(
    policy: Annotated[str | None, typer.Argument(help="one policy, with what it has learned")] = None,
    now: Annotated[bool, typer.Option("--now", help="learn afresh as soon as the planner is free")] = False,
    reason: Reason = "asked for by command line",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """List what policies have learned: age, fingerprint, last error."""
    if now and policy is None:
        raise typer.BadParameter("say which policy is to learn now")
    if policy is None:
        found = ask(socket, "GET", "/api/learned")
    elif now:
        found = [ask(socket, "POST", f"/api/policies/{part(policy)}/learn", {"reason": reason})]
    else:
        found = [ask(socket, "GET", f"/api/learned/{part(policy)}")]
    if json:
        print_json(found)
        return
    if not found:
        print("no policy of this site learns")
        return
    columns = ("policy", "learns", "state", "age", "made", "digest", "again in", "what stands in the way")
    print_table(columns, [_row(one) for one in found])
    if policy is not None and found[0]["content"] is not None:
        print()
        print_json(found[0]["content"])


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    failed = f"failed {one['failures']} times: {one['error']}" if one["failures"] else one["note"]
    return (
        one["policy"],
        f"{one['kind']} v{one['version']}",
        one["state"].replace("_", " "),
        ago(one["age"]),
        clock_time(one["made"]),
        (one["digest"] or "-")[:12],
        ago(one["next_in"]),
        failed,
    )
