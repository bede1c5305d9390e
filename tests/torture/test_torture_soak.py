"""A day of the site in an hour, on real sockets, while buses, cloud and pages go and come: the agent stays as small as it was."""

from __future__ import annotations

import asyncio
import random
import re
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import pytest

from hil.servers.modbus_face import ModbusLineFace
from tests.abuse.agent_process import AgentProcess, descriptors, resident, threads
from tests.integration.plant_room import EVENING, PlantRoom, until
from tests.torture.measures import SCALE, SEED

pytestmark = [pytest.mark.integration, pytest.mark.torture]
SPEED = 20.0
DAY = 86_400.0
CALM = 8.0  # real seconds between two storms
PAGES = 12
LONGEST_STORM = 120.0  # real seconds until all is up again
MIB = 1024 * 1024 / 1e6  # in MB, as `resident` counts
MOST = 120.0  # MiB
SLOPE = 1.0  # MiB a day of the site
LONG_ENOUGH = 3_600.0  # real seconds from which a slope says something


@dataclass
class Watch:
    """What was seen after each storm: site days since the start, descriptors, threads, MiB."""

    seen: list[tuple[float, int, int, float]] = field(default_factory=list)

    def slope(self) -> float:
        """MiB a site day, by least squares over the later two thirds: caches fill first."""
        late = self.seen[len(self.seen) // 3 :]
        days, sizes = [one[0] for one in late], [one[3] for one in late]
        middle, mean = sum(days) / len(days), sum(sizes) / len(sizes)
        return sum((day - middle) * (size - mean) for day, size in zip(days, sizes, strict=True)) / sum(
            (day - middle) ** 2 for day in days
        )


class Soak:
    """The room, the agent beside it, and the weather."""

    def __init__(self, room: PlantRoom) -> None:
        self.room = room
        program = ("-m", "tests.torture.soak_agent", str(SPEED), str(EVENING))
        self.agent = AgentProcess(room.folder.site, room.folder.socket, program)
        self.chance = random.Random(SEED)
        self.storms = 0

    async def storm(self) -> None:
        """Some of all that can go, goes at once, and comes back."""
        self.storms += 1
        buses = [bus for bus in self.room.site.buses if self.chance.random() < 0.6]
        cloud = self.chance.random() < 0.5
        pages = [asyncio.create_task(self.page()) for _ in range(PAGES)]
        await asyncio.gather(*(self.cut(bus) for bus in buses))
        if cloud:  # the broker stays: the simulated one does not always end when told to
            await self.room.cloud._runner.cleanup()
        await asyncio.sleep(self.chance.uniform(0.1, 4.0))
        if cloud:
            await self.room.cloud._start_receiver(self.room.folder.ports.https)
        await asyncio.gather(*(self.restore(bus) for bus in buses))
        for page in pages:
            page.cancel()
        await asyncio.gather(*pages, return_exceptions=True)
        await until(self.all_up, 90)

    async def cut(self, bus: str) -> None:
        face = self.room.simulated.faces[bus]
        if isinstance(face, ModbusLineFace):
            face.stop()
        else:
            await face.stop()

    async def restore(self, bus: str) -> None:
        room = self.room
        face, settings = room.simulated.faces[bus], room.site.buses[bus].settings
        if isinstance(face, ModbusLineFace):
            face.start(room.folder.site.parent / "line-meters")
        elif bus == "plant":
            await face.start(settings.host, settings.port)
        else:
            await face.start("127.0.0.1", room.folder.ports.bms)

    async def page(self) -> None:
        """Somebody who looks at the page, and goes without a word."""
        with suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as session:
                async with session.get(self.agent.page + "/api/points") as answer:
                    await answer.read()
                async with session.get(self.agent.page + "/api/events") as stream:
                    async for _ in stream.content:
                        pass

    async def all_up(self) -> bool:
        health = await self.agent.api("GET", "/api/health")
        return all(one["state"] == "up" for one in (*health["buses"], *health["uplinks"]))

    async def look(self, begin: float) -> tuple[float, int, int, float]:
        """Descriptors that come and go with a request do not count: the fewest of some looks."""
        process = self.agent.process.pid
        await asyncio.sleep(CALM / 2)
        files = []
        for _ in range(20):
            files.append(descriptors(process))
            await asyncio.sleep(CALM / 40)
        days = (time.monotonic() - begin) * SPEED / DAY
        return days, min(files), threads(process), resident(process) / MIB


@pytest.mark.timeout(4 * 3600)
async def test_a_day_of_storms(tmp_path) -> None:
    lasts, watch = DAY / SPEED * SCALE, Watch()
    async with PlantRoom(tmp_path / "site", SPEED) as room:
        soak = Soak(room)
        try:
            await soak.agent.start()
            await until(soak.all_up, 60)
            begin = time.monotonic()
            while time.monotonic() - begin < lasts:
                async with asyncio.timeout(LONGEST_STORM):
                    await soak.storm()
                watch.seen.append(await soak.look(begin))
            ended = await soak.agent.end()
        finally:
            await soak.agent.kill()
    first, last = watch.seen[len(watch.seen) // 3], watch.seen[-1]
    most = max(size for *_, size in watch.seen)
    sys.stdout.write(
        f"{last[0]:.2f} days of the site, {soak.storms} storms; most {most:.1f} MiB, slope {watch.slope():.2f} MiB a day; "
        f"descriptors {first[1]} -> {last[1]}, threads {first[2]} -> {last[2]}\n"
        + "".join(
            f"  {day:.3f} d  {files} files  {lines} threads  {size:.1f} MiB\n"
            for day, files, lines, size in watch.seen
        )
    )
    assert ended == 0
    assert most < MOST
    assert last[1] <= first[1] + 3  # a kept-alive connection of an uplink comes and goes
    assert last[2] <= first[2] + 1
    assert lasts < LONG_ENOUGH or watch.slope() < SLOPE
    log = soak.agent.log.read_text()
    assert "Traceback" not in log
    assert len(re.findall("poller: bus .* is down", log)) <= soak.storms * 3 + 3
