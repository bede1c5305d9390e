"""One area with one pump and one set-point, built from the real parts on virtual time."""

import asyncio
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.app.build import build
from agent.app.run import hands_of
from agent.core.command import Command
from agent.core.device_profile import Device, DeviceProfile
from agent.core.driver import DriverKind, ReadItem
from agent.core.equipment import Area, AreaModel, Authority, Equipment, GuardSettings, Place
from agent.core.interlock import Comparison, Interlock
from agent.core.parameter import parameter
from agent.core.point import (
    Access,
    Limits,
    OnLoss,
    Persistence,
    Point,
    Release,
    ReleaseKind,
    ValueKind,
    WriteRules,
)
from agent.core.site import Bus, Catalogue, Site
from hil.virtual_time import LoopClock
from tests.control.fake_driver import FakeDriver
from tests.control.fake_store import FakeStore

PLACE = Place(name="Test", latitude=0, longitude=0, timezone="UTC")
RAM = WriteRules(settle=3.0, persistence=Persistence.RAM)
ENABLE = Point(
    id="io.enable",
    kind=ValueKind.SWITCH,
    access=Access.READ_WRITE,
    writing=RAM,
    release=Release(ReleaseKind.VALUE, False),
)
SPEED = Point(
    id="io.speed",
    unit="%",
    access=Access.READ_WRITE,
    limits=Limits(20.0, 100.0),
    writing=RAM,
    on_loss=OnLoss.RELEASE,
)
STATUS = Point(id="io.status", kind=ValueKind.SWITCH)
PRESENCE = Point(id="io.presence", kind=ValueKind.SWITCH)
POINTS = {point.id: point for point in (ENABLE, SPEED, STATUS, PRESENCE)}
PUMP = Equipment(
    id="pump",
    kind="pump",
    area="plant",
    roles={"enable": "io.enable", "speed_command": "io.speed", "presence": "io.presence"},
    guards=GuardSettings(),
)

FLOOD = Interlock(
    id="flood",
    point="io.enable",
    value=False,
    watch="io.presence",
    comparison=Comparison.EQUAL,
    threshold=True,
    reason="water on the floor",
)


@dataclass(frozen=True, slots=True)
class Count:
    ticks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Steady:
    """A policy that runs the pump at one speed, and raises or falls silent when a test says so."""

    kind: ClassVar[str] = "test.steady"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple] = ()
    claims: ClassVar[tuple] = ()
    name: str = parameter("steady")
    speed: float = parameter(60.0, unit="%", low=0.0, high=100.0)
    moods: ClassVar[dict] = {}

    def initial_state(self):
        return Count()

    def decide(self, snapshot, state):
        if self.moods.get("raise"):
            raise ZeroDivisionError("a fault of the policy")
        commands = [
            Command(point="io.enable", value=True, priority=15, source=self.name, reason="cooling is wanted"),
            Command(point="io.speed", value=self.speed, priority=15, source=self.name, reason="steady"),
        ]
        return commands, replace(state, ticks=state.ticks + 1)


class SmallPlant:
    """The agent's own parts around a scripted driver. Use inside `run_virtual`."""

    def __init__(
        self,
        store=None,
        authority=Authority.AGENT,
        pump=PUMP,
        wake=False,
        interlocks=(),
        policy=None,
        *,
        modes=None,
        cap=None,
        place=PLACE,
        pace=1.0,
        lease=None,
    ):
        """`pace`: site seconds between reads; an area ticks half as often. `lease`: of which box, on io.lease."""
        Steady.moods.clear()
        self.clock = LoopClock(asyncio.get_running_loop())
        self.store = store or FakeStore()
        points = POINTS | ({} if cap is None else {cap.power: Point(id=cap.power, unit="kW")})
        bound = points
        if lease is not None:
            points = points | {lease.point: Point(id=lease.point, access=Access.READ_WRITE)}
        item = ReadItem("io", tuple(points), pace)
        self.driver = FakeDriver(self.clock, [item])
        self.driver.values.update(
            {"io.enable": False, "io.speed": 35.0, "io.status": False, "io.presence": False}
        )
        area = Area(
            id="plant",
            tick=2.0 * pace,
            authority=authority,
            wake_on=frozenset({"presence"}) if wake else frozenset(),
            start_cap=cap,
        )
        model = AreaModel(area=area, place=place, equipment={"pump": pump}, points=bound)
        device = Device(
            id="io",
            bus="line",
            profile=DeviceProfile(id="test"),
            points={point.name: point for point in points.values()},
        )
        site = Site(
            place=place,
            buses={"line": Bus(id="line", kind="fake", settings=None)},
            devices={"io": device},
            points=points,
            equipment={"pump": pump},
            areas={"plant": model},
            policies={"plant": (policy or Steady(),)},
            modes={"plant": modes or {}},
            interlocks=tuple(interlocks),
            lease=lease,
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
        self.loop = self.parts.loops["plant"]
        self.tasks = []

    async def __aenter__(self):
        self.tasks = [asyncio.create_task(poller.run()) for poller in self.parts.pollers.values()]
        await asyncio.sleep(0.5)
        self.tasks.append(asyncio.create_task(self.loop.run()))
        if self.parts.lease is not None:
            keeper = self.parts.lease
            self.tasks.append(asyncio.create_task(keeper.run(hands_of(self.parts, keeper))))
        return self

    async def __aexit__(self, *_):
        await self.kill()

    async def kill(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def writes(self):
        return [point for kind, point in self.driver.log if kind == "write"]
