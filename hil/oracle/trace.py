"""What a plant had to do, window by window: the service a bound is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hil.compare.trace import Trace as Recorded
from hil.oracle.grids import Array

COOLING, SUPPLY, FLOW, WET_BULB, POWER = NAMES = (
    "loop.cooling", "loop.chilled_water_supply_temp", "loop.chilled_water_flow", "loop.outdoor_wet_bulb", "loop.power",
)  # fmt: skip
"""What a recorded trace must hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Means over windows, in the order of time. Cooling at the coils in kW, their supply in degC, flow in l/s."""

    utc: Array  # s, beginning of each window
    hours: Array  # of each window that was seen: less than the whole at the ends
    cooling: Array
    supply: Array
    flow: Array
    wet_bulb: Array
    power: Array  # kW drawn: only to compare with
    stored_change: float = 0.0  # kWh of cold more at the end than at the beginning

    @property
    def delivered(self) -> float:
        """KWh of cooling."""
        return float(self.cooling @ self.hours)

    @property
    def drawn(self) -> float:
        """KWh of electricity."""
        return float(self.power @ self.hours)

    def part(self, chosen: Array) -> Trace:
        """The windows for which `chosen` is not zero. What was stored is nobody's."""
        kept = chosen != 0.0
        return Trace(**{name: getattr(self, name)[kept] for name in _COLUMNS})

    def by_hour(self) -> Trace:
        """Means over full hours."""
        hour = np.floor(self.utc / 3600.0 + 1e-9)
        hours, place = np.unique(hour, return_inverse=True)
        weights = np.bincount(place, self.hours).astype(np.float64)
        means = {
            name: np.bincount(place, self.hours * getattr(self, name)) / weights
            for name in ("cooling", "flow", "wet_bulb", "power")
        }
        carrying = self.hours * np.maximum(self.flow, 1e-6)
        supply = np.bincount(place, carrying * self.supply) / np.bincount(place, carrying)
        return Trace(
            utc=hours * 3600.0, hours=weights, supply=supply, stored_change=self.stored_change, **means
        )


_COLUMNS = ("utc", "hours", "cooling", "supply", "flow", "wet_bulb", "power")


def recorded(traces: Sequence[Recorded], stored_change: float = 0.0) -> Trace:
    """The windows of several runs, one after the other. Raises ValueError for what was not recorded."""
    ends = np.concatenate([np.array(one.utc, dtype=np.float64) for one in traces])
    seconds = np.concatenate([np.array(one.seconds, dtype=np.float64) for one in traces])
    columns = {
        name: np.concatenate([np.array(one.column(name), dtype=np.float64) for one in traces])
        for name in NAMES
    }
    return Trace(
        utc=ends - seconds,
        hours=seconds / 3600.0,
        cooling=np.maximum(columns[COOLING], 0.0),
        supply=columns[SUPPLY],
        flow=columns[FLOW],
        wet_bulb=columns[WET_BULB],
        power=columns[POWER],
        stored_change=stored_change,
    )
