"""The driver contract: what a bench is, and how one is found.

Every driver passes the same tests (`test_driver_contract.py`). A driver joins by one file here, `bench_<kind>.py`, with
a list `BENCHES` of bench classes. The file is loaded by path, so it cannot import this one: names of faults are text.

A bench class (a real server under the test's control, and the driver that talks to it):

    name: str                            # "modbus-tcp": shown in the test id
    marks: tuple[pytest.MarkDecorator]   # (pytest.mark.integration,) where real sockets or ptys are used, else ()
    faults: frozenset[str]               # which of the FAULTS below it can make

    __init__(self, points)               # dict of name -> Point template (see POINTS); the bench adds registers or nodes
    async start(self) -> None            # the server is up; both devices hold VALUES
    async stop(self) -> None             # server gone; never raises; may be called twice; start() works again after it,
                                         # at the same address
    def driver(self, clock, sink) -> Driver      # a new, unopened driver on this server, with devices "d1" and "d2",
                                         # each with all POINTS (ids "d1.temp" ...). Time-out of a request: <= 0.3 s
    def set(self, device, name, value) -> None   # what the device will answer from now on; engineering units;
                                         # value None = the device's way of saying "not available"
    def get(self, device, name) -> Value         # what the device holds, engineering units, as a reading would show it
    def fault(self, kind, device) -> None        # from now on the device misbehaves so, at every request ...
    def heal(self) -> None               # ... until all faults end

FAULTS: "silent"    never answers (this device only; the other goes on)
        "refusing"  answers every request with a passing error (Modbus exception 6, OPC UA Bad...)
        "unit"      answers in the name of somebody else
        "cut"       closes the connection instead of answering
        "half"      sends half of the answer and no more
        "slow"      answers correctly, late but inside the time-out
        "late"      answers correctly, but after the time-out (sent all the same)
        "repeated"  sends every answer twice
        "stalled"   the whole server hangs: connection open, nothing answered

"never a wrong value": the tests give every point of every device its own value, so that a GOOD reading that is not the
device's own present value is a defect whatever the fault.
"""

from __future__ import annotations

import asyncio
import importlib.util
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.core.driver import Driver
from agent.core.errors import BusError, DeviceError
from agent.core.point import Access, Point, Value, ValueKind
from agent.core.reading import Quality, Reading, ReadingBlock, failed_block
from hil.clock import ScaledClock

BOTH = Access.READ_WRITE

POINTS: dict[str, Point] = {
    point.id: point
    for point in (
        Point(id="temp", unit="degC"),  # 0.1 degC steps where the device counts in integers
        Point(id="power", unit="kW"),  # a float
        Point(id="count", unit=""),  # a whole number, 32 bits
        Point(id="spare", unit="degC"),  # can be "not available"
        Point(id="humidity", unit="%", plausible=(0.0, 100.0)),
        Point(id="run", kind=ValueKind.SWITCH, access=BOTH),
        Point(id="setpoint", unit="degC", access=BOTH),  # 0.1 degC steps, -3276 .. 3276 fits, 1e9 does not
        Point(id="mode", kind=ValueKind.ENUM, access=BOTH, choices=("off", "cool", "heat")),  # codes 0, 1, 2
        Point(id="speed", unit="%", access=BOTH),  # a float
    )
}

VALUES: dict[str, dict[str, Value]] = {
    "d1": {
        "temp": 21.5,
        "power": 350.25,
        "count": 123456,
        "spare": 7.5,
        "humidity": 55.5,
        "run": True,
        "setpoint": 6.5,
        "mode": "cool",
        "speed": 81.5,
    },
    "d2": {
        "temp": 12.5,
        "power": 47.75,
        "count": 654321,
        "spare": 9.5,
        "humidity": 44.5,
        "run": False,
        "setpoint": 9.0,
        "mode": "heat",
        "speed": 33.25,
    },
}

FAULTS = ("silent", "refusing", "unit", "cut", "half", "slow", "late", "repeated", "stalled")


class Rig:
    """A bench with its driver, served the way a poller would: read what is planned, open again after a BusError."""

    def __init__(self, bench: Any) -> None:
        self.bench = bench
        self.clock = ScaledClock()
        self.latest: dict[str, Reading] = {}
        self.blocks: list[ReadingBlock] = []
        self.errors: list[Exception] = []
        self.is_open = False
        self.driver: Driver = bench.driver(self.clock, self.take)

    def take(self, block: ReadingBlock) -> None:
        self.blocks.append(block)
        self.latest.update(block.readings())

    async def open(self) -> None:
        async with asyncio.timeout(10.0):
            await self.driver.open()
        self.is_open = True

    async def poll(self) -> None:
        """One round over the plan. Errors are kept, and leave BAD readings behind, as the poller does it."""
        try:
            if not self.is_open:
                await self.open()
        except BusError as error:
            self.errors.append(error)
            return
        for item in self.driver.plan():
            try:
                async with asyncio.timeout(10.0):  # wait_for would swallow a cancellation
                    blocks = await self.driver.read(item)
            except (BusError, DeviceError) as error:
                self.errors.append(error)
                now = (self.clock.utc(), self.clock.elapsed())
                self.take(failed_block(item.device, item.points, *now, str(error)))
                if isinstance(error, BusError):
                    self.is_open = False
                    return
            else:
                for block in blocks:
                    self.take(block)

    def wrong(self) -> dict[str, Reading]:
        """GOOD readings that are not what the device holds."""
        found = {}
        for point, reading in self.latest.items():
            device, _, name = point.partition(".")
            if reading.quality is Quality.GOOD and reading.value != pytest.approx(
                self.bench.get(device, name), abs=1e-3
            ):
                found[point] = reading
        return found

    async def until(self, condition: Callable[[], bool], within: float = 15.0) -> None:
        """Poll until the condition holds."""
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"not reached in {within} s; readings {self.latest}; errors {self.errors[-3:]}")
            await self.poll()
            await asyncio.sleep(0.01)

    def all_good(self, device: str | None = None) -> bool:
        """Every readable point of the device (or of both) is GOOD and holds what the device holds."""
        devices = (device,) if device else ("d1", "d2")
        wanted = [f"{one}.{name}" for one in devices for name in POINTS]
        return all(
            point in self.latest and self.latest[point].good for point in wanted
        ) and not self.wrong().keys() & set(wanted)


def _benches() -> Iterator[Any]:
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        spec = importlib.util.spec_from_file_location(f"contract_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield from module.BENCHES


BENCHES = list(_benches())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per bench; tests that ask for `fault` run once per fault the bench can make."""
    if "bench_class" not in metafunc.fixturenames:
        return
    if "fault" in metafunc.fixturenames:
        metafunc.parametrize(
            ("bench_class", "fault"),
            [
                pytest.param(bench, fault, marks=bench.marks, id=f"{bench.name}-{fault}")
                for bench in BENCHES
                for fault in FAULTS
                if fault in bench.faults
            ],
        )
    else:
        metafunc.parametrize(
            "bench_class", [pytest.param(bench, marks=bench.marks, id=bench.name) for bench in BENCHES]
        )


@pytest.fixture
async def rig(bench_class: Any) -> AsyncIterator[Rig]:
    """A started bench and its driver, not opened yet."""
    bench = bench_class(dict(POINTS))
    await bench.start()
    for device, values in VALUES.items():
        for name, value in values.items():
            bench.set(device, name, value)
    made = Rig(bench)
    try:
        yield made
    finally:
        bench.heal()
        await made.driver.close()
        await bench.stop()
