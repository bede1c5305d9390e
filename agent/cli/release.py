"""`plantroom release`: give the equipment back to its own control, whether the agent lives, hangs or is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.client import ask
from agent.cli.exits import Exit, leave
from agent.cli.options import Json, Reason, Socket
from agent.cli.output import print_json, print_table, shown
from agent.core.errors import ConfigurationError, PlantroomError


def release(
    area: Annotated[str | None, typer.Argument(help="one area; none gives back all of them")] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", help="site file: release without the agent, ending it first if it hangs"
        ),
    ] = None,
    if_crashed: Annotated[
        bool,
        typer.Option(
            "--if-crashed", help="do nothing when the agent gave everything back itself (for systemd)"
        ),
    ] = False,
    reason: Reason = "released by command line",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Give equipment back to local control.

    Exit code 4 when something could not be reached (NOT RELEASED).
    """
    if config is None:
        rows = ask(socket, "POST", "/api/release", {"area": area, "reason": reason})
    else:
        rows = _alone(config, area, if_crashed)
    if json:
        print_json(rows)
    else:
        print_table(
            ("point", "given back as", "result"),
            [
                (row["point"], shown(row["value"]), "ok" if row["ok"] else f"NOT RELEASED: {row['error']}")
                for row in rows
            ],
        )
    missing = [row["point"] for row in rows if not row["ok"]]
    if missing:
        leave(Exit.NOT_RELEASED, f"NOT RELEASED: {', '.join(missing)}")


def _alone(config: Path, area: str | None, if_crashed: bool) -> list[dict[str, Any]]:
    from agent.release import release_alone

    try:
        return release_alone(config, area, only_if_crashed=if_crashed)
    except ConfigurationError as error:
        leave(Exit.BAD_INPUT, str(error))
    except (PlantroomError, OSError) as error:
        leave(Exit.NOT_RELEASED, f"NOT RELEASED: {error}")
