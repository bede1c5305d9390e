"""The water half of a tick: set-points, minimum flow, pumps, head pressure and towers for what each machine is given."""

from __future__ import annotations

from statistics import fmean

from agent.core.frozen import replace
from policies.chiller_plant.chilled_pumps import (
    FALL,
    Pumping,
    chosen,
    flow_ratio_number,
    speed_loop,
    speed_of,
)
from policies.chiller_plant.condenser_pumps import design_speed, pump_number
from policies.chiller_plant.economiser import alone_fans, integrated_fans
from policies.chiller_plant.economiser_alone import CARRIES, alone_loop, alone_pump, cold_cap
from policies.chiller_plant.head_pressure import head_caps, head_loop
from policies.chiller_plant.minimum_flow import WITH_PUMPS, Wanted, drawn, minimum_flow, minimum_of
from policies.chiller_plant.plant_layout import Pumps
from policies.chiller_plant.plant_sight import lift_of
from policies.chiller_plant.sequence_state import Picture, SequenceDraft, bypass_is_ours, lowest_lift
from policies.chiller_plant.stage_rule import part_load
from policies.chiller_plant.tower_fans import cell_number, fan_step, return_setpoint, rise_step

# s of too warm a supply, after which the machines get all the cool condenser water there is
RELIEF_AFTER = 300.0
FULL = 100.0  # % of fan speed
BESIDE = 85.0  # % at most beside machines: the last of it costs more than it brings
RELIEF = 10.0  # K; own addition: a saturated machine gives more the colder its condenser


def bypassed(picture: Picture, state: SequenceDraft) -> None:
    """5.20.8 for this tick."""
    chilled, water = picture.layout.chilled, picture.water
    speeds = chilled.variable and picture.layout.secondary.all == ()
    ours = bypass_is_ours(picture)
    # a bypass of its own knows only the machines that run: it cannot be raised ahead of a start
    coming = "" if ours else state.change.starting
    counts = {id_ for id_, one in state.water.items() if one.minimum and (one.enable or id_ != coming)}
    machines = [one for id_, one in picture.layout.machines.items() if id_ in counts]
    watered = [one for id_, one in picture.layout.machines.items() if state.water[id_].minimum]
    state.minimum = minimum_flow(
        picture.rule,
        state.minimum,
        picture.seconds,
        wanted=Wanted(
            target=minimum_of(machines),
            whole=minimum_of(tuple(picture.layout.machines.values())),
            low=0.0 if ours else 1.0,
            high=WITH_PUMPS if speeds else 1.0,
            coming=minimum_of(watered),
            turning=_turning(picture, state),
            shared=not chilled.dedicated,
        ),
        flow=water.machine_flow,
        draw=drawn(water.flow, water.pressure, state.setpoints.pressure),
        proven=_any_proven(picture, state.chilled.on),
    )


def _turning(picture: Picture, state: SequenceDraft) -> float:
    """% of speed of the chilled-water pumps: as they show it, else as it was decided. A drive may have a slowest speed of its own."""
    pumps = [one for one in picture.layout.chilled.all if one.id in state.chilled.on]
    shown = [value for one in pumps if (value := picture.snapshot.number_of(one, "speed")) is not None]
    decided = speed_of(max(state.chilled.loop.output, state.minimum.pumps), picture.rule.pump_speed_min)
    return max(shown, default=decided)


def pumped(picture: Picture, state: SequenceDraft) -> None:
    """5.20.6-7 for this tick: which chilled-water pumps, and their speed loop."""
    layout = picture.layout
    needed = any(one.opening > 0.0 for one in state.water.values()) or state.economiser.on
    if layout.secondary.all:
        state.chilled = _following(picture, state, layout.chilled, state.chilled)
        state.secondary = _by_flow(picture, state, layout.secondary, state.secondary, needed=needed)
    elif layout.chilled.dedicated or not layout.chilled.variable:
        now = _following(picture, state, layout.chilled, state.chilled)
        state.chilled = _sped(picture, state, now, state.chilled)
    else:
        state.chilled = _by_flow(picture, state, layout.chilled, state.chilled, needed=needed)


def _following(picture: Picture, state: SequenceDraft, pumps: Pumps, before: Pumping) -> Pumping:
    """Dedicated: with their machines. On a header without converters: one for each machine that has water."""
    flowing = [id_ for id_, one in state.water.items() if one.opening > 0.0]
    if pumps.dedicated:
        on = tuple(id_ for id_, owner in pumps.owners.items() if owner in flowing)
        if state.economiser.on:
            return _with_economiser(picture, pumps, before, on)
        return before if before.on == on else replace(before, on=on)
    ids = [one.id for one in pumps.all]
    number = max(len(flowing), int(state.economiser.on))
    return replace(before, on=chosen(ids, picture.logs, before.on, number))


