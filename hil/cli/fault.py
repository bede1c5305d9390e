"""`plantroom hil fault`: faults thrown by hand at a running demonstration or `hil serve`, over its socket."""

from __future__ import annotations

import json
import os
import re
import socket
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.options import Json, read_duration
from agent.cli.output import print_json, print_table

PLACES = ("plantroom-demo/hil.sock", "plantroom-hil/hil.sock")
PATIENCE = 10.0
_AMOUNT = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*[%A-Za-z/]*\s*")

Socket = Annotated[
    Path | None, typer.Option("--socket", help="socket of the bench (or $PLANTROOM_HIL_SOCKET)")
]
Where = Annotated[
    str, typer.Argument(metavar="PATH", help="bus:ID, device:ID, point:ID or plant:MACHINE; ID may be *")
]

fault = typer.Typer(
    help="Faults on wire, devices and plant of a running demonstration or `hil serve`.", no_args_is_help=True
)


@fault.command("list")
def list_faults(
    possible: Annotated[
        bool, typer.Option("--possible", "-p", help="what can be thrown, not what stands")
    ] = False,
    socket_path: Socket = None,
    as_json: Json = False,
) -> None:
    """Show the faults that stand, or all that can be thrown."""
    found = _ask(socket_path, {"do": "possible" if possible else "list"})
    if as_json:
        print_json(found)
    elif not found:
        typer.echo("nothing is broken")
    else:
        rows = _gathered(found) if possible else found
        print_table(("path", "kind", "amount", "what happens"), [_row(one) for one in rows])


@fault.command("throw")
def throw(
    path: Where,
    kind: Annotated[
        str, typer.Argument(help="kind of fault; see `list --possible`", show_default=False)
    ] = "",
    amount: Annotated[str, typer.Option(help="how much, in the unit of the kind: 10%, 2, 0.5s")] = "",
    duration: Annotated[str, typer.Option("--for", help="mend it after so long: 90 s, 5 min, 2 h")] = "",
    socket_path: Socket = None,
    as_json: Json = False,
) -> None:
    """Break something: `throw bus:plant loss --amount 10% --for 5min`, `throw plant:chiller_1.trip`."""
    seconds = read_duration(re.sub(r"(?<=\d)m$", "min", duration.strip())) if duration else None
    request = {"do": "throw", "path": path, "kind": kind, "amount": _amount(amount), "seconds": seconds}
    made = _ask(socket_path, request)
    if as_json:
        print_json(made)
    else:
        typer.echo(f"{made['path']} {made['kind']}: {made['help']}")


@fault.command("mend")
def mend(
    path: Annotated[str, typer.Argument(metavar="PATH", help="* for everything")],
    kind: Annotated[str, typer.Argument(help="only this kind", show_default=False)] = "",
    socket_path: Socket = None,
    as_json: Json = False,
) -> None:
    """End what was thrown at a path, or everything."""
    mended = _ask(socket_path, {"do": "mend", "path": path, "kind": kind})
    if as_json:
        print_json(mended)
    else:
        names = ", ".join(f"{one['path']} {one['kind']}" for one in mended)
        typer.echo(f"mended: {names}" if names else "nothing of that stood")


def _gathered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a kind for what can befall many places; the places are counted, `--json` names them all."""
    kinds: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in found:
        place, _, name = one["path"].partition(":")
        key = (one["path"] if place in ("plant", "bus") else place, one["kind"])
        kinds.setdefault(key, []).append(one | {"path": f"{place}:{name}"})
    rows = []
    for (place, _), same in kinds.items():
        first = same[0]
        many = len(same) > 1
        rows.append(first | {"path": f"{place}:... ({len(same)})", "amount": None} if many else first)
    return rows


def _row(one: dict[str, Any]) -> tuple[str, str, str, str]:
    amount = "" if one["amount"] is None else f"{one['amount']:g} {one['unit']}".strip()
    return one["path"], one["kind"], amount, one["help"]


def _amount(text: str) -> float | None:
    if not text:
        return None
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise typer.BadParameter(f"{text!r} is not a number", param_hint="--amount")
    return float(match[1])


def _find_socket(given: Path | None) -> str:
    named = str(given) if given is not None else os.environ.get("PLANTROOM_HIL_SOCKET")
    return named or next((place for place in PLACES if Path(place).is_socket()), PLACES[0])


def _ask(given: Path | None, request: dict[str, Any]) -> Any:
    """What the bench answers. Ends the command with 1 where it refuses, with 3 where there is none."""
    place = _find_socket(given)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(PATIENCE)
            line.connect(place)
            line.sendall(json.dumps(request).encode() + b"\n")
            with line.makefile("rb") as stream:
                answer = json.loads(stream.readline() or b'{"error": "no answer"}')
    except OSError as error:
        typer.echo(f"error: no bench answers at {place}: {error.strerror or error}", err=True)
        raise typer.Exit(3) from None
    if "error" in answer:
        typer.echo(f"error: {answer['error']}", err=True)
        raise typer.Exit(1)
    return answer["ok"]
