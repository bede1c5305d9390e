"""A simulated site on real sockets: plant, devices and faces, made from a normal site file's own buses and devices.

The faces are built from the very description the agent reads, so nothing can be said twice and differ.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from agent.core.clock import Clock
from agent.core.site import Site
from hil.face_row import FaceRow
from hil.face_start import Face, FaceParts, FaceSettings
from hil.fault_board import FaultBoard
from hil.fault_paths import FaultPlaces
from hil.faults import WireFaults
from hil.plant.variables import Plant
from hil.servers.device import SimulatedDevice, Wiring
from hil.stepper import Stepper, StepTimes
from hil.tasks import end
from hil.world import World

if TYPE_CHECKING:
    from hil.sensors import SensorKinds

__all__ = ["FaceSettings", "PlantSettings", "SimulatedSite"]

STEP = 0.1  # real seconds between steps of the plant
FIRST_STEP = 0.1  # site seconds; until a plant has been stepped it may have nothing to show


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantSettings:
    """How the plant is stepped and measured. Without `sensors` the devices show the truth."""

    step: float | None = None  # site seconds, for a plant that takes whole steps only
    beside: bool = False  # in a thread, for a slow one
    sensors: SensorKinds | None = None
    seed: int = 1


class SimulatedSite:
    """All of it, to be started before the agent and stopped after it. Faults are thrown at `board`."""

    def __init__(
        self,
        site: Site,
        plant: Plant,
        wiring: Mapping[str, Wiring],
        clock: Clock,
        settings: FaceSettings,
        how: PlantSettings | None = None,
    ) -> None:
        how = how or PlantSettings()
        self.world = World()
        first = how.step or FIRST_STEP
        self.world.truth = plant.step(first, {})
        self.faults = WireFaults(seed=how.seed)
        self.devices = {
            device.id: SimulatedDevice(
                device.id, device.profile, wiring.get(device.id, Wiring()), self.world, clock
            )
            for device in site.devices.values()
        }
        self._row = FaceRow(
            FaceParts(site=site, devices=self.devices, clock=clock, settings=settings, wire=self.faults)
        )
        buses = {device.id: device.bus for device in site.devices.values()}
        places = FaultPlaces(self.devices, buses, self._row)
        self.board = FaultBoard(places, plant, clock, wire=self.faults)
        self._stepper = Stepper(plant, clock, step=how.step, beside=how.beside, ahead=first)
        self._clock = clock
        self._bank = None
        if how.sensors is not None:
            from hil.sensors import SensorBank

            self._bank = SensorBank(self.devices.values(), how.sensors, how.seed)
            self._bank.refresh(self.world.truth, clock.elapsed())
        self._task: asyncio.Task[None] | None = None

    @property
    def faces(self) -> Mapping[str, Face]:
        """Those that are up, by bus."""
        return self._row.faces

    @property
    def times(self) -> StepTimes:
        """What stepping the plant has cost."""
        return self._stepper.times

    @property
    def failure(self) -> BaseException | None:
        """What the plant has failed with: it stands still since."""
        task = self._task
        return None if task is None or not task.done() or task.cancelled() else task.exception()

    async def until_it_fails(self) -> None:
        """As long as the plant is stepped. Raises what that ended with."""
        if self._task is not None:
            await asyncio.wait([self._task])
            self._task.result()

    async def start(self) -> None:
        """Raises OSError when a port or link cannot be had; what was started is stopped again."""
        await self._row.start()
        self._task = asyncio.create_task(self._run(), name="plant")

    async def stop(self) -> None:
        task, self._task = self._task, None
        try:
            await end(task)
        finally:
            await self._row.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(STEP)
            truth = await self._stepper.advance(self.world.commands)
            if truth is not None:
                self.world.truth = truth
                if self._bank is not None:
                    self._bank.refresh(truth, self._clock.elapsed())
            for device in self.devices.values():
                device.watch()
            self.board.watch()
            self._row.watch()
