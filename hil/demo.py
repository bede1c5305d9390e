"""`plantroom demo`: a simulated site on real sockets, an embedded cloud, and the agent that runs the site.

Everything in one process, so that one Ctrl-C ends it in the right order: the agent gives the equipment back while the
devices still answer, then plant, faces and cloud stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from shutil import which
from typing import Any

from agent.app import run_agent as run_the_agent
from agent.config.load import load_site
from agent.plugins import find_catalogue
from hil.clock import ScaledClock
from hil.cloud import EmbeddedCloud
from hil.demo_folder import DemoFolder, choose_ports, lay_out
from hil.demo_plant import demo_plant, demo_wiring
from hil.fault_door import FaultDoor
from hil.simulated_site import FaceSettings, SimulatedSite
from hil.tasks import end

_log = logging.getLogger("plantroom.hil")

WARM_UP = 3600.0  # site seconds the plant has been running when the curtain rises
STATUS_EVERY = 60.0  # real seconds between status lines

Ready = Callable[[str], None]
RunAgent = Callable[..., Coroutine[Any, Any, None]]
"""`agent.app.run_agent`: runs until cancelled, then gives all equipment back before it returns."""


async def demo(
    *,
    speed: float = 1.0,
    data: Path,
    port: int = 8080,
    start: float | None = None,
    ready: Ready | None = None,
    run_agent: RunAgent = run_the_agent,
) -> None:
    """Runs until cancelled. `start` is UTC seconds (now where not given); `ready` is told where the page is.

    Raises OSError (folder, ports), ConfigurationError, and whatever ends the agent.
    """
    folder = lay_out(data, choose_ports(port), speed)
    catalogue = find_catalogue()
    site = load_site(folder.site, catalogue)
    clock = ScaledClock(speed, start)
    plant = demo_plant(clock.utc() - WARM_UP)
    plant.step(WARM_UP, {})
    settings = FaceSettings(
        opcua={"bms": folder.bms}, real_baudrate=speed <= 1.0, opcua_period=0.5 if speed <= 2.0 else 0.1
    )
    simulated = SimulatedSite(site, plant, demo_wiring(site, plant.variables()), clock, settings)
    cloud = EmbeddedCloud(folder.cloud)
    await cloud.start(folder.ports.mqtt, folder.ports.https)
    try:
        async with simulated, FaultDoor(simulated.board, folder.site.parent):
            _announce(folder, speed)
            status = asyncio.create_task(_report(cloud, simulated), name="demo-status")
            try:
                await run_agent(folder.site, clock=clock, catalogue=catalogue, ready=ready or _say_ready)
            finally:
                await end(status)
    finally:
        await cloud.stop()
        print(cloud.book.line(), flush=True)


def _announce(folder: DemoFolder, speed: float) -> None:
    ports = folder.ports
    us = _command()
    print(
        f"""
Plantroom demonstration: a simulated site on real sockets{f", {speed:g} times as fast as life" if speed != 1.0 else ""}
  site file      {folder.site}
  Modbus TCP     127.0.0.1:{ports.plant}   chillers 1 2, pumps 11 12 21 22, fan 31, I/O 41
                 e.g.  mbpoll -m tcp -p {ports.plant} -a 1 -0 -r 4 -c 4 -t 3 -1 127.0.0.1
  Modbus RTU     {folder.site.parent / "line-meters"}   meters 1 2 3, lamps and radars 10
  OPC UA         opc.tcp://127.0.0.1:{ports.bms}/plantroom/   Basic256Sha256, user plantroom
  cloud          mqtts://localhost:{ports.mqtt}  and  https://localhost:{ports.https}
  command line   export PLANTROOM_SOCKET={folder.socket}
                 {us} points        {us} why ch2.enable        {us} watch
  break something  {us} hil fault list --possible --socket {folder.site.parent / "hil.sock"}
Ctrl-C gives all equipment back and ends the demonstration.
""",
        flush=True,
    )


def _command() -> str:
    """What a person here types to run `plantroom`: it is often not on the path."""
    called = Path(sys.argv[0])
    if which("plantroom") or called.name != "plantroom":
        return "plantroom"
    with contextlib.suppress(ValueError):
        return str(called.absolute().relative_to(Path.cwd()))
    return str(called)


def _say_ready(text: str) -> None:
    print(text, flush=True)


async def _report(cloud: EmbeddedCloud, simulated: SimulatedSite) -> None:
    while True:
        await asyncio.sleep(STATUS_EVERY)
        truth = simulated.world.truth
        print(
            f"plant {truth['loop.cooling']:.0f} kW cooling with {truth['loop.power']:.0f} kW, "
            f"garage {truth['garage.power']:.2f} kW; {cloud.book.line()}",
            flush=True,
        )


if __name__ == "__main__":
    from hil.cli.demo import main

    main()
