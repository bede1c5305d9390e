"""The upper bound for lamps, from the truth of the plant alone: no lamp can burn less and still light whoever is there.

Garage: each group at full light exactly while somebody is in it and at the minimum level otherwise, without a fade, radar or
any delay. Outdoor lamps: on exactly while light is needed, by the true sun or the true natural light. Both are counted by
the plants themselves beside everything else, whatever the lamps do, so that a bound of a year costs a plant's year and no
agent. It is a relaxation: it knows the instant of every step that anybody makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hil.compare.days import Block
from hil.plant.variables import Variable
from hil.ready_site.ready_site import POLICY, ReadySite

EXACT = ("exact_energy", "needed_energy")
"""Counters of a plant: kWh that lamps would have taken which know everything."""
STEP = 3600.0  # s; the plants cut longer steps themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class LightingBound:
    """The least energy by object of the plant, kWh, and over how many days."""

    days: int
    by_object: Mapping[str, float]

    @property
    def kwh(self) -> float:
        return sum(self.by_object.values())


def lighting_bound(ready: ReadySite, blocks: Iterable[Block], timezone: str, seed: int) -> LightingBound:
    """Of the plant as the product's policy finds it. Raises ConfigurationError, and ValueError for a plant without lamps."""
    days, total = 0, dict[str, float]()
    for block in blocks:
        plant = ready.make_plant(POLICY, block.start(timezone), seed)
        before = exact_energy(plant.step(0.1, {}))  # what compares has gone by as much when its clock begins
        left, truth = block.seconds, dict[str, Variable]()
        while left > 0.0:
            truth = dict(plant.step(min(left, STEP), {}))
            left -= STEP
        for name, value in exact_energy(truth).items():
            total[name] = total.get(name, 0.0) + value - before[name]
        days += block.days
    if not total:
        raise ValueError(f"{ready.name} has no lamps that could know everything")
    return LightingBound(days=days, by_object=total)


def lighting_figures(figures: Mapping[str, float | None]) -> dict[str, Any] | None:
    """The bound as an arm of a comparison, from what the plant counted while the policy ran; None for no lamps."""
    found = [value for name in EXACT if (value := figures.get(name)) is not None]
    if not found:
        return None
    lacking = ("cost", "peak_kw", "eer_sys", "cooling_kwh_th", "degree_hours", "starts_per_day")
    dark = None if figures.get("dark_arrivals") is None else 0.0
    return {"kwh": sum(found), **dict.fromkeys(lacking), "dark_arrivals": dark}


def exact_energy(truth: Mapping[str, Variable]) -> dict[str, float]:
    """The counters of the truth, by object."""
    return {
        name.rpartition(".")[0]: float(value)
        for name, value in truth.items()
        if name.rpartition(".")[2] in EXACT
    }
