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


@dataclass(frozen=True)
class Look:
    """What was seen after one storm. The least of the looks at memory tells whether it grows, the most whether it is too much."""

    days: float  # of the site, since the start
    files: int
    threads: int
    size: float  # MiB
    most: float  # MiB


@dataclass
class Watch:
    """All looks."""

    seen: list[Look] = field(default_factory=list)

    def slope(self) -> float:
        """MiB a site day, by least squares over the later two thirds: caches fill first."""
        late = self.seen[len(self.seen) // 3 :]
        days, sizes = [one.days for one in late], [one.size for one in late]
        middle, mean = sum(days) / len(days), sum(sizes) / len(sizes)
        return sum((day - middle) * (size - mean) for day, size in zip(days, sizes, strict=True)) / sum(
            (day - middle) ** 2 for day in days
        )

    def most(self) -> float:
        return max(one.most for one in self.seen)

    def ends(self) -> tuple[Look, Look]:
        """The first of the later two thirds, and the last."""
        return self.seen[len(self.seen) // 3], self.seen[-1]

    def told(self) -> str:
        first, last = self.ends()
        head = (
            f"{last.days:.2f} days of the site; most {self.most():.1f} MiB, slope {self.slope():.2f} MiB a day; "
            f"descriptors {first.files} -> {last.files}, threads {first.threads} -> {last.threads}\n"
        )
        return head + "".join(
            f"  {one.days:.3f} d  {one.files} files  {one.threads} threads  {one.size:.1f} MiB, at most {one.most:.1f}\n"
            for one in self.seen
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

    async def look(self, begin: float) -> Look:
        """What comes and goes with a request does not count: the fewest descriptors of some looks."""
        process = self.agent.process.pid
        await asyncio.sleep(CALM / 2)
        files, sizes = [], []
        for _ in range(20):
            files.append(descriptors(process))
            sizes.append(resident(process) / MIB)
            await asyncio.sleep(CALM / 40)
        days = (time.monotonic() - begin) * SPEED / DAY
        return Look(days, min(files), threads(process), min(sizes), max(sizes))


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
    first, last = watch.ends()
    sys.stdout.write(f"{soak.storms} storms; {watch.told()}")
    assert ended == 0
    assert watch.most() < MOST
    assert last.files <= first.files + 3  # a kept-alive connection of an uplink comes and goes
    assert last.threads <= first.threads + 1
    assert lasts < LONG_ENOUGH or watch.slope() < SLOPE
    log = soak.agent.log.read_text()
    assert "Traceback" not in log
    assert len(re.findall("poller: bus .* is down", log)) <= soak.storms * 3 + 3
