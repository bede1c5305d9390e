"""Two thousand wrong requests at the faces of the simulated devices: nothing is written, nothing breaks.

After each of them a right write gets through, as soon as its master has tried again.
"""

import asyncio
import os
import random
import struct
import sys
import time

import pytest

from agent.core.device_profile import DeviceProfile
from agent.core.point import Access, Point, ValueKind
from agent.core.register import RawType, Register, Table
from hil.clock import VirtualClock
from hil.servers.device import SimulatedDevice, Wiring
from hil.servers.modbus_face import ModbusLineFace, ModbusTcpFace
from hil.world import World
from tests.abuse.wrong_requests import LAST, UNIT, rtu, tcp, wrong_on_rtu, wrong_on_tcp

pytestmark = pytest.mark.integration
REQUESTS = int(os.environ.get("PLANTROOM_REQUESTS", "2000"))
SEED = int(os.environ.get("PLANTROOM_REQUESTS_SEED", "3"))
LANES = {"tcp": 8, "rtu over tcp": 16, "rtu": 16}
PATIENCE = 0.08  # seconds until the master tries again; a line forgets half a frame sooner
TRIES = 40


class Ledger(World):
    """Remembers every write that reached a machine."""

    def __init__(self):
        super().__init__()
        self.written = []

    def command(self, variable, value):
        self.written.append((variable, value))


def device(ledger):
    words = {f"word{at}": Register(table=Table.HOLDING, address=at) for at in range(LAST + 1)}
    coils = {f"coil{at}": Register(table=Table.COIL, address=at, type=RawType.BIT) for at in range(LAST + 1)}
    points = {name: Point(id=name, access=Access.READ_WRITE) for name in words}
    points |= {name: Point(id=name, access=Access.READ_WRITE, kind=ValueKind.SWITCH) for name in coils}
    profile = DeviceProfile(id="written", points=points, sources=words | coils)
    wiring = Wiring(commands={name: name for name in points})
    return SimulatedDevice("written", profile, wiring, ledger, VirtualClock())


class Lane:
    """A face with one device, and a master of its own at its other end."""

    def __init__(self, kind, seed, folder):
        self.kind, self.chance = kind, random.Random(seed)
        self.ledger = Ledger()
        self.serial = 0
        self.right = set()
        self.path = folder / f"lane-{seed}"
        units = {UNIT: device(self.ledger)}
        self.face = ModbusLineFace(units) if kind == "rtu" else ModbusTcpFace(units, rtu=kind != "tcp")
        self.heard = asyncio.Queue()
        self.end = None
        self.sent = 0

    async def start(self):
        if self.kind == "rtu":
            self.face.start(self.path)
        else:
            await self.face.start()

    async def stop(self):
        self.hang_up()
        stopped = self.face.stop()
        if stopped is not None:
            await stopped

    async def connect(self):
        self.hang_up()
        self.heard = asyncio.Queue()
        loop = asyncio.get_running_loop()
        if self.kind == "rtu":
            self.end = os.open(self.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            loop.add_reader(self.end, self.hear)
        else:
            self.end, _ = await loop.create_connection(lambda: Ears(self.heard), "127.0.0.1", self.face.port)

    def hear(self):
        self.heard.put_nowait(os.read(self.end, 4096))

    def hang_up(self):
        if isinstance(self.end, int):
            asyncio.get_running_loop().remove_reader(self.end)
            os.close(self.end)
        elif self.end is not None:
            self.end.abort()
        self.end = None

    def send(self, data):
        if isinstance(self.end, int):
            os.write(self.end, data)
        elif not self.end.is_closing():
            self.end.write(data)

    async def abuse(self, count):
        """`count` wrong requests, each followed by a right write that must get through."""
        for _ in range(count):
            if self.end is None:
                await self.connect()
            self.serial += 1
            before = len(self.ledger.written)
            wrong = (wrong_on_tcp if self.kind == "tcp" else wrong_on_rtu)(self.chance, self.serial)
            self.send(wrong)
            self.sent += 1
            if self.kind == "tcp" and (await self.answer() == b"" or len(wrong) < 12):
                self.hang_up()  # out of step, or half a request: as every master does
                await self.connect()
            await self.write_well(wrong, before)

    async def write_well(self, wrong, before):
        self.serial += 1
        at = self.serial % 8
        pdu = struct.pack(">BHH", 6, at, self.serial)
        frame = tcp(self.serial, pdu) if self.kind == "tcp" else rtu(pdu)
        for _ in range(TRIES):
            self.send(frame)
            if (await self.answer()).endswith(frame):
                break
            if self.kind != "rtu":
                await self.connect()
        else:
            raise AssertionError(f"{self.kind}: no answer any more after {wrong.hex()}")
        self.right.add((f"word{at}", self.serial))  # tried again, it may be written again later
        fresh = set(self.ledger.written[before:])
        assert fresh <= self.right, f"{self.kind}: {fresh - self.right} after {wrong.hex()}"
        assert (f"word{at}", self.serial) in fresh

    async def answer(self):
        try:
            return await asyncio.wait_for(self.heard.get(), PATIENCE)
        except TimeoutError:
            return b""


class Ears(asyncio.Protocol):
    def __init__(self, heard):
        self.heard = heard

    def data_received(self, data):
        self.heard.put_nowait(data)

    def connection_lost(self, _):
        self.heard.put_nowait(b"")


@pytest.fixture
async def lanes(tmp_path):
    kinds = [kind for kind, count in LANES.items() for _ in range(count)]
    made = [Lane(kind, SEED * 1000 + number, tmp_path) for number, kind in enumerate(kinds)]
    for lane in made:
        await lane.start()
    yield made
    for lane in made:
        await lane.stop()


async def test_two_thousand_wrong_requests(lanes):
    unhandled = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))
    share, rest = divmod(REQUESTS, len(lanes))
    begin = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number, lane in enumerate(lanes):
            group.create_task(lane.abuse(share + (number < rest)))
    sent = sum(lane.sent for lane in lanes)
    sys.stdout.write(f"{sent} wrong requests in {time.monotonic() - begin:.1f} s\n")
    assert sent == REQUESTS
    assert unhandled == []
