"""An endpoint in memory, for what is asked of the sender."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from agent.telemetry.receiver import Receiver
from agent.telemetry.uplinks.carrier import LinkError
from agent.telemetry.uplinks.message import Envelope


@dataclass
class FakeCarrier:
    """An endpoint in memory; `verdict` may refuse, break or hold messages."""

    receiver: Receiver = field(default_factory=Receiver)
    sent: list[Envelope] = field(default_factory=list)
    lanes: list[str] = field(default_factory=list)  # of each block
    by_lane: Counter[str] = field(default_factory=Counter)  # messages
    verdict: Callable[[Envelope], Awaitable[None] | None] = lambda _: None
    opens: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        self.opens += 1
        self.gone.clear()

    async def send(self, envelope: Envelope) -> None:
        answer = self.verdict(envelope)
        if answer is not None:
            await answer
        self.sent.append(envelope)
        if envelope.subject in ("samples", "gaps"):
            lanes = [block["lane"] for block in self.receiver.take(envelope.body)]
            self.lanes += lanes
            self.by_lane.update(lanes[:1])

    async def lost(self) -> None:
        await self.gone.wait()
        raise LinkError("cut")

    async def close(self) -> None:
        await asyncio.sleep(0)
