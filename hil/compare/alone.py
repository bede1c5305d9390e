"""An arm's policies on the bare plant: no agent, no guards, no sensors in between, at a step of a minute.

A year of an arm on the bench takes all of the agent along. What a *plant* did before its retrofit needs only the policies
of that arm: each is asked once a minute with the truth, the highest priority wins, the plant steps. A test holds a day of
it against the bench; `hil.compare.pins` runs whole years of it.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from agent.core.command import Command
from agent.core.equipment import AreaModel, Authority
from agent.core.reading import Reading
from agent.core.site import Site
from agent.core.snapshot import Snapshot
from hil.bench.watched import WatchedPlant
from hil.compare.arm import cools, counting_of, spending_of
from hil.compare.days import YEAR, Block
from hil.kpis import Figures, Kpis
from hil.plant.variables import Variable
from hil.ready_site.ready_site import ReadySite, load_ready_site

PACE = 60.0  # s
WARM_UP = 86_400.0  # s


@dataclass(frozen=True, slots=True)
class AloneRun:
    """What came of one block. Plain values: it comes from another process."""

    figures: Figures
    seconds: float
    cost: float  # of the months as far as they were run
    plant_kwh: float  # of cold-source equipment alone


class _Area:
    """One area's policies, their states, and the points they look at and may command."""

    def __init__(self, site: Site, name: str) -> None:
        self._model: AreaModel = site.areas[name]
        self._policies = site.policies[name]
        self._states: list[Any] = [one.initial_state() for one in self._policies]
        wanted = {need.role for one in self._policies for need in one.reads}
        machines = self._model.equipment.values()
        self._reads = {
            point: f"{one.id}.{role}"
            for one in machines
            for role, point in one.roles.items()
            if role in wanted
        }
        self._commands = {point: f"{one.id}.{role}" for one in machines for role, point in one.roles.items()}

    def decide(self, truth: Mapping[str, Variable], utc: float, elapsed: float) -> dict[str, Variable]:
        """Inputs of the plant: the value of the highest priority for each point that anybody wants."""
        readings = {
            point: Reading(truth[variable], utc, elapsed)
            for point, variable in self._reads.items()
            if variable in truth
        }
        picture = Snapshot(
            model=self._model,
            readings=readings,
            utc=utc,
            utc_trusted=True,
            elapsed=elapsed,
            authority=Authority.AGENT,
        )
        won: dict[str, Command] = {}
        for place, policy in enumerate(self._policies):
            commands, self._states[place] = policy.decide(picture, self._states[place])
            for one in commands:
                before = won.get(one.point)
                if one.value is not None and (before is None or one.priority < before.priority):
                    won[one.point] = one
        return {
            self._commands[point]: one.value
            for point, one in won.items()
            if point in self._commands and isinstance(one.value, bool | int | float)
        }


def run_alone(ready: ReadySite, arm: str, block: Block, seed: int = 1, warm_up: float = WARM_UP) -> AloneRun:
    """One stretch of days. Raises ConfigurationError."""
    site = ready.site(arm)
    zone = site.place.timezone
    start = block.start(zone) - warm_up
    plant = ready.make_plant(arm, start, seed)
    counting = counting_of(ready, site, plant.variables())
    kpis = Kpis(replace(counting, tariff=None), zone)
    spending = spending_of(counting, plant, zone, seed)
    watched = WatchedPlant(plant, start)
    areas = [_Area(site, name) for name in site.areas if site.policies.get(name)]
    truth = watched.step(0.1, {})
    end = warm_up + block.seconds
    while watched.elapsed < end - 1e-6:
        if not watched.watchers and watched.elapsed > warm_up - 1e-6:
            watched.watchers.extend((kpis, spending))
            kpis.see_stored(plant)
        inputs: dict[str, Variable] = {}
        for one in areas:
            inputs |= one.decide(truth, start + watched.elapsed, watched.elapsed)
        border = warm_up if watched.elapsed < warm_up - 1e-6 else end
        truth = watched.step(min(PACE, border - watched.elapsed), inputs)
        if watched.failure is not None:
            raise watched.failure
    kpis.see_stored(plant)
    figures = kpis.figures()
    return AloneRun(
        figures=figures,
        seconds=sum(month.seconds for month in spending.months.values()),
        cost=sum(spending.cost(month, YEAR) for month in spending.months),
        plant_kwh=sum(figures[f"kwh.{name}"] or 0.0 for name in counting.machines if cools(site, name)),
    )


def month_block(month: int) -> Block:
    """A whole calendar month of the year that is compared in."""
    return Block(date(YEAR, month, 1), calendar.monthrange(YEAR, month)[1])


def run_month(place: str, arm: str, month: int, seed: int = 1) -> AloneRun:
    """Plain arguments, so that it goes to another process. Raises ConfigurationError."""
    return run_alone(load_ready_site(place), arm, month_block(month), seed)
