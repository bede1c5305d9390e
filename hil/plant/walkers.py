"""A movement: somebody on foot or in a car who follows a route. The place is a function of time, exactly.

Cars drive the lanes at their speed and take longer for the last (or first) stretch, the bay. When a crossing from group to
group happens is worked out, not stepped to: no step is so long that anybody is driven past.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hil.plant.garage_routes import Route

BAY_STRETCH = 5.0  # m of manoeuvre at most


@dataclass(frozen=True, slots=True)
class Movement:
    """`knots`: (metres, s after midnight), rising; between them the speed is constant."""

    route: Route
    knots: tuple[tuple[float, float], ...]
    car: bool
    appears: bool  # out of a car, a stair door or into the garage, where nobody was before

    @property
    def starts(self) -> float:
        return self.knots[0][1]

    @property
    def ends(self) -> float:
        return self.knots[-1][1]

    def time_at(self, metres: float) -> float:
        """When it has come so far along its route."""
        knots = self.knots
        for (near, early), (far, late) in pairwise(knots):
            if metres <= far:
                return early + (metres - near) * (late - early) / (far - near)
        return knots[-1][1]

    def metres_at(self, time: float) -> float:
        """How far along its route it is; at its ends before and after."""
        knots = self.knots
        if time <= knots[0][1]:
            return 0.0
        for (near, early), (far, late) in pairwise(knots):
            if time <= late:
                return near + (time - early) * (far - near) / (late - early)
        return knots[-1][0]

    def visits(self) -> Iterator[tuple[int, float, float]]:
        """(group, from, to) in s after midnight, one after the other."""
        for group, near, far in self.route.crossings:
            yield group, self.time_at(near), self.time_at(far)


def walking(route: Route, start: float, speed: float, *, appears: bool = True) -> Movement:
    return Movement(
        route, ((0.0, start), (route.length, start + route.length / speed)), car=False, appears=appears
    )


def driving(route: Route, start: float, speed: float, parking: float, *, outward: bool = False) -> Movement:
    """A car on its way in (the manoeuvre comes last) or out (it comes first), `parking` s for the manoeuvre."""
    long = route.length
    bay = min(BAY_STRETCH, 0.5 * long)
    if outward:
        knots = ((0.0, start), (bay, start + parking), (long, start + parking + (long - bay) / speed))
    else:
        reached = start + (long - bay) / speed
        knots = ((0.0, start), (long - bay, reached), (long, reached + parking))
    return Movement(route, knots, car=True, appears=True)
