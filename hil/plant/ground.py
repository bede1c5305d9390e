"""A field of boreholes: heat taken from and given to the ground, as rings of earth around one mean borehole.

Radial conduction in concentric rings up to a radius that yearly swings do not pass, solved implicitly (any step is
stable); the borehole itself is a resistance. Neighbouring boreholes: no heat passes the outermost ring, whose radius
is half the spacing; a wide field has a ground that stays at its undisturbed temperature there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import log, pi

from hil.plant.chiller_curves import heat_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundDesign:
    """The field. Values of moist clay and a double-U pipe: VDI 4640 part 2 (conductivity, heat capacity), table."""

    boreholes: int
    depth: float = 100.0  # m each
    spacing: float | None = 6.0  # m between neighbours; None: a single borehole in wide ground
    conductivity: float = 1.8  # W/(m K)
    capacity: float = 2.4e6  # J/(m3 K)
    radius: float = 0.075  # m
    resistance: float = 0.1  # m K/W from brine to borehole wall
    undisturbed: float = 18.0  # degC
    rings: int = 24

    @property
    def length(self) -> float:
        return self.boreholes * self.depth


class Ground:
    """Temperatures of the rings, from the wall outwards."""

    WIDE = 15.0  # m: what a single borehole does in 20 years stays inside it

    def __init__(self, design: GroundDesign) -> None:
        self.design = design
        outer = self.WIDE if design.spacing is None else design.spacing / 2.0
        growth: float = (outer / design.radius) ** (1.0 / design.rings)
        edges = [design.radius * growth**place for place in range(design.rings + 1)]
        middles = [(low * high) ** 0.5 for low, high in pairwise(edges)]
        self._heats = [  # J/K a metre of borehole
            design.capacity * pi * (high * high - low * low) for low, high in pairwise(edges)
        ]
        self._links = [  # W/K a metre, ring to next ring
            2.0 * pi * design.conductivity / log(high / low) for low, high in pairwise(middles)
        ]
        self._wall = 2.0 * pi * design.conductivity / log(middles[0] / design.radius)
        self._far = 0.0 if design.spacing else 2.0 * pi * design.conductivity / log(edges[-1] / middles[-1])
        self.temperatures = [design.undisturbed] * design.rings
        self.inflow = 0.0  # kWh that came in through the outermost edge

    @property
    def stored(self) -> float:
        """Heat above the undisturbed ground, kWh."""
        base = self.design.undisturbed
        warm = sum(heat * (one - base) for heat, one in zip(self._heats, self.temperatures, strict=True))
        return warm * self.design.length / 3.6e6

    def brine(self, heat: float, flow: float) -> float:
        """Mean-to-leaving temperature in degC of brine that takes `heat` kW out at `flow` l/s: what comes back."""
        metre = heat * 1e3 / self.design.length
        mean: float = self.temperatures[0] - metre * (self.design.resistance + 1.0 / self._wall)
        return mean + 0.5 * heat / heat_rate(flow) if flow > 0.0 else mean

    def step(self, dt: float, heat: float) -> None:
        """`heat` kW is taken out (negative: given back) over the step."""
        metre = heat * 1e3 / self.design.length
        count = len(self._heats)
        lower, middle, upper, right = ([0.0] * count for _ in range(4))
        for place, capacity in enumerate(self._heats):
            rate = capacity / dt
            before = self._links[place - 1] if place else 0.0
            after = self._links[place] if place < count - 1 else self._far
            lower[place], upper[place] = -before, -after if place < count - 1 else 0.0
            middle[place] = rate + before + after
            right[place] = rate * self.temperatures[place]
        right[0] -= metre
        right[-1] += self._far * self.design.undisturbed
        self.temperatures = _tridiagonal(lower, middle, upper, right)
        passed = self._far * (self.design.undisturbed - self.temperatures[-1])
        self.inflow += passed * self.design.length * dt / 3.6e6


def _tridiagonal(
    lower: list[float], middle: list[float], upper: list[float], right: list[float]
) -> list[float]:
    """Thomas' algorithm."""
    count = len(middle)
    for place in range(1, count):
        factor = lower[place] / middle[place - 1]
        middle[place] -= factor * upper[place - 1]
        right[place] -= factor * right[place - 1]
    result = [0.0] * count
    result[-1] = right[-1] / middle[-1]
    for place in range(count - 2, -1, -1):
        result[place] = (right[place] - upper[place] * result[place + 1]) / middle[place]
    return result
