"""Runs an agent: lock, store, parts, tasks; and on the way out gives everything back.

The loops end first, so that nothing new is decided; then everything that was taken is given back while the buses
still run; then buses, uplinks and store end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.app.build import Parts, build
from agent.app.calendar import calendar_of
from agent.app.exports import exported_points, site_key
from agent.app.front import Ready, console_of, open_page
from agent.app.health import health
from agent.app.memory import keep_small, settle, tame, unsettle
from agent.app.watch import Watch
from agent.config.trial import Present
from agent.control.clock import SystemClock
from agent.control.lease_keeper import Hands, LeaseKeeper
from agent.control.resumed_clock import ResumedClock
from agent.control.run_state import ENDED, RUN, RUNNING, STATE
from agent.control.site_lock import SiteLock
from agent.control.site_trial import SiteTrial, Surroundings
from agent.control.watchdog import StallDetector, notify
from agent.core.clock import Clock
from agent.core.site import Catalogue, Site
from agent.safety.authority import DWELL
from agent.telemetry.store import Store
from agent.telemetry.uplinks import create_uplink
from agent.web.server import WebServer

log = logging.getLogger("plantroom")

OPEN_FILES = 65_536
BUS_PATIENCE = 5.0  # real seconds that a give-back after a crash waits for its buses


async def run_site(
    site: Site,
    catalogue: Catalogue,
    *,
    clock: Clock | None = None,
    ready: Ready = log.info,
    dwell: float = DWELL,
    started: Callable[[Parts], None] = lambda _parts: None,
    present: Present | None = None,
) -> None:
    """Run one site until cancelled, or until another site file is to be run (`present` says where this one came from).

    `started` is given the parts before they run (a test bench looks at them).
    """
    async with _built(site, catalogue, clock) as parts:
        store = parts.store
        before = store.documents(RUN).get(STATE, {}).get("state", ENDED)
        if before != ENDED or store.quarantined:
            log.warning("the last run did not end by itself, or its store was damaged")
            parts.charge.note_crash(dwell)
        await store.put(RUN, STATE, {"state": RUNNING})
        started(parts)
        trial = None if present is None else SiteTrial(present, _surroundings(parts, catalogue))
        try:
            await _serve(parts, Turn(ready, trial, give_back_first=before == RUNNING))
        except asyncio.CancelledError:  # told to stop: that is no crash
            store.put_soon(RUN, STATE, {"state": ENDED})  # kept by the store's own close
            raise
        store.put_soon(RUN, STATE, {"state": ENDED})


async def give_back_taken(site: Site, catalogue: Catalogue, *, clock: Clock | None, ready: Ready) -> None:
    """What a dead run of this site has taken, and no more: nothing is decided. Raises as `run_site`."""
    async with _built(site, catalogue, clock) as parts:
        await _serve(parts, Turn(ready, None, give_back_first=True, control=False))


@contextlib.asynccontextmanager
async def _built(site: Site, catalogue: Catalogue, clock: Clock | None) -> AsyncIterator[Parts]:
    """Lock, store and parts, on the clock that goes on where the last run ended."""
    lock = SiteLock(Path(site.store.path).parent)
    lock.acquire()
    try:
        async with _open_store(site, clock) as store:
            kept = store.documents("clock").get("site")
            if clock is None:
                clock = SystemClock(
                    latest_seen=float(kept["utc"]) if kept and kept.get("trusted", True) else 0.0,
                    always_trusted=site.place.clock == "always_trusted",
                )
            yield build(site, catalogue, store, ResumedClock(clock, kept))
    finally:
        lock.give_back()


def run_to_end(main: Coroutine[Any, Any, None]) -> None:
    """Run on the fastest event loop here; SIGINT and SIGTERM end it in order."""
    tame()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # strangers who hold the page's connections open must not cost the buses theirs
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, OPEN_FILES) if hard > 0 else OPEN_FILES, hard))
    try:
        import uvloop

        factory: Callable[[], asyncio.AbstractEventLoop] | None = uvloop.new_event_loop
    except ImportError:
        factory = None
    with asyncio.Runner(loop_factory=factory) as runner, contextlib.suppress(asyncio.CancelledError):
        runner.run(_until_told(main))


async def _until_told(main: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(main)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not task.cancelling():  # told again: a second cancel would cut the giving back short
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    with contextlib.suppress(asyncio.CancelledError):
        await task


@contextlib.asynccontextmanager
async def _open_store(site: Site, clock: Clock | None) -> AsyncIterator[Store]:
    now = time.time if clock is None else clock.utc
    store = await Store.open(site.store, site=site_key(site), now=now)
    try:
        yield store
    finally:
        await store.close()


@dataclass(frozen=True, slots=True)
class Turn:
    """How one site is run."""

    ready: Ready
    trial: SiteTrial | None  # None: from no site file of its own
    give_back_first: bool
    control: bool = True


def _surroundings(parts: Parts, catalogue: Catalogue) -> Surroundings:
    return Surroundings(
        clock=parts.clock,
        table=parts.table,
        alarms=parts.alarms,
        acted=parts.recorder.acted,
        catalogue=catalogue,
    )


def hands_of(parts: Parts, lease: LeaseKeeper) -> Hands:
    """What the lease moves when it comes or goes."""
    return Hands(
        poller=parts.by_device[lease.point.partition(".")[0]],
        table=parts.table,
        alarms=parts.alarms,
        handover=parts.handover,
        priors=parts.priors,
        loops=parts.loops,
        acted=parts.recorder.acted,
    )


async def _serve(parts: Parts, turn: Turn) -> None:
    """All tasks of a running agent; ends with everything given back."""
    exported = exported_points(parts.site)
    uplinks = {
        id_: create_uplink(uplink, parts.store, site=site_key(parts.site), points=exported)
        for id_, uplink in parts.site.uplinks.items()
    }
    outer = [asyncio.create_task(poller.run(), name=f"bus {id_}") for id_, poller in parts.pollers.items()]
    outer += [asyncio.create_task(uplink.run(), name=f"uplink {id_}") for id_, uplink in uplinks.items()]
    settle()
    stalls = StallDetector()
    stalls.start()
    try:
        if turn.give_back_first and parts.lease is None:  # with a lease: when it is known whose the plant is
            await _give_back_after_crash(parts)
        if turn.control:
            await _control(parts, uplinks, outer, turn)
        notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")  # READY=1 follows
    except BaseException:
        notify("STOPPING=1")
        raise
    finally:
        unsettle()
        turn.ready(await _give_back(parts))
        if parts.lease is not None:
            await parts.lease.free(hands_of(parts, parts.lease))
        for task in outer:
            task.cancel()
        await asyncio.gather(*outer, return_exceptions=True)
        stalls.stop()


async def _control(
    parts: Parts, uplinks: Mapping[str, Any], outer: list[asyncio.Task[None]], turn: Turn
) -> None:
    """Until it is cancelled, a part of it ends, or another site file is to be run."""
    started = parts.clock.utc()
    server = WebServer(
        console_of(parts, lambda: health(parts, uplinks, started, turn.trial), turn.trial),
        parts.site.web,
        Path(parts.site.store.path).parent,
    )
    jobs = calendar_of(parts)
    jobs.start()
    notify("READY=1")
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(loop.run(), name=f"area {name}") for name, loop in parts.loops.items()]
            tasks.append(group.create_task(Watch(parts, uplinks).run(), name="watch"))
            tasks.append(group.create_task(parts.planning.run(), name="planning"))
            tasks.append(group.create_task(open_page(parts, server, turn.ready), name="page"))
            tasks.append(group.create_task(keep_small(), name="memory"))
            tasks += [group.create_task(_must_live(task)) for task in outer]
            if parts.lease is not None:
                tasks.append(group.create_task(parts.lease.run(hands_of(parts, parts.lease)), name="lease"))
            if turn.trial is not None:
                await turn.trial.run()
                for task in tasks:
                    task.cancel()
    finally:
        jobs.stop()
        await server.stop()


async def _must_live(task: asyncio.Task[None]) -> None:
    """A bus or uplink task never ends by itself: if it does, the agent ends in order and is started anew."""
    await asyncio.wait([task])
    if task.cancelled():
        return
    raise RuntimeError(f"{task.get_name()} ended") from task.exception()


async def _give_back(parts: Parts) -> str:
    """Give back everything that was taken, and the sentence that says so. Whoever cancels it does not stop the writes under way."""
    for name, loop in parts.loops.items():
        if loop.memory.last_tick is not None:
            parts.recorder.checkpoint(
                loop.memory.last_tick, loop.memory.safety, parts.loops[name].policies.values(), now=True
            )
    # at once: nobody is there to try again, or the guards' past died with the last run
    rows = await asyncio.shield(asyncio.ensure_future(parts.handover.release(None, at_once=True)))
    missing = [row.point for row in rows if not row.ok]
    if missing:
        log.error("NOT RELEASED: %s", ", ".join(missing))
        return f"given back: {len(rows) - len(missing)} of {len(rows)} points; NOT RELEASED: {', '.join(missing)}"
    return f"given back: all {len(rows)} points that were taken" if rows else "given back: nothing was taken"


async def _give_back_after_crash(parts: Parts) -> None:
    """Nobody ran the release program after the last run died: what it had taken is given back first."""
    if not parts.priors.any():
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(BUS_PATIENCE):
            await asyncio.gather(*(poller.opened.wait() for poller in parts.pollers.values()))
    log.warning("after the crash %s", await _give_back(parts))
