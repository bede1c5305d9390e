"""A whole plant room for tests: the simulated site on real sockets, the embedded cloud, and the agent beside them."""

import asyncio
import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from agent.app import run_agent
from agent.config.load import load_site
from agent.plugins import find_catalogue
from hil.clock import ScaledClock
from hil.cloud import EmbeddedCloud
from hil.demo_folder import choose_ports, lay_out
from hil.demo_plant import demo_plant, demo_wiring
from hil.plant.variables import Plant
from hil.simulated_site import FaceSettings, SimulatedSite
from tests.waiting import until

EVENING = 1_784_656_800.0  # 2026-07-22 02:00 in Shenzhen: little load, nobody about, dark


class ForcedPlant:
    """The demonstration's plant, of which a test may hold single variables."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self.forced: dict[str, Any] = {}

    def step(self, dt: float, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return dict(self._plant.step(dt, inputs)) | self.forced


class PlantRoom:
    """Use as `async with PlantRoom(folder) as room`. The agent runs inside the test or as a process of its own."""

    def __init__(self, folder: Path, speed: float = 1.0, start: float = EVENING) -> None:
        self.folder = lay_out(folder, choose_ports(0), speed)
        self.catalogue = find_catalogue()
        self.site = load_site(self.folder.site, self.catalogue)
        self.clock = ScaledClock(speed, start)
        plant = demo_plant(start - 3600.0)
        plant.step(3600.0, {})
        self.plant = ForcedPlant(plant)
        settings = FaceSettings(opcua={"bms": self.folder.bms}, real_baudrate=False, opcua_period=0.05)
        self.simulated = SimulatedSite(
            self.site, self.plant, demo_wiring(self.site, plant.variables()), self.clock, settings
        )
        self.cloud = EmbeddedCloud(self.folder.cloud)
        self.said: list[str] = []
        self._agent: asyncio.Task[None] | None = None
        self.process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.cloud.start(self.folder.ports.mqtt, self.folder.ports.https)
        await self.simulated.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end_agent()
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        await self.simulated.stop()
        await self.cloud.stop()

    @property
    def truth(self) -> Mapping[str, Any]:
        return self.simulated.world.truth

    @property
    def commands(self) -> Mapping[str, Any]:
        """What somebody outside wants of the machines now."""
        return self.simulated.world.commands

    async def run_agent_inside(self) -> None:
        """The agent on the plant's own clock, in this process."""
        work = run_agent(self.folder.site, clock=self.clock, catalogue=self.catalogue, ready=self.said.append)
        self._agent = asyncio.create_task(work)
        await until(lambda: self.said or self._agent.done(), 20)
        if self._agent.done():
            self._agent.result()

    async def end_agent(self) -> None:
        task, self._agent = self._agent, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def run_agent_process(self) -> None:
        """`plantroom run` as a user starts it; returns when it answers."""
        with (self.folder.site.parent / "agent.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "agent.cli",
                "run",
                "--config",
                str(self.folder.site),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        line = await asyncio.wait_for(self.process.stdout.readline(), 30)
        assert b"page on" in line, (self.folder.site.parent / "agent.log").read_text()[-3000:]

    async def kill_agent_process(self, number: signal.Signals = signal.SIGKILL) -> int:
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 30)

    async def plantroom(self, *arguments: str, code: int = 0) -> Any:
        """A command of the command line with --json; its answer."""
        ended, out, err = await self.command(*arguments, "--json")
        assert ended == code, (ended, err)
        return json.loads(out) if out.strip() else None

    async def command(self, *arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "agent.cli",
            *arguments,
            env={"PLANTROOM_SOCKET": str(self.folder.socket), "PATH": "/usr/bin:/bin"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 40)
        return process.returncode, out.decode(), err.decode()