def _with_economiser(picture: Picture, pumps: Pumps, before: Pumping, own: tuple[str, ...]) -> Pumping:
    """The economiser's water is carried by the machines' pumps: `own` of those that run, and as many more as the flow asks for.

    It begins with all of them: one pump cannot show how much the coils would take.
    """
    ids = [one.id for one in pumps.all]
    flow, design = picture.water.flow, picture.layout.chilled_flow
    machines = picture.layout.machines
    carried = CARRIES * sum(machines[pumps.owners[id_]].chilled_flow for id_ in own)
    if picture.layout.free and own and (flow or 0.0) <= carried:
        return replace(before, on=own, more=0.0, less=0.0)  # water past idle machines would come warm
    ratio = None if flow is None or design <= 0.0 else flow / design
    began = before if before.on else replace(before, on=tuple(ids))
    number, more, less = flow_ratio_number(picture.rule, began, picture.seconds, ratio, len(ids))
    others = [id_ for id_ in ids if id_ not in own]
    kept = [id_ for id_ in began.on if id_ not in own]
    extra = chosen(others, picture.logs, kept, max(number - len(own), 0))
    return replace(before, on=(*own, *extra), more=more, less=less)


def _by_flow(
    picture: Picture, state: SequenceDraft, pumps: Pumps, before: Pumping, *, needed: bool
) -> Pumping:
    if not needed:
        return Pumping()
    ids = [one.id for one in pumps.all]
    design, flow = picture.layout.chilled_flow, picture.water.flow
    primary = pumps is picture.layout.chilled
    through = picture.water.machine_flow if primary and picture.water.machine_flow is not None else flow
    ratio = None if through is None or design <= 0.0 else through / design
    if ratio is None:
        flowing = sum(one.opening > 0.0 for one in state.water.values())
        number, more, less = max(flowing, 1), 0.0, 0.0
    else:
        number, more, less = flow_ratio_number(picture.rule, before, picture.seconds, ratio, len(ids))
    on = chosen(ids, picture.logs, before.on, number)
    return _sped(picture, state, replace(before, on=on, more=more, less=less), before)


def _sped(picture: Picture, state: SequenceDraft, now: Pumping, before: Pumping) -> Pumping:
    proven = bool(now.on) and _any_proven(picture, before.on)
    loop, blind = speed_loop(
        picture.rule,
        before,
        picture.seconds,
        picture.water.pressure,
        state.setpoints.pressure,
        fall=0.0 if state.minimum.short else FALL,
        proven=proven,
    )
    return Pumping(on=now.on, loop=loop, more=now.more, less=now.less, blind=blind)


def _any_proven(picture: Picture, ids: tuple[str, ...]) -> bool:
    return any(id_ in picture.seen and picture.seen[id_].running is not False for id_ in ids)


def condensed(picture: Picture, state: SequenceDraft) -> None:
    """5.20.9-10 for this tick: condenser pumps with their speed, and each machine's head-pressure loop."""
    layout, rule = picture.layout, picture.rule
    watered = [id_ for id_, one in state.water.items() if one.condenser]
    if layout.condenser.dedicated:
        on = tuple(id_ for id_, owner in layout.condenser.owners.items() if owner in watered)
    else:
        ids = [one.id for one in layout.condenser.all]
        number = pump_number(rule, len(watered), economiser=state.economiser.on, pumps=len(ids))
        on = chosen(ids, picture.logs, state.condenser_pumps, number)
    wanted = sum(layout.machines[id_].condenser_flow for id_ in watered)
    state.condenser_pumps = on
    state.condenser = design_speed(
        rule,
        state.condenser,
        picture.seconds,
        flow=picture.water.condenser_flow,
        wanted=wanted,
        settled=not state.change.active,
    )
    state.head = {
        id_: head_loop(
            rule,
            state.head.get(id_),
            picture.seconds,
            lift_of(picture.snapshot, layout.machines[id_], picture.water)
            if picture.seen[id_].running
            else None,
            lowest_lift(picture, id_),
            enabled=one.head,
        )
        for id_, one in state.water.items()
        if one.head
    }


def fan_cap(picture: Picture, state: SequenceDraft) -> float:
    """% that the head-pressure loops leave to the fans; all while the economiser tries to do without the machines."""
    if state.economiser.trying > 0.0:
        return 100.0
    apart = bool(picture.layout.free)
    caps = [
        head_caps(
            picture.rule,
            loop.output,
            variable=picture.layout.condenser.variable,
            economiser=state.economiser.on,
            enabled=True,
            apart=apart,
        ).fans
        for loop in state.head.values()
    ]
    if (
        apart and state.economiser.on
    ):  # one that has just started must not take the cold basin from all the others
        return fmean(caps) if caps else 100.0
    return min(caps, default=100.0)


