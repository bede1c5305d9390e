"""A machine room for tests of sudden ends: two machines that run, one lamp that is dark, and the agent as a process.

`ServiceManager` plays systemd's part: it takes the feed of the watchdog, and ends with SIGABRT who does not feed it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
import sys
import time
from collections import Counter
from pathlib import Path

import aiohttp

from agent.config.load import load_site
from agent.control.priors import KIND as PRIOR
from agent.plugins import find_catalogue
from agent.telemetry.store import read_documents
from hil.clock import ScaledClock
from hil.ports import free_port
from hil.servers.device import Wiring
from hil.simulated_site import FaceSettings, SimulatedSite
from tests.waiting import until

NIGHT = 1_795_000_000.0 - 1_795_000_000.0 % 86_400.0 + 23 * 3600.0
SITE = """\
version: 1
site: {{name: Sudden ends, latitude: 52.5, longitude: 13.4, timezone: Europe/Berlin}}
store: {{path: data/store.db}}
web: {{port: 0, socket: agent.sock}}
buses:
  net: {{kind: modbus-tcp, host: 127.0.0.1, port: {port}}}
devices:
  io:
    bus: net
    unit: 1
    points:
      on_1: {{table: coil, address: 0, access: read_write, release: {{value: true}}, persistence: ram, settle: 1 s, poll: 200 ms}}
      on_2: {{table: coil, address: 1, access: read_write, release: {{value: true}}, persistence: ram, settle: 1 s, poll: 200 ms}}
      wish_1: {{table: holding, address: 0, type: uint16, unit: "%", access: read_write, release: prior, persistence: ram, settle: 1 s, poll: 200 ms}}
      lamp: {{table: coil, address: 2, access: read_write, release: {{value: true}}, persistence: ram, settle: 1 s, poll: 200 ms}}
areas:
  plant: {{tick: 500 ms, authority: agent}}
equipment:
  pump_1: {{kind: pump, area: plant, enable: io.on_1, speed_command: io.wish_1}}
  pump_2: {{kind: pump, area: plant, enable: io.on_2}}
  lamp: {{kind: lamp_group, area: plant, lamp_switch: io.lamp}}
policies:
  streets: {{kind: lighting.astronomical, area: plant}}
"""
FOUND = {"on_1": True, "on_2": True, "wish_1": 70.0, "lamp": False}
RELEASED = {"on_1": True, "on_2": True, "wish_1": 70.0, "lamp": True}
HANGS_ON_DEMAND = (
    "import signal, sys, time; signal.signal(signal.SIGUSR1, lambda *_: time.sleep(600)); "
    "sys.argv[0] = 'plantroom'; from agent.cli.__main__ import main; main()"
)
ANSWER = aiohttp.ClientTimeout(total=20)


class Machines:
    """What they are told they do at once; every start is counted."""

    def __init__(self) -> None:
        self.truth = {f"io.{name}": value for name, value in FOUND.items()}
        self.starts: Counter[str] = Counter()

    def step(self, _dt, inputs):
        for name, value in inputs.items():
            if value is True and self.truth[name] is False:
                self.starts[name] += 1
            self.truth[name] = value
        return dict(self.truth)


class ServiceManager:
    """The end of NOTIFY_SOCKET: when the watchdog was fed last."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._socket.setblocking(False)
        self.fed_at = 0.0
        asyncio.get_running_loop().add_reader(self._socket, self._hear)

    def _hear(self) -> None:
        if b"WATCHDOG=1" in self._socket.recv(4096):
            self.fed_at = time.monotonic()

    async def end_when_hungry(self, process, seconds: float) -> None:
        """SIGABRT as systemd sends it, once nobody has fed the watchdog for so long."""
        await until(lambda: self.fed_at and time.monotonic() - self.fed_at > seconds)
        process.send_signal(signal.SIGABRT)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()


class StateBench:
    """Use as `async with StateBench(folder) as bench`."""

    def __init__(self, folder: Path, more: str = "") -> None:
        """`more`: what else stands in the site file."""
        folder.mkdir(exist_ok=True)
        self.config = folder / "site.yaml"
        self.config.write_text(SITE.format(port=free_port()) + more)
        self.folder = folder
        self.site = load_site(self.config, find_catalogue())
        self.machines = Machines()
        wiring = {"io": Wiring(commands={name: f"io.{name}" for name in FOUND})}
        clock = ScaledClock(1.0, NIGHT)
        self.simulated = SimulatedSite(self.site, self.machines, wiring, clock, FaceSettings())
        self.process: asyncio.subprocess.Process | None = None
        self.manager = ServiceManager(folder)

    async def __aenter__(self):
        await self.simulated.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        self.manager.close()
        await self.simulated.stop()

    async def start(self) -> None:
        """Returns at once: what the process does next is the test's to see."""
        with (self.folder / "agent.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", HANGS_ON_DEMAND, "run", "--config", str(self.config)),
                stdout=log,
                stderr=log,
                env=os.environ | {"NOTIFY_SOCKET": self.manager.address, "WATCHDOG_USEC": "2000000"},
            )

    async def override(self, point: str, value) -> None:
        """As a person does it, through the agent's own door."""
        body = {"value": value, "seconds": 1800, "reason": "test"}
        await self._ask("POST", f"/api/points/io.{point}/override", body)

    async def _ask(self, method: str, path: str, body=None):
        connector = aiohttp.UnixConnector(str(self.folder / "agent.sock"))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.request(method, f"http://localhost{path}", json=body, timeout=ANSWER) as response,
        ):
            assert response.status < 300, await response.text()
            return await response.json(content_type=None)

    async def ready(self) -> None:
        await until(lambda: (self.folder / "agent.sock").exists() and self.manager.fed_at)

    @property
    def connected(self) -> bool:
        return bool(self.simulated.faces["net"].connections)

    @property
    def shown(self) -> dict[str, object]:
        """What the machines do now."""
        return {name: self.machines.truth[f"io.{name}"] for name in FOUND}

    @property
    def taken(self) -> set[str]:
        """What the store says has to be given back."""
        return {point.removeprefix("io.") for point in read_documents(self.site.store.path, PRIOR)}

    def told(self) -> set[str]:
        """What anybody has written so far."""
        return set(self.simulated.devices["io"].writes_to)

    async def end_by(self, way: str) -> None:
        """Killed, stopped for ever, without memory, or hung until the watchdog ends it."""
        process = self.process
        if way == "killed":
            process.kill()
            await process.wait()
        elif way == "stopped":
            process.send_signal(signal.SIGSTOP)
        elif way == "out_of_memory":  # and what the kernel does where it cannot go on
            used = address_space(process.pid)
            resource.prlimit(process.pid, resource.RLIMIT_AS, (used, used))
            await asyncio.sleep(1.0)
            with contextlib.suppress(ProcessLookupError):  # it has gone by itself
                process.kill()
            await process.wait()
        else:
            process.send_signal(signal.SIGUSR1)
            self.manager.fed_at = self.manager.fed_at or time.monotonic()
            await self.manager.end_when_hungry(process, 2.0)
            assert await asyncio.wait_for(process.wait(), 10) == -signal.SIGABRT


def address_space(pid: int) -> int:
    """Bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
