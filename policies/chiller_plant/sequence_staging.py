"""The staging half of a tick: who runs, who shall run, and the change that leads from one to the other."""

from __future__ import annotations

from dataclasses import replace

from policies.chiller_plant.capacity import HOLD, capacity_step, instant
from policies.chiller_plant.economiser import EconomiserDesign, economiser_step, predicted
from policies.chiller_plant.economiser_alone import PROOF, least_capacity, took_over, tried
from policies.chiller_plant.fleet import rested
from policies.chiller_plant.optimiser_wish import begun, read_wish, steered
from policies.chiller_plant.plant_sight import lift_of, mean_of
from policies.chiller_plant.sequence_state import Picture, SequenceDraft
from policies.chiller_plant.stage_change import Change, Signs, Step, advanced, begin, kept_wet, water_of
from policies.chiller_plant.stage_rule import (
    HOPELESSLY_WARM,
    Situation,
    StageTimers,
    changed,
    entered,
    next_stage,
    timed,
)
from policies.chiller_plant.stages import (
    Counts,
    Stage,
    counted,
    filled,
    grouped,
    nearest_stage,
    stage_table,
    usable,
)
from policies.chiller_plant.tank_sight import tank_gives

FULL = 99.0  # % of fan speed
REACHED = 0.95  # of the minimum flow counts as reached
OPEN = 95.0  # % of a valve counts as open


def followed(picture: Picture, state: SequenceDraft) -> None:
    """`on` after what the plant and stronger hands have done: lost machines go, machines held on come in.

    One that has tripped rests for a while though its alarm may clear: what tripped it is still there.
    """
    seen, logs, change = picture.seen, picture.logs, state.change
    lost = [
        id_ for id_ in state.on if not logs[id_].available and not (seen[id_].forced and not seen[id_].barred)
    ]
    held = [
        id_
        for id_, one in seen.items()
        if id_ in picture.layout.machines and one.forced and id_ not in state.on
    ]
    if change.starting and change.step < Step.PROVE and not logs[change.starting].available:
        change = Change()
    if change.starting in held or any(seen[id_].forced for id_ in change.stopping):
        change = Change()
    state.on = (*(id_ for id_ in state.on if id_ not in lost), *held)
    state.change = change
    tripped = {id_: rested(state.memory[id_]) for id_ in lost if seen[id_].barred}
    if tripped:
        state.memory = {**state.memory, **tripped}
    taken = [id_ for id_ in lost if seen[id_].by_policy and seen[id_].forced is False]
    if taken or held:
        groups = grouped(picture.layout.machines)
        names = ", ".join((*taken, *held))
        word = f"follows {seen[(*taken, *held)[0]].forced_by}, who decides on {names}"
        state.stage = StageTimers(counts=counted(groups, state.on), reason=word)


def economised(picture: Picture, state: SequenceDraft) -> None:
    """5.20.3 for this tick."""
    one, rule, water = picture.layout.economiser, picture.rule, picture.water
    if one is None or "enable" not in one.roles:
        return
    before, leaving = state.economiser, leaving_of(picture, state, None)
    downstream = water.economiser_gain
    if downstream is None and leaving is not None and water.back is not None:
        downstream = water.back - leaving
    state.economiser = economiser_step(
        rule,
        before,
        picture.seconds,
        wanted=state.plant.enabled and picture.seen[one.id].barred == "",
        above=_minus(water.back, leaving),
        gain=downstream,
        fans_full=state.towers.speed >= FULL,
    )
    if picture.layout.free:
        gain = water.economiser_gain
        state.economiser = tried(
            rule,
            state.economiser,
            picture.seconds,
            machines=bool(state.on),
            ready=not state.change.active and state.stage.held >= PROOF,
            promised=leaving_of(picture, state, None),
            behind=None if gain is None or water.back is None else water.back - gain,
        )


def leaving_of(picture: Picture, state: SequenceDraft, share: float | None) -> float | None:
    """Predicted water behind the economiser, degC; `share` of its design flow, None: as it flows now."""
    one, wet = picture.layout.economiser, picture.water.wet_bulb
    if one is None or wet is None:
        return None
    flow = one.nameplate.get("rated_chilled_flow", picture.layout.chilled_flow)
    design = EconomiserDesign(approach=one.nameplate.get("approach", 2.0), flow=flow)
    present = 1.0 if picture.water.flow is None else picture.water.flow / max(flow, 1e-3)
    return predicted(picture.rule, design, wet, present if share is None else share, state.economiser.tuning)


