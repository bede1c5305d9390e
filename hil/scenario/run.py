"""Runs a loaded scenario on the bench that is asked for."""

from __future__ import annotations

from hil.bench.live import LiveBench
from hil.bench.sim import SimBench
from hil.kpis import Kpis
from hil.scenario.load import Loaded
from hil.scenario.telling import Outcome, Progress, Telling
from hil.virtual_time import run_virtual


def run_on_sim(loaded: Loaded, progress: Progress | None = None) -> Outcome:
    """As fast as the machine can, on virtual time."""

    async def tell() -> Outcome:
        async with SimBench(loaded.staging.setup(), loaded.scenario.pace) as bench:
            return await Telling(loaded.scenario, bench, _kpis(loaded), loaded.staging.seed).tell(progress)

    return run_virtual(tell())


async def run_live(loaded: Loaded, progress: Progress | None = None, speed: float | None = None) -> Outcome:
    """On real sockets, at the scenario's speed or the given one. Cancelled, it gives the equipment back."""
    async with LiveBench(loaded.staging.setup(), speed or loaded.scenario.speed) as bench:
        return await Telling(loaded.scenario, bench, _kpis(loaded), loaded.staging.seed).tell(progress)


def _kpis(loaded: Loaded) -> Kpis:
    return Kpis(loaded.counting, loaded.staging.site.place.timezone)
