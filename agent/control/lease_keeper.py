"""Keeps this box's lease on the plant (agent.safety.lease) through the poller of the device that holds it.

While another box has it this one watches: it reads, decides and records, and writes nothing. What it had taken is given back before
the lease runs out; once another box has taken over nothing is given back any more, for it is that box's now.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.control.alarm_desk import AlarmDesk
from agent.control.handover import Handover
from agent.control.loop import AreaLoop
from agent.control.point_table import PointTable
from agent.control.poller import Poller
from agent.control.priors import Priors
from agent.core.clock import Clock
from agent.core.errors import BusError, DeviceError
from agent.core.site import LeaseSettings
from agent.core.tick import WriteOrder
from agent.safety.lease import ROUNDS, Lease, Phase, looked, owner, wrote

log = logging.getLogger("plantroom.lease")

OTHER, TWIN = "lease:other", "lease:twin"  # alarms


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What it moves when the lease comes or goes."""

    poller: Poller
    table: PointTable
    alarms: AlarmDesk
    handover: Handover
    priors: Priors
    loops: Mapping[str, AreaLoop]
    acted: Callable[..., None]


class LeaseKeeper:
    """One per agent whose site file has a lease. `acts` and `may_write` are asked at every tick and every write."""

    def __init__(self, settings: LeaseSettings, clock: Clock) -> None:
        self.point = settings.point
        self._clock = clock
        self._lease = Lease(box=settings.box, expires=settings.expires)
        self._acted = False
        self._round = settings.expires / ROUNDS

    @property
    def lease(self) -> Lease:
        return self._lease

    def acts(self) -> bool:
        return self._lease.acts(self._clock.elapsed())

    def may_write(self) -> bool:
        """Longer than it acts: what it has taken is given back first."""
        return self._lease.may_write(self._clock.elapsed())

    def barred(self, point: str) -> str:
        """Why this point may not be written now; empty: it may. The last word before the wire."""
        if point == self.point or self.may_write():
            return ""
        return self._standing()

    async def run(self, hands: Hands) -> None:
        """For ever."""
        nonce = zlib.crc32(f"{_boot()} {id(self)}".encode())
        while True:
            await self._look(hands, nonce)
            self._tell(hands.alarms)
            await self._turn_over(hands)
            await self._clock.sleep(self._round)

    async def free(self, hands: Hands) -> None:
        """The agent ends, and all is given back: another box need not wait."""
        if self.may_write():
            await self._write(hands, 0)
        self._lease = Lease(box=self._lease.box, expires=self._lease.expires)

    async def _look(self, hands: Hands, nonce: int) -> None:
        before, value = self._lease, await self._read(hands)
        self._lease, write = looked(self._lease, value, self._clock.elapsed(), nonce)
        if write is not None:
            await self._write(hands, write)
            self._lease = wrote(self._lease, self._clock.elapsed())
        if value and self._taken_over() and owner(before.seen or 0) == owner(value) and value != before.seen:
            for point in tuple(
                hands.priors.points()
            ):  # somebody lives there: what a run of ours took is theirs now
                hands.priors.let_go(point)

    async def _turn_over(self, hands: Hands) -> None:
        acts = self.acts()
        if acts == self._acted:
            return
        self._acted = acts
        hands.acted("plantroom", "areas", lease="held" if acts else self._standing())
        log.warning("this box %s", "acts" if acts else f"watches: {self._standing()}")
        for loop in hands.loops.values():
            loop.wake()
        if not acts and not self._taken_over():  # still ours, and not to be renewed: before it runs out
            await hands.handover.release(None, lambda: not self.acts())

    def _taken_over(self) -> bool:
        return self._lease.phase is Phase.TWIN or self._lease.holder not in (0, self._lease.box)

    def _standing(self) -> str:
        lease = self._lease
        if lease.phase is Phase.TWIN:
            return f"another box has the number {lease.box}, too"
        if self._taken_over():
            return f"box {lease.holder} holds the lease on the plant"
        return "the lease on the plant is not held"

    def _tell(self, alarms: AlarmDesk) -> None:
        if self._lease.phase is Phase.TWIN:
            alarms.stand(TWIN, "lease", "critical", f"{self._standing()}: it was copied? Give each its own")
        if not self.acts() and self._taken_over():
            alarms.stand(OTHER, "lease", "info", f"{self._standing()}: this one watches")
        else:
            alarms.over(OTHER)

    async def _read(self, hands: Hands) -> int | None:
        """None: it cannot be read within a round, or holds no number."""
        try:
            async with asyncio.timeout(self._round / self._clock.speed):
                await hands.poller.read_now(self.point)
        except (BusError, DeviceError, OSError, TimeoutError) as error:
            log.debug("the lease cannot be read: %s", error)
            return None
        reading = hands.table.reading(self.point)
        return int(reading.value) if reading.usable and isinstance(reading.value, int | float) else None

    async def _write(self, hands: Hands, value: int) -> None:
        """What did not arrive shows in the next look."""
        done: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

        def ended(_order: WriteOrder, error: Exception | None) -> None:
            if not done.done():
                done.set_result(error)

        hands.poller.submit(WriteOrder(point=self.point, value=value, reason="lease", why="lease"), ended)
        try:
            async with asyncio.timeout(self._round / self._clock.speed):
                error = await done
        except TimeoutError:
            hands.poller.withdraw(self.point)
            error = BusError("no answer in time")
        if error is not None:
            log.warning("the lease cannot be written: %s", error)


def other_holder(value: float, box: int) -> int:
    """The other box that a register's value names; 0: nobody, or this one."""
    found = owner(int(value))
    return 0 if found == box else found


def _boot() -> str:
    """Of this start of this machine: a copied disk does not copy it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
