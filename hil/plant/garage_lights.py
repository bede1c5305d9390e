"""All lamps of a garage together: levels that fade, power, and the light on every group's floor."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from hil.plant.garage_map import GarageMap
from hil.plant.lamp import Lamp, Lamps
from hil.plant.lighting_map import LightMap, Surroundings


class GarageLights:
    """Only what moves costs time: groups at rest are one number of kW, and light is carried on by differences.

    `stirred` collects the groups whose lamps have changed; `stirred_by_now` tells them and those that they light.
    """

    def __init__(self, plan: GarageMap, lamp: Lamp, around: Surroundings, *, worst_place: bool) -> None:
        self.lamps = tuple(Lamps(lamp, len(group.lamps)) for group in plan.groups)
        self.map = LightMap(plan, lamp.flux, around)
        self.stirred: set[int] = set(range(len(plan.groups)))
        self._shifted: set[int] = set()  # whose light has changed, and with it that of others
        self._worst_place = worst_place
        self._shares = [lamps.output for lamps in self.lamps]
        self._mean = [self.map.average(group, self._shares) for group in range(len(plan.groups))]
        self._fading: list[int] = []
        self._steady = sum(lamps.power for lamps in self.lamps)

    @property
    def power(self) -> float:
        """KW."""
        return self._steady + sum([self.lamps[group].power for group in self._fading])

    @property
    def moving(self) -> Sequence[int]:
        """Groups whose light fades just now."""
        return self._fading

    def ask(self, group: int, level: float) -> None:
        """A new level in %."""
        lamps = self.lamps[group]
        before = lamps.power
        if not lamps.ask(level):
            return
        if group not in self._fading:
            self._fading.append(group)
            self._steady -= before
        self._changed(group)
        if lamps.light == lamps.target:
            self._arrive()

    def settling(self) -> float:
        """Seconds until the next fade ends; inf when all is at rest."""
        return min([self.lamps[group].settling for group in self._fading], default=inf)

    def step(self, dt: float) -> float:
        """Energy taken, kWh. `dt` must not reach beyond the end of a fade for the light to be a straight line."""
        energy = self._steady * dt / 3600.0
        if not self._fading:
            return energy
        arrived = False
        for group in self._fading:
            lamps = self.lamps[group]
            energy += lamps.step(dt)
            arrived = arrived or lamps.light == lamps.target
            self._changed(group)
        if arrived:
            self._arrive()
        return energy

    def stirred_by_now(self) -> set[int]:
        """Groups whose lamps or light have changed since this was asked last."""
        found = self.stirred.union(*(self.map.lit_by[group] for group in self._shifted))
        self.stirred = set()
        self._shifted.clear()
        return found

    def mean(self, group: int) -> float:
        """Mean lx along the group's line."""
        return self._mean[group]

    def lux(self, group: int) -> float:
        """Lx in this group as it is judged: the mean or the worst place."""
        return self.map.worst(group, self._shares) if self._worst_place else self._mean[group]

    def survey(self, group: int) -> tuple[float, float]:
        """Mean and least lx along the group's line, summed up anew."""
        return self.map.average(group, self._shares), self.map.worst(group, self._shares)

    def break_lamps(self, group: int, share: float) -> None:
        """Put out a share of the group's lamps."""
        lamps = self.lamps[group]
        before = lamps.power
        lamps.failed = min(max(share, 0.0), 1.0)
        if group not in self._fading:
            self._steady += lamps.power - before
        self._changed(group)

    def _changed(self, group: int) -> None:
        output = self.lamps[group].output
        more = output - self._shares[group]
        self._shares[group] = output
        self.stirred.add(group)
        if more:
            self._shifted.add(group)
            mean, reached = self._mean, self.map.reached[group]
            for other, lux in reached:
                mean[other] += lux * more

    def _arrive(self) -> None:
        """Groups that have reached their level are no longer fading."""
        left = []
        for group in self._fading:
            lamps = self.lamps[group]
            if lamps.light == lamps.target:
                self._steady += lamps.power
            else:
                left.append(group)
        self._fading = left