def required(picture: Picture, state: SequenceDraft) -> None:
    """5.20.4.8-9 for this tick; the machines' own loads where the loop cannot be measured."""
    water, setpoint = picture.water, in_force(picture, state, state.setpoints.supply)
    back = water.back
    if back is not None and state.economiser.on and water.economiser_gain is not None:
        back -= max(water.economiser_gain, 0.0)
    value, fault = instant(water.flow, back, water.supply if back == water.back else None, setpoint)
    source = "flow and return temperature"
    if value is None:
        loads = picture.loads()
        running = [id_ for id_ in picture.layout.machines if picture.seen[id_].running is not False]
        if all(id_ in loads for id_ in running) and (running or not state.on):
            value = sum(loads[id_] / 100.0 * picture.layout.machines[id_].capacity for id_ in running)
            source = f"the machines' own load ({fault})"
    if value is not None and source == "flow and return temperature":
        value = max(value - tank_gives(picture.snapshot), 0.0)
    capacity = capacity_step(
        state.capacity,
        value,
        picture.seconds,
        changing=state.change.active,
        period=picture.rule.average_period,
    )
    source = source if value is not None else fault
    state.capacity = capacity if capacity.source == source else replace(capacity, source=source)


def in_force(picture: Picture, state: SequenceDraft, wanted: float) -> float:
    """DegC that the machines are held to: somebody stronger may want colder water than `wanted`, and that load is theirs."""
    machines = picture.layout.machines
    decided = (
        picture.snapshot.decided(machines[id_].equipment, "chilled_water_setpoint") for id_ in state.on
    )
    colder = [float(one) for one in decided if isinstance(one, int | float)]
    return min((wanted, *colder))


def staged(picture: Picture, state: SequenceDraft) -> None:
    """The wanted stage, and the change towards it one tick further."""
    groups = grouped(picture.layout.machines)
    table = stage_table(picture.layout.machines, groups)
    there = tuple(sum(picture.logs[id_].available for id_ in ids) for ids in groups)
    stages = usable(table, there)
    _want(picture, state, groups, stages)
    if state.plant.enabled:
        stage = nearest_stage(stages, state.stage.counts, _kilowatts(picture, groups, state.stage.counts))
        target = filled(stage, groups, state.on, picture.logs)
        target += tuple(id_ for id_ in state.on if picture.seen[id_].forced and id_ not in target)
    else:
        target = tuple(id_ for id_ in state.on if picture.seen[id_].forced)
    lead_change(picture, state, target)


def _kilowatts(picture: Picture, groups: tuple[tuple[str, ...], ...], counts: Counts) -> float:
    if len(counts) != len(groups):
        return 0.0
    machines = picture.layout.machines
    return sum(machines[ids[0]].capacity * number for ids, number in zip(groups, counts, strict=True))


def _want(
    picture: Picture, state: SequenceDraft, groups: tuple[tuple[str, ...], ...], stages: tuple[Stage, ...]
) -> None:
    """5.20.4.15 for this tick."""
    if not state.plant.enabled:
        state.stage = StageTimers(counts=stages[0].counts, reason=state.plant.reason)
        return
    timers, counts = state.stage, state.stage.counts
    current = nearest_stage(stages, counts, _kilowatts(picture, groups, counts))
    if current.capacity <= 0.0 and not state.economiser.on and len(stages) > 1:
        wish = read_wish(picture.snapshot, picture.layout.loop)
        wished = None if wish is None else begun(wish, groups, stages)
        first, told = wished or _initial(picture, state, stages), None if wished is None else wish
        state.stage = entered(first, state.plant.reason if told is None else told.reason)
        return
    free, wish = bool(picture.layout.free), read_wish(picture.snapshot, picture.layout.loop)
    situation = Situation(
        stages=stages,
        current=current,
        available=current.counts == counts,
        required=state.capacity.required,
        lift=_lift(picture),
        warm=_minus(picture.water.supply, _warm_above(picture, state)),
        weak=_minus(state.setpoints.pressure, picture.water.pressure),
        economiser=state.economiser.on,
        predicted=None if free else _minus(leaving_of(picture, state, 1.0), state.setpoints.supply),
        fans_full=state.towers.speed >= FULL,
        least=_least(picture) if free and picture.layout.chilled.dedicated and state.economiser.on else 0.0,
        alone=took_over(state.economiser),
        present=state.capacity.present,
    )
    if not state.change.active:
        timers = timed(picture.rule, timers, situation, picture.seconds)
    if state.economiser.trying > 0.0 and not situation.alone:
        state.stage = timers  # no change in between: what is tried would not be seen
        return
    ruled = next_stage(picture.rule, timers, situation)
    stage, reason = steered(wish, picture.rule, timers, situation, groups, ruled)
    new = None if stage.counts == counts else stage
    state.stage = timers if new is None else changed(picture.rule, timers, situation, new, reason)


