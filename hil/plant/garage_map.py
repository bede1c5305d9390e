"""A garage as a map: lamp groups along the lines on which people drive and walk, with places in metres.

Lines that share a point (or touch with an end) are joined. Rows of bays are not driven along: each bay is joined to
the nearest lane. The map knows neither traffic nor light; both are drawn on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import dist, hypot

Point = tuple[float, float]


class GroupKind(StrEnum):
    """What a lamp group lights."""

    RAMP = "ramp"
    AISLE = "aisle"
    CROSSING = "crossing"
    BAYS = "bays"
    STAIRS = "stairs"
    LOBBY = "lobby"

    @property
    def walled(self) -> bool:
        """Walls and a door keep light and radar of the neighbours out."""
        return self in (GroupKind.STAIRS, GroupKind.LOBBY)

    @property
    def drivable(self) -> bool:
        return self in (GroupKind.RAMP, GroupKind.AISLE, GroupKind.CROSSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class LampPlan:
    """One lamp group: its centre line, its lamps on the plan, and the hall around it."""

    name: str
    kind: GroupKind
    path: tuple[Point, ...]
    lamps: tuple[Point, ...]
    bays: int = 0  # evenly along the path
    beside: str = ""  # a row of bays: the lane from which it is reached; the nearest one where none is named
    mounting: float = 2.6  # m of the lamps above the floor: usual clear height of a garage
    width: float = 6.0  # m; lanes of 6 m, rows of bays 5.3 m deep (JGJ 100-2015)

    @property
    def length(self) -> float:
        return sum(dist(a, b) for a, b in zip(self.path, self.path[1:], strict=False))

    def along(self, share: float) -> Point:
        """The point at this share of the path."""
        left = share * self.length
        for a, b in zip(self.path, self.path[1:], strict=False):
            piece = dist(a, b)
            if left <= piece + 1e-9:
                part = left / piece if piece else 0.0
                return (a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1]))
            left -= piece
        return self.path[-1]

    def stations(self, count: int) -> tuple[Point, ...]:
        """`count` points evenly along the path, each in the middle of its share."""
        return tuple(self.along((n + 0.5) / count) for n in range(count))


@dataclass(frozen=True, slots=True, kw_only=True)
class GarageMap:
    """All groups, the gates where cars come in and the doors where people do."""

    groups: tuple[LampPlan, ...]
    gates: tuple[Point, ...]
    doors: tuple[Point, ...]
    neighbours: tuple[frozenset[int], ...] = field(init=False)

    def __post_init__(self) -> None:
        if len({group.name for group in self.groups}) != len(self.groups):
            raise ValueError("two lamp groups bear the same name")
        object.__setattr__(self, "neighbours", _neighbours(self.groups))

    @property
    def lamp_count(self) -> int:
        return sum(len(group.lamps) for group in self.groups)

    def bay_links(self) -> Sequence[tuple[int, Point, Point]]:
        """Every bay: its group, its place, and the place on the lane from which it is reached."""
        return tuple(
            (index, place, _way_in(self.groups, group, place))
            for index, group in enumerate(self.groups)
            if group.bays
            for place in group.stations(group.bays)
        )

    def next_to(self, name: str) -> tuple[str, ...]:
        """Names of the neighbours, as a site file wants them."""
        index = next(n for n, group in enumerate(self.groups) if group.name == name)
        return tuple(self.groups[n].name for n in sorted(self.neighbours[index]))


def project(place: Point, a: Point, b: Point) -> Point:
    """The point of the segment a-b nearest to `place`."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    if square <= 0.0:
        return a
    part = ((place[0] - a[0]) * dx + (place[1] - a[1]) * dy) / square
    part = min(max(part, 0.0), 1.0)
    return (a[0] + part * dx, a[1] + part * dy)


def _way_in(groups: Sequence[LampPlan], row: LampPlan, place: Point) -> Point:
    """Where a bay is entered from its lane; a bay that lies on the lane's own line is entered there."""
    if row.kind is not GroupKind.BAYS:
        return place
    candidates = (
        project(place, a, b)
        for group in groups
        if (group.name == row.beside if row.beside else group.kind.drivable)
        for a, b in zip(group.path, group.path[1:], strict=False)
    )
    return min(candidates, key=lambda point: hypot(point[0] - place[0], point[1] - place[1]))


def lamps_along(path: tuple[Point, ...], count: int, offset: float = 0.0) -> tuple[Point, ...]:
    """Lamps evenly along a line, or `offset` m beside it to the left of its direction."""
    plan = LampPlan(name="", kind=GroupKind.AISLE, path=path, lamps=())
    a, b = path[0], path[-1]
    long = dist(a, b) or 1.0
    nx, ny = -(b[1] - a[1]) / long * offset, (b[0] - a[0]) / long * offset
    return tuple((x + nx, y + ny) for x, y in plan.stations(count))


def _touches(place: Point, group: LampPlan) -> bool:
    return any(
        dist(place, project(place, a, b)) < 0.01 for a, b in zip(group.path, group.path[1:], strict=False)
    )


def _neighbours(groups: Sequence[LampPlan]) -> tuple[frozenset[int], ...]:
    """Groups whose lines touch, and rows of bays with the lanes from which they are reached."""
    beside: list[set[int]] = [set() for _ in groups]
    for one, group in enumerate(groups):
        ends: tuple[Point, ...] = (group.path[0], group.path[-1])
        if group.kind is GroupKind.BAYS:
            ends = tuple({_way_in(groups, group, place) for place in group.stations(max(group.bays, 1))})
        for other, lane in enumerate(groups):
            if other == one or lane.kind is GroupKind.BAYS:
                continue
            if any(_touches(end, lane) for end in ends):
                beside[one].add(other)
                beside[other].add(one)
    return tuple(frozenset(others) for others in beside)
