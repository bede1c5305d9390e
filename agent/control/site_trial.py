"""A site file on probation while the agent runs it: begun, kept or taken back by a person, and ended by itself when control fails.

It goes back when nobody has kept it in time, when an alarm stands that is critical and did not stand before, and when a device
that answered before is silent. That the agent falls over with it is found by the next run (agent.app.turns).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.alarms.states import Severity
from agent.config.apply import write_site
from agent.config.load import load_site
from agent.config.trial import (
    OFFERED,
    TEXT,
    Present,
    Trial,
    begin_trial,
    digest_of,
    end_trial,
    forget_trial,
    keep_trial,
)
from agent.control.alarm_desk import AlarmDesk
from agent.control.point_table import PointTable
from agent.core.clock import Clock
from agent.core.errors import ConfigurationError, Problem
from agent.core.site import Catalogue, Site

log = logging.getLogger("plantroom.trial")

STANDS, WENT_BACK = "site:probation", "site:went_back"  # alarms
LOST_AFTER = 60.0  # real seconds a device that answered before may be silent
LOOK = 1.0  # real seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a probation needs of the agent around it. `acted` writes the audit record."""

    clock: Clock
    table: PointTable
    alarms: AlarmDesk
    acted: Callable[..., None]
    catalogue: Catalogue


