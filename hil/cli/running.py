"""How a command that runs until it is ended is run, and how its errors are said."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

import typer

from agent.core.errors import ConfigurationError, PlantroomError


def run_to_the_end(work: Coroutine[Any, Any, None]) -> None:
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


def run_or_explain(work: Coroutine[Any, Any, None]) -> None:
    """Like `run_to_the_end`; a file that is wrong ends with code 2, anything else that is known with 1."""
    try:
        run_to_the_end(work)
    except ConfigurationError as error:
        for problem in error.problems:
            typer.echo(f"error: {problem}", err=True)
        raise typer.Exit(2) from None
    except PlantroomError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
