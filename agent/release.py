"""The second, tiny composition root: gives the equipment back when the agent is dead, hung or about to be removed.

Needs only the site file and the store. It ends a hung agent and owns the site first, writes the release plan through
drivers of its own, journals what it could not reach, and may be run as often as one likes.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from agent.config.trial import present_site
from agent.control.clock import SystemClock
from agent.control.giving_back import BOUND, Returned, give_back, left_off
from agent.control.handover import NOT_RELEASED
from agent.control.in_charge import ALL, LOCK_OUT
from agent.control.lease_keeper import other_holder
from agent.control.priors import KIND as PRIOR
from agent.control.run_state import RELEASED, RUN, RUNNING, STATE
from agent.control.site_lock import SiteLock, end_holder
from agent.control.turns import Turns
from agent.core.driver import Driver
from agent.core.errors import BusError, DeviceError, StoreError
from agent.core.point import Value
from agent.core.reading import ReadingBlock
from agent.core.site import Catalogue, Site
from agent.plugins import find_named
from agent.safety.release import ReleaseStep, kept_off, plan_release
from agent.telemetry.store import read_documents, write_documents

log = logging.getLogger("plantroom.release")

LOOK_WITHIN = 20.0  # real seconds to read one line
OPEN_WITHIN = 4.0  # real seconds for a line to open


def release_alone(
    config: Path, area: str | None = None, *, only_if_crashed: bool = False
) -> list[dict[str, Any]]:
    """Release without the agent; one row a point. Raises ConfigurationError, StoreError, SiteLockedError, KeyError.

    `only_if_crashed`: for systemd, which runs this after every exit: an agent that ended by itself has given back
    what it could reach, and then there is only the rest to do.
    """
    catalogue = find_named()
    site = present_site(config, catalogue).site  # on probation or not: by the file under which it was taken
    if area is not None and area not in site.areas:
        raise KeyError(area)
    folder = Path(site.store.path).parent
    ended = end_holder(folder)
    if ended is not None:
        log.warning("ended the agent (process %d), which still held the site", ended)
    lock = SiteLock(folder)
    try:
        lock.acquire()
    except OSError as error:  # a disk that cannot be written: nobody else can hold the site there either
        log.error("released without the site's lock: %s", error)
    try:
        crashed = read_documents(site.store.path, RUN).get(STATE, {}).get("state") == RUNNING
        if only_if_crashed and not crashed and not read_documents(site.store.path, PRIOR):
            return []
        rows = _release(site, catalogue, area)
        try:
            _journal(site.store.path, rows, released=crashed and area is None)
        except StoreError as error:  # the equipment matters more than the book
            log.error("what was given back cannot be stored: %s", error)
        return [dataclasses.asdict(row) for row in rows]
    finally:
        lock.give_back()


def promised(site: Site) -> dict[str, Value]:
    """What a release would write now, by point: for whoever checks that it did. Raises StoreError."""
    return {step.point: step.value for step in _steps(site, None)[0] if step.value is not None}


def look_alone(site: Site, catalogue: Catalogue, points: Collection[str]) -> dict[str, Value | None]:
    """These points as their devices show them, without the agent; None where nothing could be read."""
    return asyncio.run(_look(site, catalogue, points))


async def _look(site: Site, catalogue: Catalogue, points: Collection[str]) -> dict[str, Value | None]:
    lines = Lines(site, catalogue)
    seen: dict[str, Value | None] = dict.fromkeys(points)
    try:
        for bus in {site.devices[point.partition(".")[0]].bus for point in points}:
            try:
                async with asyncio.timeout(LOOK_WITHIN):
                    seen.update(
                        {
                            name: one
                            for name, one in (await lines.read(bus, points)).items()
                            if one is not None
                        }
                    )
            except (BusError, TimeoutError) as error:
                log.warning("bus %s: %s", bus, str(error) or "no answer in time")
    finally:
        await lines.close()
    return seen


def _release(site: Site, catalogue: Catalogue, area: str | None) -> list[Returned]:
    """What was taken in one area; without one everywhere, and what has left its area since."""
    steps, kept = _steps(site, area)
    if steps and (box := asyncio.run(_taken_over(site, catalogue))):
        log.warning("nothing is given back: box %d holds the lease on the plant, and acts there", box)
        return []
    return asyncio.run(_write_plan(site, catalogue, steps)) + left_off(kept)


async def _taken_over(site: Site, catalogue: Catalogue) -> int:
    """The other box whose plant it is now; 0: none. A lease that cannot be read is no reason to leave machines alone."""
    if site.lease is None:
        return 0
    lines, point = Lines(site, catalogue), site.lease.point
    try:
        async with asyncio.timeout(OPEN_WITHIN):
            seen = await lines.read(site.devices[point.partition(".")[0]].bus, (point,))
    except (BusError, TimeoutError) as error:
        log.warning("the lease cannot be read: %s", str(error) or "no answer in time")
        return 0
    finally:
        await lines.close()
    value = seen.get(point)
    return other_holder(value, site.lease.box) if isinstance(value, int | float) else 0


def _steps(site: Site, area: str | None) -> tuple[Sequence[ReleaseStep], Collection[str]]:
    """In their order; and what a lock-out keeps off."""
    priors = read_documents(site.store.path, PRIOR)
    points = site.points if area is None else site.areas[area].points
    taken = [point for id_, point in points.items() if id_ in priors]
    kept = kept_off(taken, site.equipment.values(), read_documents(site.store.path, LOCK_OUT).get(ALL, ()))
    found = {point: value for point, one in priors.items() if (value := one.get("value")) is not None}
    return plan_release([one for one in taken if one.id not in kept], site.equipment.values(), found), kept


def _journal(path: str, rows: Sequence[Returned], *, released: bool) -> None:
    """Raises StoreError. With what could not be reached: it is what somebody has to be told of.

    Where nothing could ever be written no other try would change that: it is said once and ends.
    """
    documents: dict[tuple[str, str], Any] = {
        (NOT_RELEASED, "last"): [dataclasses.asdict(row) for row in rows if not row.ok]
    }
    documents |= {(PRIOR, row.point): None for row in rows if row.ok or row.ended}
    if released:
        documents[RUN, STATE] = {"state": RELEASED}
    write_documents(path, documents)


async def _write_plan(site: Site, catalogue: Catalogue, steps: Sequence[ReleaseStep]) -> list[Returned]:
    """At once: nobody is there to wait for a machine's minimum off. What serves it is started before it all the same."""
    lines = Lines(site, catalogue)
    try:
        return await give_back(steps, lines.write, BOUND)
    finally:
        await lines.close()


