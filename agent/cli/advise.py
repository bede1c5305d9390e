"""`plantroom advise`: lamp times told to staff, who switch; without any hardware on the sites."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.exits import Exit, leave
from agent.cli.output import print_table
from agent.core.errors import ConfigurationError, PlantroomError

if TYPE_CHECKING:
    from agent.advisory.model import Advisory


def advise(
    config: Annotated[Path, typer.Option("--config", "-c", help="the advisory file", dir_okay=False)],
    check: Annotated[bool, typer.Option("--check", help="only check the file")] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="print what would be told today; nothing is sent")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="print what nobody has answered, from the store")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v")] = False,
) -> None:
    """Tell staff when to switch the lamps of many sites, and notice what was not done.

    Times go to WeCom, DingTalk or Feishu group robots, e-mail or a webhook; staff confirm by a link. What is not
    confirmed, or what a meter sees burning or dark, goes to the next person. It runs until it is told to stop.
    """
    from agent.app.advisory_file import load_advisory

    try:
        if check or preview or status:
            advisory = load_advisory(config)
            if check:
                print(f"{config}: no errors; {len(advisory.sites)} sites, {len(advisory.channels)} channels")
            if preview:
                _preview(advisory)
            if status:
                _status(config, advisory)
            return
        _run(config, verbose)
    except ConfigurationError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        raise SystemExit(int(Exit.BAD_INPUT)) from None
    except (PlantroomError, OSError, sqlite3.Error) as error:
        leave(Exit.FAILED, str(error))


def _run(config: Path, verbose: bool) -> None:
    from agent.app.advisory import run_advisory
    from agent.app.run import run_to_end

    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for chatty in ("aiohttp", "asyncio"):  # their debug lines hold addresses, and those hold keys
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        run_to_end(run_advisory(config, ready=lambda text: print(text, flush=True)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return


def _preview(advisory: Advisory) -> None:
    from agent.advisory.desk import changes_of
    from agent.advisory.model import TaskKind
    from agent.advisory.words import sentence
    from agent.calc.lamp_year import evenings

    rows = []
    for site in advisory.sites.values():
        day: dt.date = site.place.local(time.time()).date()
        (evening,) = evenings(site.place, day, 1)
        text = sentence(advisory.service.language, TaskKind.TIMES, {"changes": changes_of(site, evening)})
        rows.append((site.id, site.place.name, site.channel, str(day), text or "no change"))
    print_table(("site", "name", "channel", "night of", "times"), rows)


def _status(config: Path, advisory: Advisory) -> None:
    from agent.advisory.store import AdvisoryStore
    from agent.app.advisory import store_path

    path = store_path(config, advisory)
    if not path.exists():
        leave(Exit.FAILED, f"there is no store {path} yet")
    store = AdvisoryStore(path)
    try:
        counts, open_tasks = store.counts(), store.tasks.unsettled()
    finally:
        store.close()
    for table, states in counts.items():
        print(f"{table}: " + (", ".join(f"{number} {state}" for state, number in states.items()) or "none"))
    if open_tasks:
        print_table(
            ("site", "what", "state", "told", "key"),
            [(one.site, one.kind, one.state, str(one.step + 1), one.key) for one in open_tasks],
        )
