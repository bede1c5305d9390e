"""What the optimiser remembers from tick to tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.chiller_plant.curve_fit import Correction
from policies.chiller_plant.fleet import Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Where the set-points go: degC by machine, shares of speed; None: not ours to say."""

    supplies: Mapping[str, float] = field(default_factory=dict)
    supply: float | None = None
    fan: float | None = None
    speed: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimiserState:
    """Times are seconds lived through."""

    elapsed: float | None = None
    since: float = 1e6  # the last decision
    digest: str = ""  # of the curves it was made with
    running: tuple[str, ...] = ()  # machines it was made for
    targets: Targets = Targets()
    wish: tuple[str, ...] = ()
    why: str = ""
    wished: float = 1e6  # since the wish changed
    votes: int = 0  # decisions in a row for another set
    load: float | None = None  # kW, lagged
    ratio: float | None = None  # meter over model of what runs, lagged
    doubted: float = 0.0  # for which they have disagreed
    trusted: bool = True
    held: float = 0.0  # for which a set-point limit of somebody's safety stood against us
    eased: float = (
        0.0  # K by which machines that are at their end may be asked for less than trim and respond wants
    )
    memory: Mapping[str, Memory] = field(default_factory=dict)
    corrections: Mapping[str, Correction] = field(default_factory=dict)
    reach: Mapping[str, float] = field(default_factory=dict)  # share of its capacity that each has shown
