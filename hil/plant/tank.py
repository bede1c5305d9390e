"""A stratified chilled-water tank: parcels of water that are pushed up and down, mixing only by diffusion.

Equation: dT/dt = -v dT/dz + e a d2T/dz2 - UA (T - Tambient) / (rho cp A) (one-dimensional plug flow; ASHRAE Handbook,
HVAC Applications, thermal storage). The flow term is solved by moving the parcels themselves, so that it adds no
diffusion of its own; `mixing` e stands for what real diffusers stir up.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, pi, sqrt

from hil.plant.variables import LITRE_MASS, WATER_CP

CONDUCTIVITY = 5.8e-4  # kW/(m K) of water near 10 degC (Incropera, table A.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class TankDesign:
    """Sizes. Mixing and insulation are set so that the figures of merit and the gains below come out.

    Published: figure of merit 0.85 to 0.95 and heat gain of 1 to 2 % of the capacity a day (ASHRAE Applications).
    """

    volume: float  # m3
    height: float = 10.0  # m of water
    cold: float = 5.0  # degC, full
    warm: float = 13.0  # degC, empty
    mixing: float = 60.0  # diffusion as a multiple of still water's
    loss: float = 0.5  # W/(m2 K) of the insulated wall
    parcels: int = 40

    @property
    def capacity(self) -> float:
        """Cooling between empty and full, kWh."""
        return self.volume * 1e3 * LITRE_MASS * WATER_CP * (self.warm - self.cold) / 3600.0


class Tank:
    """Parcels from the bottom (cold) to the top (warm). The end ones are filled or emptied, the others whole."""

    def __init__(self, design: TankDesign, *, charged: float = 0.0) -> None:
        """`charged` 0..1: how much of it is cold to begin with."""
        self.design = design
        self._whole = design.volume * 1e3 / design.parcels  # l
        cold = round(charged * design.parcels)
        self._water = deque((self._whole, design.cold) for _ in range(cold))  # (litres, degC)
        self._water.extend((self._whole, design.warm) for _ in range(design.parcels - cold))

    @property
    def bottom(self) -> float:
        return self._water[0][1]

    @property
    def top(self) -> float:
        return self._water[-1][1]

    @property
    def stored(self) -> float:
        """Heat held above 0 degC, kWh."""
        return sum(volume * one for volume, one in self._water) * LITRE_MASS * WATER_CP / 3600.0

    @property
    def cooling(self) -> float:
        """Cooling held below the design's warm temperature, kWh."""
        return self.design.volume * 1e3 * LITRE_MASS * WATER_CP * self.design.warm / 3600.0 - self.stored

    @property
    def charge(self) -> float:
        """State of charge 0..1."""
        return self.cooling / self.design.capacity

    def temperature(self, share: float) -> float:
        """At a height, as a share of the tank's."""
        sought = share * self.design.volume * 1e3
        for volume, one in self._water:
            sought -= volume
            if sought <= 0.0:
                return one
        return self.top

    def step(self, dt: float, flow: float, entering: float, ambient: float) -> tuple[float, float]:
        """Push `flow` l/s of `entering` degC in: at the bottom (positive, charging) or the top (negative).

        Returns the mean temperature of what left at the other end, and the heat in kW that came in from `ambient`.
        """
        return self.push(dt, flow, entering), self.rest(dt, ambient)

    def push(self, dt: float, flow: float, entering: float) -> float:
        """The water's way alone: the mean temperature of what left."""
        if flow == 0.0:
            return self.bottom
        if flow < 0.0:
            self._water.reverse()
        leaving = _push(self._water, abs(flow) * dt, entering, self._whole)
        if flow < 0.0:
            self._water.reverse()
        return leaving

    def outlook(self, dt: float, flow: float) -> float:
        """What `push` will give out, as long as less passes than the tank holds."""
        litres = left = abs(flow) * dt
        if litres <= 0.0:
            return self.bottom
        carried = 0.0
        for volume, one in self._water if flow < 0.0 else reversed(self._water):
            part = min(volume, left)
            carried += part * one
            left -= part
            if left <= 0.0:
                break
        return carried / (litres - left)

    def rest(self, dt: float, ambient: float) -> float:
        """What happens without any flow: colder water sinks, diffusion, gain through the wall (kW)."""
        if any(low[1] > high[1] + 1e-6 for low, high in pairwise(self._water)):
            self._water = _overturned(self._water)
        # explicit, with parts short enough to be stable
        design = self.design
        area = design.volume / design.height
        wall = design.loss / 1e3 * (design.height * 2.0 * sqrt(pi * area) + 2.0 * area)  # kW/K
        exchange = (
            CONDUCTIVITY * design.mixing * area / (design.height / design.parcels)
        )  # kW/K between wholes
        parts = ceil(dt * (2.0 * exchange + wall) / (0.5 * self._whole * LITRE_MASS * WATER_CP))
        gained = 0.0
        for _ in range(parts):
            gained += self._creep_part(dt / parts, exchange, wall, ambient) / parts
        return gained

    def _creep_part(self, dt: float, exchange: float, wall: float, ambient: float) -> float:
        seconds = dt / (LITRE_MASS * WATER_CP)
        per_litre = wall / (self.design.volume * 1e3)
        least = (
            0.5 * self._whole
        )  # a small end parcel counts as half a whole one: stable, and its share is small
        after: deque[tuple[float, float]] = deque()
        below = gained = 0.0
        water = list(self._water)
        last = len(water) - 1
        for place, (volume, one) in enumerate(water):
            above = exchange * (water[place + 1][1] - one) if place < last else 0.0
            if place < last and min(volume, water[place + 1][0]) < least:
                above *= min(volume, water[place + 1][0]) / least
            gain = per_litre * volume * (ambient - one)
            gained += gain
            after.append((volume, one + seconds * (above - below + gain) / volume))
            below = above
        self._water = after
        return gained


def _push(water: deque[tuple[float, float]], litres: float, entering: float, whole: float) -> float:
    """Push `litres` in at the left; as much leaves at the right. Returns the mean temperature that left."""
    left, carried = litres, 0.0
    incoming: deque[tuple[float, float]] = deque()
    room = whole - water[0][0]
    if room > 1e-9 * whole:
        part = min(room, left)
        volume, one = water.popleft()
        water.appendleft((volume + part, (volume * one + part * entering) / (volume + part)))
        left -= part
    while left > 1e-9 * whole:
        part = min(whole, left)
        incoming.append((part, entering))
        left -= part
    water.extendleft(incoming)
    out = litres
    while out > 1e-12 * whole:
        volume, one = water.pop()
        part = min(volume, out)
        carried += part * one
        out -= part
        if volume - part > 1e-9 * whole:
            water.append((volume - part, one))
    return carried / litres


def _overturned(water: deque[tuple[float, float]]) -> deque[tuple[float, float]]:
    """Water that lies over warmer water mixes with it until none does (pooling of adjacent violators)."""
    pools: list[tuple[float, float, list[float]]] = []
    for volume, one in water:
        pool = (volume, one, [volume])
        while pools and pools[-1][1] > pool[1]:
            below = pools.pop()
            total = below[0] + pool[0]
            pool = (total, (below[0] * below[1] + pool[0] * pool[1]) / total, below[2] + pool[2])
        pools.append(pool)
    return deque((volume, one) for _, one, volumes in pools for volume in volumes)
