"""Where the time of a run goes: the plant, the devices in front of it, who watches, and the agent, which is the rest.

The parts are timed by the wall clock, which costs nothing to ask, and told as shares of the processor time of the whole:
what other programs of the machine took meanwhile is not ours.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from hil.bench.watched import WatchedPlant

MICRO = 1e6


@dataclass(slots=True)
class Spent:
    """Real seconds."""

    wall: float = 0.0
    processor: float = 0.0
    devices: float = 0.0  # sensors, and the device layer when it is read
    ticks: int = 0  # of the bench's pace

    def begin(self) -> None:
        self.wall -= time.perf_counter()
        self.processor -= time.process_time()

    def end(self) -> None:
        self.wall += time.perf_counter()
        self.processor += time.process_time()

    def per_tick(self, plant: WatchedPlant) -> dict[str, float]:
        """Microseconds of processor time a tick, by where they went."""
        agent = self.wall - plant.spent - plant.watching - self.devices
        parts = {"plant": plant.spent, "devices": self.devices, "watchers": plant.watching, "agent": agent}
        share = self.processor / self.wall if self.wall > 0.0 else 0.0
        per = MICRO * share / max(self.ticks, 1)
        return {name: seconds * per for name, seconds in (*parts.items(), ("all", self.wall))}
