"""The bench on virtual time: the agent's own core, the devices of the live bench, no sockets; a year in minutes.

Order within one instant: the plant is stepped, then the buses are read, then the areas decide and write; what they write
acts from this instant on. Between two instants nothing runs.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Self, cast

from agent.app.build import Parts, build
from agent.app.watch import Watch
from agent.control.learning_job import in_process
from agent.core.errors import DeviceError, RefusedError
from agent.core.point import Value
from agent.telemetry.store import Store
from drivers.memory import MEMORIES, memory_of
from hil.bench.forgetful_store import ForgetfulStore
from hil.bench.lightened import lightened
from hil.bench.past import Past
from hil.bench.setup import BenchSetup
from hil.bench.spent import Spent
from hil.bench.wakes import Wakes
from hil.bench.watched import WatchedPlant
from hil.fault_board import FaultBoard
from hil.fault_paths import FaultPlaces
from hil.sensors import SensorBank
from hil.servers.device import SimulatedDevice, Wiring
from hil.tasks import end
from hil.virtual_time import LoopClock
from hil.world import World

READ_AFTER = 0.001  # s after the plant has been stepped
DECIDE_AFTER = 0.002
SAME_INSTANT = 0.01  # s; closer than this nothing has changed
SILENCE = 2.5  # paces: a device's watchdog that is shorter cannot be told from the bench's own pace

_number = count(1)


class SimBench:
    """One run of a setup. Used inside `hil.virtual_time.run_virtual`."""

    def __init__(self, setup: BenchSetup, pace: float = 60.0) -> None:
        """`pace`: site seconds between steps of the plant, readings and ticks."""
        self.setup = setup
        self.pace = pace
        self.world = World()
        self.spent = Spent()
        self.plant = WatchedPlant(setup.plant, setup.start)
        self.store = ForgetfulStore()
        self.clock = LoopClock(asyncio.get_running_loop(), setup.start)
        run = next(_number)
        self._names = {bus: f"bench-{run}/{bus}" for bus in setup.site.buses}
        self.world.truth = setup.plant.step(0.1, {})
        self.devices = {
            one.id: SimulatedDevice(
                one.id, one.profile, self._patient(setup.wiring.get(one.id, Wiring())), self.world, self.clock
            )
            for one in setup.site.devices.values()
        }
        self._bank = None
        if setup.sensors is not None:
            self._bank = SensorBank(self.devices.values(), setup.sensors, setup.seed)
            self._bank.refresh(self.world.truth, 0.0)
        places = FaultPlaces(self.devices, {one.id: one.bus for one in setup.site.devices.values()})
        self.board = FaultBoard(places, setup.plant, self.clock)
        self._past = Past(pace)
        self.parts: Parts = self._build()
        self._watch = Watch(self.parts, {})
        self._wakes = Wakes(setup.site, self.parts, self.devices, pace)
        self._tasks: list[asyncio.Task[None]] = []

    def _build(self) -> Parts:
        site = lightened(self.setup.site, self.pace, self._names)
        for bus in site.buses:
            memory_of(self._names[bus]).source = _Devices(self.devices, self._catch_up, self.spent)
        parts = build(
            site, self.setup.catalogue, cast("Store", self.store), self.clock, in_process(self._past.history)
        )
        parts.recorder.checkpoints = False
        self._past.follow(parts)
        return parts

    async def __aenter__(self) -> Self:
        # what is built stays for the whole run: nobody need search it for circles ten times a simulated hour
        gc.collect()
        gc.freeze()
        await asyncio.sleep(READ_AFTER)
        self._tasks = [asyncio.create_task(poller.run()) for poller in self.parts.pollers.values()]
        await asyncio.sleep(DECIDE_AFTER - READ_AFTER)
        self._tasks += [asyncio.create_task(loop.run()) for loop in self.parts.loops.values()]
        return self

    async def __aexit__(self, *_: object) -> None:
        gc.unfreeze()
        for task in self._tasks:
            await end(task)
        for name in self._names.values():
            MEMORIES.pop(name, None)

    async def run_until(self, elapsed: float) -> None:
        """Let the story go on until then. Raises what a watcher raised."""
        clock, plant, wakes = self.clock, self.plant, self._wakes
        self.spent.begin()
        while (now := clock.elapsed()) < elapsed - 1e-6:
            grid = (now // self.pace + 1.0) * self.pace
            due = min(elapsed, grid, wakes.next_due(now, plant))
            await clock.sleep(max(due - now, 1e-6))
            now = clock.elapsed()
            if now >= min(elapsed, grid, wakes.event) - 1e-6:
                self._step(now)
            if plant.failure is not None:
                raise plant.failure
            if now >= grid - 1e-6:
                await self._on_the_grid()
            wakes.look(now)
        self.spent.end()

    async def _on_the_grid(self) -> None:
        """What the agent does beside its loops: looks at itself, gives signs of life, learns."""
        self.spent.ticks += 1
        self._watch.look()
        self.parts.beat()
        if self.parts.planning.lessons:
            self._past.sample(self.parts)
            await self.parts.planning.step()

    def _step(self, now: float) -> None:
        self.world.truth = truth = self.plant.step(now - self.plant.elapsed, self.world.commands)
        began = time.perf_counter()
        if self._bank is not None:
            self._bank.refresh(truth, now)
        for device in self.devices.values():
            device.watch()
        self.board.watch()
        self.spent.devices += time.perf_counter() - began

    def _catch_up(self) -> None:
        """A command acts from now on: what went before it is played without it."""
        now = self.clock.elapsed()
        if now - self.plant.elapsed > SAME_INSTANT:
            self._step(now)

    def _patient(self, wiring: Wiring) -> Wiring:
        if wiring.watchdog is None:
            return wiring
        return replace(wiring, watchdog=max(wiring.watchdog, SILENCE * self.pace))


class _Devices:
    """The device layer as a source of the memory driver."""

    def __init__(
        self, devices: Mapping[str, SimulatedDevice], catch_up: Callable[[], None], spent: Spent
    ) -> None:
        self._devices = devices
        self._catch_up = catch_up
        self._spent = spent
        self._names: dict[Sequence[str], tuple[str, ...]] = {}

    def read(self, device: str, points: Sequence[str]) -> Sequence[Value | None]:
        began = time.perf_counter()
        one = self._devices[device]
        if one.deaf:
            raise DeviceError("no answer")
        one.heard()
        names = self._names.get(points)
        if names is None:
            names = self._names[points] = tuple(point.partition(".")[2] for point in points)
        found = one.read_all(names)
        self._spent.devices += time.perf_counter() - began
        return found

    def write(self, point: str, value: Value) -> None:
        device, _, name = point.partition(".")
        one = self._devices[device]
        if one.deaf:
            raise DeviceError("no answer")
        self._catch_up()
        one.heard()
        try:
            one.write(name, value)
        except ValueError as error:
            raise RefusedError(f"refused: {error}") from error
