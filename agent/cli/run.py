"""`plantroom run`: the agent proper."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.exits import Exit, leave
from agent.core.errors import ConfigurationError, PlantroomError


def run(
    config: Annotated[Path, typer.Option("--config", "-c", help="the site file")],
    verbose: Annotated[bool, typer.Option("--verbose", "-v")] = False,
) -> None:
    """Run the agent of a site.

    It runs until it is told to stop (Ctrl-C, SIGTERM); on the way out all equipment is given back.
    """
    from agent.app import run_agent, run_to_end

    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for chatty in ("asyncua", "apscheduler", "pymodbus"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        run_to_end(run_agent(config, ready=lambda text: print(text, flush=True)))
    except ConfigurationError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        raise SystemExit(int(Exit.BAD_INPUT)) from None
    except (PlantroomError, OSError) as error:
        leave(Exit.FAILED, str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return
