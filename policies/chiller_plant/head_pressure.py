"""5.20.10 Head-pressure control: each machine's lift is kept at its minimum by slower fans first, then by less condenser water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.core.frozen import quick
from policies.chiller_plant.pi_loop import Loop, controlled, launched, mapped

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class HeadCaps:
    """What one loop allows: highest fan speed, highest condenser-pump speed, valve opening; all %."""

    fans: float = 100.0
    pump: float = 100.0
    valve: float = 100.0


def head_loop(
    rule: PlantSequence,
    before: Loop | None,
    seconds: float,
    lift: float | None,
    minimum: float,
    *,
    enabled: bool,
) -> Loop:
    """5.20.10.1-2: reverse acting on lift = condenser leaving - chilled supply (K). Output 0..1."""
    if not enabled or before is None:
        return launched(0.0)
    if lift is None:
        return before
    return controlled(before, minimum - lift, seconds, gain=rule.head_gain, reset=rule.head_reset)


def head_caps(
    rule: PlantSequence,
    output: float,
    *,
    variable: bool,
    economiser: bool,
    enabled: bool,
    apart: bool = False,
) -> HeadCaps:
    """5.20.10.3-7. `variable`: the condenser pumps have converters.

    `apart`, own addition: an economiser with a pump of its own does not miss the water that the condensers do without. So their
    pumps slow down first, and the fans only when that is not enough: the colder the basin, the less is left for machines.
    """
    if not enabled:
        return HeadCaps(fans=100.0, pump=100.0, valve=0.0)
    valve = mapped(output, (0.0, 100.0), (1.0, rule.condenser_valve_min))
    if economiser and apart and variable:
        slow = mapped(output, (0.0, 100.0), (0.5, rule.condenser_speed_min))
        return HeadCaps(fans=mapped(output, (0.5, 100.0), (1.0, rule.fan_speed_min)), pump=slow)
    if economiser:
        return HeadCaps(valve=valve)
    fans = mapped(output, (0.0, 100.0), (0.5, rule.fan_speed_min))
    if variable:
        return HeadCaps(fans=fans, pump=mapped(output, (0.5, 100.0), (1.0, rule.condenser_speed_min)))
    return HeadCaps(fans=fans, valve=mapped(output, (0.5, 100.0), (1.0, rule.condenser_valve_min)))
