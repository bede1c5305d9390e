"""Who comes to a garage when: cars that arrive and leave, and people on foot at any hour, drawn a day at a time.

A day's trips depend on the seed and the date alone, so that they are the same for every step size and from whatever
day a run begins. Places follow from time: a trip is a list of `Movement`s along routes of the map.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from hil.plant.garage_map import GarageMap
from hil.plant.garage_routes import Network
from hil.plant.walkers import Movement, driving, walking

Pattern = tuple[float, ...]

ARRIVALS: Pattern = (
    5, 4, 3, 3, 3, 5, 10, 18, 22, 16, 14, 18, 24, 18, 14, 16, 26, 48, 60, 46, 30, 22, 14, 8,
)  # fmt: skip
DEPARTURES: Pattern = (
    4, 3, 3, 3, 4, 9, 28, 58, 52, 24, 16, 18, 22, 18, 16, 18, 24, 30, 26, 22, 18, 14, 9, 6,
)  # fmt: skip
"""Shares of the day's cars by hour: housing with shops and offices above it, an assumption of ours: people leave between
7 and 9, come back between 17 and 20, a few at any hour of the night."""
LEISURE: Pattern = (
    8, 6, 4, 3, 2, 3, 5, 8, 12, 20, 26, 28, 26, 24, 26, 28, 30, 32, 30, 28, 26, 24, 18, 12,
)  # fmt: skip
"""Both ways on days without work: later, flatter."""
WANDERERS: Pattern = (2, 2, 2, 2, 2, 2, 3, 4, 4, 4, 4, 5, 5, 4, 4, 4, 5, 6, 6, 5, 5, 4, 4, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficDesign:
    """How much goes on. `cars` come and as many leave on a working day, in the mean; so many people walk through."""

    cars: float = 300.0
    wanderers: float = 24.0  # watchmen, cleaners, people who look for their car or take a short cut
    weekend: float = 0.8  # share of the cars on days without work
    arrivals: Pattern = ARRIVALS
    departures: Pattern = DEPARTURES
    leisure: Pattern = LEISURE
    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()  # days off by the calendar on which people work
    car_speed: tuple[float, float] = (10.0 / 3.6, 15.0 / 3.6)  # m/s; 5-15 km/h is what garages allow
    walk_speed: tuple[float, float] = (1.0, 1.4)  # m/s, 1.2 in the mean
    parking: tuple[float, float] = (8.0, 20.0)  # s of manoeuvre in the bay
    sitting: tuple[float, float] = (
        5.0,
        60.0,
    )  # s in the parked car before the door opens, or the engine runs

    def works(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < 5 and day not in self.holidays)


class Traffic:
    """Draws the movements of a day on a map."""

    def __init__(self, design: TrafficDesign, plan: GarageMap, seed: int) -> None:
        self.design = design
        self._plan = plan
        self._seed = seed
        self._network = Network(plan)
        if not self._network.bays:
            raise ValueError("a garage needs bays")

    def movements(self, day: date) -> list[Movement]:
        """All that set out on this day; times in s after its local midnight, some end after the next."""
        random = Random(f"traffic/{self._seed}/{day.toordinal()}")
        design, works = self.design, self.design.works(day)
        cars = design.cars if works else design.cars * design.weekend
        found: list[Movement] = []
        for time in _instants(random, cars, design.arrivals if works else design.leisure):
            found += self._arrive(random, time)
        for time in _instants(random, cars, design.departures if works else design.leisure):
            found += self._leave(random, time)
        for time in _instants(random, design.wanderers, WANDERERS):
            found += self._wander(random, time)
        return found

    def _arrive(self, random: Random, time: float) -> Iterator[Movement]:
        """Down the ramp, along the lanes, into the bay; a pause in the car; on foot to the nearest stairs."""
        design = self.design
        _, bay = random.choice(self._network.bays)
        gate = random.choice(self._plan.gates)
        route = self._network.route(gate, bay, on_foot=False)
        car = driving(route, time, random.uniform(*design.car_speed), random.uniform(*design.parking))
        yield car
        out = car.ends + random.uniform(*design.sitting)
        door = self._door(random, bay)
        way = self._network.route(bay, door, on_foot=True)
        yield walking(way, out, random.uniform(*design.walk_speed))

    def _leave(self, random: Random, time: float) -> Iterator[Movement]:
        """In by the stairs, on foot to the car, a pause in it, out of the bay and up the ramp."""
        design = self.design
        _, bay = random.choice(self._network.bays)
        way = self._network.route(self._door(random, bay), bay, on_foot=True)
        walk = walking(way, time, random.uniform(*design.walk_speed))
        yield walk
        off = walk.ends + random.uniform(*design.sitting)
        route = self._network.route(bay, random.choice(self._plan.gates), on_foot=False)
        yield driving(
            route, off, random.uniform(*design.car_speed), random.uniform(*design.parking), outward=True
        )

    def _wander(self, random: Random, time: float) -> Iterator[Movement]:
        """From a door past some bay and back to a door, without a car."""
        _, bay = random.choice(self._network.bays)
        speed = random.uniform(*self.design.walk_speed)
        there = walking(self._network.route(random.choice(self._plan.doors), bay, on_foot=True), time, speed)
        yield there
        back = self._network.route(bay, random.choice(self._plan.doors), on_foot=True)
        yield walking(back, there.ends, speed, appears=False)

    def _door(self, random: Random, bay: tuple[float, float]) -> tuple[float, float]:
        """Mostly the nearest stairs; one in four people has a flat above other ones."""
        if random.random() < 0.25:
            return random.choice(self._plan.doors)
        return min(self._plan.doors, key=lambda door: abs(door[0] - bay[0]) + abs(door[1] - bay[1]))


def _instants(random: Random, mean: float, pattern: Pattern) -> list[float]:
    """Instants of a Poisson process of `mean` events a day whose rate follows the hours (thinning, Lewis and Shedler)."""
    if mean <= 0.0:
        return []
    peak = max(pattern)
    fastest = mean * peak / sum(pattern) / 3600.0
    found: list[float] = []
    time = random.expovariate(fastest)
    while time < 86400.0:
        if random.random() * peak < pattern[int(time // 3600.0)]:
            found.append(time)
        time += random.expovariate(fastest)
    return found
