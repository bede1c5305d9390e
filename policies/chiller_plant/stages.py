"""5.20.4.1-13 The stage table, made from the machines: every useful combination by capacity, and which machines fill a stage.

Machines of one class and (nearly) one size form a group; a stage is a number of machines of each group. Of stages with (nearly) one
capacity the one with fewer machines stays. Stage 0 is no machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from agent.core.frozen import quick
from policies.chiller_plant.plant_layout import Compressor, Machine
from policies.chiller_plant.rotation import Log, first_to_start, last_to_keep
from policies.chiller_plant.staging_ratio import stage_class

ALIKE = 0.05  # of capacity: machines, or stages, that differ by less count as equal

Counts = tuple[int, ...]


@quick
@dataclass(frozen=True, slots=True)
class Group:
    """Equal machines: kW each, minimum cycling load each, how many."""

    capacity: float
    minimum: float
    compressor: Compressor
    number: int


@dataclass(frozen=True, slots=True)
class Stage:
    """So many machines of each group; design capacity and minimum load in kW."""

    counts: Counts
    capacity: float
    minimum: float
    compressor: Compressor


def grouped(machines: Mapping[str, Machine]) -> tuple[tuple[str, ...], ...]:
    """Ids by group, smallest machines first."""
    groups: list[list[Machine]] = []
    for one in sorted(machines.values(), key=lambda one: (one.capacity, one.compressor.value, one.id)):
        for group in groups:
            if one.compressor is group[0].compressor and one.capacity <= group[0].capacity * (1.0 + ALIKE):
                group.append(one)
                break
        else:
            groups.append([one])
    return tuple(tuple(one.id for one in group) for group in groups)


def stage_table(machines: Mapping[str, Machine], groups: Sequence[Sequence[str]]) -> tuple[Stage, ...]:
    """All stages of these machines, ascending."""
    return _table(
        tuple(
            Group(
                min(machines[id_].capacity for id_ in ids),
                max(machines[id_].minimum_capacity for id_ in ids),
                machines[ids[0]].compressor,
                len(ids),
            )
            for ids in groups
        )
    )


@lru_cache(maxsize=64)
def _table(groups: tuple[Group, ...]) -> tuple[Stage, ...]:
    every = [_stage(groups, counts) for counts in product(*(range(one.number + 1) for one in groups))]
    table: list[Stage] = []
    for one in sorted(every, key=lambda one: (one.capacity, sum(one.counts), one.counts)):
        if table and one.capacity <= table[-1].capacity * (1.0 + ALIKE) and sum(one.counts) > 0:
            if sum(one.counts) < sum(table[-1].counts):
                table[-1] = one
            continue
        table.append(one)
    return tuple(table)


def _stage(groups: Sequence[Group], counts: Counts) -> Stage:
    pairs = list(zip(groups, counts, strict=True))
    return Stage(
        counts,
        sum(one.capacity * number for one, number in pairs),
        sum(one.minimum * number for one, number in pairs),
        stage_class([one.compressor for one, number in pairs if number]),
    )


def counted(groups: Sequence[Sequence[str]], machines: Sequence[str]) -> Counts:
    """How many of these machines each group holds."""
    return tuple(sum(id_ in machines for id_ in ids) for ids in groups)


def usable(table: Sequence[Stage], available: Counts) -> tuple[Stage, ...]:
    """5.20.4.13: stages whose machines are all there."""
    return tuple(
        one for one in table if all(n <= most for n, most in zip(one.counts, available, strict=True))
    )


def nearest_stage(stages: Sequence[Stage], counts: Counts, capacity: float) -> Stage:
    """The stage of these counts (kW in all); when it is not there the next higher one, else the highest there is."""
    found = next((one for one in stages if one.counts == counts), None)
    if found is not None:
        return found
    return next((one for one in stages if one.capacity >= capacity * (1.0 - ALIKE)), stages[-1])


def filled(
    stage: Stage, groups: Sequence[Sequence[str]], running: Sequence[str], logs: Mapping[str, Log]
) -> tuple[str, ...]:
    """The machines of a stage: those that run stay, then those with the fewest hours that are there and rested."""
    chosen: list[str] = []
    for number, ids in zip(stage.counts, groups, strict=True):
        kept = last_to_keep([id_ for id_ in ids if id_ in running and logs[id_].available], logs)[:number]
        more = first_to_start([id_ for id_ in ids if id_ not in running and logs[id_].available], logs)
        chosen += [*kept, *more[: number - len(kept)]]
    return tuple(chosen)
