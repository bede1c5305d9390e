"""What the plant draws by load, set of machines by set, when it runs as well as it can: straight lines that a program can hold.

From the optimiser's learned curves where they are there, from nameplates and usual curves else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from policies.chiller_plant.machine_curve import usual_curve
from policies.chiller_plant.optimiser_coil import CoilSide
from policies.chiller_plant.optimiser_curves import PlantCurves
from policies.chiller_plant.optimiser_problem import Candidate, Limits, Problem, Settings
from policies.chiller_plant.optimiser_search import search
from policies.chiller_plant.plant_layout import Layout, Machine
from policies.chiller_plant.tower_model import AirSide

FULLEST = 0.96  # of what the machines can do
AUXILIARIES = 1.25  # of the machines' power, where nothing else is known
COLDER = 1.09  # power for water that is cold enough to store, where no curve tells it: 2 K at 3 % and longer pumping
MOST_SETS = 10
STEP = 2.0  # K of wet bulb for which one curve stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One set of machines: its span of loads, and kW drawn as `fixed` + `slope` * load. The empty set draws nothing."""

    machines: tuple[str, ...] = ()
    least: float = 0.0
    most: float = 0.0
    fixed: float = 0.0
    slope: float = 0.0

    def power(self, load: float) -> float:
        return self.fixed + self.slope * min(max(load, self.least), self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """degC: outdoor wet bulb, and the span of supply temperatures that may be chosen."""

    wet_bulb: float | None
    supply: tuple[float, float]
    storing: bool = False


def candidate_sets(layout: Layout) -> tuple[tuple[str, ...], ...]:
    """One set for each total capacity, the one of fewest machines; no more than `MOST_SETS`, spread over the capacities."""
    machines = sorted(layout.machines.values(), key=lambda one: -one.capacity)
    found: dict[int, tuple[Machine, ...]] = {}
    for number in range(1, len(machines) + 1):
        for chosen in combinations(machines[:8], number):
            found.setdefault(round(sum(one.capacity for one in chosen) / 10.0), chosen)
    ordered = [found[key] for key in sorted(found)]
    if len(ordered) > MOST_SETS:
        step = (len(ordered) - 1) / (MOST_SETS - 1)
        ordered = [ordered[round(place * step)] for place in range(MOST_SETS)]
    return tuple(tuple(one.id for one in chosen) for chosen in ordered)


def ways(layout: Layout, curves: PlantCurves | None, at: Conditions) -> tuple[Way, ...]:
    """The empty set first, then by rising capacity."""
    known = curves is not None and any(one.samples for one in curves.machines.values())
    found = curves if curves is not None and known else nameplates(layout)
    factor = 1.0 if known else AUXILIARIES * (COLDER if at.storing else 1.0)
    lines = [_line(layout, found, at, names, factor) for names in candidate_sets(layout)]
    return (Way(), *(one for one in lines if one is not None))


def cheapest(every: Iterable[Way], load: float) -> Way:
    """The set that carries a load with the least power; the largest where none can."""
    able = [one for one in every if one.least - 1e-6 <= load <= one.most + 1e-6]
    return min(able, key=lambda one: one.power(load)) if able else max(every, key=lambda one: one.most)


def _line(
    layout: Layout, curves: PlantCurves, at: Conditions, names: Sequence[str], factor: float
) -> Way | None:
    machines = [layout.machines[one] for one in names if one in curves.machines]
    if len(machines) != len(names):
        return None
    least = max(0.6 * min(one.capacity for one in machines), 0.45 * sum(one.capacity for one in machines))
    if len(machines) == 1:
        least = max(machines[0].minimum_capacity, 0.3 * machines[0].capacity)
    entering = 30.0 if at.wet_bulb is None else at.wet_bulb + 4.0
    most = FULLEST * sum(
        curves.machines[one.id].available(at.supply[0] - 7.0, entering - 30.0) for one in machines
    )
    low, high = 0.5 * (least + most), most
    powers = [_power(layout, curves, at, machines, load) for load in (low, high)]
    if powers[0] is None or powers[1] is None:
        return None
    slope = max((powers[1] - powers[0]) / (high - low), 0.01)
    fixed = max(powers[1] - slope * high, 0.0)
    return Way(
        machines=tuple(names),
        least=least,
        most=most,
        fixed=round(factor * fixed, 3),
        slope=round(factor * slope, 6),
    )


def nameplates(layout: Layout) -> PlantCurves:
    """A plant of which nothing was learned yet."""
    machines = {}
    for id_, one in layout.machines.items():
        plate = one.equipment.nameplate
        rated = plate.get("rated_power") or (one.capacity / plate["cop"] if plate.get("cop") else None)
        machines[id_] = usual_curve(one.compressor, one.capacity, rated)
    return PlantCurves(machines=machines, coils=CoilSide(design=layout.capacity))


def _power(
    layout: Layout, curves: PlantCurves, at: Conditions, machines: Sequence[Machine], load: float
) -> float | None:
    """KW of these machines with their pumps and towers, at the best settings."""
    tower = curves.tower if curves.tower is not None and curves.tower.samples else None
    condenser = curves.condenser if curves.condenser is not None and curves.condenser.samples else None
    air = None if at.wet_bulb is None else AirSide(at.wet_bulb)
    fans = tower is not None and air is not None and tower.variable
    pumps = condenser is not None and condenser.variable
    problem = Problem(
        load=load,
        secured=0.0,
        candidates=[_candidate(one, curves) for one in machines],
        limits=Limits(
            supply=at.supply,
            fan=(0.2, 1.0) if fans else (1.0, 1.0),
            speed=(0.5, 1.0) if pumps else (1.0, 1.0),
            lift=12.0,
        ),
        coils=curves.coils,
        entering=30.0 if at.wet_bulb is None else at.wet_bulb + 4.0,
        tower=tower if air is not None else None,
        air=air,
        cells=max(len(layout.towers), 1),
        condenser=condenser,
        chilled=curves.chilled,
        headered=not layout.chilled.dedicated,
        least_units=len(machines),
    )
    best, _ = search(problem, Settings(at.supply[0], 0.7, 0.8))
    return None if best is None else best.power


def _candidate(one: Machine, curves: PlantCurves) -> Candidate:
    return Candidate(
        id=one.id,
        curve=curves.machines[one.id],
        chilled_flow=one.chilled_flow,
        least_chilled=one.minimum_flow,
        condenser_flow=one.condenser_flow,
        least_condenser=0.6 * one.condenser_flow,
        fullest=1.0,
    )
