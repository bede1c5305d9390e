"""The garage from event to event without the agent around the policy: `python -m hil.sites.boen_garage.year --arm policy`.

The bench of `plantroom hil compare` runs all of the agent; a year of 11 million radar edges takes it a night. Here the policy
alone is asked, at the instants at which the agent would ask it: when a poll finds a radar changed, and at the area's ticks
as long as anything may still be held. Energy and darkness are the plant's own counts. The test holds it against the bench.
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil
from multiprocessing import Pool
from typing import Any

from agent.core.equipment import Authority
from agent.core.reading import Reading
from agent.core.site import Site
from agent.core.snapshot import Snapshot
from hil.compare.days import Block, blocks, chosen_days
from hil.oracle.lighting import exact_energy
from hil.plant.garage import Garage
from hil.plant.variables import Outputs
from hil.ready_site.ready_site import load_ready_site

SITE = "boen_garage"
POLL = 0.2  # s, of presence in the gateway's profile
REST = 300.0  # s after the last change of a radar in which a policy may still have something to do
SEEN, UNSEEN = Reading(True, 0.0, 0.0), Reading(False, 0.0, 0.0)
WARM_UP = 600.0
SUMS = (
    "energy", "before_energy", "crossings", "dark_arrivals", "dark_seconds", "appearances", "late_appearances",
    "first_appearance_seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GarageFigures:
    """Per day, but for the longest delays (s)."""

    arm: str
    days: int
    seed: int
    kwh: float
    saving: float  # % against tubes that always burn
    oracle_kwh: float
    fraction_of_oracle: float | None
    crossings: float
    dark_arrivals: float
    dark_seconds: float
    dark_longest: float
    appearances: float
    late_appearances: float
    first_appearance_mean: float  # s
    first_appearance_longest: float  # s
    days_per_second: float


class DirectRun:
    """One policy on the plant itself."""

    def __init__(self, site: Site, plant: Garage, start: float) -> None:
        self.plant = plant
        self._model = site.areas["garage"]
        (self._policy,) = site.policies["garage"]
        self._state = self._policy.initial_state()
        self._start = start
        lamps = [one for one in self._model.equipment.values() if one.kind == "lamp_group"]
        self._radars = {f"{one.id}.presence": one.roles["presence"] for one in lamps}
        self._inputs_of = {one.roles["lamp_level"]: f"{one.id}.lamp_level" for one in lamps}
        self._readings: dict[str, Reading] = {}
        self._inputs: dict[str, float] = {}
        self._busy_until = REST
        self.now = 0.0
        self.truth: Outputs = plant.outputs()
        self._read()
        self._decide()

    @property
    def inputs(self) -> Mapping[str, float]:
        """What the lamps have been told, by variable of the plant."""
        return self._inputs

    def run_until(self, end: float) -> Outputs:
        tick = self._model.area.tick
        while self.now < end - 1e-6:
            due = min(end, ceil((self.now + self.plant.next_event()) / POLL - 1e-6) * POLL)
            if self.now < self._busy_until:
                due = min(due, (self.now // tick + 1.0) * tick)
            self.truth = self.plant.step(max(due, self.now + POLL / 10.0) - self.now, self._inputs)
            self.now = max(due, self.now + POLL / 10.0)
            changed = self._read()
            if changed:
                self._busy_until = self.now + REST
            on_tick = abs(self.now / tick - round(self.now / tick)) < 1e-6
            if changed or (on_tick and self.now < self._busy_until):
                self._decide()
        return self.truth

    def _read(self) -> bool:
        """Whether any radar says something else than before."""
        readings, truth, changed = self._readings, self.truth, False
        for variable, point in self._radars.items():
            reading = SEEN if truth[variable] else UNSEEN
            if readings.get(point) is not reading:
                readings[point] = reading
                changed = True
        return changed

    def _decide(self) -> None:
        picture = Snapshot(
            model=self._model,
            readings=self._readings,
            utc=self._start + self.now,
            utc_trusted=True,
            elapsed=self.now,
            authority=Authority.AGENT,
        )
        commands, self._state = self._policy.decide(picture, self._state)
        for command in commands:
            name = self._inputs_of.get(command.point)
            if name is not None and isinstance(command.value, int | float):
                self._inputs[name] = float(command.value)


def run_block(arm: str, block: Block, seed: int, variant: str = "", place: str = SITE) -> dict[str, float]:
    """What one stretch of days added to the counters of a garage; `place`: its folder. Raises ConfigurationError."""
    ready = load_ready_site(place, variant=variant)
    site = ready.site(arm)
    start = block.start(site.place.timezone) - WARM_UP
    plant = ready.make_plant(arm, start, seed)
    if not isinstance(plant, Garage):
        raise TypeError("this is for garages")
    run = DirectRun(site, plant, start)
    before = _counts(run.run_until(WARM_UP))
    after = _counts(run.run_until(WARM_UP + block.seconds))
    longest = {
        name: float(run.truth[f"garage.{name}"]) for name in ("dark_longest", "first_appearance_delay")
    }
    return {name: value - before[name] for name, value in after.items()} | longest


def figures(arm: str, days: int, seed: int, *, variant: str = "", jobs: int = 1) -> GarageFigures:
    """Days spread evenly over the year, the same ones as in `plantroom hil compare`."""
    began = time.perf_counter()
    work = [(arm, block, seed, variant) for block in blocks(chosen_days(days))]
    if jobs > 1:
        with Pool(jobs) as pool:
            parts = pool.starmap(run_block, work)
    else:
        parts = [run_block(*one) for one in work]
    mean = {name: sum(part[name] for part in parts) / days for name in parts[0]}
    possible = mean["before_energy"] - mean["exact"]
    return GarageFigures(
        arm=arm,
        days=days,
        seed=seed,
        kwh=mean["energy"],
        saving=100.0 * (1.0 - mean["energy"] / mean["before_energy"]),
        oracle_kwh=mean["exact"],
        # lamps that cannot be dimmed leave nothing to save
        fraction_of_oracle=(mean["before_energy"] - mean["energy"]) / possible if possible > 0.0 else None,
        crossings=mean["crossings"],
        dark_arrivals=mean["dark_arrivals"],
        dark_seconds=mean["dark_seconds"],
        dark_longest=max(part["dark_longest"] for part in parts),
        appearances=mean["appearances"],
        late_appearances=mean["late_appearances"],
        first_appearance_mean=mean["first_appearance_seconds"] / max(mean["appearances"], 1.0),
        first_appearance_longest=max(part["first_appearance_delay"] for part in parts),
        days_per_second=days / (time.perf_counter() - began),
    )


def _counts(truth: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(truth[f"garage.{name}"]) for name in SUMS} | {
        "exact": sum(exact_energy(truth).values())
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arm", action="append", help="policy, or one of arms.yaml; may be given again")
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--variant", default="")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    for arm in options.arm or ["policy"]:
        found = figures(arm, options.days, options.seed, variant=options.variant, jobs=options.jobs)
        print(json.dumps(asdict(found)), flush=True)


if __name__ == "__main__":
    main()
