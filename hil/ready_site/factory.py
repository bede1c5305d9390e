"""What `factory:` of a ready site's plant file names: sizes, start and seed in, a plant out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hil.plant.central_plant import CentralPlant
from hil.plant.served_plant import ServedPlant
from hil.ready_site.machines import central_design
from hil.ready_site.place import climate_of
from hil.ready_site.served_load import served_load
from hil.ready_site.sizes import Sizes


def make_plant(data: Mapping[str, Any], start: float, seed: int) -> ServedPlant:
    """`data`: a plant file. Raises ConfigurationError."""
    sizes = Sizes(data)
    climate = climate_of(sizes)
    load = served_load(sizes, climate)
    design = central_design(sizes, sum(branch.flow for branch in load.branches))
    return ServedPlant(CentralPlant(design, load), climate, start, seed)
