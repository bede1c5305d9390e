"""The load side as the plant feels it: at which temperature the water comes back, and so how much of it the coils need.

Valves give each coil the flow its load asks for. Warmer supply means more flow: the return rises by less than the supply does. In
one straight line: back = a + b q + c (supply - 7), q the load as a share of design; fitted by `learn`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.calc.cooling import WATER
from policies.chiller_plant.pump_model import ridge

SUPPLY = 7.0  # degC
LEAST_RISE = 1.5  # K: coils that are asked for more flow than this are saturated
ENOUGH = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class CoilSide:
    """`design` kW. Usual: 7/12 degC at design, a little more rise at part load, and 0.35 K of return per kelvin of supply."""

    design: float
    a: float = 12.8
    b: float = -0.8
    c: float = 0.35
    samples: int = 0
    error: float | None = None  # K, of the return
    warmest: float = SUPPLY  # degC: the warmest supply that was seen to do

    def back(self, load: float, supply: float) -> float:
        """Return temperature in degC."""
        found = self.a + self.b * load / self.design + self.c * (supply - SUPPLY)
        least = supply + LEAST_RISE
        return max(least, found)

    def flow(self, load: float, supply: float) -> float:
        """What the coils take, l/s."""
        return load / (WATER * (self.back(load, supply) - supply))


def fit_coils(samples: Sequence[tuple[float, float, float]], start: CoilSide) -> CoilSide:
    """Samples: load in kW, supply and return in degC."""
    import numpy as np

    sound = [one for one in samples if one[0] > 0.05 * start.design and one[2] > one[1] + 0.5]
    if len(sound) < ENOUGH:
        return start
    rows = np.array([(1.0, load / start.design, supply - SUPPLY) for load, supply, _ in sound])
    seen = np.array([back for _, _, back in sound])
    a, b, c = ridge(rows, seen, (start.a, start.b, start.c), (3.0, 3.0, 0.2), 2.0)
    c = min(max(c, 0.0), 0.85)
    miss = rows @ np.array([a, b, c]) - seen
    return replace(
        start,
        a=a,
        b=b,
        c=c,
        samples=len(sound),
        error=float(np.sqrt(np.mean(miss**2))),
        warmest=float(np.percentile([one[1] for one in sound], 95.0)),
    )
