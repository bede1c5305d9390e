"""What a heat pump does at the present source and supply temperatures: by its nameplate, corrected by what it was seen to do.

The coefficient of performance keeps its share of Carnot's, which is how tables of EN 14511 points behave over their range; the capacity
falls with the source. Both are crude, so the ratio of measured to expected performance is learned while a machine runs: heat and input over
some hours of running, thaws included. A machine that shows no heat of its own stays with its nameplate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from agent.core.equipment import Equipment
from agent.core.frozen import quick

KELVIN = 273.15
CONDENSER, EVAPORATOR = 3.0, 5.0  # K between refrigerant and water, refrigerant and source
# Capacity by source temperature against the rating, per K: points of EN 14511 and EN 255 of an air and a brine machine
AIR_SLOPE, GROUND_SLOPE = 0.022, 0.016
LEAST_CAPACITY = 0.4
USUAL = {"air": (7.0, 3.0), "ground": (0.0, 3.5), "water": (10.0, 4.2)}
"""Source temperature (degC) and performance at 45 degC of supply where the nameplate says nothing: ordinary machines of EN 14511."""
WINDOW = 6.0 * 3600.0  # s of running over which performance is learned
TRUSTED_AFTER = 1.0  # kWh of expected input before anything is believed
RANGE = (0.5, 1.5)  # of the nameplate's: beyond, a meter is wrong


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Fading sums of a machine's running, kWh: heat that was measured, heat that its input should have given."""

    heat: float = 0.0
    expected: float = 0.0

    @property
    def ratio(self) -> float:
        if self.expected < TRUSTED_AFTER:
            return 1.0
        return min(max(self.heat / self.expected, RANGE[0]), RANGE[1])


def source_kind(one: Equipment) -> str:
    """air, ground or water."""
    found = one.settings.get("source", "air")
    return found if found in USUAL else "air"


def rated_performance(one: Equipment, source: float | None, supply: float) -> float:
    """Heat over input by the nameplate, at these temperatures (degC)."""
    at, usual = USUAL[source_kind(one)]
    rated_source = one.nameplate.get("rated_source_temp", at)
    rated_supply = one.nameplate.get("rated_supply_temp", 45.0)
    share = one.nameplate.get("rated_cop", usual) / _carnot(rated_source, rated_supply)
    return max(share * _carnot(rated_source if source is None else source, supply), 1.0)


def _carnot(source: float, supply: float) -> float:
    hot = supply + CONDENSER + KELVIN
    return hot / max(hot - (source - EVAPORATOR + KELVIN), 15.0)


def present_capacity(one: Equipment, source: float | None) -> float:
    """Heat in kW at this source temperature; never more than the nameplate's."""
    nameplate = one.nameplate.get("capacity", 0.0)
    if source is None:
        return nameplate
    kind = source_kind(one)
    below = one.nameplate.get("rated_source_temp", USUAL[kind][0]) - source
    slope = AIR_SLOPE if kind == "air" else GROUND_SLOPE
    return nameplate * max(1.0 - slope * max(below, 0.0), LEAST_CAPACITY)


def learned(before: Learned, heat: float, power: float, rated: float, seconds: float) -> Learned:
    """The sums after `seconds` of running at `heat` and `power` kW."""
    if power <= 0.0 or seconds <= 0.0:
        return before
    kept, hours = exp(-seconds / WINDOW), seconds / 3600.0
    return Learned(
        heat=before.heat * kept + heat * hours, expected=before.expected * kept + power * rated * hours
    )
