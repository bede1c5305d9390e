"""The driver against libmodbus, over a socket and over a pseudo-terminal; on both event loops; ports are locked."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import threading
import tty
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvloop

from agent.core.device_profile import BlockLimits, Device, DeviceProfile
from agent.core.errors import BusError
from agent.core.point import Access, Point, Value, ValueKind
from agent.core.reading import Quality
from agent.core.register import RawType, Register, Table, WordOrder, WriteFunction
from drivers.modbus import KINDS
from drivers.modbus.settings import Parity, RtuBus, RtuUnit, TcpBus, TcpUnit
from hil.clock import ScaledClock

pytestmark = pytest.mark.integration

FLOATS = {"abcd": (80, 21.5), "dcba": (82, -3.25), "badc": (84, 1e6), "cdab": (86, 0.125)}
REGISTERS: dict[str, Register] = {
    "coil": Register(table=Table.COIL, address=7),
    "discrete": Register(table=Table.DISCRETE, address=9),
    "input": Register(table=Table.INPUT, address=42),
    "low": Register(table=Table.HOLDING, address=3),
    "high": Register(table=Table.HOLDING, address=60, scale=0.1),
    "masked": Register(table=Table.HOLDING, address=20, bit=4, bits=4, write_with=WriteFunction.MASK),
    "both": Register(table=Table.HOLDING, address=21, write_with=WriteFunction.READ_WRITE),
    "several": Register(table=Table.HOLDING, address=22, type=RawType.UINT32),
    "missing": Register(table=Table.HOLDING, address=5000),
    **{
        order: Register(table=Table.HOLDING, address=address, type=RawType.FLOAT32, order=WordOrder(order))
        for order, (address, _) in FLOATS.items()
    },
}
SWITCHES = {"coil", "discrete"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("peer") / "peer_server"
    source = Path(__file__).with_name("peer_server.c")
    command = ["gcc", "-O1", "-I/usr/include/modbus", str(source), "-o", str(program), "-lmodbus"]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if built.returncode:
        pytest.skip(f"libmodbus-dev is missing: {built.stderr[:200]}")
    return program


@contextlib.contextmanager
def running(*command: str) -> Iterator[str]:
    """The process and its first line."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@contextlib.contextmanager
def wire() -> Iterator[tuple[str, str]]:
    """Two pseudo-terminals joined like two ends of a cable."""
    ends = [os.openpty(), os.openpty()]
    masters = [master for master, _ in ends]
    for _, slave in ends:
        tty.setraw(slave)
    stop_read, stop_write = os.pipe()

    def join() -> None:
        import select

        other = {masters[0]: masters[1], masters[1]: masters[0]}
        while True:
            ready, _, _ = select.select([*masters, stop_read], [], [])
            if stop_read in ready:
                return
            for end in ready:
                os.write(other[end], os.read(end, 4096))

    thread = threading.Thread(target=join)
    thread.start()
    try:
        yield os.ttyname(ends[0][1]), os.ttyname(ends[1][1])
    finally:
        os.write(stop_write, b"x")
        thread.join()
        for one in (*(end for pair in ends for end in pair), stop_read, stop_write):
            os.close(one)


def driver_for(kind: str, settings: Any, unit: Any) -> Any:
    points = {
        name: Point(
            id=name,
            access=Access.READ_WRITE,
            kind=ValueKind.SWITCH if name in SWITCHES else ValueKind.NUMBER,
        )
        for name in REGISTERS
    }
    profile = DeviceProfile(id="x", points=points, sources=REGISTERS, limits=BlockLimits(max_hole=100))
    device = Device(
        id="d",
        bus="b",
        profile=profile,
        settings=unit,
        points={name: replace(one, id=f"d.{name}") for name, one in points.items()},
    )
    return KINDS[kind].create("b", settings, [device], ScaledClock(), lambda _: None)


async def values_of(driver: Any) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {}
    for item in driver.plan():
        for block in await driver.read(item):
            for point, reading in block.readings().items():
                name = point.removeprefix("d.")
                assert (reading.quality is Quality.BAD) is (name == "missing"), reading
                found[name] = reading.value
    return found


async def talk(driver: Any) -> None:
    """All function codes, both ways."""
    await driver.open()
    try:
        expected: dict[str, Value | None] = {
            "coil": True,
            "discrete": True,
            "input": 2042,
            "low": 1003,
            "high": 106.0,
            "masked": (1020 >> 4) & 15,
            "both": 1021,
            "several": 1022 * 65536 + 1023,
            "missing": None,
            **{order: value for order, (_, value) in FLOATS.items()},
        }
        assert await values_of(driver) == expected
        writes: dict[str, Value] = {"coil": False, "low": 77, "high": -0.5 + 7.0, "masked": 9, "both": 4711}
        writes |= {"several": 70000, "cdab": 2.5, "dcba": -8.0}
        for name, value in writes.items():
            await driver.write(f"d.{name}", value)
        assert await values_of(driver) == expected | writes
    finally:
        await driver.close()


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_libmodbus_over_tcp(server: Path, loop: Any) -> None:
    with running(str(server), "tcp") as port, asyncio.Runner(loop_factory=loop) as runner:
        settings = TcpBus(host="127.0.0.1", port=int(port))
        runner.run(talk(driver_for("modbus-tcp", settings, TcpUnit(unit=1))))


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_libmodbus_over_rtu(server: Path, loop: Any) -> None:
    with wire() as (ours, theirs), running(str(server), "rtu", theirs) as ready:
        assert ready == "ready"
        settings = RtuBus(port=ours, baudrate=115200, parity=Parity.NONE, timeout=1.0)
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(talk(driver_for("modbus-rtu", settings, RtuUnit(unit=1))))


async def test_a_port_in_use_is_refused(server: Path) -> None:
    with wire() as (ours, theirs), running(str(server), "rtu", theirs):
        settings = RtuBus(port=ours, baudrate=115200, parity=Parity.NONE, timeout=1.0)
        first, second = (driver_for("modbus-rtu", settings, RtuUnit(unit=1)) for _ in range(2))
        await first.open()
        with pytest.raises(BusError, match="in use by another program"):
            await second.open()
        assert (await values_of(first))["low"] == 1003
        await first.close()
        await second.open()
        assert (await values_of(second))["low"] == 1003
        await second.close()


async def test_no_such_port() -> None:
    driver = driver_for("modbus-rtu", RtuBus(port="/dev/no-such-adapter"), RtuUnit(unit=1))
    with pytest.raises(BusError, match="no-such-adapter"):
        await driver.open()
    await driver.close()
