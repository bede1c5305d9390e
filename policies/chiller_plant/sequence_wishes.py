"""From the state of the sequence to its commands, each with its reason. What is not bound is not commanded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agent.core.command import Command, Priority, lifetime
from agent.core.equipment import Equipment
from agent.core.point import Access, Value
from agent.core.snapshot import Snapshot
from policies.chiller_plant.chilled_pumps import Pumping, speed_of
from policies.chiller_plant.economiser_alone import alone_pump
from policies.chiller_plant.head_pressure import HeadCaps, head_caps
from policies.chiller_plant.plant_layout import Layout, Pumps
from policies.chiller_plant.sequence_state import Picture, SequenceState, bypass_is_ours
from policies.chiller_plant.stage_change import demand_limits, spoken
from policies.chiller_plant.tower_fans import fixed_fans

CLAIMED = (
    "enable", "speed_command", "chilled_water_setpoint", "demand_limit", "chilled_valve_command",
    "condenser_valve_command", "valve_command",
)  # fmt: skip

ECONOMISER_BELOW = 1.0  # K
NO_CAP = HeadCaps()
SLOWER = 5.0  # % that one condenser pump may be slower than the fastest

Wish = tuple[Equipment, str, Value | None, str]


def commands(picture: Picture, state: SequenceState) -> Sequence[Command]:
    """All of this tick; nothing for equipment that is in other hands at its own panel."""
    caps = _caps(picture, state)
    wishes = (
        *_machines(picture, state, caps),
        *_chilled(picture, state),
        *_condenser(picture, state, caps),
        *_towers(picture, state),
        *_rest(picture, state),
    )
    snapshot, seen, name = picture.snapshot, picture.seen, picture.rule.name
    points, end = snapshot.model.points, snapshot.elapsed + lifetime(snapshot.model.area.tick)
    found = []
    # written out: two dozen at every tick
    for one, role, value, reason in wishes:
        point = points.get(one.roles.get(role, ""))
        if point is None or point.access is Access.READ:
            continue
        sight = seen.get(one.id)
        kept = value if sight is None or sight.ours else None
        if isinstance(kept, float):
            kept = _in_steps(kept, point.unit)
        found.append(
            Command(
                point=point.id, priority=Priority.SEQUENCE, source=name,
                reason=reason or "as before", value=kept, expires=end,
            )
        )  # fmt: skip
    return found


def _in_steps(value: float, unit: str) -> float:
    """Tenths; half percents for speeds, valves and limits: a finer word is one more write that no machine feels."""
    return round(2.0 * value) / 2.0 if unit == "%" else round(value, 1)


def relinquished(snapshot: Snapshot, layout: Layout, name: str, reason: str) -> Sequence[Command]:
    """Everything back to the plant's own control."""
    every = [one.equipment for one in layout.machines.values()]
    every += [*layout.chilled.all, *layout.secondary.all, *layout.condenser.all, *layout.free, *layout.towers]
    every += [one for one in (layout.bypass, layout.economiser) if one is not None]
    return [
        Command(point=one.roles[role], priority=Priority.SEQUENCE, source=name, reason=reason)
        for one in every
        for role in CLAIMED
        if _commandable(snapshot, one, role)
    ]


def _commandable(snapshot: Snapshot, one: Equipment, role: str) -> bool:
    point = snapshot.model.points.get(one.roles.get(role, ""))
    return point is not None and point.commandable


def _machines(picture: Picture, state: SequenceState, caps: Mapping[str, HeadCaps]) -> Iterator[Wish]:
    change, rule = state.change, picture.rule
    least = {id_: 100.0 * m.minimum_capacity / m.capacity for id_, m in picture.layout.machines.items()}
    limits = demand_limits(rule, change, least)
    summary = _summary(state)
    free = state.economiser.on and not any(water.opening > 0.0 for water in state.water.values())
    fed = {picture.layout.chilled.owners.get(id_) for id_ in state.chilled.on if state.economiser.on}
    for id_, machine in picture.layout.machines.items():
        one, water = machine.equipment, state.water[id_]
        yield one, "enable", water.enable, _why(picture, state, id_, summary)
        wanted = f"reset at {state.reset.value:.2f}: {state.setpoints.supply:.1f} degC"
        yield one, "chilled_water_setpoint", state.setpoints.supply, wanted
        limit = limits.get(id_, 100.0)
        word = f"gives way while {change.starting} comes" if id_ in limits else "no limit"
        yield one, "demand_limit", limit, word
        opening = (
            1.0 if free or id_ in fed else water.opening
        )  # 5.20.3.11: the water of free cooling needs its way
        yield one, "chilled_valve_command", 100.0 * opening, spoken(change) or "as its machine"
        yield (
            one,
            "condenser_valve_command",
            caps.get(id_, NO_CAP).valve if water.condenser else 0.0,
            "as its machine and its head pressure",
        )


def _why(picture: Picture, state: SequenceState, id_: str, summary: str) -> str:
    change, seen = state.change, picture.seen[id_]
    if change.active and (id_ == change.starting or id_ in change.stopping):
        return f"{state.stage.reason}; {spoken(change)}"
    if seen.barred:
        return f"{seen.barred}: comes last"
    memory = state.memory.get(id_)
    if memory is not None and memory.resting > 0.0:
        return f"did not run: thought of again in {memory.resting / 60.0:.0f} min"
    return f"{'runs' if id_ in state.on else 'not needed'}: {state.stage.reason}; {summary}"


def _summary(state: SequenceState) -> str:
    need = state.capacity.required
    text = "load not known" if need is None else f"{need:.0f} kW wanted"
    if state.efficiency.eer is not None:
        text += f", EER-sys {state.efficiency.eer:.1f}"
    return text


