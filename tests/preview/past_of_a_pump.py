"""A recorded past for previews: a pump with a meter, a load, and a policy that runs it by the load."""

import asyncio
import math
import random
from dataclasses import dataclass
from typing import ClassVar

from agent.calc.timers import held, passed
from agent.control.preview_job import Job, PolicyText
from agent.core.command import Command
from agent.core.equipment import Area, AreaModel, Equipment, Place
from agent.core.parameter import parameter
from agent.core.point import Access, Point, ValueKind
from agent.core.reading import ReadingBlock
from agent.core.serial import to_plain
from agent.core.site import StoreSettings
from agent.telemetry.store import Store

DAY = 86_400.0
MONDAY = 1_784_505_600.0  # 2026-07-20 00:00 UTC
READ = ("io.enable", "io.speed", "io.load", "io.power")
POINTS = {
    one.id: one
    for one in (
        Point(id="io.enable", kind=ValueKind.SWITCH, access=Access.READ_WRITE, label="Pump 1"),
        Point(id="io.speed", unit="%", access=Access.READ_WRITE),
        Point(id="io.load", unit="%"),
        Point(id="io.power", unit="kW"),
    )
}
PUMP = Equipment(
    id="pump",
    kind="pump",
    area="plant",
    roles={
        "enable": "io.enable",
        "speed_command": "io.speed",
        "load": "io.load",
        "power": "io.power",
    },
)
PLACE = Place(name="Test", latitude=0, longitude=0, timezone="UTC")
MODEL = AreaModel(area=Area(id="plant", tick=10.0), place=PLACE, equipment={"pump": PUMP}, points=POINTS)


@dataclass(frozen=True, slots=True)
class Waited:
    high: float = 0.0  # s for which the load has been high
    elapsed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ByLoad:
    """On above a load, at one speed; raises when a test says so."""

    kind: ClassVar[str] = "test.by_load"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple] = ()
    claims: ClassVar[tuple] = ()
    name: str = parameter("by_load")
    above: float = parameter(50.0, unit="%", low=0.0, high=100.0)
    speed: float = parameter(60.0, unit="%", low=0.0, high=100.0)
    delay: float = parameter(0.0, unit="s", low=0.0, high=7200.0)

    def initial_state(self):
        return Waited()

    def decide(self, snapshot, state):
        load = snapshot.number_of(PUMP, "load")
        if self.above > 95.0:
            raise ZeroDivisionError("no such load")
        if load is None:
            return [], state
        seconds = passed(snapshot.elapsed, state.elapsed, 3.0 * snapshot.model.area.tick)
        state = Waited(held(state.high, load > self.above, seconds), snapshot.elapsed)
        on = load > self.above and state.high >= self.delay
        why = {"source": self.name, "priority": 15, "reason": "load"}
        wishes = [
            Command(point="io.enable", value=on, **why),
            Command(point="io.speed", value=self.speed, **why),
        ]
        return wishes, state


def load_at(utc):
    """A day between 20 and 80 %, the same every day."""
    return 50.0 + 30.0 * math.sin(2.0 * math.pi * utc / DAY)


def readings(days, *, enable, speed, every=60.0, gap=(0.0, 0.0), begin=MONDAY):
    """Blocks of the one device: `enable` and `speed` are functions of the time. Power is the cube of the speed, 100 kW at full."""
    chance = random.Random(7)
    for number in range(int(days * DAY / every)):
        utc = begin + number * every
        if gap[0] <= utc - begin < gap[1]:
            continue
        on, at = enable(utc), speed(utc)
        power = 100.0 * (at / 100.0) ** 3 * (1.0 + 0.02 * chance.uniform(-1.0, 1.0)) if on else 0.0
        yield ReadingBlock("io", READ, (on, at, load_at(utc), power), utc, 0.0)


def decided(changes):
    """What was decided, where it changed: (UTC, point, value)."""
    for utc, point, value in changes:
        yield ReadingBlock("plant@decided", (f"{point}@decided",), (value,), utc, 0.0)


def keep(path, blocks, audits=()):
    """A store on the disk that holds all of it."""

    async def write():
        store = await Store.open(StoreSettings(path=str(path)), site="x", now=lambda: MONDAY)
        for block in sorted(blocks, key=lambda one: one.time):
            store.append(block)
        for record in audits:
            store.audit(record)
        await store.close()

    asyncio.run(write())
    return str(path)


def job(kind, store, days, *, changed=None, begin=MONDAY, authority="shadow", step=60.0):
    present = ByLoad()
    policies = (
        PolicyText(
            name="by_load",
            address="tests.preview.past_of_a_pump:ByLoad",
            present=to_plain(present),
            changed=to_plain(changed or present),
        ),
    )
    return Job(
        kind=kind,
        model=MODEL,
        store=store,
        since=begin,
        until=begin + days * DAY,
        step=step,
        policies=policies if kind == "replay" else (),
        authority=authority,
    )
