"""Every plant that comes along in the hands of somebody who commands anything: no error, no number that is none."""

from collections.abc import Callable
from math import inf, isfinite, nan
from random import Random
from typing import Any

import pytest

from hil.demo_plant import demo_plant
from hil.plant.variables import Failing, Plant
from hil.ready_site.ready_site import load_ready_site, ready_names

START = 1_784_000_000.0  # 14 July 2026, early morning in China
ODD: tuple[Any, ...] = (None, nan, inf, -inf, -1e9, 1e9, 0.0, -3.0, 250.0, True, False)


def ready(name: str) -> Callable[[], Plant]:
    return lambda: load_ready_site(name).make_plant("weak", START, 3)


PLANTS = {"demo": lambda: demo_plant(START, 3), **{name: ready(name) for name in ready_names()}}


@pytest.mark.parametrize("name", sorted(PLANTS))
def test_a_plant_stays_a_plant(name: str) -> None:
    random = Random(f"abuse/{name}")
    plant = PLANTS[name]()
    shown = set(plant.step(1.0, {}))
    commanded = sorted(one for one, info in plant.variables().items() if info.input)
    faults = sorted(plant.failures()) if isinstance(plant, Failing) else []
    inputs: dict[str, Any] = {}
    for _ in range(60):
        for one in random.sample(commanded, min(6, len(commanded))):
            inputs[one] = random.choice((*ODD, random.uniform(-10.0, 110.0), random.uniform(0.0, 100.0)))
        if faults and random.random() < 0.3:
            fault = random.choice(faults)
            plant.fail(fault, random.random()) if random.random() < 0.6 else plant.mend(fault)  # type: ignore[attr-defined]
        row = plant.step(random.choice((0.1, 1.0, 7.3, 60.0, 600.0)), inputs)
        assert set(row) == shown
        spoilt = {one: value for one, value in row.items() if not isfinite(value)}
        assert not spoilt
        negative = {one: value for one, value in row.items() if one.endswith(".energy") and value < 0.0}
        assert not negative
