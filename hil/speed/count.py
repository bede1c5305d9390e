"""Counts what arrives at the broker: values, and the time from a device's own change to its arrival.

python -m hil.speed.count MQTT_PORT      prints one JSON object a second
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from aiomqtt import Client

STAMP = ("r96", "r97", "r98", "r99")


def readings(topic: str, payload: bytes) -> Iterator[tuple[str, int, Sequence[int] | None]]:
    """(device, number of values, the four stamp registers) of one message of either party."""
    if payload[:2] == b"\x1f\x8b":
        payload = gzip.decompress(payload)
    message: Any = orjson.loads(payload)
    if isinstance(message, list):
        yield topic, len(message), message[96:100]
        return
    for block in message.get("blocks", ()) if isinstance(message, dict) else ():
        values = block["values"]
        stamp = [values[name] for name in STAMP] if STAMP[0] in values else None
        yield block["device"], len(values), stamp


async def count(broker: int) -> None:
    """Print what arrived, once a second."""
    seen: dict[str, int] = {}
    values, latencies, first, began = 0, [], None, time.monotonic()
    async with Client("127.0.0.1", broker) as mqtt:
        await mqtt.subscribe("bench/#")
        await mqtt.subscribe("plantroom/+/samples/#")
        print(json.dumps({"ready": True}), flush=True)
        async for message in mqtt.messages:
            now = time.time() * 1000
            for device, number, stamp in readings(str(message.topic), bytes(message.payload or b"")):
                values += number
                first = time.time() if first is None else first
                if stamp is not None and seen.get(device) != stamp[3]:
                    if device in seen:
                        latencies.append(now - (int(stamp[0]) << 32 | int(stamp[1]) << 16 | int(stamp[2])))
                    seen[device] = int(stamp[3])
            span = time.monotonic() - began
            if span >= 1.0:
                row = {
                    "at": time.time(),
                    "first": first,
                    "span": span,
                    "values": values,
                    "latencies": latencies,
                }
                print(json.dumps(row), flush=True)
                values, latencies, first, began = 0, [], None, time.monotonic()


if __name__ == "__main__":
    asyncio.run(count(int(sys.argv[1])))
