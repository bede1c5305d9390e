"""How fast a story is told on virtual time, in terms of what this machine does meanwhile with plain Python."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from hil.bench.sim import SimBench
from hil.scenario.load import load_scenario
from hil.virtual_time import run_virtual

YEAR = Path(__file__).parents[3] / "hil" / "scenarios" / "year.yaml"
PACE = 60.0  # s
WARM_UP = 3600.0  # s, in which everything is done for the first time
TURNS, TICKS = 15, 20
MOST = 2.9  # yardsticks a tick; it was 1.75 when this was written, and twice that is a fault


@dataclass(frozen=True, slots=True)
class Thing:
    """As small and as frozen as most of what a tick is made of."""

    name: str
    value: float
    reason: str


def yardstick():
    """Processor seconds of a thousand small things made, kept, looked up and said."""
    began = time.process_time()
    things = {}
    for number in range(1000):
        thing = Thing(f"point_{number}", number * 0.5, "because")
        things[thing.name] = thing
    sum(things[f"point_{number}"].value for number in range(1000))
    return time.process_time() - began


async def ratios(setup):
    async with SimBench(setup, PACE) as bench:
        await bench.run_until(WARM_UP)
        found = []
        for turn in range(TURNS):
            sticks = [yardstick() for _ in range(3)]
            began = time.process_time()
            await bench.run_until(WARM_UP + (turn + 1) * TICKS * PACE)
            took = (time.process_time() - began) / TICKS
            sticks += [yardstick() for _ in range(3)]
            found.append(took / statistics.median(sticks))
        return found, bench.spent.per_tick(bench.plant)


@pytest.fixture(scope="module")
def told():
    return run_virtual(ratios(load_scenario(YEAR).staging.setup()))


def test_a_tick_costs_no_more_than_it_did(told):
    found, parts = told
    assert statistics.median(found) < MOST, {name: round(us) for name, us in parts.items()}


def test_the_parts_of_a_tick_are_told(told):
    _, parts = told
    assert set(parts) == {"plant", "devices", "watchers", "agent", "all"}
    assert min(parts.values()) >= 0.0
    assert sum(parts.values()) == pytest.approx(2 * parts["all"])