def towered(picture: Picture, state: SequenceDraft) -> None:
    """5.20.12 for this tick."""
    rule, layout, water = picture.rule, picture.layout, picture.water
    before = state.towers
    started = before.started + picture.seconds if state.plant.enabled else 0.0
    flow = sum(layout.machines[id_].condenser_flow for id_, one in state.water.items() if one.condenser)
    total = sum(one.condenser_flow for one in layout.machines.values())
    if state.economiser.on and layout.economiser is not None:
        own = layout.economiser.nameplate.get("rated_condenser_flow", total)
        own *= alone_pump(rule, state.economiser) / 100.0 if layout.free else 1.0
        flow = min(flow + own, total)
    cell = _cell_flow(picture, total)
    number = cell_number(rule, flow, cell, len(layout.towers)) if cell > 0.0 else 0
    cells = chosen([one.id for one in layout.towers], picture.logs, before.cells, number)
    opened = 0.0 if set(cells) - set(before.cells) else before.opened + picture.seconds
    lifts = [lowest_lift(picture, id_) for id_, one in state.water.items() if one.head]
    share = part_load(state.capacity.required, layout.capacity)
    setpoint = return_setpoint(
        rule,
        supply=state.setpoints.supply,
        part_load=min(share or 0.0, 1.0),
        lowest=max(lifts, default=rule.lift_min),
        since_start=started,
    )
    if state.stage.warm >= RELIEF_AFTER:
        setpoint -= RELIEF
    warm, cool = water.condenser_return, water.condenser_supply
    window, rise = rise_step(rule, before.rise, started, picture.seconds, _rise(warm, cool, flow))
    state.towers = fan_step(
        rule,
        replace(before, cells=cells, opened=opened, started=started, rise=window),
        picture.seconds,
        temperature=warm if rule.close_coupled else cool,
        setpoint=setpoint if rule.close_coupled else setpoint - rise,
        head_cap=fan_cap(picture, state),
        part_load=share,
    )
    _economiser_fans(picture, state)


def _rise(warm: float | None, cool: float | None, flow: float) -> float | None:
    return None if warm is None or cool is None or flow <= 0.0 else warm - cool


def _cell_flow(picture: Picture, total: float) -> float:
    towers = picture.layout.towers
    if not towers:
        return 0.0
    return sum(one.nameplate.get("rated_flow", total / len(towers)) for one in towers) / len(towers)


def _economiser_fans(picture: Picture, state: SequenceDraft) -> None:
    """5.20.12.2.c: with the economiser on its own loops move the fans."""
    rule, before = picture.rule, state.economiser
    if not before.on:
        return
    machines = [one for id_, one in picture.layout.machines.items() if id_ in state.on]
    if picture.layout.free:
        _own_fans(picture, state)
        return
    if machines:
        loads = picture.loads()
        carried = [loads[one.id] / 100.0 * one.capacity for one in machines if one.id in loads]
        load = sum(carried) if len(carried) == len(machines) else None
        now = integrated_fans(
            rule, before, picture.seconds, load, sum(one.minimum_capacity for one in machines)
        )
    else:
        supply = picture.water.supply
        above = None if supply is None else supply - state.setpoints.supply
        now = alone_fans(rule, before, picture.seconds, above)
    speed = rule.fan_speed_min + now.loop.output * (100.0 - rule.fan_speed_min)
    state.economiser = now
    state.towers = replace(state.towers, turning=now.turning, speed=speed)


def _own_fans(picture: Picture, state: SequenceDraft) -> None:
    """Own addition, an economiser with its own pump: the water beside machines is as cold as their lift allows."""
    rule, before = picture.rule, state.economiser
    if state.on:
        highest = FULL if before.trying > 0.0 else BESIDE
        cap = min(fan_cap(picture, state), cold_cap(rule, picture.water.condenser_supply))
        speed = max(min(highest, cap), rule.fan_speed_min)
        state.economiser = replace(before, with_machines=before.with_machines + picture.seconds, turning=True)
        state.towers = replace(state.towers, turning=True, speed=speed)
        return
    water = picture.water
    now = alone_loop(
        rule,
        before,
        picture.seconds,
        supply=water.supply,
        basin=water.condenser_supply,
        wet_bulb=water.wet_bulb,
    )
    speed = rule.fan_speed_min + now.loop.output * (100.0 - rule.fan_speed_min)
    state.economiser = now
    state.towers = replace(state.towers, turning=now.turning, speed=speed)
