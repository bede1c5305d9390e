"""`plantroom demo`."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.core.errors import ConfigurationError, PlantroomError

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
        _run(run_demo(speed=speed, data=data, port=port, start=begin))
    except (PlantroomError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


def simulate(
    config: Annotated[Path, typer.Argument(help="the site file", metavar="SITE.YAML")],
) -> None:
    """Stand in for the devices of a site file.

    Every device answers on the address its bus has in the site file, as its profile says, with plausible values. For
    trying a site before its devices are there.
    """
    from hil.stand_in import simulate as stand_in

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        _run(stand_in(config))
    except ConfigurationError as error:
        for problem in error.problems:
            typer.echo(f"error: {problem}", err=True)
        raise typer.Exit(2) from None
    except PlantroomError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


def main() -> None:
    """`python -m hil.demo`."""
    typer.run(demo)


def _run(work: Coroutine[Any, Any, None]) -> None:
    """To the end or to the first Ctrl-C or SIGTERM, which both end it in good order."""

    async def guarded() -> None:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: task and task.cancel())
        try:
            await work
        except asyncio.CancelledError:
            typer.echo("ended")

    asyncio.run(guarded())
