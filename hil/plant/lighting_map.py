"""Light on the floor: point by point from every lamp, with what the surfaces throw back.

Direct: a lamp that shines as Lambert's cosine law says has I = flux/pi * cos; on a horizontal floor h below and r beside it
E = I cos/d2 = flux/pi * h2/(h2 + r2)2 (inverse-square and cosine law; IES Lighting Handbook, point method).
Reflected: the flux of a group's lamps, thrown back and forth in its own hall, adds flux/A * rho/(1 - rho) everywhere in
it (Sumpner's sphere), A being all its surfaces. Walls keep light out: stairs and lobbies see only their own lamps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, hypot, pi

from hil.plant.garage_map import GarageMap, LampPlan, Point

REACH = 20.0  # m: at 2.6 m of height a lamp gives 0.03 % of its best there
SPACING = 1.0  # m between the points that are measured along a group's line


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Maintenance and mean reflectance of all surfaces: bare concrete, and half the "walls" are open to the hall."""

    maintenance: float = 0.8  # of a dirty, rarely cleaned room with long-lived LEDs (0.7-0.8 is usual)
    reflectance: float = 0.2  # area mean of ceiling 0.5, floor 0.2, open sides 0


def direct(flux: float, height: float, beside: float) -> float:
    """Lx on the floor `height` m below and `beside` m away from a Lambertian lamp."""
    square = height * height
    return flux / pi * square / (square + beside * beside) ** 2


def reflected(flux: float, plan: LampPlan, reflectance: float) -> float:
    """Lx that a group's lamps add to its floor by way of its surfaces."""
    surfaces = 2.0 * plan.length * plan.width + 2.0 * (plan.length + plan.width) * plan.mounting
    return flux / surfaces * reflectance / (1.0 - reflectance)


def points_of(plan: LampPlan) -> tuple[Point, ...]:
    """Where a luxmeter is put: along the line on which people move, at most `SPACING` m apart."""
    return plan.stations(max(ceil(plan.length / SPACING), 2))


class LightMap:
    """What each group's lamps, at full light, give on every other group's floor. Light is linear: shares add up."""

    __slots__ = ("lit_by", "mean", "points", "reached")

    def __init__(self, plan: GarageMap, flux: float, around: Surroundings | None = None) -> None:
        around = around or Surroundings()
        flux *= around.maintenance
        sources = [
            [(other, self._from(plan, group, other, flux, around)) for other in self._seen(plan, index)]
            for index, group in enumerate(plan.groups)
        ]
        # points[g][p]: (group, lx of its lamps at full) ; mean[g]: the same, averaged over the points
        self.points: tuple[tuple[tuple[tuple[int, float], ...], ...], ...] = tuple(
            tuple(
                tuple((other, values[place]) for other, values in rows if values[place] > 0.01)
                for place in range(len(rows[0][1]))
            )
            for rows in sources
        )
        self.mean: tuple[tuple[tuple[int, float], ...], ...] = tuple(
            tuple((other, average) for other, values in rows if (average := sum(values) / len(values)) > 0.01)
            for rows in sources
        )
        reached: list[list[tuple[int, float]]] = [[] for _ in plan.groups]
        for group, rows in enumerate(self.mean):
            for other, lux in rows:
                reached[other].append((group, lux))
        self.reached = tuple(tuple(groups) for groups in reached)  # the other way round: whom a group lights
        self.lit_by = tuple(frozenset(other for other, _ in groups) for groups in self.reached)

    def average(self, group: int, shares: Sequence[float]) -> float:
        """Mean lx along the group's line when every group gives this share of its full light."""
        return sum([lux * shares[other] for other, lux in self.mean[group]])

    def worst(self, group: int, shares: Sequence[float]) -> float:
        """The least lx along the group's line."""
        return min(sum([lux * shares[other] for other, lux in point]) for point in self.points[group])

    def _seen(self, plan: GarageMap, index: int) -> list[int]:
        """Groups whose lamps can be seen from this one, itself first."""
        group = plan.groups[index]
        if group.kind.walled:
            return [index]
        others = [
            other
            for other, far in enumerate(plan.groups)
            if other != index and not far.kind.walled and _near(group, far)
        ]
        return [index, *others]

    def _from(
        self, plan: GarageMap, group: LampPlan, other: int, flux: float, around: Surroundings
    ) -> list[float]:
        source = plan.groups[other]
        own = reflected(flux * len(source.lamps), source, around.reflectance) if source is group else 0.0
        return [
            own
            + sum(direct(flux, source.mounting, hypot(x - px, y - py)) for px, py in source.lamps)
            for x, y in points_of(group)
        ]  # fmt: skip


def _near(group: LampPlan, other: LampPlan) -> bool:
    """Whether their bounding boxes lie within reach of each other."""

    def box(plan: LampPlan) -> tuple[float, float, float, float]:
        xs, ys = zip(*(*plan.path, *plan.lamps), strict=True)
        return min(xs), max(xs), min(ys), max(ys)

    left, right, low, high = box(group)
    left2, right2, low2, high2 = box(other)
    return max(left2 - right, left - right2, low2 - high, low - high2) < REACH
