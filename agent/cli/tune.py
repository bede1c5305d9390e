"""`plantroom tune`: parameters of a policy, for good or on probation; what was tuned, and taking it back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from agent.cli.client import ask, part
from agent.cli.exits import Exit, leave
from agent.cli.mode import print_change
from agent.cli.options import Json, Reason, Socket, read_long_duration, read_value
from agent.cli.output import ago, print_json, print_table, shown
from agent.core.point import Value

ENDS_ON = "critical"


def tune(
    policy: Annotated[
        str | None,
        typer.Argument(help="policy (with --undo also the id of a tuning); none lists what was tuned"),
    ] = None,
    values: Annotated[
        list[str] | None, typer.Argument(help="parameter=value ...", show_default=False)
    ] = None,
    *,
    probation: Annotated[
        str | None, typer.Option("--probation", help="48h: goes back by itself unless confirmed")
    ] = None,
    back_on: Annotated[
        str,
        typer.Option(
            "--back-on",
            help="alarms that end a probation at once: severity, or pattern of id or source, with commas; '' for none",
        ),
    ] = ENDS_ON,
    confirm: Annotated[bool, typer.Option("--confirm", help="keep what is on probation")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="take back the newest tuning")] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="say what would change, change nothing")] = False,
    reason: Reason = "by command line",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """List what was tuned, tune parameters, keep a probation, or take a tuning back."""
    if undo:
        body = {"which": policy or "", "reason": reason}
        _tell(ask(socket, "POST", "/api/tunings/undo", body), "taken back", json)
    elif confirm:
        _confirm(policy, reason, json, socket)
    elif policy is None:
        _list(json, socket)
    elif not values:
        leave(Exit.BAD_INPUT, "write parameter=value, such as shed_below=70")
    else:
        _tune(policy, read_values(values), (probation, back_on, reason, dry), json, socket)


def _confirm(policy: str | None, reason: str, json: bool, socket: Any) -> None:
    found = ask(socket, "GET", "/api/tunings")
    trials = [one for one in found if one["on_probation"] and policy in (None, one["id"], *one["values"])]
    if not trials:
        leave(Exit.BAD_INPUT, "nothing is on probation")
    path = f"/api/tunings/{part(trials[-1]['id'])}/confirm"
    _tell(ask(socket, "POST", path, {"reason": reason}), "kept for good", json)


def read_values(written: list[str]) -> dict[str, Value]:
    """`name=value` as names and values."""
    found: dict[str, Value] = {}
    for one in written:
        name, sign, value = one.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise typer.BadParameter(f"{one!r}: write parameter=value, such as shed_below=70")
        found[name.strip()] = read_value(value.strip())
    return found


def apply(
    socket: Any, policy: str, values: dict[str, Value], probation: str | None, back_on: str, reason: str
) -> dict[str, Any]:
    """Ask for it; the layer that was made."""
    body = {
        "values": values,
        "seconds": None if probation is None else read_long_duration(probation),
        "ends_on": back_on if probation is not None else "",
        "reason": reason,
    }
    made: dict[str, Any] = ask(socket, "POST", f"/api/policies/{part(policy)}/tune", body)
    return made


def _tune(
    policy: str,
    values: dict[str, Value],
    how: tuple[str | None, str, str, bool],
    json: bool,
    socket: Any,
) -> None:
    probation, back_on, reason, dry = how
    if dry:
        found = ask(socket, "POST", f"/api/policies/{part(policy)}/rehearsal", {"values": values})
        print_json(found) if json else print_change(found)
        return
    _tell(apply(socket, policy, values, probation, back_on, reason), "holds now", json)


def print_tuning(one: dict[str, Any], what: str) -> None:
    """One layer, and what became of it."""
    for policy, values in one["values"].items():
        print(f"{one['id']}: {policy} {', '.join(f'{name}={shown(v)}' for name, v in values.items())} {what}")
    if one["on_probation"] and what == "holds now":
        alarms = f", or at once on an alarm that fits {', '.join(one['ends_on'])}" if one["ends_on"] else ""
        print(
            f"it goes back by itself in {ago(one['seconds_left'])}{alarms}; keep it with `plantroom tune --confirm`"
        )


def _tell(one: dict[str, Any], what: str, json: bool) -> None:
    if json:
        print_json(one)
    else:
        print_tuning(one, what)


def _list(json: bool, socket: Any) -> None:
    found = ask(socket, "GET", "/api/tunings")
    if json:
        print_json(found)
        return
    if not found:
        print("nothing differs from the site file")
        return
    rows = [
        (
            one["id"],
            f"mode {one['name'] or 'none'} of {one['area']}"
            if one["layer"] == "mode"
            else ", ".join(one["values"]),
            "; ".join(
                f"{name}={shown(value)}"
                for values in one["values"].values()
                for name, value in values.items()
            ),
            one["owner"] or "-",
            "-" if one["seconds_left"] is None else ago(one["seconds_left"]),
            f"LEFT ASIDE: {one['left_aside']}" if one["left_aside"] else one["reason"],
        )
        for one in found
    ]
    print_table(("id", "what", "values", "by", "ends in", "reason"), rows)
