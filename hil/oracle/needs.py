"""What flow the coils need of water of another temperature to take the same heat: the freedom that a reset has.

Every model goes through the point that was measured. So the plant's own way to run is always among those that the
bound may choose, whatever stands behind the valves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from hil.oracle.grids import Array
from hil.oracle.trace import Trace
from hil.plant.data_hall import HallDesign
from hil.plant.load import heat_of
from hil.plant.profile_load import Emission

LARGEST = 4.0  # times the design flow: more is never wanted


class Need(Protocol):
    """The coils of one trace."""

    def flow(self, times: float, supply: float) -> Array:
        """Least l/s with which each window's coils take `times` their heat from water of `supply` degC."""
        ...


class EmissionNeed:
    """Coils of a `ProfileLoad`, exactly: air of one temperature."""

    def __init__(self, trace: Trace, design_flow: float, emission: Emission | None = None) -> None:
        self._emission = emission or Emission()
        self._flow = design_flow
        design = heat_of(design_flow, self._emission.supply, self._emission.back)
        self._shares = trace.cooling / design

    def flow(self, times: float, supply: float) -> Array:
        return self._flow * _ratio(self._emission, times * self._shares, self._emission.air - supply)


class TracedNeed:
    """Any coils: the air that explains each window's own heat, supply and flow is the air for other supplies too.

    The law of flow and temperature is that of `Emission`, a counterflow coil whose water film is 0.3 of the resistance at
    design. Windows in which hardly anything flowed tell nothing of their air: they get the water they had.
    """

    def __init__(self, trace: Trace, design_flow: float, emission: Emission | None = None) -> None:
        self._emission = emission or Emission()
        self._design_flow = design_flow
        self._trace = trace
        design = heat_of(design_flow, self._emission.supply, self._emission.back)
        flows, shares = self._emission.curve
        usable = np.maximum(np.interp(trace.flow / design_flow, flows, shares), 1e-6)
        rise = self._emission.air - self._emission.supply
        self._shares = trace.cooling / design
        self._drive = self._shares / usable * rise  # K between that air and the water
        self._told = trace.flow > 0.01 * design_flow

    def flow(self, times: float, supply: float) -> Array:
        drive = self._drive + self._trace.supply - supply
        ratio = _ratio(self._emission, times * self._shares, drive)
        kept = np.where(
            self._trace.supply >= supply - 1e-9, times * self._trace.flow, LARGEST * self._design_flow
        )
        return np.where(self._told, ratio * self._design_flow, kept)


class HallNeed:
    """Coils of `DataHalls`, by their own law: the air that explains a window's heat, supply and flow stays as it is."""

    def __init__(self, trace: Trace, halls: Sequence[HallDesign]) -> None:
        self._trace = trace
        self._most = LARGEST * sum(hall.spare * hall.water for hall in halls)
        shares = [hall.spare * hall.water / self._most for hall in halls]
        self._flows = self._most * np.linspace(0.0, 1.0, 401) ** 2
        self._passing = np.array(
            [
                sum(hall.passing(float(flow) * share) for hall, share in zip(halls, shares, strict=True))
                for flow in LARGEST * self._flows
            ]
        )
        passing = np.interp(trace.flow, self._flows, self._passing)
        self._told = (trace.flow > 0.01 * self._most / LARGEST) & (trace.cooling > 0.0)
        self._air = trace.supply + trace.cooling / np.maximum(passing, 1e-6)

    def flow(self, times: float, supply: float) -> Array:
        wanted = times * self._trace.cooling / np.maximum(self._air - supply, 1e-3)
        found = np.interp(wanted, self._passing, self._flows)
        kept = np.where(self._trace.supply >= supply - 1e-9, times * self._trace.flow, self._most)
        return np.where(self._told, np.where(wanted <= self._passing[-1], found, self._most), kept)


def _ratio(emission: Emission, shares: Array, drive: Array | float) -> Array:
    """Flow ratio that takes these shares of the design heat with so many K between air and water."""
    flows, usable = (np.array(one) for one in emission.curve)
    rise = emission.air - emission.supply
    wanted = shares * rise / np.maximum(drive, 1e-3)
    beyond = np.maximum(wanted / usable[-1] - 1.0, 0.0)
    found = np.interp(wanted, usable, flows) * (1.0 + 3.0 * beyond)
    return np.asarray(np.minimum(found, LARGEST))
