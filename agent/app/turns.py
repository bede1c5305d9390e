"""Runs an agent from a site file, one turn after the other: a new turn begins when another file goes on probation or back.

A turn that ends in order has given everything back, so the next one begins as after any start: read, adopt, then write. A file on
probation under which the agent falls over goes back here, after what it had taken was given back by its own plan.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from agent.app.front import Ready
from agent.app.run import give_back_taken, run_site
from agent.config.trial import MOST_CRASHES, Present, Trial, end_trial, keep_trial, present_site
from agent.control.run_state import ENDED, RUN, STATE
from agent.control.site_lock import SiteLockedError
from agent.core.clock import Clock
from agent.core.errors import StoreError
from agent.core.site import Catalogue
from agent.plugins import find_named
from agent.safety.authority import DWELL
from agent.telemetry.store import read_documents

log = logging.getLogger("plantroom")


async def run_agent(
    config: Path,
    *,
    clock: Clock | None = None,
    catalogue: Catalogue | None = None,
    ready: Ready = log.info,
    dwell: float = DWELL,
) -> None:
    """Run until cancelled. Raises ConfigurationError, SiteLockedError or StoreError before anything is started."""
    catalogue = catalogue or find_named()
    ended: Trial | None = None
    while True:
        present = await asyncio.to_thread(present_site, config, catalogue, ended)
        if present.trial is None or not present.on_probation:
            await run_site(present.site, catalogue, clock=clock, ready=ready, dwell=dwell, present=present)
        elif await asyncio.to_thread(_fell, present.site.store.path):
            ended = await _after_a_fall(present, present.trial, catalogue, clock, (ready, dwell))
        else:
            ended = await _on_probation(present, present.trial, catalogue, clock, (ready, dwell))


async def _on_probation(
    present: Present, trial: Trial, catalogue: Catalogue, clock: Clock | None, how: tuple[Ready, float]
) -> Trial | None:
    """One turn; the probation's end where the agent could not be run with this file at all."""
    ready, dwell = how
    try:
        await run_site(present.site, catalogue, clock=clock, ready=ready, dwell=dwell, present=present)
    except SiteLockedError:
        raise
    except Exception as error:  # whatever a new file can bring about: the old one is known to work
        log.exception("the agent ended with the site file on probation")
        return await asyncio.to_thread(end_trial, present.folder, trial, f"the agent ended: {_said(error)}")
    return None


async def _after_a_fall(
    present: Present, trial: Trial, catalogue: Catalogue, clock: Clock | None, how: tuple[Ready, float]
) -> Trial | None:
    """The last run died under this file: once may be chance, twice is the file."""
    trial = replace(trial, crashes=trial.crashes + 1)
    if trial.crashes < MOST_CRASHES:
        try:
            await asyncio.to_thread(keep_trial, present.folder, trial)
        except OSError as error:
            log.error("that the agent fell over cannot be stored: %s", error)
        return await _on_probation(replace(present, trial=trial), trial, catalogue, clock, how)
    over = await asyncio.to_thread(
        end_trial, present.folder, trial, f"the agent fell over {trial.crashes} times"
    )
    try:  # what was taken under this file is given back by its plan; the old one may not know those points
        await give_back_taken(present.site, catalogue, clock=clock, ready=log.info)
    except SiteLockedError:
        raise
    except Exception:  # with this file nothing can be done any more, not even that
        log.exception("what was taken with the site file on probation could not be given back")
    return over


def _fell(store: str) -> bool:
    """Whether the last run did not end by itself."""
    try:
        return bool(read_documents(store, RUN).get(STATE, {}).get("state", ENDED) != ENDED)
    except StoreError as error:
        log.warning("how the last run ended cannot be read: %s", error)
        return True


def _said(error: Exception) -> str:
    """The first cause, in one line."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]