class Lines:
    """Opens each bus when its first point is written; one exchange at a time on each, units that are silent last."""

    def __init__(self, site: Site, catalogue: Catalogue) -> None:
        self._site = site
        self._catalogue = catalogue
        self._turns: dict[str, Turns] = {}
        self._open: dict[str, Driver | BusError] = {}

    async def write(self, point: str, value: Value) -> None:
        """Raises BusError, DeviceError, ValueError."""
        device = point.partition(".")[0]
        bus = self._site.devices[device].bus
        async with self._turns.setdefault(bus, Turns()).take(device):
            driver = await self._driver(bus)
            try:
                await driver.write(point, value)
            except (
                BusError
            ) as error:  # the connection broke: what is left needs a new one, this value another try
                log.warning("bus %s: %s; opened anew", bus, error)
                await self._drop(bus)
                await (await self._driver(bus)).write(point, value)

    async def read(self, bus: str, points: Collection[str]) -> dict[str, Value | None]:
        """What can be read of these points; BAD ones as None. Raises BusError."""
        async with self._turns.setdefault(bus, Turns()).take(bus):
            driver = await self._driver(bus)
            found: dict[str, Value | None] = {}
            for item in driver.plan():
                if set(item.points) & set(points):
                    try:
                        blocks = await driver.read(item)
                    except DeviceError:
                        continue
                    readings = (pair for block in blocks for pair in block.readings().items())
                    found.update(
                        {id_: one.value if one.usable else None for id_, one in readings if id_ in points}
                    )
            return found

    async def close(self) -> None:
        await asyncio.gather(*(one.close() for one in self._open.values() if not isinstance(one, BusError)))

    async def _drop(self, bus: str) -> None:
        known = self._open.pop(bus, None)
        if known is not None and not isinstance(known, BusError):
            await known.close()

    async def _driver(self, bus: str) -> Driver:
        known = self._open.get(bus)
        if isinstance(known, BusError):
            raise known
        if known is not None:
            return known
        line = self._site.buses[bus]
        devices: Sequence[Any] = [one for one in self._site.devices.values() if one.bus == bus]
        driver = self._catalogue.drivers[line.kind].create(
            bus, line.settings, devices, SystemClock(), _ignore
        )
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await driver.open()
        except (BusError, OSError, TimeoutError) as error:
            refused = BusError(f"bus {bus} cannot be opened: {str(error) or type(error).__name__}")
            self._open[bus] = refused
            await driver.close()
            raise refused from error
        self._open[bus] = driver
        return driver


def _ignore(_block: ReadingBlock) -> None:
    """Readings that arrive by themselves do not matter while releasing."""
