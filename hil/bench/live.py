"""The bench on real sockets: the whole agent with its drivers, store and page, in front of faces, in real or faster time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, Self

from agent.app import run_site
from agent.app.build import Parts
from agent.core.errors import PlantroomError
from agent.core.site import Catalogue, Site
from hil.bench.held_clock import HeldClock
from hil.bench.relocated import relocated
from hil.bench.setup import BenchSetup
from hil.bench.watched import WatchedPlant
from hil.fault_board import FaultBoard
from hil.servers.device import SimulatedDevice
from hil.simulated_site import FaceSettings, PlantSettings, SimulatedSite
from hil.tasks import end
from hil.world import World

log = logging.getLogger("plantroom.hil")

READY_WITHIN = 20.0  # real seconds until every bus has answered
LOOK = 0.02  # real seconds


class Between(Protocol):
    """What stands between the agent and its buses on a bench with hardware in it."""

    @property
    def real(self) -> frozenset[str]:
        """Buses that lead to hardware: they stay where they are, and have no face."""
        ...

    async def start(self, site: Site, catalogue: Catalogue, folder: Path) -> tuple[Site, Catalogue]:
        """The site and the catalogue that the agent gets."""
        ...

    async def stop(self) -> None: ...


class LiveBench:
    """One run of a setup in a folder of its own. To be entered and left."""

    def __init__(
        self, setup: BenchSetup, speed: float, between: Callable[[HeldClock], Between] | None = None
    ) -> None:
        self.setup = setup
        self.clock = HeldClock(speed, setup.start)
        self.plant = WatchedPlant(setup.plant, setup.start)
        self._folder = tempfile.TemporaryDirectory(prefix="plantroom-")
        folder = Path(self._folder.name)
        (folder / "data").mkdir(mode=0o700)
        self.between = None if between is None else between(self.clock)
        real = frozenset() if self.between is None else self.between.real
        self.site: Site = relocated(setup.site, folder, speed, real)
        settings = FaceSettings(real_baudrate=speed <= 1.0, opcua_period=0.5 if speed <= 2.0 else 0.05)
        self.simulated = SimulatedSite(
            _without(self.site, real),
            self.plant,
            setup.wiring,
            self.clock,
            settings,
            PlantSettings(sensors=setup.sensors, seed=setup.seed),
        )
        self.parts: Parts
        self._built: asyncio.Future[Parts] = asyncio.get_running_loop().create_future()
        self._agent: asyncio.Task[None] | None = None

    @property
    def world(self) -> World:
        return self.simulated.world

    @property
    def devices(self) -> Mapping[str, SimulatedDevice]:
        return self.simulated.devices

    @property
    def board(self) -> FaultBoard:
        return self.simulated.board

    async def __aenter__(self) -> Self:
        try:
            await self.simulated.start()
            site, catalogue = self.site, self.setup.catalogue
            if self.between is not None:
                site, catalogue = await self.between.start(site, catalogue, Path(self._folder.name))
            self._agent = asyncio.create_task(
                run_site(
                    site,
                    catalogue,
                    clock=self.clock,
                    ready=log.info,
                    started=self._built.set_result,
                )
            )
            await self._until_ready(self._agent)
        except BaseException:
            await self.__aexit__()
            raise
        self.clock.go()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.clock.go()
        try:
            await end(self._agent)
        finally:
            if self.between is not None:
                await self.between.stop()
            await self.simulated.stop()
            self._folder.cleanup()

    async def run_until(self, elapsed: float) -> None:
        """Let the story go on until then. Raises what a watcher raised, and PlantroomError when the agent has ended."""
        while self.plant.elapsed < elapsed - 1e-6:
            rest = (elapsed - self.plant.elapsed) / self.clock.speed
            await asyncio.sleep(min(max(rest, 0.001), LOOK))
            if self.plant.failure is not None:
                raise self.plant.failure
            if self.simulated.failure is not None:
                raise self.simulated.failure
            if self._agent is not None and self._agent.done():
                raise PlantroomError(f"the agent has ended: {self._agent.exception()}")

    async def _until_ready(self, agent: asyncio.Task[None]) -> None:
        either: set[asyncio.Future[Any]] = {agent, self._built}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED, timeout=READY_WITHIN)
        if agent.done():
            await agent
        async with asyncio.timeout(READY_WITHIN):
            self.parts = await self._built
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_WITHIN):
                pollers = self.parts.pollers.values()
                while not all(poller.line.up for poller in pollers):  # noqa: ASYNC110 - a bus does not say when
                    await asyncio.sleep(LOOK)


def _without(site: Site, buses: frozenset[str]) -> Site:
    """What is left for the faces."""
    return replace(
        site,
        buses={name: bus for name, bus in site.buses.items() if name not in buses},
        devices={name: device for name, device in site.devices.items() if device.bus not in buses},
    )
