"""`plantroom well`: whether a running agent does all that it is there for. For updates, monitors and the morning round."""

from __future__ import annotations

import json as to_json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.client import find_socket, quiet_ask
from agent.cli.exits import Exit, leave
from agent.cli.options import Json, Socket, read_duration
from agent.cli.output import print_json

LOOK = 0.5  # seconds between looks
LATE = 3.0  # ticks an area may be behind; and a second


def well(
    within: Annotated[
        str | None, typer.Option("--within", help="wait this long for it: 60 s; without it one look")
    ] = None,
    like: Annotated[
        Path | None,
        typer.Option("--like", help="also everything that was well in this earlier answer (--json)"),
    ] = None,
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Say whether the agent answers, every area decides, the store keeps and the buses are up.

    Exit code 1 when something is not well (with --like: a bus that was down before may be down), 3 when no agent answers.
    """
    ends = time.monotonic() + (0.0 if within is None else read_duration(within))
    before = None if like is None else _earlier(like)
    while True:
        found = _look(find_socket(socket))
        wrong = _wrong(found, before)
        if not wrong or time.monotonic() >= ends:
            break
        time.sleep(LOOK)
    if json:
        print_json({**found, "wrong": wrong})
    elif not wrong:
        print(f"{found['site']}: all is well (plantroom {found['version']})")
    if wrong:
        leave(Exit.FAILED if found["answers"] else Exit.NO_AGENT, "; ".join(wrong))


def _look(place: str) -> dict[str, Any]:
    """What is well and what is not, in plain values."""
    try:
        health, areas = quiet_ask(place, "/api/health"), quiet_ask(place, "/api/areas")
    except (OSError, ValueError) as error:
        return {"answers": False, "error": f"no agent answers at {place} ({type(error).__name__})"}
    return {
        "answers": True,
        "site": health["site"],
        "version": health["version"],
        "areas": {one["id"]: _decides(one) for one in areas},
        "buses": {one["id"]: one["state"] == "up" for one in health["buses"]},
        "store": health["store"]["state"] == "ok",
    }


def _decides(area: dict[str, Any]) -> bool:
    age = area["last_tick_age"]
    return age is not None and age <= LATE * area["tick"] + 1.0 and not area["faults"]


def _wrong(found: dict[str, Any], before: dict[str, Any] | None) -> list[str]:
    if not found["answers"]:
        return [found["error"]]
    wrong = [f"area {name} does not decide" for name, good in found["areas"].items() if not good]
    wrong += [
        f"bus {name} is down"
        for name, up in found["buses"].items()
        if not up and (before is None or before.get("buses", {}).get(name))
    ]
    if not found["store"]:
        wrong.append("samples cannot be stored")
    return wrong


def _earlier(file: Path) -> dict[str, Any]:
    """Where no agent answered then, it names no buses."""
    try:
        found = to_json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}") from error
    return found if isinstance(found, dict) else {}
