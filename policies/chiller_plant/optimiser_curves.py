"""All that was learned of one plant: the artefact that the optimiser's planner makes and its tick reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.core.learning import DAY, Learning
from agent.core.serial import from_plain
from agent.core.snapshot import Artefact
from policies.chiller_plant.machine_curve import MachineCurve
from policies.chiller_plant.optimiser_coil import CoilSide
from policies.chiller_plant.pump_model import PressurePumps, SpeedPumps
from policies.chiller_plant.tower_model import TowerModel

LEARNING = Learning(kind="plant_curves", version=1, window=28.0 * DAY, every=DAY / 2.0, deadline=120.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantCurves:
    """Machines by id; None where the plant has no such thing, or nothing that could be commanded or metered."""

    machines: Mapping[str, MachineCurve] = field(default_factory=dict)
    condenser: SpeedPumps | None = None
    chilled: PressurePumps | None = None
    tower: TowerModel | None = None
    coils: CoilSide
    days: float = 0.0  # with readings of running machines


_READ: dict[str, PlantCurves] = {}  # by digest: the same content is not taken apart at every tick
_KEPT = 8


def read_curves(artefact: Artefact) -> PlantCurves:
    """Raises TypeError or ValueError for content that is none."""
    found = _READ.get(artefact.digest)
    if found is None:
        found = from_plain(PlantCurves, artefact.content)
        if len(_READ) >= _KEPT:
            _READ.clear()
        _READ[artefact.digest] = found
    return found
