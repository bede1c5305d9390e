"""An office of three rows for tests of daylight lighting: sun and lamps on the desks, sensors that lag and hiss."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from agent.core.reading import Reading
from policies.lighting.daylight import Daylight
from tests.policies.snapshots import Bench, bad, machine, model

TICK = 2.0
FULL = 450.0
ZONE = ZoneInfo("Asia/Shanghai")
ROWS = ("back", "window", "middle")  # not in the order of their distance
DISTANCE = {"window": 1.5, "middle": 4.0, "back": 6.5}
ROLES = ("lamp_level", "lamp_switch", "illuminance", "presence")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def office(sensors=ROWS, *, presence=True, **own):
    """`own`: nameplate numbers of all rows beside the distance."""
    roles = [role for role in ROLES if role != "presence" or presence]
    rows = [
        machine(
            name,
            "lamp_group",
            [role for role in roles if role != "illuminance" or name in sensors],
            distance=DISTANCE[name],
            **own,
        )
        for name in ROWS
    ]
    room = machine("room", "lamp_watch", ("keep_on", "scene", "alarm"))
    return model(*rows, room, tick=TICK)


@dataclass
class Room:
    """Runs the policy against the room. `sun`: lx by row; `full`: what the lamps really give."""

    policy: Daylight = field(default_factory=lambda: Daylight(name="lights"))
    area: object = field(default_factory=office)
    utc: float = at("2027-01-15 10:00")
    sun: dict = field(default_factory=lambda: {"window": 0.0, "middle": 0.0, "back": 0.0})
    full: float = FULL
    hiss: float = 0.0
    start: float = 50.0
    broken: dict = field(default_factory=dict)  # point -> what it shows instead

    def __post_init__(self):
        self.levels = dict.fromkeys(ROWS, self.start)
        self.shown = dict.fromkeys(ROWS)
        self.chance = Random(1)
        values = {f"{name}.lamp_level": self.start for name in ROWS}
        values |= {f"{name}.presence": True for name in ROWS}
        values |= {"room.keep_on": False, "room.scene": ""}
        self.bench = Bench(self.policy, self.area, values)
        self.past = []  # levels by row, one entry a tick

    def lux(self, name):
        return self.sun[name] + self.full * self.levels[name] / 100.0

    def run(self, seconds, **more):
        for _ in range(max(round(seconds / TICK), 1)):
            self.utc += TICK
            self._measure()
            self.bench.elapsed += TICK
            self.bench.tick(utc=self.utc, **more)
            for name in ROWS:
                value = self.bench.wishes[f"{name}.lamp_level"].value
                assert self.bench.wishes[f"{name}.lamp_switch"].value is (value > 0.0)
                self.levels[name] = value
            self.past.append(dict(self.levels))
        return self.levels

    def see(self, presence):
        self.bench.values |= {f"{name}.presence": presence for name in ROWS}

    def reason(self, name="middle"):
        return self.bench.reason(f"{name}.lamp_level")

    def alarm(self):
        return self.bench.wishes["room.alarm"]

    def steps(self):
        """Largest change of any lamp from one tick to the next, %."""
        pairs = pairwise(self.past)
        return max(abs(new[name] - old[name]) for old, new in pairs for name in ROWS)

    def turns(self, name, since):
        """How often a row has changed its direction."""
        moves = [
            new[name] - old[name] for old, new in zip(self.past[since:], self.past[since + 1 :], strict=False)
        ]
        signs = [move > 0.0 for move in moves if move]
        return sum(one != other for one, other in pairwise(signs))

    def _measure(self):
        for name in ROWS:
            before, now = self.shown[name], self.lux(name)
            self.shown[name] = now if before is None else before + 0.86 * (now - before)  # 1 s of lag
            seen = max(round(self.shown[name] * (1.0 + self.chance.gauss(0.0, self.hiss))), 0)
            point = f"{name}.illuminance"
            if point not in {
                one for machine in self.area.equipment.values() for one in machine.roles.values()
            }:
                continue
            value = self.broken.get(point, float(seen))
            self.bench.values[point] = bad(value[1:]) if isinstance(value, str) else value


__all__ = ["DISTANCE", "FULL", "ROWS", "TICK", "Reading", "Room", "at", "office"]
