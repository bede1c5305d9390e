"""From a plant file with several plants to all of them: `factory: hil.ready_site.several:make_several`.

common: {...}            # sizes that all have
plants: {north: {...}, south: {...}}   # what each has of its own
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hil.plant.several import Several
from hil.ready_site.factory import make_plant
from hil.ready_site.ready_site import merged
from hil.ready_site.sizes import Sizes, wrong


def make_several(data: Mapping[str, Any], start: float, seed: int) -> Several:
    """`data`: a plant file. Raises ConfigurationError."""
    sizes = Sizes(data)
    sizes.allow(("factory", "about", "climate", "utc_offset", "common", "plants"))
    common = dict(sizes.part("common").data)
    common |= {key: data[key] for key in ("climate", "utc_offset") if sizes.has(key)}
    plants = {
        name: make_plant(merged(common, part.data), start, seed) for name, part in sizes.parts("plants")
    }
    if len(plants) < 2:
        raise wrong("plants", "are several", "write plants: {north: {...}, south: {...}}")
    return Several(plants)
