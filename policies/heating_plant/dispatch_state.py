"""What the dispatch remembers from tick to tick. Times are seconds lived through; plain values, so that they survive a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.heating_plant.heat_pump_figures import Learned
from policies.heating_plant.heating_curve import Outside
from policies.heating_plant.hot_water import WaterState
from policies.heating_plant.renewable_share import HeatAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One source: what we want of it and since when, what it has shown."""

    on: bool = False
    held: float = 0.0  # s since `on` last changed
    running: float = 0.0  # s proven running without a break
    missing: float = 0.0  # s it was wanted and did not run
    rest: float = 0.0  # s left until one that failed is tried again
    locked: bool = False  # by its source temperature
    learned: Learned = field(default_factory=Learned)
    drawn: float = 0.0  # kWh out of the ground in this heat year


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchState:
    """All of it."""

    elapsed: float | None = None
    outside: Outside = field(default_factory=Outside)
    trim: float = 0.0  # K
    demand: float | None = None  # kW, smoothed
    sources: Mapping[str, SourceState] = field(default_factory=dict)
    extra: int = 0  # sources beyond the merit order's, because the supply is too cold
    cold: float = 0.0  # s the supply has been too cold
    warm: float = 0.0  # s it has held again
    more: float = 0.0  # s in which a source more was wanted
    less: float = 0.0  # s in which one less was
    since_change: float = 1e6  # s since a source was last started or stopped by choice
    water: WaterState = field(default_factory=WaterState)
    account: HeatAccount = field(default_factory=HeatAccount)
    behind: bool = False  # on the renewable share that is wanted
    year: int = 0  # the heat year that `drawn` belongs to
    freezing: bool = False