class SiteTrial:
    """One per turn of an agent, which ends when another site file is to be run."""

    def __init__(self, present: Present, around: Surroundings) -> None:
        self.present = present
        self._around = around
        self._turn = asyncio.Event()
        self._begun = False
        self._one_by_one = asyncio.Lock()
        self._heard: dict[str, float] = {}  # device -> elapsed of the last look at which it answered
        self._since = around.clock.elapsed()

    @property
    def trial(self) -> Trial | None:
        """The one that runs; None: the site file itself."""
        return self.present.trial if self.present.on_probation else None

    def left(self, trial: Trial) -> float:
        """Site seconds until it goes back by itself."""
        return trial.seconds if trial.ends is None else trial.ends - self._around.clock.elapsed()

    @property
    def turned(self) -> bool:
        """Whether another site file is to be run."""
        return self._turn.is_set()

    async def run(self) -> None:
        """Until another site file is to be run."""
        while not self.turned:
            await self.look()
            try:
                async with asyncio.timeout(LOOK):
                    await self._turn.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Once a second; the first one says what stands."""
        if not self._begun:
            self._begun = True
            await self._begin_here()
        if self.trial is not None and (why := self.failing(self.trial)):
            await self._go_back(self.trial, why, "plantroom")

    def failing(self, trial: Trial) -> str:
        """Why it has to go back; empty: it has not."""
        if self.left(trial) <= 0:
            return "nobody kept it in time"
        for alarm in self._around.alarms.all():
            if alarm.standing and alarm.severity is Severity.CRITICAL and alarm.id not in trial.alarms:
                return f"alarm {alarm.id}: {alarm.text}"
        now, speed = self._around.clock.elapsed(), self._around.clock.speed
        answering = self._answering()
        self._heard.update(dict.fromkeys(answering, now))
        for device in trial.there:
            silent = (now - self._heard.get(device, self._since)) / speed
            if device in self.present.site.devices and silent > LOST_AFTER:
                return f"device {device}, which answered before, has been silent for {silent:.0f} s"
        return ""

    async def begin(self, *, seconds: float, owner: str, reason: str) -> Trial:
        """Put the offered file on probation. Raises ConfigurationError, ValueError, OSError; then nothing has changed."""
        async with self._one_by_one:
            if self.trial is not None:
                raise ValueError("a site file is on probation already: keep it or take it back first")
            standing = [one for one in self._around.alarms.all() if one.standing]
            trial = Trial(
                owner=owner,
                reason=reason,
                made=self._around.clock.utc(),
                seconds=seconds,
                alarms=tuple(one.id for one in standing if one.severity is Severity.CRITICAL),
                there=tuple(sorted(self._answering())),
            )
            trial = await asyncio.to_thread(self._take_offered, trial)
            self._around.acted(
                owner, "areas", site_file="on probation", digest=trial.digest, seconds=seconds, reason=reason
            )
            log.warning("a new site file is on probation for %.0f min, by %s", seconds / 60, owner)
            self._turn.set()
            return trial

    async def keep(self, *, owner: str, reason: str) -> Trial:
        """It becomes the site file; what was there is kept beside it as `.1`. Raises ValueError, OSError."""
        async with self._one_by_one:
            trial = self._running()
            await asyncio.to_thread(self._replace_site_file, trial)
            self.present = replace(self.present, trial=None)
            self._around.alarms.over(STANDS)
            self._around.acted(owner, "areas", site_file="kept", digest=trial.digest, reason=reason)
            log.warning("the site file on probation is kept, by %s", owner)
            return trial

    async def back(self, *, owner: str, reason: str) -> Trial:
        """A person takes it back. Raises ValueError when nothing is on probation."""
        async with self._one_by_one:
            trial = self._running()
            return await self._go_back(trial, f"taken back by {owner}: {reason}", owner)

    async def _begin_here(self) -> None:
        """The first run counts from here; what went back is told once, and then forgotten."""
        present, around = self.present, self._around
        trial = present.trial
        if trial is None or trial.over:
            around.alarms.over(STANDS)
        if trial is None:
            return
        if trial.over:
            text = f"the site file that {trial.owner} put on probation went back: {trial.over}"
            around.alarms.stand(WENT_BACK, "site", "warning", text)
            around.alarms.over(WENT_BACK)  # stands no more, and waits to be seen
            await _tried(forget_trial, present.folder)
            return
        longest = around.clock.elapsed() + trial.seconds
        if trial.ends is None or trial.ends > longest:
            trial = replace(trial, ends=longest)
            self.present = replace(present, trial=trial)
            await _tried(keep_trial, present.folder, trial)
        ends = around.clock.utc() + self.left(trial)
        at = dt.datetime.fromtimestamp(ends, ZoneInfo(present.site.place.timezone))
        text = f"the site file of {trial.owner} is on probation until {at:%H:%M}; keep it with `plantroom apply --keep`"
        around.alarms.stand(STANDS, "site", "info", text)

    async def _go_back(self, trial: Trial, why: str, actor: str) -> Trial:
        over = await asyncio.to_thread(end_trial, self.present.folder, trial, why)
        self.present = replace(self.present, trial=over)
        self._around.acted(actor, "areas", site_file="went back", digest=trial.digest, reason=why)
        log.warning("the site file on probation goes back: %s", why)
        self._turn.set()
        return over

    def _running(self) -> Trial:
        if self.trial is None:
            raise ValueError("no site file is on probation")
        return self.trial

    def _take_offered(self, trial: Trial) -> Trial:
        """In a thread: the file is read, and judged as if it were the site file."""
        present = self.present
        offered = present.folder / OFFERED
        text = offered.read_bytes().decode("utf-8-sig", errors="replace")
        site = load_site(offered, self._around.catalogue, beside=present.file)
        _fits(site, present.site, offered)
        digest = hashlib.sha256(text.encode()).hexdigest()
        trial = replace(trial, digest=digest, filed=digest_of(present.file))
        begin_trial(present.folder, trial, text)
        offered.unlink(missing_ok=True)
        return trial

    def _replace_site_file(self, trial: Trial) -> None:
        present = self.present
        if digest_of(present.file) != trial.filed:
            raise ValueError(f"{present.file} was changed meanwhile: put the new file on probation again")
        write_site(present.file, (present.folder / TEXT).read_bytes().decode())
        forget_trial(present.folder)

    def _answering(self) -> frozenset[str]:
        """Devices with a usable reading, however old they are by the table's own judgement."""
        reading = self._around.table.reading
        return frozenset(
            device.id
            for device in self.present.site.devices.values()
            if any(reading(point.id).usable for point in device.points.values())
        )


def _fits(new: Site, old: Site, offered: Path) -> None:
    """What a probation cannot try: other data would mean other overrides, prior values and authority."""
    if new.store.path != old.store.path:
        message = (
            f"store: path is {new.store.path}, at present {old.store.path}; data do not move on probation"
        )
        raise ConfigurationError((Problem(str(offered), 1, 1, message, "leave the path as it is"),))
    if new.web.socket != old.web.socket:
        message = "web: socket differs from the present one; nobody could keep the file by command"
        raise ConfigurationError((Problem(str(offered), 1, 1, message, "leave the socket as it is"),))


async def _tried(work: Callable[..., None], *arguments: object) -> None:
    """What the next run can make up for."""
    try:
        await asyncio.to_thread(work, *arguments)
    except OSError as error:
        log.error("the book of the probation cannot be kept: %s", error)
