"""Solar Clock in all sixty cities: `python -m hil.sites.solar_clock.cities --days 24`; with `--table` a line a city.

All policies here are functions of the clock alone, so nobody needs to tick: each is asked every ten minutes, and where its
answer has changed the tick at which it did is looked up. The lamps of all arms hang in one plant under one sky, which
counts. What the agent's own bench gives for one city is the same (see the test).
"""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from agent.core.equipment import Authority
from agent.core.policy import AnyPolicy
from agent.core.site import Site
from agent.core.snapshot import Snapshot
from hil.compare.days import Block, blocks, chosen_days
from hil.library import load_cities
from hil.plant.street import StreetLighting
from hil.plant.variables import Outputs
from hil.ready_site.ready_site import COMPETENT, POLICY, REPORTED, WEAK, ReadySite, load_ready_site
from hil.ready_site.street import make_street
from hil.sites.solar_clock.city_table import CityLine, city_lines, largest_error, show_lines

SITE = Path(__file__).parent
YEAR = 2026  # in which the error is taken
LOOK = 600.0  # s between two questions; nothing here switches twice within it
TICK = 5.0  # s, of the site's area
ARMS = (WEAK, COMPETENT, REPORTED, POLICY)
COUNTED = ("energy", "needed_energy", "late_switch_on_seconds", "early_off_seconds", "burning_by_day_seconds")


@dataclass(frozen=True, slots=True)
class CityRow:
    """One circuit of one city under one arm, per day."""

    city: str
    arm: str
    circuit: str
    kwh: float
    oracle_kwh: float
    saving_vs_weak: float  # %
    late_seconds: float  # dark though light was needed, evening
    early_off_seconds: float  # the same in the morning
    by_day_minutes: float  # burning though no light was needed


class Switching:
    """The policies of one arm, asked what they command."""

    def __init__(self, site: Site, latitude: float, longitude: float) -> None:
        (self._area,) = site.areas.values()
        place = replace(self._area.place, latitude=latitude, longitude=longitude)
        self._area = replace(self._area, place=place)
        self._policies: Sequence[AnyPolicy] = next(iter(site.policies.values()))
        self._circuits = {one.roles["lamp_switch"]: one.id for one in self._area.equipment.values()}

    def at(self, utc: float) -> Mapping[str, bool]:
        """What is commanded now, by circuit."""
        picture = Snapshot(
            model=self._area,
            readings={},
            utc=utc,
            utc_trusted=True,
            elapsed=utc,
            authority=Authority.AGENT,
        )
        return {
            self._circuits[command.point]: bool(command.value)
            for policy in self._policies
            for command in policy.decide(picture, policy.initial_state())[0]
        }

    def changes(self, start: float, end: float) -> Iterator[tuple[float, Mapping[str, bool]]]:
        """The ticks at which something is switched, and all commands from then on."""
        before, utc = self.at(start), start
        yield start, before
        while utc < end:
            following = min(utc + LOOK, end)
            now = self.at(following)
            moved = [circuit for circuit in before if now[circuit] != before[circuit]]
            for tick in sorted({self._tick(circuit, utc, following, start) for circuit in moved}):
                yield tick, self.at(tick)
            before, utc = now, following

    def _tick(self, circuit: str, early: float, late: float, start: float) -> float:
        """The first tick after the change, ticks counted from `start`."""
        before = self.at(early)[circuit]
        low, high = round((early - start) / TICK), ceil((late - start) / TICK)
        while high - low > 1:
            middle = (low + high) // 2
            if self.at(start + middle * TICK)[circuit] == before:
                low = middle
            else:
                high = middle
        return start + high * TICK


def run_city(city: str, days: int, seed: int) -> list[CityRow]:
    """Days spread over the year, all arms side by side. Raises ConfigurationError."""
    ready = load_ready_site(SITE)
    total: dict[str, float] = {}
    for block in blocks(chosen_days(days)):
        for name, value in _run_block(ready, city, block, seed).items():
            total[name] = total.get(name, 0.0) + value
    circuits = tuple(ready.sizes["circuits"])
    mean = {name: value / days for name, value in total.items()}
    return [_row(mean, city, arm, circuit) for circuit in circuits for arm in ARMS]