def _warm_above(picture: Picture, state: SequenceDraft) -> float:
    """DegC over which the supply is too warm: alone, an economiser with its own pump may let it rise to its warmest."""
    alone = picture.layout.free and state.economiser.on and not state.on
    return picture.rule.economiser_supply_high if alone else state.setpoints.supply


def _least(picture: Picture) -> float:
    layout = picture.layout
    return least_capacity(picture.water.flow, layout.chilled_flow, layout.capacity)


def _initial(picture: Picture, state: SequenceDraft, stages: tuple[Stage, ...]) -> Stage:
    """5.20.4.15.g: the lowest stage, or none where the economiser will do."""
    leaving = leaving_of(picture, state, 1.0)
    able = leaving is not None and leaving < state.setpoints.supply - 1.0
    waits = able and picture.layout.economiser is not None and state.plant.held < picture.rule.plant_time
    return stages[0] if waits else stages[1]


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _lift(picture: Picture) -> float | None:
    machines = picture.layout.machines.values()
    running = [one for one in machines if picture.seen[one.id].running]
    return mean_of(lift_of(picture.snapshot, one, picture.water) for one in running)


def lead_change(picture: Picture, state: SequenceDraft, target: tuple[str, ...]) -> None:
    """A change begun, or led one step further."""
    rule, before, on = picture.rule, state.change, state.on
    sizes = {one.id: one.capacity for one in picture.layout.machines.values()}
    if before.starting and not state.plant.enabled and before.step < Step.STOP:
        on = (*on, before.starting) if before.step >= Step.START else on
        before = Change()
    if not before.active:
        warm = _minus(picture.water.supply, state.setpoints.supply)
        hopeless = warm is not None and warm > HOPELESSLY_WARM
        shared = not picture.layout.chilled.dedicated
        after = begin(target, on, picture.loads(), sizes, shared=shared, hopeless=hopeless)
    else:
        after = advanced(rule, before, signs(picture, state), picture.seconds)
    if after.failed:
        state.memory = {**state.memory, after.failed: rested(state.memory[after.failed])}
    if before.step is Step.START and after.step is not Step.START and not after.failed:
        on = (*on, before.starting)
    if after.step >= Step.STOP:
        on = tuple(id_ for id_ in on if id_ not in after.stopping)
    state.on, state.change = on, after
    state.water = {
        id_: kept_wet(water_of(rule, after, on, id_), runs=picture.seen[id_].running is True)
        for id_ in picture.layout.machines
    }


def signs(picture: Picture, state: SequenceDraft) -> Signs:
    """What proves the present step."""
    change, seen, snapshot = state.change, picture.seen, picture.snapshot
    machines = picture.layout.machines
    loads = picture.loads()
    limited = [
        id_ for id_ in change.loads if "demand_limit" in machines[id_].equipment.roles and id_ in loads
    ]
    flow = picture.water.machine_flow
    started = machines.get(change.starting)
    valve = None if started is None else snapshot.number_of(started.equipment, "chilled_valve")
    stopped = [seen[id_].running for id_ in change.stopping]
    reduction = picture.rule.demand_reached
    return Signs(
        reduced=all(loads[id_] <= reduction * change.loads[id_] for id_ in limited) if limited else None,
        flow_reached=None if flow is None else flow >= REACHED * state.minimum.target,
        water=_pumps_proven(picture, state),
        opened=None if valve is None else valve >= OPEN,
        running=None if started is None else seen[started.id].running,
        waiting=started is not None and seen[started.id].waiting,
        stopped=None if None in stopped else not any(stopped),
    )


def _pumps_proven(picture: Picture, state: SequenceDraft) -> bool | None:
    """Whether all pumps that are wanted are seen to run."""
    wanted = (*state.chilled.on, *state.condenser_pumps)
    running = [picture.seen[id_].running for id_ in wanted if id_ in picture.seen]
    if any(one is False for one in running):
        return False
    return True if running and all(running) else None


def settled(state: SequenceDraft) -> bool:
    """Neither a change under way nor just behind us: resets and slow loops may move."""
    return not state.change.active and state.capacity.held >= HOLD
