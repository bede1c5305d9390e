"""The preview of a ready site's plant: best ways over load and wet bulb, and what each freedom brings over that field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from hil.oracle.axes import Axes
from hil.oracle.bound import SUPPLIES
from hil.oracle.needs import EmissionNeed
from hil.oracle.preview import Way, ablation, best_ways, steady_trace
from hil.plant.central_design import CentralDesign
from hil.plant.profile_load import Emission
from hil.plant.served_plant import ServedPlant
from hil.ready_site.ready_site import ReadySite

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # of the installed capacity
WET_BULBS = (8.0, 14.0, 20.0, 24.0, 27.0)  # degC
AIR = 18.0  # K of the air at the coils over the supply at design, as 7 degC water in rooms of 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`ablation`: kWh for an hour at each point of the field, as one thing after the other is free to be decided."""

    site: str
    capacity: float
    ways: tuple[Way, ...]
    ablation: dict[str, float]

    def plain(self) -> dict[str, Any]:
        """One JSON object."""
        ways = [asdict(way) | {"eer_sys": way.eer_sys} for way in self.ways]
        return {"site": self.site, "capacity_kw": self.capacity, "ways": ways, "ablation_kwh": self.ablation}


def preview_of(
    ready: ReadySite, shares: Sequence[float] = SHARES, wet_bulbs: Sequence[float] = WET_BULBS
) -> Preview | None:
    """None for a site without a central plant. Free cooling and tank are left out: machines, pumps and towers only."""
    arm = next(iter(ready.arms), "policy")
    plant = ready.make_plant(arm, 1_735_660_800.0, 1)
    if not isinstance(plant, ServedPlant):
        return None
    design = plant.plant.design
    emission = _emission(design)
    loads = [share * design.capacity for share in shares]
    ways = best_ways(design, loads, wet_bulbs, emission=emission)
    field = np.array([(load, wet) for wet in sorted(wet_bulbs) for load in loads])
    trace = steady_trace(field[:, 0], field[:, 1])
    supplies = (max(design.local.setpoint - 2.0, SUPPLIES[0]), design.local.setpoint + 9.0)
    axes = Axes.of(design, supplies, (min(wet_bulbs), max(wet_bulbs) + 1e-3))
    need = EmissionNeed(trace, design.branch_flow, emission)
    steps = ablation(design, trace, need, axes)
    return Preview(site=ready.name, capacity=design.capacity, ways=tuple(ways), ablation=steps)


def _emission(design: CentralDesign) -> Emission:
    """Coils that carry the whole capacity at the design's flow and the local set-point."""
    setpoint = design.local.setpoint
    rise = design.capacity / 4.187 / design.branch_flow
    return Emission(supply=setpoint, back=setpoint + min(rise, 8.0), air=setpoint + AIR)
