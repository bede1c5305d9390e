"""Late, repeated and foreign frames by the thousand, on virtual time: none ever becomes a value.

Every register holds its own address, so any frame taken for another's answer shows. What no master could tell from the
right answer is left out: a foreign answer of our unit in the very shape and moment we wait for ours.
"""

from __future__ import annotations

import asyncio
import random
import struct
from collections import Counter
from collections.abc import Iterable
from typing import Any

from agent.core.device_profile import BlockLimits
from agent.core.errors import BusError, DeviceError
from tests.drivers.modbus.far_unit import driver_of, holding
from tests.rtu_frames import framed

TIMEOUT, QUIET = 0.3, 0.05
STARTS = (100, 200, 300, 400, 500)
ANY, PAIRS = 125, 2  # registers a request may ask for: blocks of all lengths, and all blocks of one shape


class BadLine:
    """The far end: answers rightly, and sends frames that nobody asked for. Counts what it injects."""

    def __init__(self, seed: int, own_numbers: Any) -> None:
        self.dice = random.Random(seed)
        self.own_numbers = own_numbers
        self.injected: Counter[str] = Counter()

    def __call__(self, request: bytes) -> Iterable[tuple[float, bytes]]:
        kind = self.dice.choices(
            ("well", "late", "repeated", "foreign", "master", "lost"), (6, 3, 3, 3, 2, 1)
        )[0]
        right = self.own_numbers(request)
        answers = [] if kind in ("late", "lost") else [(self.dice.uniform(0.005, 0.2), right)]
        if kind in ("well", "lost"):
            return answers
        extra = list(getattr(self, f"_{kind}")(request, right, answers[0][0] if answers else 0.0))
        self.injected[kind] += len(extra)
        return answers + extra

    def _late(self, _request: bytes, right: bytes, _at: float) -> Iterable[tuple[float, bytes]]:
        """After its time-out, within the quiet time or while the next requests are under way."""
        yield (
            TIMEOUT + self.dice.choice((self.dice.uniform(0.001, QUIET), self.dice.uniform(0.0, 0.5))),
            right,
        )

    def _repeated(self, _request: bytes, right: bytes, at: float) -> Iterable[tuple[float, bytes]]:
        """The same answer again, glued to it or shortly after it."""
        for _ in range(self.dice.randint(1, 3)):
            yield at + self.dice.choice((0.0, 0.0015, self.dice.uniform(0.0, QUIET))), right

    def _foreign(self, request: bytes, _right: bytes, at: float) -> Iterable[tuple[float, bytes]]:
        """Another unit's answer of our very shape, or ours to somebody who asked for something else; at any moment."""
        count = struct.unpack(">H", request[4:6])[0]
        for _ in range(self.dice.randint(1, 2)):
            if self.dice.random() < 0.5:
                unit, words = self.dice.randint(2, 247), count
            else:
                unit, words = 1, self.dice.choice([one for one in range(40, 60) if one != count])
            data = self.dice.randbytes(2 * words)
            yield self.dice.uniform(0.0, at + QUIET), framed(bytes((unit, 3, 2 * words)) + data)

    def _master(self, _request: bytes, _right: bytes, at: float) -> Iterable[tuple[float, bytes]]:
        """The request of a second master, to our unit or to another."""
        unit = self.dice.choice((1, 1, self.dice.randint(2, 20)))
        ask = struct.pack(
            ">BBHH", unit, self.dice.choice((3, 4, 6)), self.dice.randrange(600), self.dice.randint(1, 9)
        )
        yield self.dice.uniform(0.0, at + QUIET), framed(ask)


async def flood(tools: Any, line: BadLine, frames: int, longest: int = ANY) -> Counter[str]:
    """Polls until so many frames were injected; how often values were right, wrong or not there."""
    outcome: Counter[str] = Counter()
    registers = {f"p{at + more}": holding(at + more) for at in STARTS for more in (0, 1)}
    driver = driver_of(tools.wireless(line), registers, rtu=True, limits=BlockLimits(max_registers=longest))
    await driver.open()
    while line.injected.total() < frames:
        await asyncio.sleep(line.dice.choice((0.0, 0.1, 1.0)))
        for item in driver.plan():
            try:
                blocks = await driver.read(item)
            except BusError:
                outcome["reopened"] += 1
                await driver.open()
                continue
            except DeviceError:
                outcome["error"] += 1
                continue
            for point, reading in (pair for block in blocks for pair in block.readings().items()):
                right = point == f"d.p{reading.value}"
                outcome["bad" if not reading.good else "right" if right else "wrong"] += 1
    return outcome


def check(tools: Any, seed: int, frames: int, longest: int) -> None:
    line = BadLine(seed, tools.own_numbers)
    outcome = tools.run(flood(tools, line, frames, longest))
    assert line.injected.total() >= frames
    assert min(line.injected[kind] for kind in ("late", "repeated", "foreign", "master")) > frames / 20
    assert outcome["wrong"] == 0, (seed, outcome, line.injected)
    assert outcome["right"] > frames / 10, (outcome, line.injected)  # right answers in between are read
