"""5.20.9 Condenser-water pumps: as many as machines, at the speed that gives them their design flow.

The guideline has that speed set for each stage at commissioning. Where the flow is measured it is found by a slow loop instead, down
from full speed; without a measurement it is `condenser_speed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.chiller_plant.pi_loop import Loop, controlled, launched

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence

METER_ERROR = 0.02  # of the design flow: an ordinary meter tells no less, and pumps need not follow its noise


def pump_number(rule: PlantSequence, machines: int, *, economiser: bool, pumps: int) -> int:
    """5.20.9.5-6: one for each machine that has condenser water, one more for an economiser on the same pumps."""
    wanted = machines + (rule.economiser_pumps if economiser else 0)
    return min(max(wanted, 0), pumps)


def design_speed(
    rule: PlantSequence, before: Loop, seconds: float, *, flow: float | None, wanted: float, settled: bool
) -> Loop:
    """Loop output: the share of full speed that gives `wanted` l/s. Held while stages change; full without machines."""
    if wanted <= 0.0:
        return launched(rule.condenser_speed / 100.0)
    if flow is None or not settled:
        return before
    error = (wanted * rule.condenser_flow_ratio - flow) / wanted
    if abs(error) <= METER_ERROR:
        return before
    return controlled(
        before,
        error,
        seconds,
        gain=rule.condenser_gain,
        reset=rule.condenser_reset,
        low=rule.condenser_speed_min / 100.0,
        high=rule.condenser_speed / 100.0,
    )
