"""The load side of a chilled-water plant: who opens the coil valves, and what heat the coils give to the water.

The plant solves the pressures: it tells the load what flow each branch could have, is told how far each valve is open,
and says what flow went through. So the water always balances, whoever stands behind the valves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Protocol

from hil.plant.variables import LITRE_MASS, WATER_CP, Inputs, Outputs
from hil.plant.weather import Weather


@dataclass(frozen=True, slots=True)
class Outdoors:
    """What surrounds plant and load during one step: the instant at its end (UTC seconds) and the weather then."""

    utc: float
    weather: Weather


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchDesign:
    """One coil group with its control valve, as the plant's pipes see it.

    Equal-percentage valve f = R**(x - 1), linear to nothing below x = 0.05 (tight shut-off), in series with its coil;
    R = 50 and an authority of one half are the usual choice (ASHRAE Handbook, HVAC Systems and Equipment, valves).
    """

    name: str
    flow: float  # l/s at design
    drop: float = 60.0  # kPa over coil and fully open valve at that flow
    authority: float = 0.5  # share of `drop` that falls over the open valve
    rangeability: float = 50.0

    @property
    def conductance(self) -> float:
        """l/s per square root of kPa with the valve fully open."""
        return self.flow / sqrt(self.drop)

    def passage(self, opening: float) -> float:
        """Conductance at this opening 0..1 as a share of the open one."""
        if opening >= 1.0:
            return 1.0
        if opening <= 1e-4:
            return 0.0
        inherent = self.rangeability ** (max(opening, _TIGHT) - 1.0) * min(opening / _TIGHT, 1.0)
        return 1.0 / sqrt(1.0 - self.authority + self.authority / inherent**2)

    def opening(self, passage: float) -> float:
        """The opening that gives this share of the open conductance: the inverse of `passage`."""
        if passage >= 1.0:
            return 1.0
        if passage <= 1e-9:  # the square of less is no number
            return 0.0
        inherent = sqrt(self.authority / (1.0 / passage**2 - 1.0 + self.authority))
        least: float = self.rangeability ** (_TIGHT - 1.0)
        if inherent < least:
            return _TIGHT * inherent / least
        return 1.0 + log(inherent) / log(self.rangeability)


_TIGHT = 0.05


class LoadSide(Protocol):
    """A building, a data hall, a recorded load. One step is `openings`, then `absorb`; steps are at most 60 s."""

    @property
    def branches(self) -> Sequence[BranchDesign]:
        """The coil groups, always the same ones in the same order as all sequences below."""
        ...

    def openings(
        self, dt: float, inputs: Inputs, outdoors: Outdoors, offered: Sequence[float], /
    ) -> Sequence[float]:
        """Valve openings 0..1 for this step. `offered`: l/s each branch would have fully open at present pressure."""
        ...

    def absorb(self, dt: float, supply: float, flows: Sequence[float], /) -> Sequence[float]:
        """Heat in kW, mean over the step, that each branch gave to `flows` l/s of water coming in at `supply` degC."""
        ...

    def outputs(self) -> Outputs:
        """The load's own variables as of the last step (rooms, loads); valves and flows are the plant's to tell."""
        ...

    def commands(self) -> Sequence[str]:
        """Names of the variables that may be commanded here (`zone_1.zone_setpoint`)."""
        ...


def heat_of(flow: float, supply: float, back: float) -> float:
    """The kW carried by `flow` l/s between two temperatures."""
    return flow * LITRE_MASS * WATER_CP * (back - supply)
