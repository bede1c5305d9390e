"""The garage from event to event without the agent around the policy: `python -m hil.sites.boen_garage.year --arm policy`.

The bench of `plantroom hil compare` runs all of the agent; a year of 11 million radar edges takes it a night. Here the policy
alone is asked, at the instants at which the agent would ask it: when a poll finds a radar changed, and at the area's ticks
as long as anything may still be held. Energy and darkness are the plant's own counts. The test holds it against the bench.
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from itertools import compress
from math import ceil, inf
from multiprocessing import Pool
from operator import is_not
from pathlib import Path
from typing import Any

from agent.core.command import Command
from agent.core.equipment import Authority
from agent.core.reading import Reading
from agent.core.site import Site
from agent.core.snapshot import Snapshot
from hil.compare.days import Block, blocks, chosen_days
from hil.oracle.lighting import exact_energy
from hil.plant.garage import Garage
from hil.plant.variables import Outputs
from hil.ready_site.ready_site import load_ready_site, merged
from hil.sites.boen_garage.instants import Instants
from hil.sites.boen_garage.kept import kept
from policies.lighting.radar import Radar

SITE = "boen_garage"
POLL = 0.2  # s, of presence in the gateway's profile
REST = 300.0  # s after the last change of a radar in which a policy may still have something to do
SEEN, UNSEEN = Reading(True, 0.0, 0.0), Reading(False, 0.0, 0.0)
WARM_UP = 600.0
WEEK = 7  # days run in one go at most, where they are kept
SUMS = (
    "energy", "before_energy", "crossings", "dark_arrivals", "dark_seconds", "appearances", "late_appearances",
    "first_appearance_seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GarageFigures:
    """Per day, but for the longest delays (s)."""

    arm: str
    variant: str
    days: int
    seeds: str
    minimum_level: float  # %
    standby: float  # W a lamp
    cars: float  # a working day, in and out
    misses: float  # % of the visits that a sensor does not see
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


class DirectRun:
    """One policy on the plant itself."""

    def __init__(self, site: Site, plant: Garage, start: float, *, by_instants: bool = True) -> None:
        """`by_instants`: where the policy is the product's, ticks at which its answer must be the same are left out."""
        self.plant = plant
        model = site.areas["garage"]
        (self._policy,) = site.policies["garage"]
        self._state = self._policy.initial_state()
        self._tick = model.area.tick
        self._model, self._ahead = model, None
        if by_instants and isinstance(self._policy, Radar) and self._policy.fade == 0.0:
            # a pause between two looks has been lived through
            self._model = replace(model, area=replace(model.area, tick=REST))
            self._ahead = Instants(self._policy, self._model)
        self._start = start
        lamps = [one for one in model.equipment.values() if one.kind == "lamp_group"]
        groups = {group.name: place for place, group in enumerate(plant.design.plan.groups)}
        self._radars = {groups[one.id]: one.roles["presence"] for one in lamps}
        self._lamps = {one.roles["lamp_level"]: (groups[one.id], f"{one.id}.lamp_level") for one in lamps}
        self._readings: dict[str, Reading] = {}
        self._inputs: dict[str, float] = {}
        self._untold: dict[int, float] = {}  # levels that the lamps are told next
        self._told: Sequence[Command] = ()
        self._busy_until = REST
        self._due = 0.0  # the next tick that is asked
        self.now = 0.0
        self.truth: Outputs = plant.outputs()
        self._read(self._radars)
        self._decide()

    @property
    def inputs(self) -> Mapping[str, float]:
        """What the lamps have been told, by variable of the plant."""
        return self._inputs

    def run_until(self, end: float) -> Outputs:
        plant = self.plant
        while self.now < end - 1e-6:
            due = min(end, ceil((self.now + plant.next_event()) / POLL - 1e-6) * POLL, self._due)
            due = max(due, self.now + POLL / 10.0)
            self._tell()
            spoke = plant.run(due - self.now)
            self.now = due
            changed = bool(spoke) and self._read(spoke)
            if changed:
                self._busy_until = self.now + REST
            if changed or self.now > self._due - 1e-6:
                self._decide()
        self.truth = plant.outputs()
        return self.truth

    def _tell(self) -> None:
        for group, level in sorted(self._untold.items()):
            self.plant.command(group, level)
        self._untold.clear()

    def _next_tick(self) -> float:
        tick = self._tick
        following = (self.now // tick + 1.0) * tick
        if self._ahead:
            instant = self._ahead.after(self._state, self.now)
            return max(following, ceil(instant / tick - 1e-9) * tick) if instant < inf else inf
        return following if following < self._busy_until else inf

    def _read(self, groups: Iterable[int]) -> bool:
        """Whether any radar of these groups says something else than before."""
        readings, changed = self._readings, False
        for group in groups:
            reading, point = SEEN if self.plant.radars.sees(group) else UNSEEN, self._radars[group]
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
        same = len(commands) == len(self._told)
        for command in compress(commands, map(is_not, commands, self._told)) if same else commands:
            lamps = self._lamps.get(command.point)
            if lamps is None or not isinstance(command.value, int | float):
                continue
            if command.value != self._inputs.get(lamps[1]):
                self._untold[lamps[0]] = self._inputs[lamps[1]] = float(command.value)
        self._told = commands
        self._due = self._next_tick()


def run_block(
    arm: str, block: Block, seed: int, variant: str = "", place: str = SITE, misses: float | None = None
) -> dict[str, float]:
    """What one stretch of days added to the counters of a garage; `place`: its folder; `misses`: % of its radars.

    Raises ConfigurationError.
    """
    ready = load_ready_site(place, variant=variant)
    if misses is not None:
        ready = replace(ready, sizes=merged(ready.sizes, {"radar": {"misses": misses}}))
    site = ready.site(arm)
    start = block.start(site.place.timezone) - WARM_UP
    plant = ready.make_plant(arm, start, seed)
    if not isinstance(plant, Garage):
        raise TypeError("this is for garages")
    run = DirectRun(site, plant, start)
    before = _counts(run.run_until(WARM_UP))
    after = _counts(run.run_until(WARM_UP + block.seconds))
    design = plant.design
    longest = {
        name: float(run.truth[f"garage.{name}"]) for name in ("dark_longest", "first_appearance_delay")
    }
    told = {
        "minimum_level": design.floor,
        "standby": design.lamp.standby,
        "cars": design.traffic.cars,
        "misses": 100.0 * design.radar.misses,
    }
    return {name: value - before[name] for name, value in after.items()} | longest | told


def figures(
    arm: str, days: int, seed: int, *, variant: str = "", jobs: int = 1, misses: float | None = None
) -> GarageFigures:
    """Days spread evenly over the year, the same ones as in `plantroom hil compare`."""
    work = [(arm, block, seed, variant, SITE, misses) for block in blocks(chosen_days(days))]
    if jobs > 1:
        with Pool(jobs) as pool:
            parts = pool.starmap(run_block, work)
    else:
        parts = [run_block(*one) for one in work]
    return summed(arm, days, str(seed), variant, parts)


def summed(
    arm: str, days: int, seeds: str, variant: str, parts: Sequence[Mapping[str, float]]
) -> GarageFigures:
    """The figures of these parts, which are `days` days in all."""
    mean = {name: sum(part[name] for part in parts) / days for name in (*SUMS, "exact")}
    possible = mean["before_energy"] - mean["exact"]
    first = parts[0]
    return GarageFigures(
        arm=arm,
        variant=variant,
        days=days,
        seeds=seeds,
        minimum_level=first["minimum_level"],
        standby=first["standby"],
        cars=first["cars"],
        misses=first["misses"],
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
    )


def _counts(truth: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(truth[f"garage.{name}"]) for name in SUMS} | {
        "exact": sum(exact_energy(truth).values())
    }


def _weeks(chosen: Iterable[Block]) -> Iterator[Block]:
    """No piece longer than a week: so that little is lost when a run is ended."""
    for block in chosen:
        for begin in range(0, block.days, WEEK):
            yield Block(block.first + timedelta(days=begin), min(WEEK, block.days - begin))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arm", action="append", help="policy, or one of arms.yaml; may be given again")
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, action="append", help="may be given again")
    parser.add_argument("--variant", default="")
    parser.add_argument("--misses", type=float, help="%% of the visits that a sensor does not see")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--keep", type=Path, help="file that keeps what has been run; a later run goes on from there"
    )
    parser.add_argument(
        "--minutes", type=float, default=inf, help="with --keep: no new day is begun after so long"
    )
    options = parser.parse_args()
    seeds = options.seed or [1]
    for arm in options.arm or ["policy"]:
        if options.keep is None:
            for seed in seeds:
                found = figures(
                    arm, options.days, seed, variant=options.variant, jobs=options.jobs, misses=options.misses
                )
                print(json.dumps(asdict(found)), flush=True)
            continue
        chosen = [
            (arm, block, seed, options.variant, SITE, options.misses)
            for block in _weeks(blocks(chosen_days(options.days)))
            for seed in seeds
        ]
        parts = kept(options.keep, run_block, chosen, 60.0 * options.minutes)
        days = sum(block.days for block, _ in parts)
        if parts:
            text = " ".join(map(str, seeds))
            found = summed(arm, days, text, options.variant, [one for _, one in parts])
            print(json.dumps(asdict(found)), flush=True)


if __name__ == "__main__":
    main()
