"""`plantroom points`: what the agent knows of its points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from agent.cli.client import ask
from agent.cli.exits import Exit, leave
from agent.cli.options import Json, Pattern, Socket
from agent.cli.output import ago, print_json, print_table, shown

Found = Sequence[dict[str, Any]]


def points(
    pattern: Pattern = "",
    everything: Annotated[
        bool, typer.Option("--all", help="also what no machine of any area uses (JSON always has it)")
    ] = False,
    json: Json = False,
    socket: Socket = None,
) -> None:
    """List points: value, age, quality, what they are set to.

    Without a pattern the table holds what the machines of the areas use, machine by machine.
    """
    found = matching(socket, pattern)
    if json:
        print_json(found)
        return
    listed = found if pattern or everything else [one for one in found if one["equipment"]] or found
    grouped = list(_by_machine(listed) if not pattern else map(_row, listed))
    print_table(("point", "value", "age", "quality", "set to", "why"), grouped)
    if len(listed) < len(found):
        print(f"\n{len(listed)} of {len(found)} points; `plantroom points --all` lists the others too")


def matching(socket: Any, pattern: str) -> Found:
    """Points by shell pattern; a plain word finds every id with that word in it. Ends the command when there is none."""
    found: Found = ask(socket, "GET", "/api/points", pattern=pattern or "*")
    if not found and not set(pattern) & set("*?["):
        found = ask(socket, "GET", "/api/points", pattern=f"*{pattern}*")
    if not found and pattern:
        leave(Exit.BAD_INPUT, f"no point matches {pattern!r}; `plantroom points --all` lists them all")
    return found


def _by_machine(listed: Found) -> Iterator[tuple[str, ...] | str]:
    """The rows of each machine under its name, what belongs to none at the end."""
    machines: dict[str, list[dict[str, Any]]] = {}
    for one in listed:
        title = f"{one['equipment']} (area {one['area']})" if one["equipment"] else "used by no machine"
        machines.setdefault(title, []).append(one)
    for title in sorted(machines, key=lambda text: text == "used by no machine"):
        yield title
        yield from map(_row, sorted(machines[title], key=lambda one: not one["commandable"]))


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    set_to = shown(one["decided"], one["unit"]) if one["commandable"] else ""
    reason = one["decided_reason"].removeprefix(f"{set_to}: ")
    if one["decided"] is None and reason.startswith("released: "):
        set_to, reason = "released", ""
    quality, fault = one["quality"], one["reason"]
    if one["commandable"] and fault.startswith(("last sent", "can only be written")):
        quality, fault = "write only", ""  # having no reading is this point's normal state
    elif quality == "good":
        fault = ""
    if quality == "bad":
        quality = "BAD"
    why = "; ".join(part for part in (f"{quality}: {fault}" if fault else "", reason) if part)
    return (one["id"], shown(one["value"], one["unit"]), ago(one["age"]), quality, set_to, why)
