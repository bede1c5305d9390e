"""What a day of advisory mode costs: `python -m hil.speed.advisory --sites 4000`.

Every site has a group robot of its own, which is posted to over a real socket, and half of them have a meter that reports
each quarter hour; in one metered site of fifty the lamps are never switched off. Robots and meters are another process; the clock is stretched. Printed: CPU and memory of the service alone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import multiprocessing.connection
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, web

from agent.app.advisory import AdvisoryParts, run_advisory
from agent.calc.lamp_hours import LampHours
from agent.calc.lamp_year import LampPlace
from agent.calc.sun_solver import Spot
from hil.clock import ScaledClock

MIDNIGHT = 1_795_276_800.0  # 2026-11-22 00:00 in Shanghai; the times are told at ten
TOKEN = "meters"  # noqa: S105 - between two processes of one measurement
Pipe = multiprocessing.connection.Connection


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=4000)
    parser.add_argument("--speed", type=float, default=600.0, help="site seconds a second")
    parser.add_argument("--start", type=float, default=9.5, help="local hour at which it begins")
    parser.add_argument("--hours", type=float, default=24.0)
    options = parser.parse_args()
    print(json.dumps(measure(options.sites, options.speed, options.start, options.hours), indent=1))


def measure(sites: int, speed: float, start: float, hours: float) -> dict[str, Any]:
    """CPU seconds, memory and counts of some hours of site time."""
    ours, theirs = multiprocessing.Pipe()
    outside = multiprocessing.Process(target=_outside, args=(theirs, sites, speed), daemon=True)
    outside.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = _advisory_file(Path(folder), sites, int(ours.recv()))
            return asyncio.run(_day(file, ours, ScaledClock(speed, MIDNIGHT + 3600.0 * start), hours))
    finally:
        outside.terminate()
        outside.join(10.0)


async def _day(file: Path, ours: Pipe, clock: ScaledClock, hours: float) -> dict[str, Any]:
    begun = time.monotonic()
    found: asyncio.Future[AdvisoryParts] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run_advisory(file, clock=clock, started=found.set_result))
    await asyncio.wait((task, found), return_when=asyncio.FIRST_COMPLETED)
    parts = found.result() if found.done() else await _failed(task)
    loaded = _cpu()
    ours.send((parts.door.port, clock.utc()))
    await clock.sleep(3600.0 * hours)
    counts = await asyncio.to_thread(parts.store.counts)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    ours.send("end")
    said = await asyncio.to_thread(ours.recv)
    return {
        "cpu_to_start_s": round(loaded, 1),
        "cpu_of_the_day_s": round(_cpu() - loaded, 1),
        "wall_s": round(time.monotonic() - begun, 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0),
        "messages_sent": parts.sender.tally.messages,
        **said,
        **counts,
    }


async def _failed(task: asyncio.Task[None]) -> AdvisoryParts:
    await task
    raise RuntimeError("the service ended by itself")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _advisory_file(folder: Path, sites: int, port: int) -> Path:
    rows = ["id,name,latitude,longitude,channel,meter"]
    rows += [
        f"s{n},Community {n},{_place(n).spot.latitude},{_place(n).spot.longitude},c{n},{'true' if n % 2 else ''}"
        for n in range(sites)
    ]
    (folder / "sites.csv").write_text("\n".join(rows) + "\n")
    url = f"http://127.0.0.1:{port}/robot"
    document = {
        "version": 1,
        "service": {"public_url": "http://lamps.invalid", "port": 0, "meter_token": TOKEN},
        "channels": {f"c{n}": {"kind": "wecom", "url": f"{url}/{n}"} for n in range(sites)},
        "people": {"next": {"name": "Next", "channel": "c0"}},
        "tables": ["sites.csv"],
    }
    file = folder / "advisory.yaml"
    file.write_text(json.dumps(document))
    return file


def _place(number: int) -> LampPlace:
    """Of one site: somewhere in China."""
    spot = Spot(20.0 + number % 300 / 10.0, 100.0 + number % 211 / 10.0)
    return LampPlace(name="", spot=spot, timezone="Asia/Shanghai", rule=LampHours())


def _outside(pipe: Pipe, sites: int, speed: float) -> None:
    asyncio.run(_robots_and_meters(pipe, sites, speed))


async def _robots_and_meters(pipe: Pipe, sites: int, speed: float) -> None:
    seen = {"robots_posts": 0, "robots_bytes": 0, "readings": 0}

    async def take(request: web.Request) -> web.Response:
        seen["robots_posts"] += 1
        seen["robots_bytes"] += len(await request.read())
        return web.json_response({"errcode": 0})

    app = web.Application(client_max_size=8_000_000)
    app.router.add_post("/robot/{number}", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    pipe.send(site.port)
    port, now = await asyncio.to_thread(pipe.recv)
    clock = ScaledClock(speed, now)
    lamps = {f"s{n}": _place(n) for n in range(1, sites, 2)}
    async with ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        while not pipe.poll():
            started = time.monotonic()
            readings = [
                {"site": id_, "power": 2.0 if place.level(clock.utc()) > 0.0 or id_.endswith("01") else 0.0}
                for id_, place in lamps.items()
            ]
            with contextlib.suppress(OSError, ClientError):
                await session.post(f"http://127.0.0.1:{port}/meter", json={"readings": readings})
                seen["readings"] += len(readings)
            await asyncio.sleep(max(0.0, 900.0 / speed - (time.monotonic() - started)))
    pipe.send(seen)


if __name__ == "__main__":
    main()
