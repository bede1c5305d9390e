"""One decision: the problem put together, solved, and the answer held against what was wanted before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.core.snapshot import Snapshot
from policies.chiller_plant.load_forecast_model import coming_load
from policies.chiller_plant.optimiser_curves import PlantCurves
from policies.chiller_plant.optimiser_problem import FULLEST, Candidate, Choice, Limits, Problem, Settings
from policies.chiller_plant.optimiser_search import search
from policies.chiller_plant.optimiser_sight import Sight
from policies.chiller_plant.optimiser_state import OptimiserState, Targets
from policies.chiller_plant.optimiser_trust import corrections_of, usable
from policies.chiller_plant.optimiser_words import settings as in_words
from policies.chiller_plant.optimiser_words import several, told
from policies.chiller_plant.plant_layout import Layout, Machine
from policies.chiller_plant.tower_model import AirSide

if TYPE_CHECKING:
    from policies.chiller_plant.optimiser import Optimiser

WEAR = 0.002  # of a machine's power for each hundred hours it has run more than the freshest one
WORN = 0.005  # at most
MOST = 1.5  # times the present load: a forecast is not believed beyond
CLEAR = (
    5.0  # times the gain that another set must bring: for it machines are stopped before the dwell is over
)
STRAINED = 0.2  # K that machines have been eased by: they fall short of what is asked for
FULL_FANS, FULL_PUMPS = 0.99, 0.88  # of speed: the last of the pumps costs more than it brings
NARROW = 0.02  # span of a speed that is all but settled
LIVELY = 4.0  # dwells after which a wish that nobody followed is dropped


def chosen(
    rule: Optimiser,
    snapshot: Snapshot,
    layout: Layout,
    sight: Sight,
    curves: PlantCurves,
    state: OptimiserState,
) -> OptimiserState:
    """Targets for the machines that run, and the wish."""
    problem = posed(rule, snapshot, layout, sight, curves, state)
    best, present = search(problem, _start(snapshot, layout, sight, state))
    if present is not None:
        state = replace(state, targets=_targets(problem, layout, present))
    return _wished(rule, problem, sight, state, best, present)


def posed(
    rule: Optimiser,
    snapshot: Snapshot,
    layout: Layout,
    sight: Sight,
    curves: PlantCurves,
    state: OptimiserState,
) -> Problem:
    """Everything that the search needs, from this tick."""
    load, secured = _loads(rule, snapshot, sight, state)
    entering = 28.0 if sight.entering is None else sight.entering
    tower = curves.tower if curves.tower is not None and curves.tower.samples else None
    condenser = curves.condenser if curves.condenser is not None and curves.condenser.samples else None
    air = None if sight.wet_bulb is None else AirSide(sight.wet_bulb)
    fans = tower is not None and air is not None and tower.variable
    return Problem(
        load=load,
        secured=secured,
        candidates=_candidates(rule, snapshot, layout, sight, curves, state),
        limits=limits_of(
            rule,
            layout,
            allowed(sight, state),
            fans=fans,
            pumps=condenser is not None and condenser.variable,
            strained=state.eased > STRAINED,
        ),
        coils=curves.coils,
        entering=entering,
        tower=tower if air is not None else None,
        air=air,
        cells=sight.cells,
        condenser=condenser,
        chilled=curves.chilled,
        headered=not layout.chilled.dedicated,
        least_units=max(int(snapshot.model.area.minimum_running.get("chiller", 1)), 1),
        spare=rule.spare_units,
    )


def allowed(sight: Sight, state: OptimiserState) -> float | None:
    """The warmest supply, degC; None where nobody else says."""
    return None if sight.warmest is None else sight.warmest + state.eased


def limits_of(
    rule: Optimiser, layout: Layout, warmest: float | None, *, fans: bool, pumps: bool, strained: bool
) -> Limits:
    """`fans`, `pumps`: whether their speed is ours to choose. `strained`: machines are at their end, and get all the cool water there is."""
    warmest = min(rule.supply_high if warmest is None else warmest, 20.0)
    fan = max(rule.fan_low / 100.0, FULL_FANS if strained else 0.0)
    speed = (rule.pump_low / 100.0, 1.0)
    if strained:
        low = max(speed[0], FULL_PUMPS)
        speed = (low, min(low + NARROW, 1.0))
    return Limits(
        supply=(min(rule.supply_low, warmest), warmest),
        fan=(fan, 1.0) if fans else (1.0, 1.0),
        speed=speed if pumps else (1.0, 1.0),
        lift=rule.lowest_lift(layout),
        coldest=rule.coldest,
        hottest=rule.hottest,
        spread=rule.spread,
    )


def _loads(rule: Optimiser, snapshot: Snapshot, sight: Sight, state: OptimiserState) -> tuple[float, float]:
    """What is carried, and what must be within reach: a margin above it, and what is foretold; kW."""
    now = sight.load or 0.0
    load = max(now if state.load is None else state.load, 1.0)
    ahead = coming_load(snapshot, rule.look_ahead)
    secured = max(load, now) * (1.0 + rule.margin / 100.0)
    return load, secured if ahead is None else max(secured, min(ahead, MOST * load))


def _candidates(
    rule: Optimiser,
    snapshot: Snapshot,
    layout: Layout,
    sight: Sight,
    curves: PlantCurves,
    state: OptimiserState,
) -> list[Candidate]:
    """Machines that run, or may be started."""
    ratios = corrections_of(state)
    hours = {id_: _hours(snapshot, one, state) for id_, one in layout.machines.items()}
    freshest = min(hours.values(), default=0.0)
    found = []
    for id_, machine in layout.machines.items():
        seen, memory, curve = sight.seen[id_], state.memory[id_], curves.machines.get(id_)
        running = id_ in sight.running
        if curve is None or not (running or (usable(curve, rule.doubt) and _free(seen.barred, seen.forced))):
            continue
        guards, plate = machine.equipment.guards, machine.equipment.nameplate
        least = plate.get("minimum_condenser_flow", rule.flow_low / 100.0 * machine.condenser_flow)
        found.append(
            Candidate(
                id=id_,
                curve=curve,
                chilled_flow=machine.chilled_flow,
                least_chilled=machine.minimum_flow * (1.0 + rule.flow_margin / 100.0),
                condenser_flow=machine.condenser_flow,
                least_condenser=least,
                correction=ratios.get(id_, 1.0),
                fullest=state.reach.get(id_, FULLEST),
                running=running,
                must_stay=running and (memory.running < guards.minimum_on or seen.forced is True),
                must_rest=not running and memory.stopped < guards.minimum_off,
                start_cost=rule.start_cost,
                wear=curve.power * min(WEAR * (hours[id_] - freshest) / 100.0, WORN),
                own_setpoint="chilled_water_setpoint" in machine.equipment.roles and seen.ours,
            )
        )
    return found


def _free(barred: str, forced: bool | None) -> bool:
    return not barred and forced is not False


def _hours(snapshot: Snapshot, machine: Machine, state: OptimiserState) -> float:
    hours = snapshot.number_of(machine.equipment, "runtime")
    return state.memory[machine.id].hours if hours is None else hours


def _start(snapshot: Snapshot, layout: Layout, sight: Sight, state: OptimiserState) -> Settings:
    """Where the search begins: the last targets, else where things stand."""
    at = state.targets
    supplies = [one.supply for one in sight.machines.values() if one.supply is not None]
    pumps = [snapshot.number_of(one, "speed_command") for one in layout.condenser.all]
    fans = [snapshot.number_of(one, "speed_command") for one in layout.towers]
    return Settings(
        at.supply if at.supply is not None else min(supplies, default=7.0),
        at.fan if at.fan is not None else max((one for one in fans if one is not None), default=70.0) / 100.0,
        at.speed
        if at.speed is not None
        else max((one for one in pumps if one is not None), default=80.0) / 100.0,
    )


def _targets(problem: Problem, layout: Layout, present: Choice) -> Targets:
    at, limits = present.settings, problem.limits
    offsets = at.offsets or (0.0,) * len(present.machines)
    return Targets(
        supplies={
            id_: at.supply + offset
            for id_, offset in zip(present.machines, offsets, strict=True)
            if id_ in layout.machines
        },
        supply=at.supply,
        fan=at.fan if limits.fan[1] > limits.fan[0] else None,
        speed=at.speed if limits.speed[1] > limits.speed[0] else None,
        reason=in_words(present),
    )


def _wished(
    rule: Optimiser,
    problem: Problem,
    sight: Sight,
    state: OptimiserState,
    best: Choice | None,
    present: Choice | None,
) -> OptimiserState:
    """Another set is wished for when it is clearly better, has been so for a while, or what runs cannot do."""
    if best is None:
        every = tuple(one.id for one in problem.candidates if one.running or not one.must_rest)
        why = f"{several(len(every))} are all there is for {problem.load:.0f} kW"
        return replace(state, wish=every, why=why, votes=0)
    running = tuple(one for one in problem.candidates if one.running)
    if present is not None and best.machines == present.machines:
        return replace(state, wish=best.machines, why=told(best, present), votes=0)
    stale = state.wished > LIVELY * max(rule.dwell, rule.every)
    pending = bool(state.wish) and set(state.wish) != set(sight.running)
    if pending and not stale and state.wish == best.machines:
        return replace(state, why=told(best, present))
    unable = present is None or not problem.able(running)
    gain = 0.0 if unable or present is None else (present.cost - best.cost) / present.cost
    if unable:
        why = f"{several(len(running))} would not be enough for {problem.secured:.0f} kW: {told(best, None)}"
        return replace(state, wish=best.machines, why=why, votes=0, wished=0.0)
    enough = rule.switch_gain / 100.0
    votes = state.votes + 1 if gain >= enough else 0
    fewer = set(best.machines) < set(sight.running)
    clear = gain >= CLEAR * enough and fewer
    if votes >= rule.confirm and (clear or state.wished >= rule.dwell):
        return replace(state, wish=best.machines, why=told(best, present), votes=0, wished=0.0)
    kept = state.wish if pending and not stale else sight.running
    why = (
        f"{told(best, present)}, but not for long enough yet"
        if votes
        else f"what runs is near enough: {told(best, present)}"
    )
    return replace(state, wish=kept, why=why, votes=votes)
