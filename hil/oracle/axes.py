"""Where a bound looks: the nodes of loads, temperatures and flows, and which decisions are free at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np

from hil.oracle.grids import Array
from hil.plant.central_design import CentralDesign

NEAREST, FURTHEST = 0.5, 14.0  # K of basin over wet bulb that are looked at
COLDEST = 5.0  # degC of a basin


@dataclass(frozen=True, slots=True, kw_only=True)
class Freedom:
    """What may be decided besides which machines run. What is not free stays as local control would have it."""

    pumps: bool = True  # speeds of all pumps; else full
    reset: bool = True  # the supply temperature; else the local set-point
    tower: bool = True  # fans; else they hold the local basin temperature


ABLATION: tuple[tuple[str, Freedom], ...] = (
    ("staging", Freedom(pumps=False, reset=False, tower=False)),
    ("pumps", Freedom(reset=False, tower=False)),
    ("reset", Freedom(tower=False)),
    ("tower", Freedom()),
)
"""Each line frees one thing more: what the difference of two neighbours says is what that thing can bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """Rising nodes. `loads` kW at the chillers, from 0, equally spaced; `flows` l/s at the coils, from 0."""

    loads: Array
    supplies: Array  # degC
    flows: Array
    wet_bulbs: Array
    basins: Array
    ratios: Array  # of the reference condenser flows
    cells: tuple[int, ...]

    @staticmethod
    def of(design: CentralDesign, supplies: tuple[float, float], wet_bulbs: tuple[float, float]) -> Axes:
        """Between these supply temperatures and wet bulbs."""
        count = len(design.chillers)
        low, high = wet_bulbs
        basins = (max(low + NEAREST, COLDEST), max(high + FURTHEST, COLDEST + 10.0))
        most = design.towers.count if design.towers.isolated else 1
        few = (
            sorted({max(most // 2, 1), max(ceil(0.75 * most), 1), most}) if design.towers.isolated else [most]
        )
        return Axes(
            loads=np.linspace(0.0, 1.2 * design.capacity, max(12 * count, 36) + 1),
            supplies=_every(*supplies, 1.0),
            flows=np.concatenate(([0.0], np.linspace(0.15, 1.0, 15) ** 1.2)) * 1.25 * design.branch_flow,
            wet_bulbs=_every(low, high, 1.5),
            basins=_every(*basins, 0.5),
            ratios=np.linspace(0.4, 1.2, 9),
            cells=tuple(few) if design.towers.isolated else (design.towers.count,),
        )

    def finer(self, name: str) -> Axes:
        """The same with twice as many nodes along one axis of `FINER`."""
        nodes: Array = getattr(self, name)
        between = np.arange(2 * len(nodes) - 1) / 2.0
        finer: dict[str, Any] = {name: np.interp(between, np.arange(len(nodes)), nodes)}
        return replace(self, **finer)

    def held(self, design: CentralDesign, freedom: Freedom) -> tuple[CentralDesign, Axes]:
        """The design and the nodes that are left when not all is free."""
        axes = self
        if not freedom.pumps:
            slow = {name: replace(getattr(design, name), variable=False) for name in ("chilled", "condenser")}
            if design.secondary:
                slow["secondary"] = replace(design.secondary, variable=False)
            design = replace(design, **slow)
            axes = replace(axes, ratios=np.array([1.0]))
        if not freedom.reset:
            axes = replace(axes, supplies=np.array([design.local.setpoint]))
        if not freedom.tower:
            middle = design.local.basin + 0.5 * design.local.band
            axes = replace(axes, basins=_every(middle, max(float(axes.basins[-1]), middle + 5.0), 0.5))
        return design, axes


FINER = ("loads", "supplies", "flows", "wet_bulbs", "basins", "ratios")


def _every(low: float, high: float, step: float) -> Array:
    """Equally spaced from low to high, no further apart than `step`; one node where they are equal."""
    count = ceil((high - low) / step - 1e-9) + 1
    return np.linspace(low, high, max(count, 1))