def _caps(picture: Picture, state: SequenceState) -> Mapping[str, HeadCaps]:
    """What the head-pressure loop of each machine that has one allows."""
    variable, free = picture.layout.condenser.variable, state.economiser.on
    apart = bool(picture.layout.free)
    return {
        id_: head_caps(
            picture.rule, loop.output, variable=variable, economiser=free, enabled=True, apart=apart
        )
        for id_, loop in state.head.items()
    }


def _chilled(picture: Picture, state: SequenceState) -> Iterator[Wish]:
    layout = picture.layout
    if layout.secondary.all:
        yield from _pump_wishes(layout.chilled, state.chilled.on, 100.0, "follows the machines")
        yield from _pump_wishes(layout.secondary, state.secondary.on, _speed(picture, state, state.secondary),
                                _pressure(picture, state))  # fmt: skip
        return
    yield from _pump_wishes(
        layout.chilled, state.chilled.on, _speed(picture, state, state.chilled), _pressure(picture, state)
    )


def _speed(picture: Picture, state: SequenceState, pumping: Pumping) -> float | None:
    """%, None without a pressure to go by: the speed is then left to the pumps' own control."""
    rule, loop = picture.rule, picture.layout.loop
    if loop is None or "differential_pressure" not in loop.roles or pumping.blind >= rule.fault_delay:
        return None
    output = max(pumping.loop.output, state.minimum.pumps)
    return speed_of(output, rule.pump_speed_min)


def _pressure(picture: Picture, state: SequenceState) -> str:
    seen = picture.water.pressure
    text = f"pressure wanted {state.setpoints.pressure:.0f} kPa"
    return f"{text}, {seen:.0f} seen" if seen is not None else f"{text}, not measured"


def _pump_wishes(pumps: Pumps, on: Sequence[str], speed: float | None, reason: str) -> Iterator[Wish]:
    for one in pumps.all:
        runs = one.id in on
        yield one, "enable", runs, reason if runs else "not needed"
        yield one, "speed_command", speed, reason if speed is not None else "left to its own control"


def _condenser(picture: Picture, state: SequenceState, caps: Mapping[str, HeadCaps]) -> Iterator[Wish]:
    group = picture.layout.condenser
    design = 100.0 * state.condenser.output
    lowest = min((one.pump for one in caps.values()), default=100.0)
    fastest = max((one.pump for one in caps.values()), default=0.0)
    for one in group.all:
        runs = one.id in state.condenser_pumps
        owner = group.owners.get(one.id)
        # on common pipes the pump that is much slower than its neighbours moves nothing
        cap = lowest if owner is None else max(caps.get(owner, NO_CAP).pump, fastest - SLOWER)
        yield one, "enable", runs, "as its machines" if runs else "not needed"
        yield (
            one,
            "speed_command",
            min(design, cap),
            f"design flow at {design:.0f} %, head pressure allows {cap:.0f} %",
        )


def _towers(picture: Picture, state: SequenceState) -> Iterator[Wish]:
    towers, rule, layout = state.towers, picture.rule, picture.layout
    cells = [one for one in layout.towers if one.id in towers.cells]
    fixed = [one.id for one in cells if "speed_command" not in one.roles]
    running = sum(picture.seen[id_].running is True for id_ in fixed)
    allowed = set(fixed[: fixed_fans(towers.speed, len(fixed), running)]) if fixed else set()
    warm = picture.water.condenser_return
    seen = "not measured" if warm is None else f"{warm:.1f} degC"
    reason = f"condenser water return {seen}, fans at {towers.speed:.0f} %"
    blind = towers.speed <= 0.0 or towers.blind >= rule.fault_delay
    for one in layout.towers:
        has_water = one.id in towers.cells
        valve = "valve_command" in one.roles
        opened = not valve or _opened(picture, one) or towers.opened >= rule.cell_valve_time
        turns = towers.turning and has_water and opened and (one.id not in fixed or one.id in allowed)
        yield one, "enable", turns, reason if turns else "no air needed" if has_water else "cell not needed"
        yield (
            one,
            "speed_command",
            None if blind else towers.speed,
            "left to its own control" if blind else reason,
        )
        yield one, "valve_command", 100.0 * has_water, "carries water" if has_water else "cell not needed"


def _opened(picture: Picture, one: Equipment) -> bool:
    valve = picture.snapshot.number_of(one, "valve")
    return picture.seen[one.id].running is True or (valve is not None and valve >= 95.0)


def _rest(picture: Picture, state: SequenceState) -> Iterator[Wish]:
    layout = picture.layout
    if layout.bypass is not None and bypass_is_ours(picture):
        flow = picture.water.machine_flow
        seen = "not measured" if flow is None else f"{flow:.0f} l/s"
        text = f"minimum flow {state.minimum.setpoint:.0f} l/s, {seen}"
        yield layout.bypass, "valve_command", None if flow is None else state.minimum.bypass, text
    one = layout.economiser
    if one is not None:
        on = state.economiser.on
        yield one, "enable", on, "free cooling pays" if on else "outdoor air too warm for free cooling"
        colder = state.setpoints.supply - ECONOMISER_BELOW
        yield one, "chilled_water_setpoint", colder, "a little colder than the supply: the fans hold that"
    for pump in layout.free:
        speed = alone_pump(picture.rule, state.economiser)
        yield pump, "enable", state.economiser.on, "as the economiser"
        yield pump, "speed_command", speed, f"with the fans: {state.towers.speed:.0f} %"
