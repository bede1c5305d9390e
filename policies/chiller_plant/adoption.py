"""How the sequence takes a plant over: it goes on from what runs, at the speeds it finds, and starts or stops nothing for its own sake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot
from policies.chiller_plant.capacity import Capacity
from policies.chiller_plant.chilled_pumps import Pumping
from policies.chiller_plant.chilled_water_reset import Reset, setpoints
from policies.chiller_plant.economiser import Economiser
from policies.chiller_plant.fleet import Seen
from policies.chiller_plant.minimum_flow import MinimumFlow, minimum_of
from policies.chiller_plant.pi_loop import clipped, launched
from policies.chiller_plant.plant_enable import PlantEnable
from policies.chiller_plant.plant_layout import Layout
from policies.chiller_plant.plant_sight import mean_of
from policies.chiller_plant.sequence_state import SequenceState
from policies.chiller_plant.stage_change import Change, water_of
from policies.chiller_plant.stage_rule import StageTimers
from policies.chiller_plant.stages import counted, grouped
from policies.chiller_plant.tower_fans import Towers

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence

STARTED = 3600.0  # s: a plant that runs when we come has its start behind it


def adopted(
    rule: PlantSequence, snapshot: Snapshot, layout: Layout, seen: Mapping[str, Seen], before: SequenceState
) -> SequenceState:
    """The state of a plant as it stands. `before` tells how long the load has been unknown, if it has."""
    on = tuple(id_ for id_ in layout.machines if seen[id_].running)
    machines = [layout.machines[id_] for id_ in on]
    free = layout.economiser is not None and seen[layout.economiser.id].running is True
    running = _running(layout.condenser.all, seen)
    bypass = None if layout.bypass is None else _number(snapshot, layout.bypass, "valve", "valve_command")
    speed = _speed(snapshot, layout.chilled.all, seen)
    found = "found running" if on else "found off"
    return SequenceState(
        plant=PlantEnable(enabled=bool(on) or free, held=rule.plant_time, reason=found, adopted=bool(on)),
        reset=Reset(value=rule.reset_initial, running=rule.reset_delay if on else 0.0),
        setpoints=setpoints(rule, rule.reset_initial, rule.supply_max),
        capacity=Capacity(blind=before.capacity.blind),
        stage=StageTimers(counts=counted(grouped(layout.machines), on), reason=found),
        on=on,
        water={id_: water_of(rule, Change(), on, id_) for id_ in layout.machines},
        memory=before.memory,
        chilled=Pumping(
            on=_running(layout.chilled.all, seen), loop=launched(_share(speed, rule.pump_speed_min, 1.0))
        ),
        secondary=Pumping(on=_running(layout.secondary.all, seen)),
        minimum=MinimumFlow(
            setpoint=minimum_of(machines),
            target=minimum_of(machines),
            loop=launched(1.0 if bypass is None else bypass / 100.0),
        ),
        head={id_: launched(0.0) for id_ in on},
        condenser_pumps=running,
        condenser=launched(
            clipped((_speed(snapshot, layout.condenser.all, seen) or 100.0) / 100.0, 0.3, 1.0)
        ),
        towers=_towers(rule, snapshot, layout, seen, bool(on)),
        economiser=Economiser(on=free),
    )


def _towers(
    rule: PlantSequence, snapshot: Snapshot, layout: Layout, seen: Mapping[str, Seen], cooling: bool
) -> Towers:
    fans = _running(layout.towers, seen)
    return Towers(
        cells=fans or tuple(one.id for one in layout.towers if cooling),
        opened=STARTED,
        turning=bool(fans),
        loop=launched(_share(_speed(snapshot, layout.towers, seen), rule.fan_speed_min, 0.0)),
        started=STARTED,
    )


def _running(equipment: tuple[Equipment, ...], seen: Mapping[str, Seen]) -> tuple[str, ...]:
    return tuple(one.id for one in equipment if one.id in seen and seen[one.id].running)


def _speed(snapshot: Snapshot, equipment: tuple[Equipment, ...], seen: Mapping[str, Seen]) -> float | None:
    """Mean % of those that run."""
    return mean_of(_number(snapshot, one, "speed", "speed_command") for one in equipment
                   if one.id in seen and seen[one.id].running)  # fmt: skip


def _number(snapshot: Snapshot, one: Equipment, *roles: str) -> float | None:
    values = (snapshot.number_of(one, role) for role in roles)
    return next((value for value in values if value is not None), None)


def _share(speed: float | None, least: float, default: float) -> float:
    return default if speed is None else clipped((speed - least) / max(100.0 - least, 1e-3), 0.0, 1.0)
