"""Any areas, machines and devices, built from the real parts on virtual time; a scripted wish for each area."""

import asyncio
from dataclasses import dataclass, field
from typing import ClassVar

from agent.app.build import build
from agent.core.command import Command
from agent.core.device_profile import Device, DeviceProfile
from agent.core.driver import DriverKind, ReadItem
from agent.core.equipment import Area, AreaModel, Authority, Place
from agent.core.parameter import parameter
from agent.core.point import Access, Persistence, Point, Release, ReleaseKind, ValueKind, WriteRules
from agent.core.site import Bus, Catalogue, Site
from hil.virtual_time import LoopClock
from tests.control.fake_driver import FakeDriver
from tests.control.fake_store import FakeStore

RAM = WriteRules(settle=3.0, persistence=Persistence.RAM)
PLACE = Place(name="Test", latitude=0, longitude=0, timezone="UTC")
ON = Release(ReleaseKind.VALUE, True)
OFF = Release(ReleaseKind.VALUE, False)
MODE = Release(ReleaseKind.MODE)
TICK = 2.0


def switch(name, release=OFF, **more):
    more = {"access": Access.READ_WRITE, "writing": RAM} | more
    return Point(id=name, kind=ValueKind.SWITCH, release=release, **more)


def number(name, **more):
    return Point(id=name, **{"access": Access.READ_WRITE, "writing": RAM} | more)


def sensor(name, kind=ValueKind.SWITCH):
    return Point(id=name, kind=kind, role=name.partition(".")[2])


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Wishes what the test has written down for its area; a wish `None` gives its point up."""

    kind: ClassVar[str] = "test.script"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple] = ()
    claims: ClassVar[tuple] = ()
    name: str = parameter("script")
    wishes: dict = field(default_factory=dict)
    broken: list = field(default_factory=list)

    def initial_state(self):
        return Nothing()

    def decide(self, snapshot, state):
        if self.broken:
            raise ZeroDivisionError("a fault of the policy")
        return [
            Command(point=point, value=value, priority=15, source=self.name, reason="as written")
            for point, value in self.wishes.items()
        ], state


class WidePlant:
    """Use inside `run_virtual`. `areas`: name -> (machines, wishes); `follow`: what a written point moves besides."""

    def __init__(self, points, areas, values=None, store=None, authority=Authority.AGENT, follow=None):
        self.clock = LoopClock(asyncio.get_running_loop())
        self.store = store or FakeStore()
        self.points = {point.id: point for point in points}
        by_device = {}
        for point in points:
            by_device.setdefault(point.device, []).append(point)
        items = [ReadItem(name, tuple(one.id for one in mine), 1.0) for name, mine in by_device.items()]
        self.driver = _Following(self.clock, items, follow or {})
        self.driver.values.update(
            {point.id: False if point.kind is ValueKind.SWITCH else 35.0 for point in points} | (values or {})
        )
        self.scripts = {name: Script(name=name, wishes=dict(wishes)) for name, (_, wishes) in areas.items()}
        site = Site(
            place=PLACE,
            buses={"line": Bus(id="line", kind="fake", settings=None)},
            devices={
                name: Device(
                    id=name,
                    bus="line",
                    profile=DeviceProfile(id="test"),
                    points={one.name: one for one in mine},
                )
                for name, mine in by_device.items()
            },
            points=self.points,
            equipment={one.id: one for machines, _ in areas.values() for one in machines},
            areas={name: self._model(name, machines, authority) for name, (machines, _) in areas.items()},
            policies={name: (script,) for name, script in self.scripts.items()},
        )
        fake = DriverKind(
            kind="fake",
            bus_settings=object,
            device_settings=object,
            source=object,
            create=lambda *_: self.driver,
        )
        catalogue = Catalogue(drivers={"fake": fake}, policies={}, uplinks={}, profile_folders=())
        self.parts = build(site, catalogue, self.store, self.clock)
        self.tasks = []

    def _model(self, name, machines, authority):
        bound = {id_: self.points[id_] for one in machines for id_ in one.roles.values()}
        area = Area(id=name, tick=TICK, authority=authority)
        return AreaModel(area=area, place=PLACE, equipment={one.id: one for one in machines}, points=bound)

    async def __aenter__(self):
        self.tasks = [asyncio.create_task(poller.run()) for poller in self.parts.pollers.values()]
        await asyncio.sleep(0.5)
        self.tasks += [asyncio.create_task(loop.run()) for loop in self.parts.loops.values()]
        return self

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def written(self):
        return self.driver.written

    def reads_of(self, device):
        return sum(entry == ("read", device) for entry in self.driver.log)

    def standing(self):
        return {one.id for one in self.parts.alarms.all() if one.standing}


class _Following(FakeDriver):
    """Where a written point is one of `follow`, the other one shows the same."""

    def __init__(self, clock, items, follow):
        super().__init__(clock, items)
        self.follow = follow
        self.written = []
        self.refuses = {}  # point -> the error it answers with

    async def write(self, point, value):
        if point in self.refuses:
            raise self.refuses[point]
        await super().write(point, value)
        self.written.append((point, value))
        if point in self.follow:
            self.values[self.follow[point]] = value