def _run_block(ready: ReadySite, city: str, block: Block, seed: int) -> dict[str, float]:
    start = block.start("Asia/Shanghai")
    end = start + block.seconds
    circuits = {f"{arm}/{name}": one for arm in ARMS for name, one in ready.sizes["circuits"].items()}
    plant = make_street({**ready.sizes, "city": city, "circuits": circuits}, start, seed)
    latitude, longitude = plant.design.latitude, plant.design.longitude
    events = sorted(
        (
            (utc, arm, commands)
            for arm in ARMS
            for utc, commands in Switching(ready.site(arm), latitude, longitude).changes(start, end)
        ),
        key=lambda event: event[0],
    )
    inputs: dict[str, bool] = {}
    for utc, arm, commands in events:
        _step_to(plant, utc, inputs)
        inputs.update({f"{arm}/{name}.lamp_switch": on for name, on in commands.items()})
    truth = _step_to(plant, end, inputs)
    first = make_street({**ready.sizes, "city": city, "circuits": circuits}, start, seed).outputs()
    return {
        name: float(value) - float(first[name])
        for name, value in truth.items()
        if name.rpartition(".")[2] in COUNTED
    }


def _step_to(plant: StreetLighting, utc: float, inputs: Mapping[str, bool]) -> Outputs:
    return plant.step(utc - plant.utc, inputs) if utc > plant.utc else plant.outputs()


def _row(mean: Mapping[str, float], city: str, arm: str, circuit: str) -> CityRow:
    own, weak = f"{arm}/{circuit}", f"weak/{circuit}"
    kwh, before = mean[f"{own}.energy"], mean[f"{weak}.energy"]
    return CityRow(
        city,
        arm,
        circuit,
        kwh,
        mean[f"{own}.needed_energy"],
        100.0 * (1.0 - kwh / before),
        mean[f"{own}.late_switch_on_seconds"],
        mean[f"{own}.early_off_seconds"],
        mean[f"{own}.burning_by_day_seconds"] / 60.0,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--city", action="append", help="only this one; may be given again")
    parser.add_argument("--table", action="store_true", help="a line a city: saving, lateness, error")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cities = options.city or [name for name, *_ in load_cities()]
    with Pool(options.jobs) as pool:
        found = pool.starmap(run_city, [(city, options.days, options.seed) for city in cities])
    rows = [row for city in found for row in city]
    if options.table:
        show_lines(list(lines_of(rows)))
    elif options.json:
        print(json.dumps([_plain(row) for row in rows]))
    else:
        show(rows)


def lines_of(rows: Sequence[CityRow]) -> Iterator[CityLine]:
    """The table's lines. Raises ConfigurationError."""
    sizes = load_ready_site(SITE).sizes
    plant = make_street(sizes, 0.0, 1)
    power = {one.design.name: one.design.count * one.design.lamp.power(1.0) / 1e3 for one in plant.circuits}
    places = {name: (latitude, longitude) for name, latitude, longitude, _ in load_cities()}
    errors = {city: largest_error(*places[city], YEAR) for city in dict.fromkeys(row.city for row in rows)}
    return city_lines(rows, power, errors)


def _plain(row: CityRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def show(rows: Sequence[CityRow]) -> None:
    """A line for each city, arm and circuit, and the mean of the cities."""
    print(
        f"{'city':14}{'circuit':12}{'arm':12}{'kWh/d':>8}{'oracle':>8}{'saving':>8}{'late s/d':>10}{'dark am':>9}{'by day':>8}"
    )
    for row in [*rows, *_means(rows)]:
        print(
            f"{row.city:14}{row.circuit:12}{row.arm:12}{row.kwh:8.2f}{row.oracle_kwh:8.2f}{row.saving_vs_weak:7.2f}%"
            f"{row.late_seconds:10.1f}{row.early_off_seconds:9.1f}{row.by_day_minutes:7.1f}m"
        )


def _means(rows: Sequence[CityRow]) -> Iterator[CityRow]:
    for key in dict.fromkeys((row.circuit, row.arm) for row in rows):
        same = [row for row in rows if (row.circuit, row.arm) == key]
        numbers = [sum(getattr(row, name) for row in same) / len(same) for name in CityRow.__slots__[3:]]
        yield CityRow("all cities", key[1], key[0], *numbers)


if __name__ == "__main__":
    main()
