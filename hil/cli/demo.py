"""`plantroom demo`."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.core.errors import PlantroomError
from hil.cli.running import run_to_the_end

DEFAULT_FOLDER = Path("plantroom-demo")


def demo(
    speed: Annotated[float, typer.Option(min=0.1, max=600.0, help="How many times as fast as life.")] = 1.0,
    data: Annotated[Path, typer.Option(help="Working folder; what it recorded is kept.")] = DEFAULT_FOLDER,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="Port of the page; 0: any free ports, for this and all else."),
    ] = 8080,
    start: Annotated[str, typer.Option(help="UTC time the site begins at, e.g. 2026-07-15T06:00.")] = "",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the log.")] = False,
) -> None:
    """Run a simulated site and the agent in charge of it.

    Plant, devices on real sockets, an embedded cloud and the agent with its page, in one process. Ctrl-C gives all
    equipment back and ends it.
    """
    try:
        begin = datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp() if start else None
    except ValueError as error:
        raise typer.BadParameter("write a time such as 2026-07-15T06:00", param_hint="--start") from error
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    from hil.demo import demo as run_demo  # asyncua, aiohttp and amqtt: half a second nobody else should pay

    for chatty in ("asyncua", "apscheduler", "pymodbus"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    if start:  # the OPC UA library's server keeps the wall clock, whatever the site's is
        logging.getLogger("plantroom.opcua").setLevel(logging.ERROR)
    try:
        run_to_the_end(run_demo(speed=speed, data=data, port=port, start=begin))
    except (PlantroomError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


def main() -> None:
    """`python -m hil.demo`."""
    typer.run(demo)
