"""Bears children that do a store's work, and kills each at a random moment with signal 9.

A fork of a process that has everything imported saves the second Python takes to start, and nothing else: the child opens the
store, recovers, appends, commits and delivers like any other. A line a child: epoch, acknowledged (0 0: killed before it said any).
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import select
import signal
import sys
import time

from tests.telemetry import telemetry_child

_SILENT = 20.0


def child(path: str, address: str, out: int) -> None:
    """Never returns."""
    os.dup2(out, 1)
    try:
        asyncio.run(telemetry_child.main(path, address, drain=False))
    finally:
        os._exit(1)


def heard(pipe: int, lines: int, until: float) -> bytes:
    """What the child says until it has said so many lines, or until a moment."""
    text = b""
    while text.count(b"\n") < lines and (left := until - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            part = os.read(pipe, 65536)
            if not part:
                raise RuntimeError("the child has ended by itself")
            text += part
    return text


def rest(pipe: int) -> bytes:
    text = b""
    while part := os.read(pipe, 65536):
        text += part
    return text


def one_life(path: str, address: str, chance: random.Random) -> tuple[int, int]:
    """Epoch and highest sequence that was acknowledged, of a child killed while it starts (one in four) or works."""
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(read)
        child(path, address, write)
    os.close(write)
    if chance.random() < 0.25:
        text = heard(read, 1 << 30, time.monotonic() + chance.uniform(0.0, 0.05))
    else:
        text = heard(read, chance.randrange(1, 40), time.monotonic() + _SILENT)
        if not text:
            raise RuntimeError("the child says nothing")
        time.sleep(chance.uniform(0.0, 0.003))
    os.kill(process, signal.SIGKILL)
    text += rest(read)
    os.close(read)
    os.waitpid(process, 0)
    said = [tuple(map(int, line.split())) for line in text.splitlines(keepends=True) if line.endswith(b"\n")]
    return max(said, default=(0, 0))


def main(path: str, address: str, count: int, seed: int) -> None:
    chance = random.Random(seed)
    gc.freeze()
    for _ in range(count):
        epoch, acknowledged = one_life(path, address, chance)
        sys.stdout.write(f"{epoch} {acknowledged}\n")
        sys.stdout.flush()  # a child would say it again


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
