"""A small plant for the arbiter: points and machines in one line each, and a rig that ticks on virtual time.

The state of every tick goes through JSON and back, so each of these tests is also a test of a restart.
"""

import json

from agent.core.command import Command
from agent.core.equipment import Area, AreaModel, Authority, Equipment, GuardSettings, Place
from agent.core.interlock import Comparison, Interlock
from agent.core.point import Access, Point, ValueKind
from agent.core.reading import Quality, Reading
from agent.core.serial import from_plain, to_plain
from agent.core.snapshot import Snapshot
from agent.safety.arbiter import Arbiter, SafetyState

PLACE = Place(name="here", latitude=22.5, longitude=114.0, timezone="Asia/Shanghai")


def number(name, **more):
    return Point(id=name, access=Access.READ_WRITE, **more)


def switch(name, **more):
    return Point(id=name, kind=ValueKind.SWITCH, access=Access.READ_WRITE, **more)


def sensor(name, kind=ValueKind.NUMBER):
    return Point(id=name, kind=kind)


def machine(name, kind="chiller", status=True, settings=None, enable=None, **guards):
    """A machine `ch1` with `ch1.enable` and, unless told otherwise, the run feedback `ch1.status`."""
    roles = {"enable": enable or f"{name}.enable"}
    if status:
        roles["status"] = f"{name}.status"
    return Equipment(
        id=name,
        kind=kind,
        area="plant",
        roles=roles,
        settings=settings or {},
        guards=GuardSettings(**guards),
    )


def ask(point, value=None, priority=15, source="sequence", **more):
    return Command(
        point=point, priority=priority, source=source, reason=more.pop("reason", ""), value=value, **more
    )


def trip(watch="io.alarm", point="ch1.enable", value=False, **more):
    more = {
        "id": "stop_on_alarm",
        "comparison": Comparison.EQUAL,
        "threshold": True,
        "reason": "alarm",
    } | more
    return Interlock(point=point, value=value, watch=watch, **more)


def model_of(machines=(), points=(), tick=1.0, minimum_running=None):
    known = {}
    for one in machines:
        for role, name in one.roles.items():
            known[name] = switch(name) if role == "enable" else sensor(name, ValueKind.SWITCH)
    known |= {one.id: one for one in points}
    area = Area(id="plant", tick=tick, minimum_running=minimum_running or {})
    return AreaModel(area=area, place=PLACE, equipment={one.id: one for one in machines}, points=known)


class Rig:
    """An arbiter with its plant's readings and its memory. `now` is elapsed site seconds."""

    def __init__(self, machines=(), points=(), interlocks=(), **area):
        self.model = model_of(machines, points, **area)
        self.arbiter = Arbiter(self.model, interlocks)
        self.now = 0.0
        self.state = self.arbiter.initial_state(self.now)
        self.readings = {}
        self.decisions = {}
        self.locked_out = frozenset()
        self.authority = Authority.AGENT
        self.owed: set[str] = set()  # points where a value of ours stands
        self.through_json = True  # off where thousands of ticks are tried

    def see(self, point, value, quality=Quality.GOOD):
        """A sensor that shows this from now on (it stays fresh until it is lost)."""
        self.readings[point] = (value, quality, None)

    def lose(self, point):
        self.see(point, None, Quality.BAD)

    def freeze(self, point, value):
        """The last reading of a sensor that is not read any more."""
        self.readings[point] = (value, Quality.GOOD, self.now)

    def snapshot(self):
        readings = {
            point: Reading(value, 0.0, self.now if at is None else at, quality)
            for point, (value, quality, at) in self.readings.items()
        }
        return Snapshot(
            model=self.model,
            readings=readings,
            utc=self.now,
            utc_trusted=True,
            elapsed=self.now,
            authority=self.authority,
            decisions=self.decisions,
            locked_out=self.locked_out,
        )

    def tick(self, *commands, after=1.0, heard=None):
        """Time passes, then one tick. Everybody who commands is heard unless told otherwise."""
        self.now += after
        sources = frozenset(one.source for one in commands) if heard is None else frozenset(heard)
        self.decisions, state = self.arbiter.decide(self.snapshot(), commands, sources, self.state, self.owed)
        if self.through_json:
            self.state = from_plain(SafetyState, json.loads(json.dumps(to_plain(state))))
            assert self.state == state
        self.state = state
        return self.decisions

    def value(self, point, *commands, **how):
        return self.tick(*commands, **how)[point].value


def aged(*machines, **more):
    """A rig whose machines have stood still, under watch, for so long that no timer holds them."""
    rig = Rig(machines, **more)
    for one in machines:
        if "status" in one.roles:
            rig.see(one.roles["status"], False)
    ours = [one.roles["enable"] for one in machines if "enable" in one.roles]
    for _ in range(80):
        rig.tick(*(ask(point, False) for point in ours), after=100.0)
    return rig
