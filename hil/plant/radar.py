"""Radar sensors of lamp groups: cones on the floor, what of a route lies in them, and how they err.

As in the retrofits of garages every lamp carries a sensor; `spacing` puts fewer of them along the group's line. A group's
sensors speak as one: `presence` is on while any of them sees movement and for the module's own hold after it. Modules of 5.8 GHz see a walking person 4-6 m around them at 2.6-3 m of height (maker's data of HNS101: up to 12 m in
diameter from 3 m); a car gives more echo. Walls keep stairs and lobbies apart; through open lanes a cone
reaches into the groups next door.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log, radians, sqrt, tan
from random import Random

from hil.plant.garage_map import GarageMap, LampPlan, Point
from hil.plant.garage_routes import Piece, Route

Sighting = tuple[int, float, float]
"""(group that sees it, metres along the route from, to)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarDesign:
    """The sensors of every group, and their faults."""

    spacing: float | None = (
        None  # m along the group's line a sensor (at least one a group); None: one in each lamp
    )
    half_angle: float = 62.5  # degrees: 5.0 m around at 2.6 m of height, for a person on foot
    car_reach: float = 1.3  # times as far for a car
    latency: float = 0.2  # s until the module believes what it sees
    hold: float = 2.0  # s it keeps reporting after the last movement
    misses: float = 0.02  # share of the visits of somebody to its cone that a sensor does not see
    false_alarms: float = 2.0  # a day and group
    false_length: float = 2.0  # s
    dead: float = 0.0  # share of the sensors that have died and report nobody

    def radius(self, plan: LampPlan, *, car: bool) -> float:
        reach = plan.mounting * tan(radians(self.half_angle))
        return reach * self.car_reach if car else reach


def chord(piece: Piece, centre: Point, radius: float) -> tuple[float, float] | None:
    """Metres from the beginning of a straight piece between which it lies in a circle; None where it passes by."""
    long = piece.end - piece.start
    if long <= 0.0:
        return None
    ux, uy = (piece.b[0] - piece.a[0]) / long, (piece.b[1] - piece.a[1]) / long
    along = (centre[0] - piece.a[0]) * ux + (centre[1] - piece.a[1]) * uy
    beside = (centre[0] - piece.a[0]) * uy - (centre[1] - piece.a[1]) * ux
    square = radius * radius - beside * beside
    if square <= 0.0:
        return None
    half = sqrt(square)
    enters, leaves = max(along - half, 0.0), min(along + half, long)
    return (enters, leaves) if leaves > enters else None


class _Seen:
    """What all sensors can see of one route: each one's stretches, and those of whole groups when nobody errs."""

    __slots__ = ("each", "whole")

    def __init__(self, each: Sequence[Sighting]) -> None:
        self.each = tuple(each)
        self.whole = self._joined(self.each)

    def without(self, missed: set[int]) -> list[Sighting]:
        """The groups' sightings when these sensors' visits (places in `each`) are missed."""
        hit = {self.each[place][0] for place in missed}
        left = [one for place, one in enumerate(self.each) if one[0] in hit and place not in missed]
        return [*(one for one in self.whole if one[0] not in hit), *self._joined(left)]

    @staticmethod
    def _joined(each: Sequence[Sighting]) -> tuple[Sighting, ...]:
        groups: dict[int, list[tuple[float, float]]] = {}
        for group, near, far in each:
            groups.setdefault(group, []).append((near, far))
        return tuple((group, *one) for group, found in groups.items() for one in merged(found))


class RadarField:
    """All sensors of a map. What can be seen of a route is worked out once and kept."""

    def __init__(self, plan: GarageMap, design: RadarDesign, seed: int) -> None:
        self._plan = plan
        self._design = design
        places = [self._places(group) for group in plan.groups]
        sensors = [(group, place) for group, found in enumerate(places) for place in range(len(found))]
        dead = set(Random(f"dead/{seed}").sample(sensors, round(design.dead * len(sensors))))
        self.places: tuple[tuple[Point, ...], ...] = tuple(
            tuple(point for place, point in enumerate(found) if (group, place) not in dead)
            for group, found in enumerate(places)
        )
        self._watchers = tuple(self._watchers_of(group) for group in range(len(plan.groups)))
        self._known: dict[
            tuple[int, bool], tuple[Route, _Seen]
        ] = {}  # the route is kept: its id stays its own
        self._hits: dict[
            tuple[Point, Point, int, bool], tuple[tuple[int, float, float], ...]
        ] = {}  # by piece and group: routes share most of their pieces

    def sightings(self, route: Route, random: Random, *, car: bool) -> Sequence[Sighting]:
        """What the groups see of somebody on this route, misses taken out."""
        key = (id(route), car)
        if key not in self._known:
            self._known[key] = (route, _Seen(self._look(route, car)))
        seen = self._known[key][1]
        missed = set(_picks(random, self._design.misses, len(seen.each)))
        return seen.without(missed) if missed else seen.whole

    def _places(self, group: LampPlan) -> tuple[Point, ...]:
        if self._design.spacing is None:
            return group.lamps
        return group.stations(max(ceil(group.length / self._design.spacing), 1))

    def _look(self, route: Route, car: bool) -> list[Sighting]:
        found: list[Sighting] = []
        for group in {watcher for piece in route.pieces for watcher in self._watchers[piece.group]}:
            stretches: dict[int, list[tuple[float, float]]] = {}
            for piece in route.pieces:
                if group in self._watchers[piece.group]:
                    for place, near, far in self._hits_of(piece, group, car):
                        stretches.setdefault(place, []).append((piece.start + near, piece.start + far))
            for place in sorted(stretches):
                found += [(group, *one) for one in merged(stretches[place])]
        return found

    def _hits_of(self, piece: Piece, group: int, car: bool) -> tuple[tuple[int, float, float], ...]:
        """Which sensors of a group see this piece, and from where to where on it."""
        key = (piece.a, piece.b, group, car)
        if key not in self._hits:
            radius = self._design.radius(self._plan.groups[group], car=car)
            cuts = ((place, chord(piece, centre, radius)) for place, centre in enumerate(self.places[group]))
            self._hits[key] = tuple((place, *one) for place, one in cuts if one is not None)
        return self._hits[key]

    def _watchers_of(self, group: int) -> tuple[int, ...]:
        """Groups whose sensors may see what happens in `group`: its own, and those of open neighbours."""
        if self._plan.groups[group].kind.walled:
            return (group,)
        beside = self._plan.neighbours[group]
        return (group, *(other for other in beside if not self._plan.groups[other].kind.walled))


def merged(stretches: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Overlapping or touching stretches joined, in order."""
    result: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if result and start <= result[-1][1] + 1e-9:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def _picks(random: Random, share: float, count: int) -> Iterator[int]:
    """Places among `count` that an event of probability `share` hits: only the gaps between the hits are drawn."""
    if share <= 0.0:
        return
    if share >= 1.0:
        yield from range(count)
        return
    scale = 1.0 / log(1.0 - share)
    place = int(log(1.0 - random.random()) * scale)
    while place < count:
        yield place
        place += 1 + int(log(1.0 - random.random()) * scale)
