"""What a scenario asks of a bench, whichever of the three it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from agent.app.build import Parts
from hil.bench.watched import WatchedPlant
from hil.fault_board import FaultBoard
from hil.servers.device import SimulatedDevice
from hil.world import World


class Bench(Protocol):
    """A running site. `plant.elapsed` is the time of the story, in site seconds."""

    @property
    def parts(self) -> Parts:
        """The agent's parts, to look at and to act on through its console."""
        ...

    @property
    def plant(self) -> WatchedPlant: ...

    @property
    def world(self) -> World: ...

    @property
    def devices(self) -> Mapping[str, SimulatedDevice]:
        """The simulated ones, by id."""
        ...

    @property
    def board(self) -> FaultBoard: ...

    async def run_until(self, elapsed: float) -> None:
        """Let the story go on until then. Raises what a watcher raised, and BenchAbortedError when it was stopped."""
        ...
