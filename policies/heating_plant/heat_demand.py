"""What the building takes now: from its water, else from a heat meter, else from what the sources give, else by the outdoor air."""

from __future__ import annotations

from dataclasses import dataclass

from agent.calc.cooling import WATER
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot

COLDEST, HOTTEST = -5.0, 110.0  # degC: outside is no heating water
REVERSED = -1.5  # K: tolerance of two sensors
MOST_FLOW = 1e5  # l/s; more is a decoding fault
INDOORS = 20.0  # degC


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """kW, or None; `source`: where it comes from, for people."""

    kw: float | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignLoad:
    """kW at an outdoor temperature (degC); 0: not known."""

    kw: float
    outdoor: float

    def at(self, outdoor: float | None) -> float | None:
        """None without a design load. Unknown outdoor air is taken as that of the design."""
        if self.kw <= 0.0:
            return None
        now = self.outdoor if outdoor is None else outdoor
        return self.kw * max(INDOORS - now, 0.0) / (INDOORS - self.outdoor)


def loop_of(snapshot: Snapshot) -> Equipment | None:
    """The first loop of the area that carries heating water."""
    return next((one for one in snapshot.equipment("loop") if "hot_water_supply_temp" in one.roles), None)


def demand_of(
    snapshot: Snapshot, loop: Equipment | None, design: DesignLoad, outdoor: float | None
) -> Demand:
    """From the best there is."""
    if loop is not None:
        measured = _from_water(snapshot, loop)
        if measured is not None:
            return Demand(kw=measured, source="flow x dT")
        meter = snapshot.number_of(loop, "heating")
        if meter is not None and meter >= 0.0:
            return Demand(kw=meter, source="heat meter")
    expected = design.at(outdoor)
    return Demand(kw=expected, source="by the outdoor air" if expected is not None else "not known")


def _from_water(snapshot: Snapshot, loop: Equipment) -> float | None:
    flow, supply, back = (
        snapshot.number_of(loop, role)
        for role in ("hot_water_flow", "hot_water_supply_temp", "hot_water_return_temp")
    )
    if flow is None or supply is None or back is None or not -0.5 <= flow <= MOST_FLOW:
        return None
    believable = all(COLDEST <= one <= HOTTEST for one in (supply, back))
    if not believable or supply - back < REVERSED:
        return None
    return max(flow, 0.0) * WATER * max(supply - back, 0.0)
