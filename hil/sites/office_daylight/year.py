"""A year of the office without the agent around the policy: `python -m hil.sites.office_daylight.year --days 365`.

The bench of `plantroom hil compare` runs all of the agent every two seconds; a year takes it half a day. Here the policy alone is asked:
every two seconds while it moves a lamp, every ten while it does not, every minute at night. Its light sensors are off by what
their data sheet allows (10 %, drawn anew for each seed) and hiss by 1 %. A test holds a day of it against the bench.
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from multiprocessing import Pool
from random import Random
from typing import Any

from agent.core.equipment import Authority
from agent.core.reading import Reading
from agent.core.site import Site
from agent.core.snapshot import Snapshot
from hil.compare.days import Block, blocks, chosen_days
from hil.plant.office import Office
from hil.plant.premises import Premises
from hil.plant.variables import Outputs
from hil.ready_site.ready_site import load_ready_site

SITE = "office_daylight"
REST, NIGHT = 10.0, 60.0  # s between two looks while nothing moves, and while nobody is there
WARM_UP = 3600.0
TOLERANCE, HISS = 0.1, 0.01  # of a photocell for building control (see hil.sensors)
SUMS = (
    "energy", "exact_energy", "occupied_row_seconds", "outside_band_seconds", "below_band_seconds", "visible_steps",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfficeFigures:
    """Of all days that were run. `in_band`: or above it by the sun alone with lamps at their minimum."""

    variant: str
    days: int
    seed: int
    kwh: float
    full_kwh: float  # lamps full on while anybody is there
    saving: float  # % against that
    oracle_kwh: float  # exactly at the band's lower edge
    fraction_of_oracle: float
    in_band: float  # % of the time with people, row by row
    below_band_minutes: float  # a day and row
    visible_steps: int
    fastest: float  # % within a second
    days_per_second: float


class DirectOffice:
    """The policy of one site on the plant itself."""

    def __init__(self, site: Site, plant: Premises, start: float, seed: int) -> None:
        self.plant = plant
        self.now = 0.0
        self._start = start
        model = site.areas["office"]
        self._tick = model.area.tick
        # as long as the policy is to count a pause as lived through
        self._model = replace(model, area=replace(model.area, tick=NIGHT / 3.0))
        (self._policy,) = site.policies["office"]
        self._state = self._policy.initial_state()
        self._rows = [one for one in self._model.equipment.values() if one.kind == "lamp_group"]
        self._chance = Random(seed)
        self._gains = [1.0 + TOLERANCE * self._chance.uniform(-1.0, 1.0) for _ in self._rows]
        self._inputs: dict[str, float] = {}
        self.full = 0.0  # kWh of lamps that burn full on while anybody is there
        self.truth: Outputs = plant.step(0.1, {})

    @property
    def office(self) -> Office:
        (office,) = self.plant.parts
        if not isinstance(office, Office):
            raise TypeError("this is for offices")
        return office

    def run_until(self, end: float) -> Outputs:
        while self.now < end - 1e-6:
            moved = self._decide()
            pace = self._tick if moved else REST if self.office.occupied else NIGHT
            dt = min(pace, end - self.now)
            self.truth = self.plant.step(dt, self._inputs)
            self.now += dt
            design = self.office.design
            watts = design.lamp.full if self.office.occupied else design.lamp.standby
            self.full += len(design.rows) * design.lamps * watts / 1e3 * dt / 3600.0
        return self.truth

    def _decide(self) -> bool:
        """Whether any lamp was told something new."""
        picture = Snapshot(
            model=self._model,
            readings=dict(self._readings()),
            utc=self._start + self.now,
            utc_trusted=True,
            elapsed=self.now,
            authority=Authority.AGENT,
        )
        commands, self._state = self._policy.decide(picture, self._state)
        wished = {one.point: one.value for one in commands}
        before = dict(self._inputs)
        for row in self._rows:
            value = wished.get(row.roles["lamp_level"])
            if isinstance(value, int | float):
                self._inputs[f"{row.id}.lamp_level"] = float(value)
        return before != self._inputs

    def _readings(self) -> Iterator[tuple[str, Reading]]:
        utc = self._start + self.now
        for row, gain in zip(self._rows, self._gains, strict=True):
            lux = float(self.truth[f"{row.id}.illuminance"]) * gain
            shown = max(round(lux * (1.0 + self._chance.gauss(0.0, HISS))), 0)
            yield row.roles["illuminance"], Reading(float(shown), utc, self.now)
            for role in ("presence", "lamp_level", "lamp_level_status"):
                yield row.roles[role], Reading(self.truth[f"{row.id}.{role}"], utc, self.now)


def run_block(block: Block, seed: int, variant: str = "", arm: str = "policy") -> dict[str, float]:
    """What one stretch of days added to the office's counters. Raises ConfigurationError."""
    ready = load_ready_site(SITE, variant=variant)
    site = ready.site(arm)
    start = block.start(site.place.timezone) - WARM_UP
    plant = ready.make_plant(arm, start, seed)
    if not isinstance(plant, Premises):
        raise TypeError("this is for offices")
    run = DirectOffice(site, plant, start, seed)
    before, full = _counts(run.run_until(WARM_UP)), run.full
    for one in run.office.counts.rows:
        one.fastest = 0.0
    after = _counts(run.run_until(WARM_UP + block.seconds))
    found = {name: value - before[name] for name, value in after.items()}
    fastest = max(one.fastest for one in run.office.counts.rows)
    return found | {"full": run.full - full, "fastest": fastest}


def figures(days: int, seed: int, *, variant: str = "", arm: str = "policy", jobs: int = 1) -> OfficeFigures:
    """Days spread evenly over the year, the same ones as in `plantroom hil compare`."""
    began = time.perf_counter()
    work = [(block, seed, variant, arm) for block in _pieces(days)]
    if jobs > 1:
        with Pool(jobs) as pool:
            parts = pool.starmap(run_block, work)
    else:
        parts = [run_block(*one) for one in work]
    total = {name: sum(part[name] for part in parts) for name in parts[0]}
    rows = len(load_ready_site(SITE).sizes["rows"])
    return OfficeFigures(
        variant=variant,
        days=days,
        seed=seed,
        kwh=total["energy"],
        full_kwh=total["full"],
        saving=100.0 * (1.0 - total["energy"] / total["full"]),
        oracle_kwh=total["exact_energy"],
        fraction_of_oracle=(total["full"] - total["energy"]) / (total["full"] - total["exact_energy"]),
        in_band=100.0 * (1.0 - total["outside_band_seconds"] / total["occupied_row_seconds"]),
        below_band_minutes=total["below_band_seconds"] / 60.0 / days / rows,
        visible_steps=round(total["visible_steps"]),
        fastest=max(part["fastest"] for part in parts),
        days_per_second=days / (time.perf_counter() - began),
    )


def _pieces(days: int) -> Iterator[Block]:
    """Months at most, so that several processes share a year; each warms up for itself at night."""
    for block in blocks(chosen_days(days)):
        for first in range(0, block.days, 31):
            left = min(31, block.days - first)
            yield Block(block.first.fromordinal(block.first.toordinal() + first), left)


def _counts(truth: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(truth[f"office.{name}"]) for name in SUMS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, action="append", help="may be given again")
    parser.add_argument("--variant", default="")
    parser.add_argument("--arm", default="policy", help="policy, or an arm of arms.yaml with it")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    for seed in options.seed or [1]:
        found = figures(options.days, seed, variant=options.variant, arm=options.arm, jobs=options.jobs)
        print(json.dumps(asdict(found)), flush=True)


if __name__ == "__main__":
    main()
