"""The plan itself: a mixed-integer program solved by HiGHS (scipy). Nothing here knows a plant or a clock.

Slots of equal length lie in blocks; in a block one set of machines runs. Variables of a slot: what each set makes, what goes into the tank and
out of it, what it holds at the slot's end. For each month of the horizon its highest power: up to the target it is free, up to the month's
peak so far it costs a day's share of the demand charge, beyond it as much as a kW more is worth avoiding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policies.chiller_plant.storage_power import Way, cheapest

LONGEST = 20.0  # s of the solver: the best plan found by then
NODES = 120  # of its search: the same plan on a quick and on a slow machine
GAP = 0.004  # of the cost: more certainty costs memory and time out of all proportion
SPILL = 50.0  # currency per kWh of load that nobody carries: so that there is always a plan
USE = 0.003  # currency per kWh through the tank: it is not used for nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """One slot. kW of cooling; `ways` for coils alone; `dearer`: kW more for each kW that is cold enough to store."""

    price: float
    load: float
    ways: tuple[Way, ...]
    dearer: float
    charge: float  # most that may go in
    discharge: float  # most that may come out
    block: int
    month: int = 0
    less: float = 0.0  # kW less that machines can make for each kW that is cold enough to store


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Demand of one month of the horizon. kW; `price` of a kW beyond target and peak, `daily` of a day's share."""

    target: float = 0.0
    peak: float = 0.0
    price: float = 0.0
    daily: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """kWh: what may be used lies between `least` and `most`. `loss`: share an hour; `pump` kW for a kW that comes out."""

    now: float
    least: float
    most: float
    loss: float = 0.0006
    pump: float = 0.012
    worth: float = 0.0  # currency of a kWh at the end: what it will cost to make it again

    @property
    def begin(self) -> float:
        return min(max(self.now, self.least), self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is to be planned. `hours`: length of a slot; `whole`: blocks of whole sets, the rest may mix them."""

    slots: Sequence[Hour]
    months: Sequence[Month]
    store: Store
    hours: float = 0.5
    whole: int = 0
    running: frozenset[str] = frozenset()  # machines that run now
    start: float = 0.0  # currency for each machine that is started
    kept: Mapping[int, frozenset[str]] = field(default_factory=dict)  # blocks whose set is given


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """By slot: kW made, kW into the tank, kW out of it, kWh held at the end, the set. `peaks` kW by month."""

    made: tuple[float, ...]
    charge: tuple[float, ...]
    discharge: tuple[float, ...]
    stored: tuple[float, ...]
    ways: tuple[Way, ...]
    peaks: tuple[float, ...]
    cost: float


class NoPlanError(Exception):
    """The solver came to nothing; the sentence is its own."""


def solve(program: Program) -> Solved:
    """Raises NoPlanError."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]
    from scipy.sparse import csc_array  # type: ignore[import-untyped]

    rows = _Rows(program)
    matrix = csc_array((rows.values, (rows.lines, rows.columns)), shape=(len(rows.low), rows.width))
    found = milp(
        np.array(rows.cost),
        constraints=LinearConstraint(matrix, np.array(rows.low), np.array(rows.high)),
        bounds=Bounds(np.array([one[0] for one in rows.bounds]), np.array([one[1] for one in rows.bounds])),
        integrality=np.array(rows.whole),
        options={"time_limit": LONGEST, "mip_rel_gap": GAP, "node_limit": NODES},
    )
    if found.x is None:
        raise NoPlanError(f"no storage plan: {found.message}")
    return rows.read(found.x, float(found.fun))


class _Rows:
    """Rows and columns of the sparse program. Columns: sets by block, then slot by slot, then peaks by month."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.sets = len(program.slots[0].ways)
        self.blocks = program.slots[-1].block + 1
        self._members = [frozenset(one.machines) for one in program.slots[0].ways]
        self._machines = sorted(frozenset[str]().union(*self._members))
        self._slots = self.blocks * (self.sets + len(self._machines))
        self._wide = self.sets + 4
        self._months = self._slots + len(program.slots) * self._wide
        self.width = self._months + 3 * len(program.months)
        self.cost = [0.0] * self.width
        self.bounds = [(0.0, float("inf"))] * self.width
        self.whole = [0] * self.width
        self.low: list[float] = []
        self.high: list[float] = []
        self.lines: list[int] = []
        self.columns: list[int] = []
        self.values: list[float] = []
        for block in range(self.blocks):
            self._block(block)
        for number in range(len(program.slots)):
            self._slot(number)
        for place, month in enumerate(program.months):
            first = self._months + 3 * place
            self.bounds[first] = (0.0, month.target)
            self.bounds[first + 1] = (0.0, max(month.peak - month.target, 0.0))
            self.cost[first + 1], self.cost[first + 2] = month.daily, month.price
        self.cost[self._at(len(program.slots) - 1) + self.sets + 2] -= program.store.worth

    def _on(self, block: int, way: int) -> int:
        return block * (self.sets + len(self._machines)) + way

    def _at(self, number: int) -> int:
        return self._slots + number * self._wide

    def _add(self, row: Mapping[int, float], low: float, high: float) -> None:
        self.lines += [len(self.low)] * len(row)
        self.columns += list(row)
        self.values += list(row.values())
        self.low.append(low)
        self.high.append(high)

    def _block(self, block: int) -> None:
        """Just one set; a machine that is not in the set of the block before is started."""
        program, endless = self.program, float("inf")
        kept = program.kept.get(block)
        given = self._members.index(kept) if kept in self._members else None
        for way in range(self.sets):
            here = self._on(block, way)
            self.bounds[here] = (0.0, 1.0) if given is None else (float(way == given),) * 2
            self.whole[here] = int(block < program.whole and given is None)
        self._add({self._on(block, way): 1.0 for way in range(self.sets)}, 1.0, 1.0)
        for place, machine in enumerate(self._machines):
            started = self._on(block, self.sets + place)
            self.cost[started] = program.start
            within = [way for way in range(self.sets) if machine in self._members[way]]
            row = {started: 1.0} | {self._on(block, way): -1.0 for way in within}
            if block:
                row |= {self._on(block - 1, way): 1.0 for way in within}
            self._add(row, 0.0 if block else -float(machine in program.running), endless)

    def _slot(self, number: int) -> None:
        program, endless = self.program, float("inf")
        one, store, hours, at = program.slots[number], program.store, program.hours, self._at(number)
        charge, discharge, stored, spill = range(at + self.sets, at + self._wide)
        power = {charge: one.dearer, discharge: store.pump}
        for place, way in enumerate(one.ways):
            on = self._on(one.block, place)
            power |= {on: way.fixed, at + place: way.slope}
            self._add({at + place: 1.0, on: -way.most}, -endless, 0.0)
            self._add({at + place: 1.0, on: -way.least}, 0.0, endless)
        if one.less > 0.0 and one.charge > 0.0:
            able = {self._on(one.block, place): -way.most for place, way in enumerate(one.ways)}
            made = {at + place: 1.0 for place in range(self.sets)}
            self._add(able | made | {charge: one.less}, -endless, 0.0)
        for column, value in power.items():
            self.cost[column] += value * one.price * hours
        self.cost[discharge] += USE * hours
        self.cost[spill] = SPILL * hours
        self.bounds[charge], self.bounds[discharge] = (0.0, one.charge), (0.0, one.discharge)
        self.bounds[stored] = (store.least, store.most)
        made = {at + place: 1.0 for place in range(self.sets)}
        self._add(made | {charge: -1.0, discharge: 1.0, spill: 1.0}, one.load, endless)
        held: dict[int, float] = {stored: 1.0, charge: -hours, discharge: hours}
        kept = 1.0 - store.loss * hours
        if number:
            held[self._at(number - 1) + self.sets + 2] = -kept
        begin = (1.0 - kept) * store.least + (
            0.0 if number else kept * store.begin
        )  # what is never sold lasts
        self._add(held, begin, begin)
        first = self._months + 3 * one.month
        self._add(power | {first: -1.0, first + 1: -1.0, first + 2: -1.0}, -endless, 0.0)

    def read(self, found: Any, cost: float) -> Solved:
        """`found`: the solver's vector."""
        slots = range(len(self.program.slots))
        ats = [self._at(number) for number in slots]
        return Solved(
            made=tuple(float(found[at : at + self.sets].sum()) for at in ats),
            charge=tuple(float(found[at + self.sets]) for at in ats),
            discharge=tuple(float(found[at + self.sets + 1]) for at in ats),
            stored=tuple(float(found[at + self.sets + 2]) for at in ats),
            ways=tuple(self._way(found, number) for number in slots),
            peaks=tuple(
                float(found[first : first + 3].sum()) for first in range(self._months, self.width, 3)
            ),
            cost=cost,
        )

    def _way(self, found: Any, number: int) -> Way:
        """The set of a block; where sets are mixed the cheapest that makes as much."""
        one, at = self.program.slots[number], self._at(number)
        shares = [float(found[self._on(one.block, way)]) for way in range(self.sets)]
        largest = max(range(self.sets), key=lambda way: shares[way])
        made = float(found[at : at + self.sets].sum())
        return one.ways[largest] if shares[largest] > 0.99 else cheapest(one.ways, made)
