"""Cooling delivered by a water loop, and whether its three sensors can be believed together."""

from __future__ import annotations

from dataclasses import dataclass

from agent.core.frozen import quick

WATER = 4.19  # kJ/(l K): density times specific heat of water between 5 and 15 degC (4.19-4.20)

FLOW_NOISE = -0.5  # l/s: a standing flow meter shows this much backwards
MOST_FLOW = 1e5  # l/s: some 2,000 MW of cooling; more is a decoding fault
COLDEST, WARMEST = -5.0, 45.0  # degC: outside is no chilled-water loop
WIDEST = 25.0  # K between supply and return
REVERSED = -1.5  # K: two sensors' tolerance; a loop that is warmer in supply than return has them exchanged


@quick
@dataclass(frozen=True, slots=True)
class Cooling:
    """Cooling in kW, or None with the fault that makes the measurement unbelievable."""

    kw: float | None
    fault: str = ""


def cooling(flow: float, supply: float, back: float) -> Cooling:
    """From flow (l/s), supply and return temperature (degC). Never negative."""
    fault = _fault(flow, supply, back)
    if fault:
        return Cooling(None, fault)
    return Cooling(max(flow, 0.0) * WATER * max(back - supply, 0.0))


def _fault(flow: float, supply: float, back: float) -> str:
    if not FLOW_NOISE <= flow <= MOST_FLOW:
        return f"flow {flow:g} l/s is not possible"
    for word, value in (("supply", supply), ("return", back)):
        if not COLDEST <= value <= WARMEST:
            return f"{word} temperature {value:g} degC is not possible"
    if not REVERSED <= back - supply <= WIDEST:
        return f"return {back:.1f} degC against supply {supply:.1f} degC is not plausible"
    return ""
