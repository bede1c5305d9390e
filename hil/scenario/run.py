"""Runs a loaded scenario on the bench that is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hil.bench.held_clock import HeldClock
from hil.bench.live import LiveBench
from hil.bench.rig import Rig
from hil.bench.sim import SimBench
from hil.kpis import Kpis
from hil.scenario.ending import Ending
from hil.scenario.hurry import fell_behind, too_fast
from hil.scenario.load import Loaded
from hil.scenario.telling import Outcome, Progress, Telling
from hil.virtual_time import run_virtual


def run_on_sim(loaded: Loaded, progress: Progress | None = None) -> Outcome:
    """As fast as the machine can, on virtual time."""

    async def tell() -> Outcome:
        async with SimBench(loaded.staging.setup(), loaded.scenario.pace) as bench:
            telling = Telling(loaded.scenario, bench, _kpis(loaded), loaded.staging.seed)
            outcome = await telling.tell(progress)
            return replace(outcome, per_tick=bench.spent.per_tick(bench.plant))

    return run_virtual(tell())


async def run_live(
    loaded: Loaded,
    progress: Progress | None = None,
    speed: float | None = None,
    ending: Ending | None = None,
) -> Outcome:
    """On real sockets, at the scenario's speed or the given one. Ended or cancelled, it gives the equipment back."""
    speed = speed or loaded.scenario.speed
    async with LiveBench(loaded.staging.setup(), speed) as bench:
        telling = Telling(loaded.scenario, bench, _kpis(loaded), loaded.staging.seed)
        (ending or Ending()).tell(telling.end)
        if hurried := too_fast(loaded.scenario, speed):
            telling.recording.note(0.0, "warning", hurried)
        outcome = await telling.tell(progress)
        if late := fell_behind(bench.plant, speed):
            telling.recording.note(outcome.told, "warning", late)
        return outcome


async def run_on_rig(
    loaded: Loaded, folder: Path, progress: Progress | None = None, ending: Ending | None = None
) -> Outcome:
    """In real time, with hardware on the buses that the scenario names. The traffic is kept in `folder`.

    However the story ends - told, aborted by a condition or a person, cancelled - everything that was taken is given back and the
    lines are cut before this returns.
    """
    plan = loaded.rig
    setup = loaded.staging.setup()
    setup = replace(setup, site=plan.on_hardware(setup.site))
    made: list[Rig] = []

    def between(clock: HeldClock) -> Rig:
        made.append(Rig(plan, folder, clock))
        return made[0]

    async with LiveBench(setup, 1.0, between) as bench:
        telling = Telling(loaded.scenario, bench, _kpis(loaded), loaded.staging.seed)
        ending = ending or Ending()
        ending.tell(made[0].abort)  # first of all: from this instant nothing new is written
        ending.tell(telling.end)
        try:
            outcome = await telling.tell(progress)
        except BaseException as error:
            made[0].abort(str(error) or type(error).__name__)
            raise
        if outcome.aborted:
            made[0].abort(outcome.aborted)
        for point, value, why in made[0].refused:
            outcome.recording.note(outcome.scenario.length, "refused", f"{point} = {value}: {why}")
        return outcome


def _kpis(loaded: Loaded) -> Kpis:
    return Kpis(loaded.counting, loaded.staging.site.place.timezone)
