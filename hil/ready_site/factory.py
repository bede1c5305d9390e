"""What `factory:` of a ready site's plant file names: sizes, start and seed in, a plant out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hil.climates import find_climate, moved
from hil.plant.central_plant import CentralPlant
from hil.plant.served_plant import ServedPlant
from hil.ready_site.machines import central_design
from hil.ready_site.served_load import served_load
from hil.ready_site.sizes import Sizes, wrong


def make_plant(data: Mapping[str, Any], start: float, seed: int) -> ServedPlant:
    """`data`: a plant file. Raises ConfigurationError."""
    sizes = Sizes(data)
    try:
        climate = find_climate(sizes.text("climate", "shenzhen"))
    except ValueError as error:
        raise wrong("climate", str(error)) from None
    if sizes.has("utc_offset"):  # the clock of the site, where the weather is that of another time zone
        climate = moved(climate, timedelta(seconds=sizes.number("utc_offset", "s")))
    load = served_load(sizes, climate)
    design = central_design(sizes, sum(branch.flow for branch in load.branches))
    return ServedPlant(CentralPlant(design, load), climate, start, seed)
