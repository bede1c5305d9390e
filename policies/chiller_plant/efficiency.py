"""Load and efficiency, always on: cooling against electricity of the plant and of each machine, and what can be believed of it.

Boundary of EER-sys as in JGJ/T 177: chillers, chilled-water and condenser pumps, tower fans. A figure is given only while every running
part of the boundary is measured; the plant's own meter counts where it has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agent.calc.cooling import cooling
from agent.calc.timers import smoothed
from agent.core.equipment import Equipment
from agent.core.frozen import quick
from agent.core.snapshot import Snapshot

LAG = 900.0  # s: a figure for people, not for control
LEAST_POWER = 1.0  # kW: below it nothing runs
COP = (0.8, 15.0)  # of one electric chiller: outside its sensors are wrong, not the machine
EER = (0.3, 12.0)  # of a whole plant


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Efficiency:
    """kW cooling over kW electricity, lagged; None while it cannot be known. `doubt` says why."""

    cooling: float | None = None
    power: float | None = None
    eer: float | None = None
    cop: Mapping[str, float] = field(default_factory=dict)
    doubt: str = ""


def efficiency_step(
    snapshot: Snapshot,
    before: Efficiency,
    seconds: float,
    *,
    delivered: float | None,
    machines: Sequence[Equipment],
    others: Sequence[Equipment],
) -> Efficiency:
    """`others`: pumps and towers of the boundary."""
    power, doubt = plant_power(snapshot, machines, others)
    cop = dict(before.cop)
    for one in machines:
        found = machine_cop(snapshot, one)
        if found is not None:
            cop[one.id] = smoothed(cop.get(one.id), found, seconds, LAG)
    eer = before.eer
    if delivered is not None and power is not None and power > LEAST_POWER:
        now = delivered / power
        doubt = doubt or ("" if EER[0] <= now <= EER[1] else f"EER of {now:.1f} is not plausible")
        eer = smoothed(eer, now, seconds, LAG) if not doubt else eer
    return Efficiency(
        cooling=delivered, power=power, eer=None if power is None else eer, cop=cop, doubt=doubt
    )


def cooled(snapshot: Snapshot, flow: float | None, supply: float | None, back: float | None) -> float | None:
    """Cooling delivered in kW by flow and temperatures, where the three can be believed together; else by the meter."""
    found = None
    if flow is not None and supply is not None and back is not None:
        found = cooling(flow, supply, back).kw
    loop = next(snapshot.equipment("loop"), None)
    return snapshot.number_of(loop, "cooling") if found is None and loop is not None else found


def plant_power(
    snapshot: Snapshot, machines: Sequence[Equipment], others: Sequence[Equipment]
) -> tuple[float | None, str]:
    """Electricity in kW of what runs, and what is missing."""
    loop = next(snapshot.equipment("loop"), None)
    whole = None if loop is None else snapshot.number_of(loop, "power")
    if whole is not None:
        return whole, ""
    total = 0.0
    for one in (*machines, *others):
        drawn = snapshot.number_of(one, "power")
        if drawn is not None:
            total += drawn
        elif snapshot.value(one, "status") is not False:
            return None, f"power of {one.id} is not measured"
    return total, ""


def machine_cop(snapshot: Snapshot, one: Equipment) -> float | None:
    """Its own cooling over its own power, by meter or by its water; None where that cannot be believed."""
    power = snapshot.number_of(one, "power")
    if snapshot.value(one, "status") is not True or power is None or power <= LEAST_POWER:
        return None
    cooled = snapshot.number_of(one, "cooling")
    if cooled is None:
        share, capacity = snapshot.number_of(one, "load"), one.nameplate.get("capacity")
        cooled = None if share is None or capacity is None else share / 100.0 * capacity
    if cooled is None:
        return None
    found = cooled / power
    return found if COP[0] <= found <= COP[1] else None
