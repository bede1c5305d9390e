"""`plantroom apply`: another site file on probation; kept with one word, or back by itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.client import ask
from agent.cli.exits import Exit, leave
from agent.cli.options import Json, Reason, Socket, read_long_duration
from agent.cli.output import ago, print_json


def apply(
    new: Annotated[
        Path | None, typer.Argument(help="the new site file; none shows what stands", metavar="NEW.YAML")
    ] = None,
    *,
    probation: Annotated[
        str, typer.Option("--probation", help="goes back by itself after this time, unless kept")
    ] = "15 min",
    keep: Annotated[bool, typer.Option("--keep", help="make the file on probation the site file")] = False,
    back: Annotated[bool, typer.Option("--back", help="take the file on probation back now")] = False,
    dry: Annotated[
        bool, typer.Option("--dry-run", help="check it and say what differs, change nothing")
    ] = False,
    reason: Reason = "by command line",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Try a new site file: the agent gives everything back, begins anew with it, and returns to the old one unless you keep it.

    It returns at once when an alarm is critical that was not before, when a device that answered falls silent, and when
    the agent does not stay up.
    """
    if keep or back:
        found = ask(socket, "POST", f"/api/site-file/{'keep' if keep else 'back'}", {"reason": reason})
        _tell(found, "kept" if keep else "taken back", json)
        return
    found = ask(socket, "GET", "/api/site-file")
    if new is None:
        _tell(found, "", json)
        return
    changes = _changes(new, Path(found["file"]))
    if dry and json:
        print_json({"changes": changes})
    elif not json:
        print("\n".join(changes) or "nothing differs but words")
    if dry:
        return
    _offer(new, Path(found["data"]))
    body = {"seconds": read_long_duration(probation), "reason": reason}
    _tell(ask(socket, "POST", "/api/site-file/try", body), "on probation", json)


def _changes(new: Path, present: Path) -> list[str]:
    """What differs; every mistake of the new file ends the command."""
    from agent.config.apply import diff
    from agent.config.load import load_site
    from agent.core.errors import ConfigurationError
    from agent.plugins import find_catalogue

    catalogue = find_catalogue()
    try:
        site = load_site(new, catalogue, beside=present)
    except ConfigurationError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        raise SystemExit(int(Exit.BAD_INPUT)) from None
    try:
        return [str(one) for one in diff(load_site(present, catalogue), site)]
    except ConfigurationError as error:
        leave(Exit.FAILED, f"the present site file cannot be read: {error.problems[0]}")


def _offer(new: Path, folder: Path) -> None:
    """Laid into the data folder, where the agent's user can read it whoever calls."""
    from agent.config.apply import write_site
    from agent.config.trial import OFFERED

    try:
        write_site(folder / OFFERED, new.read_bytes().decode(), generations=0)
        if os.geteuid() == 0:
            owner = folder.stat()
            os.chown(folder / OFFERED, owner.st_uid, owner.st_gid)
    except (OSError, UnicodeDecodeError) as error:
        leave(Exit.FAILED, f"{new} cannot be offered in {folder}: {error}")


def _tell(found: dict[str, Any], what: str, json: bool) -> None:
    if json:
        print_json(found)
    elif found["on_probation"]:
        crashes = f"; the agent fell over {found['crashes']} times" if found["crashes"] else ""
        print(
            f"{found['file']}: another file is on probation, by {found['owner']} ({found['reason']}){crashes}\n"
            f"it goes back by itself in {ago(found['seconds_left'])}; keep it with `plantroom apply --keep`"
        )
    else:
        print(f"{found['file']}: {what or 'nothing is on probation'}")
