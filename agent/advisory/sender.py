"""Takes notes out of the store to their channels, within the limits, until each is taken, refused for good or of no use."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.advisory.carriers import Carrier
from agent.advisory.limits import Pace, limits_of
from agent.advisory.message import Composer, Message
from agent.advisory.model import BusyError, ContentError, Note
from agent.advisory.settings import ChannelSettings
from agent.advisory.store import AdvisoryStore
from agent.advisory.worker import Worker
from agent.core.clock import Clock

log = logging.getLogger("plantroom.advisory")

AT_ONCE = 50  # channels under way
FETCH = 60
LOOK = 1.0  # s between looks for what waits
LONGEST = 900.0  # s between tries
TRIES = 5  # of what a channel refuses


@dataclass(slots=True)
class Tally:
    """Since the start."""

    messages: int = 0
    notes: int = 0
    failures: int = 0
    refused: int = 0


@dataclass(slots=True)
class _Line:
    """What is known of one channel: its pace, until when it is left alone, and whether that has been said."""

    pace: Pace
    until: float = 0.0
    failures: int = 0
    down: bool = field(default=False)


class Sender:
    """`run` ends only by cancellation."""

    def __init__(
        self,
        channels: Mapping[str, ChannelSettings],
        store: AdvisoryStore,
        worker: Worker,
        composer: Composer,
        carrier: Carrier,
        clock: Clock,
    ) -> None:
        self.tally = Tally()
        self._channels = channels
        self._store = store
        self._worker = worker
        self._composer = composer
        self._carrier = carrier
        self._clock = clock
        self._lines: dict[str, _Line] = {}
        self._busy: set[str] = set()
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        await self._remember()
        async with asyncio.TaskGroup() as group:
            while True:
                for channel in await self._waiting():
                    if channel not in self._busy and channel in self._channels:
                        self._busy.add(channel)
                        group.create_task(self._serve(channel))
                await self._clock.sleep(LOOK)

    async def _waiting(self) -> list[str]:
        """Channels with something to say; none while the store cannot be read, which is said by who writes to it."""
        try:
            return await self._worker(self._store.notes.channels, self._clock.utc())
        except sqlite3.Error as error:
            log.debug("the store cannot be read: %s", error)
            return []

    async def _remember(self) -> None:
        """What was sent just before a restart counts."""
        sent: dict[str, list[float]] = {}
        for channel, at in await self._worker(self._store.notes.sends, self._clock.utc() - 120.0):
            sent.setdefault(channel, []).append(at)
        self._lines = {
            name: _Line(Pace(limits_of(settings), sent.get(name, ())))
            for name, settings in self._channels.items()
        }

    async def _serve(self, channel: str) -> None:
        try:
            async with self._slots:
                while await self._one(channel):
                    pass
        except Exception:  # one channel must not end the others
            log.exception("channel %s failed", channel)
            self._lines[channel].until = self._clock.utc() + LONGEST
        finally:
            self._busy.discard(channel)

    async def _one(self, channel: str) -> bool:
        """Sends one message; whether it is worth to look for another now."""
        line, settings = self._lines[channel], self._channels[channel]
        if self._clock.utc() < line.until:
            return False
        notes: list[Note] = await self._worker(self._store.notes.waiting, channel, self._clock.utc(), FETCH)
        if not notes:
            return False
        if notes[0].tries > 0:  # refused before: by itself, so that it is seen which one it is
            notes = notes[:1]
        called = any(note.mention for note in notes)
        limits = limits_of(settings, called=called)
        message = await self._worker(self._composer.compose, notes, limits.bytes)
        try:
            for part in self._carrier.parts(settings, message, self._clock.utc()):
                await self._paced(channel, line)
                await part()
                if not part.picture:  # said is said: a picture that fails does not say it again
                    await self._taken(channel, message)
        except BusyError as error:
            await self._failed(channel, message, error)
            return False
        except ContentError as error:
            await self._refused(channel, message, error)
        return True

    async def _paced(self, channel: str, line: _Line) -> None:
        while (wait := line.pace.wait(self._clock.utc())) > 0.0:
            await self._clock.sleep(wait)
        line.pace.note(self._clock.utc())
        await self._worker(self._store.notes.note_send, channel, self._clock.utc())

    async def _taken(self, channel: str, message: Message) -> None:
        line = self._lines[channel]
        await self._worker(self._settle, message, "sent", "")
        self.tally.messages += 1
        self.tally.notes += len(message.notes)
        line.failures = 0
        if line.down:
            line.down = False
            log.info("channel %s is up again", channel)

    async def _failed(self, channel: str, message: Message, error: BusyError) -> None:
        line = self._lines[channel]
        line.failures += 1
        self.tally.failures += 1
        pause = min(LONGEST, 2.0 ** min(line.failures, 12)) * random.uniform(0.5, 1.0)
        line.until = self._clock.utc() + max(pause, error.wait)
        if not line.down:
            line.down = True
            log.warning("channel %s is down: %s", channel, error)
        await self._worker(self._postpone, message, line.until, str(error))

    async def _refused(self, channel: str, message: Message, error: ContentError) -> None:
        """Tried some more, with one site a message, then put aside: one odd name must not silence the others."""
        tried = await self._worker(self._tries, message)
        if tried < TRIES:
            until = self._clock.utc() + 5.0 * 2.0**tried
            await self._worker(self._postpone, message, until, str(error), refused=True)
            return
        self.tally.refused += len(message.notes)
        log.error("channel %s refuses for good: %s (%s)", channel, error, message.lines[0].site)
        await self._worker(self._settle, message, "refused", str(error))

    def _settle(self, message: Message, state: str, error: str) -> None:
        with self._store.together(on_disk=False):
            self._store.notes.settle(message.notes, state, self._clock.utc(), error)

    def _postpone(self, message: Message, until: float, error: str, *, refused: bool = False) -> None:
        with self._store.together(on_disk=False):
            self._store.notes.postpone(message.notes, until, error, refused=refused)

    def _tries(self, message: Message) -> int:
        return self._store.notes.tries(message.notes)
