"""A child to be killed: appends numbered blocks, tells what is acknowledged, delivers what it can over a UNIX socket.

Each line on stdout: `<epoch> <acknowledged>`. Each message on the socket: length (4 bytes) and body; answered with one byte.
"""

from __future__ import annotations

import asyncio
import sys
import time

from agent.core.point import Point
from agent.core.reading import ReadingBlock
from agent.core.site import StoreSettings
from agent.telemetry.store import Store, outbox_of
from agent.telemetry.uplinks.carrier import LinkError
from agent.telemetry.uplinks.message import Encoder, Envelope
from agent.telemetry.uplinks.sender import Sender
from agent.telemetry.uplinks.settings import HttpsSettings

POINTS = tuple(f"d.p{number}" for number in range(10))


class SocketCarrier:
    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_unix_connection(self._path)

    async def send(self, envelope: Envelope) -> None:
        async with self._lock:
            self._writer.write(len(envelope.body).to_bytes(4, "big") + envelope.body)
            if await self._reader.read(1) != b"k":
                raise LinkError("gone")

    async def lost(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        self._writer.close()


async def main(path: str, address: str, drain: bool) -> None:
    store = await Store.open(StoreSettings(path=path, commit_interval=0.005), site="s", now=time.time)
    settings = HttpsSettings(url="https://x", max_delay=1.0, backfill_rate=1e6, compress_above=1 << 30)
    sender = Sender(
        "cloud",
        "https",
        store=store,
        outbox=outbox_of(store, "cloud"),
        encoder=Encoder("s", {point: Point(id=point) for point in POINTS}),
        route=(SocketCarrier(address), settings),
    )
    task = asyncio.create_task(sender.run())
    while drain:
        if store.status()["backlog"]["cloud"] == 0:
            task.cancel()
            await store.close()
            return
        await asyncio.sleep(0.01)
    while True:
        for _ in range(20):
            number = store.keeper.sequence + 1
            store.append(ReadingBlock("d", POINTS, (number + 0.5,) * 10, time.time(), 0.0))
        store.put_soon("state", "last", store.keeper.sequence)
        store.audit({"event": "append", "last": store.keeper.sequence})
        sys.stdout.write(f"{store.epoch} {store.acknowledged}\n")
        sys.stdout.flush()
        await asyncio.sleep(0.001)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3] == "drain"))
