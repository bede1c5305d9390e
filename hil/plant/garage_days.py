"""The events of a garage, a day at a time: who crosses into which group when, and when each radar goes on and off.

All of it is known at the start of a day, exactly and independent of the lamps; what reaches over midnight is carried on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from random import Random

from hil.plant.garage_map import GarageMap
from hil.plant.radar import RadarDesign, RadarField, merged
from hil.plant.traffic import Traffic
from hil.plant.walkers import Movement

DAY = 86400.0


class Happening(IntEnum):
    """What an event is. Entering comes before leaving, so that a crossing leaves no group empty for no time."""

    ENTERS = 0  # from the group next door
    APPEARS = 1  # where nobody was: out of a car, a door, from outside
    GOES_ON = 2  # a second part of one trip
    LEAVES = 3
    SEEN = 4  # the radar goes on
    UNSEEN = 5


Event = tuple[float, Happening, int]
"""(s after midnight, what, group)."""
Sight = tuple[int, float, float]
"""(group, presence on, presence off), s after midnight."""


@dataclass(frozen=True, slots=True)
class GarageDay:
    """All events of one local day, each list in order: where people are, and what the radars say."""

    visits: list[Event]
    edges: list[Event]


@dataclass(slots=True)
class _Plan:
    visits: list[Event] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)


class GarageDays:
    """Draws one day after the other. Ask for each day once, in order."""

    def __init__(self, plan: GarageMap, traffic: Traffic, design: RadarDesign, seed: int) -> None:
        self._groups = len(plan.groups)
        self._traffic = traffic
        self._radar = RadarField(plan, design, seed)
        self._design = design
        self._seed = seed
        self._carried = _Plan()
        self._next: date | None = None

    def day(self, day: date) -> GarageDay:
        """One local day. The day before is drawn too where the run begins with this one."""
        if self._next != day:
            self._carried = _Plan()
            self._split(self._draw(day - timedelta(days=1)))
        self._next = day + timedelta(days=1)
        carried, drawn = self._carried, self._draw(day)
        today = self._split(_Plan(carried.visits + drawn.visits, carried.sights + drawn.sights))
        edges: list[Event] = []
        for group, stretches in _by_group(today.sights).items():
            for start, end in merged(stretches):
                edges.append((start, Happening.SEEN, group))
                if end < DAY:
                    edges.append((end, Happening.UNSEEN, group))
        return GarageDay(sorted(today.visits), sorted(edges))

    def _split(self, plan: _Plan) -> _Plan:
        """What belongs to the day; the rest is carried into the next."""
        self._carried = _Plan(
            [(time - DAY, what, group) for time, what, group in plan.visits if time >= DAY],
            [(group, max(on - DAY, 0.0), off - DAY) for group, on, off in plan.sights if off >= DAY],
        )
        return _Plan(
            [one for one in plan.visits if one[0] < DAY], [one for one in plan.sights if one[1] < DAY]
        )

    def _draw(self, day: date) -> _Plan:
        random = Random(f"radar/{self._seed}/{day.toordinal()}")
        plan = _Plan()
        for movement in self._traffic.movements(day):
            plan.visits += _visits(movement)
            plan.sights += self._sights(movement, random)
        plan.sights += self._false_alarms(random)
        return plan

    def _sights(self, movement: Movement, random: Random) -> Iterator[Sight]:
        design = self._design
        for group, near, far in self._radar.sightings(movement.route, random, car=movement.car):
            on, off = movement.time_at(near) + design.latency, movement.time_at(far)
            if off >= on:
                yield group, on, off + design.hold

    def _false_alarms(self, random: Random) -> Iterator[Sight]:
        if self._design.false_alarms <= 0.0:
            return
        rate = self._design.false_alarms / DAY
        for group in range(self._groups):
            time = random.expovariate(rate)
            while time < DAY:
                yield group, time, time + self._design.false_length
                time += random.expovariate(rate)


def _visits(movement: Movement) -> Iterator[Event]:
    what = Happening.APPEARS if movement.appears else Happening.GOES_ON
    for group, enters, leaves in movement.visits():
        yield enters, what, group
        yield leaves, Happening.LEAVES, group
        what = Happening.ENTERS


def _by_group(sights: list[Sight]) -> dict[int, list[tuple[float, float]]]:
    found: dict[int, list[tuple[float, float]]] = {}
    for group, on, off in sights:
        found.setdefault(group, []).append((on, off))
    return found
