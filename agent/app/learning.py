"""Learning beside the loops: planning with the real planner process, the store and the recorder."""

from __future__ import annotations

from collections.abc import Iterable

from agent.control.loop import AreaLoop
from agent.control.planner_process import run_planner
from agent.control.planning import Planning, Surroundings
from agent.control.recorder import Recorder
from agent.core.clock import Clock
from agent.telemetry.store import Store


def planning_of(
    loops: Iterable[AreaLoop], store: Store, path: str, clock: Clock, recorder: Recorder
) -> Planning:
    """`path` is where the samples lie. What was learned before is in the snapshots from here on."""
    around = Surroundings(clock=clock, documents=store, launch=run_planner, store=path, came=recorder.learned)
    return Planning(loops, around)
