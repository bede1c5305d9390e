"""`plantroom group-test`: move every lamp group by hand for some seconds and see whether it follows; kept for the acceptance."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from agent.cli.client import ask, part
from agent.cli.exits import Exit, leave
from agent.cli.options import Config, Json, Socket
from agent.cli.output import print_json, print_table
from agent.core.errors import ConfigurationError, StoreError

KIND = "group_test"
BRIGHT, LESS = 100.0, 80.0  # %: up where there is room, else a little down; nobody is left in the dark
AT_ONCE = 10  # groups
HELD = 60.0  # s until the hand lets go by itself, whatever becomes of this command
PATIENCE = 15.0  # s beyond the point's settle time
EVERY = 0.5
TOLERANCE = 0.5  # %


@dataclass(slots=True)
class Tried:
    """One group. `override`: of ours, to be taken back; empty where somebody else holds the group."""

    group: str
    name: str
    point: str
    shows: str
    patience: float
    asked: float = 0.0
    shown: float | None = None
    seconds: float | None = None
    ok: bool = False
    note: str = ""
    override: str = ""


def group_test(
    config: Config,
    groups: Annotated[
        list[str] | None, typer.Argument(help="lamp groups; none: all of the site", show_default=False)
    ] = None,
    watching: Annotated[str, typer.Option("--watching", "-w", help="name of the person who watches")] = "",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Move every lamp group by hand for some seconds and see whether it follows.

    Up where there is room, else a little down. Kept in the store for `plantroom report acceptance`. Exit code 1 when one did not follow.
    """
    from agent.config.load import load_site
    from agent.plugins import find_catalogue

    if not watching.strip():
        leave(Exit.BAD_INPUT, "somebody has to stand under the lamps: name who watches with --watching NAME")
    try:
        site = load_site(config, find_catalogue())
        tried = list(_chosen(site, groups or []))
        for start in range(0, len(tried), AT_ONCE):
            _try(tried[start : start + AT_ONCE], socket, watching.strip())
        record = _keep(site, watching.strip(), tried)
    except ConfigurationError as error:
        leave(Exit.BAD_INPUT, str(error))
    except StoreError as error:
        leave(Exit.FAILED, f"the record cannot be kept: {error}")
    _show(record, tried, json)


def kept_tests(store: str) -> list[str]:
    """All tests on record, in words. Raises StoreError."""
    from agent.telemetry.store import read_documents

    return [
        f"{when} group test {'passed' if one['passed'] else 'NOT passed'} "
        f"({sum(group['ok'] for group in one['groups'])} of {len(one['groups'])}), watched by {one['watching']}"
        for when, one in sorted(read_documents(store, KIND).items())
    ]


def _chosen(site: Any, wanted: Sequence[str]) -> Iterator[Tried]:
    points = {point.id: point for device in site.devices.values() for point in device.points.values()}
    lit = {one.id: one for one in site.equipment.values() if one.kind == "lamp_group"}
    for name in wanted:
        if name not in lit:
            leave(Exit.BAD_INPUT, f"there is no lamp group {name!r}")
    for one in lit.values():
        point = points.get(one.roles.get("lamp_level", ""))
        if point is not None and (not wanted or one.id in wanted):
            patience = point.writing.settle + PATIENCE
            yield Tried(one.id, one.name or one.id, point.id, point.writing.feedback or point.id, patience)


def _try(tried: Sequence[Tried], socket: Socket, watching: str) -> None:
    """Hold them all, look until each has answered or its time is up, let go."""
    standing = {one["command"]["point"] for one in ask(socket, "GET", "/api/overrides")}
    mine = [one for one in tried if one.point not in standing]
    for one in tried:
        if one.point in standing:
            one.note = "somebody holds it by hand"
    try:
        for one in mine:
            level = ask(socket, "GET", f"/api/points/{part(one.point)}")["value"]
            up = isinstance(level, int | float) and level <= LESS
            one.asked = BRIGHT if up else LESS
            body = {"value": one.asked, "seconds": HELD, "reason": f"group test, {watching} watches"}
            one.override = str(ask(socket, "POST", f"/api/points/{part(one.point)}/override", body)["id"])
        _look(mine, socket)
    finally:
        for one in mine:
            if one.override:
                ask(socket, "DELETE", f"/api/overrides/{part(one.override)}")


def _look(tried: Sequence[Tried], socket: Socket) -> None:
    began = time.monotonic()
    open_ = list(tried)
    while open_:
        for one in open_:
            found = ask(socket, "GET", f"/api/points/{part(one.shows)}")
            one.shown = found["value"] if found["quality"] == "good" else None
            one.ok = isinstance(one.shown, int | float) and abs(one.shown - one.asked) <= TOLERANCE
            one.seconds = round(time.monotonic() - began, 1) if one.ok else None
        passed = time.monotonic() - began
        open_ = [one for one in open_ if not one.ok and passed < one.patience]
        if open_:
            time.sleep(EVERY)


def _keep(site: Any, watching: str, tried: Sequence[Tried]) -> dict[str, Any]:
    from agent.telemetry.store import write_document

    record = {
        "site": site.place.name,
        "watching": watching,
        "passed": bool(tried) and all(one.ok for one in tried),
        "groups": [asdict(one) for one in tried],
    }
    write_document(site.store.path, KIND, datetime.now(UTC).isoformat(timespec="seconds"), record)
    return record


def _show(record: dict[str, Any], tried: Sequence[Tried], json: bool) -> None:
    if json:
        print_json(record)
    else:
        rows = [
            (
                one.name,
                f"{one.asked:g} %",
                "-" if one.shown is None else f"{one.shown:g} %",
                "-" if one.seconds is None else f"{one.seconds:g} s",
                one.note or ("yes" if one.ok else "NO"),
            )
            for one in tried
        ]
        print_table(("group", "asked", "shown", "after", "followed"), rows)
    if not record["passed"]:
        leave(Exit.FAILED, "not every group was seen to follow")
