"""One uplink's life: connect, say what there is, feed both lanes, and start over when the link breaks."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from agent.telemetry.batch import DeadLetter
from agent.telemetry.outbox import Outbox
from agent.telemetry.ranges import Range
from agent.telemetry.store import Store
from agent.telemetry.uplinks.carrier import Backoff, Carrier, LinkError, RejectedError
from agent.telemetry.uplinks.lanes import Lanes
from agent.telemetry.uplinks.message import Encoder, Envelope, Item
from agent.telemetry.uplinks.settings import Pace

log = logging.getLogger("plantroom.telemetry")

_INLINE_GZIP = 65_536  # bigger bodies are compressed in a thread
_STEADY = 30.0  # a link that stood this long has earned a fresh back-off
_GAP_PAUSE = 1.0
_OFTEN, _OFTEN_WITHIN = 10, 3600.0  # ends of good connections, in seconds, that are more than bad luck
_REFUSED_IN_A_ROW = 10  # after that it is the receiver that is wrong, and the data are kept for a better day
_LONGEST_WAIT = 3600.0


@dataclass(slots=True)
class Tally:
    """What an uplink has done since start."""

    blocks: int = 0
    messages: int = 0
    bytes: int = 0
    gaps: int = 0
    dead_letters: int = 0
    connects: int = 0


class Sender:
    """Delivers one outbox through one carrier. `run` is the supervised task; it ends only by cancellation."""

    def __init__(
        self,
        name: str,
        kind: str,
        *,
        store: Store,
        outbox: Outbox,
        encoder: Encoder,
        route: tuple[Carrier, Pace],
    ) -> None:
        self.name = name
        self.kind = kind
        self.tally = Tally()
        self._store = store
        self._outbox = outbox
        self._encoder = encoder
        self._carrier, self._pace = route
        self._attempts = int(getattr(self._pace, "attempts", 1))
        self._backoff = Backoff(self._pace.retry_cap)
        self._state = "connecting"
        self._since = store.now()
        self._error = ""
        self._doubtful = False  # connected, but nothing delivered since: a greeting alone proves little
        self._ends: deque[float] = deque(maxlen=_OFTEN)  # when connections ended that had come up
        self._refused = 0  # blocks put aside since the last one that was taken

    async def run(self) -> None:
        while True:
            wait, connects = 0.0, self.tally.connects
            begun = asyncio.get_running_loop().time()
            try:
                await self._connection()
            except* LinkError as errors:
                first = _first(errors)
                wait = first.retry_after
                self._down(str(first))
            except* Exception as errors:  # a fault of one uplink must not end the agent
                log.exception("uplink %s failed", self.name)
                self._down(repr(_first(errors)))
            if self.tally.connects > connects:
                self._ends.append(self._store.now())
            if asyncio.get_running_loop().time() - begun > _STEADY:
                self._backoff.reset()
                self._doubtful = False
            await asyncio.sleep(max(min(wait, _LONGEST_WAIT), self._backoff.next()))

    def status(self) -> dict[str, Any]:
        tally = self.tally
        return {
            "id": self.name,
            "kind": self.kind,
            "state": self._state,
            "since": self._since,
            "error": self._error,
            "backlog": self._outbox.backlog,
            "delivered": tally.blocks,
            "messages": tally.messages,
            "bytes": tally.bytes,
            "gaps": tally.gaps,
            "gaps_waiting": len(self._outbox.gaps),
            "dead_letters": tally.dead_letters,
            "overflows": self._outbox.overflows,
            "connects": tally.connects,
            "comes_and_goes": self._comes_and_goes(),
        }

    def _comes_and_goes(self) -> bool:
        """It comes up, and is ended again and again: a bad line, or somebody else under the same name."""
        ends = self._ends
        return len(ends) == _OFTEN and 0.0 <= self._store.now() - ends[0] < _OFTEN_WITHIN

    async def _connection(self) -> None:
        outbox, store = self._outbox, self._store
        outbox.open_live()  # what is read while the link comes up goes straight from memory too
        try:
            await self._carrier.open()
            for greeting in (
                self._encoder.status("online", store.epoch, store.now()),
                self._encoder.points(),
            ):
                with suppress(RejectedError):  # a receiver that wants only samples
                    await self._send(greeting)
            self.tally.connects += 1
            if not self._doubtful:
                self._up()
            self._doubtful = True
            outbox.open_live()
            lanes = Lanes(store, outbox, self._encoder, self._pace, self._deliver)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carrier.lost())
                group.create_task(lanes.live())
                group.create_task(lanes.backfill())
                group.create_task(self._tell_gaps())
        finally:
            outbox.close_live()
            await self._carrier.close()

    async def _tell_gaps(self) -> None:
        outbox = self._outbox
        while True:
            while outbox.gaps:
                gap = outbox.gaps[0]
                outbox.telling.add(gap.id)
                with suppress(RejectedError):  # a receiver that knows no gaps has been told
                    await self._send(self._encoder.gap(gap))
                outbox.gap_told(gap)
                self.tally.gaps += 1
            await asyncio.sleep(_GAP_PAUSE)

    async def _deliver(self, lane: str, items: list[Item]) -> int:
        """Bytes on the wire. A refused message is halved until the one bad block stands alone."""
        try:
            sent = await self._send(self._encoder.samples(lane, items))
        except RejectedError as error:
            if len(items) > 1:
                half = len(items) // 2
                return await self._deliver(lane, items[:half]) + await self._deliver(lane, items[half:])
            return await self._insist(lane, items[0], error)
        for first, last in _runs(items):
            self._outbox.delivered(first, last)
        self._accepted(len(items))
        return sent

    async def _insist(self, lane: str, item: Item, error: RejectedError) -> int:
        """Some more tries for one refused block, then it is put aside."""
        pause = Backoff(self._pace.retry_cap)
        for _ in range(self._attempts - 1):
            await asyncio.sleep(pause.next())
            try:
                sent = await self._send(self._encoder.samples(lane, [item]))
            except RejectedError as again:
                error = again
            else:
                self._outbox.delivered(item[0], item[0])
                self._accepted(1)
                return sent
        if self._refused >= _REFUSED_IN_A_ROW:
            raise LinkError(f"refuses everything: {error}")
        self._refused += 1
        log.error("uplink %s: a block was refused for good and put aside: %s", self.name, error)
        self.tally.dead_letters += 1
        key, body = item
        self._outbox.bury(
            DeadLetter(
                uplink=self.name, first=key, last=key, made=self._store.now(), error=str(error), body=body
            )
        )
        return len(body)

    async def _send(self, envelope: Envelope) -> int:
        size = len(envelope.body)
        if size > self._pace.compress_above:
            if size > _INLINE_GZIP:
                body = await asyncio.to_thread(gzip.compress, envelope.body, 1, mtime=0)
            else:
                body = gzip.compress(envelope.body, 1, mtime=0)
            envelope = replace(envelope, body=body, gzip=True)
        try:
            async with asyncio.timeout(self._pace.timeout * 2):
                await self._carrier.send(envelope)
        except TimeoutError as error:
            raise LinkError("no acknowledgement in time") from error
        self.tally.messages += 1
        self.tally.bytes += len(envelope.body)
        return len(envelope.body)

    def _accepted(self, blocks: int) -> None:
        self.tally.blocks += blocks
        self._refused = 0
        self._backoff.reset()
        if self._doubtful:
            self._doubtful = False
            self._up()

    def _up(self) -> None:
        if self._state != "up":
            log.info("uplink %s up, %d blocks behind", self.name, self._outbox.backlog)
            self._state, self._since = "up", self._store.now()
        self._error = ""

    def _down(self, error: str) -> None:
        if self._state != "down":
            log.warning("uplink %s down: %s", self.name, error)
            self._state, self._since = "down", self._store.now()
        self._error = error


def _first(errors: BaseExceptionGroup[Any]) -> Any:
    error: Any = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _runs(items: list[Item]) -> list[Range]:
    """Consecutive keys as ranges."""
    runs: list[Range] = []
    for key, _ in items:
        if runs and runs[-1][1] == key - 1:
            runs[-1] = (runs[-1][0], key)
        else:
            runs.append((key, key))
    return runs
