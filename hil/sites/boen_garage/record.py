"""The garage before and after, as an agent's store would hold it: `python -m hil.sites.boen_garage.record FOLDER --days 3`.

Something to make an acceptance report of: the meter's register every minute, through days of tubes that always burn and then days of
lamps with radar; in an hour of the last evening each command with its audit record, each level and radar every second; a luxmeter's list by
the plant's own truth; and the acceptance file. Then: plantroom report acceptance -c FOLDER/site.yaml -f FOLDER/acceptance.yaml -o FOLDER
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from agent.core.reading import ReadingBlock
from agent.core.site import Site, StoreSettings
from agent.telemetry.store import Store
from hil.plant.garage import Garage
from hil.plant.lamp import LED_16W, TUBE_18W
from hil.plant.variables import Outputs
from hil.ready_site.ready_site import load_ready_site
from hil.sites.boen_garage.make_site import FOLDER
from hil.sites.boen_garage.year import SITE, WARM_UP, DirectRun

FIRST = dt.date(2025, 3, 3)  # a Monday
DAY = 86_400.0
BUSY = 17.5  # local hour from which every command is kept
STORE = "plantroom.db"
LAMPS = 458


class Recording:
    """Plays arms of the site into a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ready = load_ready_site(SITE)
        self.lux: dict[str, float] = {}  # lowest of each group while somebody was in it
        self._blocks = 0

    async def days(self, arm: str, first: dt.date, days: int, *, seconds: float = 0.0) -> None:
        """`seconds` of the last evening are kept with every command."""
        site = self.ready.site(arm)
        start = dt.datetime.combine(first, dt.time(), dt.timezone(dt.timedelta(hours=8))).timestamp()
        plant = self.ready.make_plant(arm, start - WARM_UP, 1)
        if not isinstance(plant, Garage):
            raise TypeError("this is for garages")
        run = DirectRun(site, plant, start - WARM_UP)
        end = WARM_UP + days * DAY
        run.run_until(WARM_UP - 120.0)
        busy = end - DAY + BUSY * 3600.0
        before: dict[str, float] = {}
        while run.now < end + 60.0:
            close = busy <= run.now < busy + seconds
            if close and not before:
                await self._group_test(site, start + run.now - WARM_UP - 120.0)
            run.run_until(run.now + (1.0 if close else 60.0))
            utc = start + run.now - WARM_UP
            if close:
                before = await self._second(site, run, utc, before)
            if round(run.now) % 60 == 0:
                await self._meter(site, run.truth, utc)
                self._look(site, run.truth)

    async def _meter(self, site: Site, truth: Outputs, utc: float) -> None:
        point = site.equipment["garage"].roles["energy"]
        await self._append(ReadingBlock("em", (point,), (round(float(truth["garage.energy"]), 2),), utc, utc))

    async def _second(
        self, site: Site, run: DirectRun, utc: float, before: Mapping[str, float]
    ) -> dict[str, float]:
        """Commands of this second, and what the gateways show then."""
        now: dict[str, float] = {}
        for device in site.devices.values():
            points, values = [], []
            for group in site.equipment.values():
                if group.kind != "lamp_group" or not group.roles["lamp_level"].startswith(f"{device.id}."):
                    continue
                level = run.inputs[f"{group.id}.lamp_level"]
                point = group.roles["lamp_level"]
                now[point] = level
                if before and before[point] != level:
                    record = {
                        "event": "write",
                        "point": point,
                        "new": level,
                        "old": before[point],
                        "result": "sent",
                    }
                    self.store.audit({"time": utc - 0.5, **record})
                points += [point, group.roles["presence"]]
                values += [level, bool(run.truth[f"{group.id}.presence"])]
            if points:
                await self._append(ReadingBlock(device.id, tuple(points), tuple(values), utc, utc))
        return now

    async def _group_test(self, site: Site, utc: float) -> None:
        """What `plantroom group-test` leaves behind: each group to 80 % and back to 100 %."""
        for number, level in enumerate((80.0, 100.0)):
            at = utc + 30.0 * number
            for group in site.equipment.values():
                point = group.roles.get("lamp_level")
                if group.kind == "lamp_group" and point is not None:
                    self.store.audit(
                        {"time": at, "event": "write", "point": point, "new": level, "result": "sent"}
                    )
                    await self._append(
                        ReadingBlock(point.partition(".")[0], (point,), (level,), at + 2.0, at + 2.0)
                    )

    def _look(self, site: Site, truth: Outputs) -> None:
        """A luxmeter under lamps that somebody has lit, once they have come up."""
        for group in (one.id for one in site.equipment.values() if one.kind == "lamp_group"):
            up = float(truth[f"{group}.lamp_level_status"]) >= float(truth[f"{group}.lamp_level"]) - 1.0
            if truth[f"{group}.occupied"] and truth[f"{group}.presence"] and up:
                lux = float(truth[f"{group}.illuminance"])
                self.lux[group] = min(lux, self.lux.get(group, lux))

    async def _append(self, block: ReadingBlock) -> None:
        self.store.append(block)
        self._blocks += 1
        if self._blocks % 2000 == 0:
            await self.store.flush()


async def record(path: Path, later: dt.date, days: int, seconds: float) -> dict[str, float]:
    """Both periods into the store; what a luxmeter would have shown in each group."""
    clock = dt.datetime.combine(FIRST, dt.time(), dt.UTC).timestamp()
    settings = replace(StoreSettings(), path=str(path), keep_days=4000.0)
    store = await Store.open(settings, site="Boen garage", now=lambda: clock)
    try:
        recording = Recording(store)
        await recording.days("weak", FIRST, days)
        recording.lux.clear()
        await recording.days("policy", later, days, seconds=seconds)
        await store.flush()
    finally:
        await store.close()
    return recording.lux


def lay_out(folder: Path, days: int, seconds: float) -> None:
    """Site file, store, luxmeter list and acceptance file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (FOLDER / "site.yaml").read_text(encoding="utf-8")
    (folder / "site.yaml").write_text(
        f"{text}\nstore: {{path: {STORE}, keep_days: 4000}}\n", encoding="utf-8"
    )
    later = FIRST + dt.timedelta(days=28)
    lux = asyncio.run(record(folder / STORE, later, days, seconds))
    last = dt.timedelta(days=days - 1)
    (folder / "acceptance.yaml").write_text(
        f"""\
title: Acceptance of the lighting of Boen garage
meters: [garage]
baseline: {{first: {FIRST}, last: {FIRST + last}}}
monitoring: {{first: {later}, last: {later + last}}}
lamps: {{before_power: {TUBE_18W.full} W, before_count: {LAMPS}, after_power: {LED_16W.full} W, after_count: {LAMPS}, why: data sheets}}
limits: {{saving: 80 %, illuminance: 65 lx}}
measured: luxmeter.csv
""",
        encoding="utf-8",
    )
    lines = [f"{group},{lux:.1f},{later},Li Wei,class B luxmeter,worst place" for group, lux in lux.items()]
    (folder / "luxmeter.csv").write_text(
        "group,lux,time,by,instrument,place\n" + "\n".join(lines) + "\n", encoding="utf-8"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3600.0, help="kept with every command")
    options = parser.parse_args()
    lay_out(options.folder, options.days, options.seconds)


if __name__ == "__main__":
    main()
