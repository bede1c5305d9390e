"""Ways through a garage: the shortest one from a gate or a door to each bay, cut where it crosses from group to group.

A route is geometry only. Its `crossings` and the radar's sightings (hil.plant.radar) are worked out once, so that a
trip costs no more than turning distances into times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise
from math import dist

from hil.plant.garage_map import GarageMap, GroupKind, LampPlan, Point, project

Key = tuple[int, int]

STRAIGHT = 1e-6  # m of detour that still counts as straight on
RAMP_ON_FOOT = 5.0  # people walk on a ramp only when any other way is this much longer


@dataclass(frozen=True, slots=True)
class Piece:
    """A straight piece of a route in one group, from `start` to `end` metres along it."""

    group: int
    a: Point
    b: Point
    start: float
    end: float


@dataclass(frozen=True)
class Route:
    """One way, in pieces. `crossings`: (group, metres from, metres to), one for each group that is passed."""

    pieces: tuple[Piece, ...]

    @property
    def length(self) -> float:
        return self.pieces[-1].end

    @cached_property
    def crossings(self) -> tuple[tuple[int, float, float], ...]:
        found: list[tuple[int, float, float]] = []
        for piece in self.pieces:
            if found and found[-1][0] == piece.group:
                found[-1] = (piece.group, found[-1][1], piece.end)
            else:
                found.append((piece.group, piece.start, piece.end))
        return tuple(found)

    def backwards(self) -> Route:
        long = self.length
        return Route(
            tuple(
                Piece(one.group, one.b, one.a, long - one.end, long - one.start)
                for one in reversed(self.pieces)
            )
        )


def _pieces(legs: list[tuple[int, Point, Point]]) -> tuple[Piece, ...]:
    """Legs that go straight on in one group are one piece: a lane is cut at each bay, its geometry is not."""
    pieces: list[Piece] = []
    far = 0.0
    for group, a, b in legs:
        long = dist(a, b)
        last = pieces[-1] if pieces else None
        if last and last.group == group and dist(last.a, last.b) + long - dist(last.a, b) < STRAIGHT:
            pieces[-1] = Piece(group, last.a, b, last.start, far + long)
        else:
            pieces.append(Piece(group, a, b, far, far + long))
        far += long
    return tuple(pieces)


class Network:
    """The lines of a map as a graph. Points within a centimetre are one."""

    def __init__(self, plan: GarageMap) -> None:
        self._plan = plan
        self._edges: dict[Key, list[tuple[Key, int, float]]] = {}
        self._points: dict[Key, Point] = {}
        self._trees: dict[tuple[Key, bool], dict[Key, tuple[Key, int]]] = {}
        self._routes: dict[tuple[Key, Key, bool], Route] = {}
        links = plan.bay_links()
        self.bays: tuple[tuple[int, Point], ...] = tuple((group, place) for group, place, _ in links)
        self._parked = {_key(place) for _, place in self.bays}
        marks = [*plan.gates, *plan.doors, *(lane for _, _, lane in links)]
        marks += [point for group in plan.groups if group.kind is not GroupKind.BAYS for point in group.path]
        for index, group in enumerate(plan.groups):
            if group.kind is not GroupKind.BAYS:
                self._draw(index, group, marks)
        for index, place, lane in links:
            if dist(place, lane) > 0.01:
                self._join(index, place, lane)

    def route(self, start: Point, end: Point, *, on_foot: bool) -> Route:
        """The shortest way; raises ValueError where there is none."""
        source, target = _key(start), _key(end)
        known = self._routes.get((source, target, on_foot))
        if known is None:
            if source in self._parked and target not in self._parked:  # few gates and doors, many bays
                known = self.route(end, start, on_foot=on_foot).backwards()
            else:
                known = self._find(source, target, on_foot)
            self._routes[source, target, on_foot] = known
        return known

    def _draw(self, index: int, group: LampPlan, marks: list[Point]) -> None:
        for a, b in pairwise(group.path):
            cuts = {a, b} | {mark for mark in marks if dist(mark, project(mark, a, b)) < 0.01}
            for one, other in pairwise(sorted(cuts, key=lambda point: dist(a, point))):
                if dist(one, other) > 0.01:
                    self._join(index, one, other)

    def _join(self, group: int, a: Point, b: Point) -> None:
        one, other = _key(a), _key(b)
        self._points.setdefault(one, a)
        self._points.setdefault(other, b)
        self._edges.setdefault(one, []).append((other, group, dist(a, b)))
        self._edges.setdefault(other, []).append((one, group, dist(a, b)))

    def _find(self, source: Key, target: Key, on_foot: bool) -> Route:
        tree = self._trees.get((source, on_foot))
        if tree is None:
            tree = self._trees[source, on_foot] = self._grow(source, on_foot)
        if target not in tree:
            raise ValueError(f"no way from {self._points.get(source, source)} to {target}")
        steps: list[tuple[Key, Key, int]] = []
        here = target
        while here != source:
            before, group = tree[here]
            steps.append((before, here, group))
            here = before
        legs = [
            (group, self._points[before], self._points[after]) for before, after, group in reversed(steps)
        ]
        return Route(_pieces(legs))

    def _grow(self, source: Key, on_foot: bool) -> dict[Key, tuple[Key, int]]:
        """Dijkstra's tree of shortest ways from `source`."""
        best: dict[Key, float] = {source: 0.0}
        tree: dict[Key, tuple[Key, int]] = {}
        queue: list[tuple[float, Key]] = [(0.0, source)]
        while queue:
            far, here = heappop(queue)
            if far > best[here]:
                continue
            for there, group, cost in self._usable(here, on_foot):
                if far + cost < best.get(there, float("inf")) - 1e-9:
                    best[there] = far + cost
                    tree[there] = (here, group)
                    heappush(queue, (far + cost, there))
        return tree

    def _usable(self, here: Key, on_foot: bool) -> Iterator[tuple[Key, int, float]]:
        for there, group, long in self._edges.get(here, ()):
            kind = self._plan.groups[group].kind
            if on_foot:
                yield there, group, long * (RAMP_ON_FOOT if kind is GroupKind.RAMP else 1.0)
            elif kind.drivable or kind is GroupKind.BAYS:
                yield there, group, long


def _key(point: Point) -> Key:
    return round(point[0] * 100.0), round(point[1] * 100.0)
