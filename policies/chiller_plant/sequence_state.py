"""What the sequence remembers from tick to tick, and the picture of one tick that all its steps share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING

from agent.core.frozen import quick
from agent.core.snapshot import Snapshot
from policies.chiller_plant.capacity import Capacity
from policies.chiller_plant.chilled_pumps import Pumping
from policies.chiller_plant.chilled_water_reset import Reset, Setpoints
from policies.chiller_plant.economiser import Economiser
from policies.chiller_plant.efficiency import Efficiency
from policies.chiller_plant.fleet import Memory, Seen
from policies.chiller_plant.minimum_flow import MinimumFlow
from policies.chiller_plant.pi_loop import WIDE_OPEN, Loop
from policies.chiller_plant.plant_enable import PlantEnable
from policies.chiller_plant.plant_layout import Layout
from policies.chiller_plant.plant_sight import WaterSight
from policies.chiller_plant.requests import Requests
from policies.chiller_plant.rotation import Log
from policies.chiller_plant.stage_change import Change, Water
from policies.chiller_plant.stage_rule import StageTimers
from policies.chiller_plant.tower_fans import Towers

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence


QUICK = 30.0  # s between looks, within which a bypass can be moved in time
START = Setpoints(supply=7.0, pressure=60.0)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceState:
    """Version 1. `on`: machines that run and are wanted; `water`: what each machine was given last."""

    elapsed: float | None = None
    plant: PlantEnable = field(default_factory=PlantEnable)
    requests: Requests = field(default_factory=Requests)
    reset: Reset = field(default_factory=Reset)
    setpoints: Setpoints = START
    capacity: Capacity = field(default_factory=Capacity)
    stage: StageTimers = field(default_factory=StageTimers)
    on: tuple[str, ...] = ()
    change: Change = field(default_factory=Change)
    water: Mapping[str, Water] = field(default_factory=dict)
    memory: Mapping[str, Memory] = field(default_factory=dict)
    chilled: Pumping = field(default_factory=Pumping)
    secondary: Pumping = field(default_factory=Pumping)
    minimum: MinimumFlow = field(default_factory=MinimumFlow)
    head: Mapping[str, Loop] = field(default_factory=dict)
    condenser_pumps: tuple[str, ...] = ()
    condenser: Loop = WIDE_OPEN
    towers: Towers = field(default_factory=Towers)
    economiser: Economiser = field(default_factory=Economiser)
    efficiency: Efficiency = field(default_factory=Efficiency)


@dataclass(slots=True)
class SequenceDraft:
    """A `SequenceState` in the making, field by field the same. Mutable on purpose and gone after the tick."""

    elapsed: float | None
    plant: PlantEnable
    requests: Requests
    reset: Reset
    setpoints: Setpoints
    capacity: Capacity
    stage: StageTimers
    on: tuple[str, ...]
    change: Change
    water: Mapping[str, Water]
    memory: Mapping[str, Memory]
    chilled: Pumping
    secondary: Pumping
    minimum: MinimumFlow
    head: Mapping[str, Loop]
    condenser_pumps: tuple[str, ...]
    condenser: Loop
    towers: Towers
    economiser: Economiser
    efficiency: Efficiency

    @staticmethod
    def of(state: SequenceState) -> SequenceDraft:
        return SequenceDraft(*_values(state))

    def finished(self) -> SequenceState:
        return SequenceState(**dict(zip(_NAMES, _values(self), strict=True)))


_NAMES = tuple(one.name for one in fields(SequenceState))
_values = attrgetter(*_NAMES)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One tick: the parameters, what is seen, and how much time has passed (s)."""

    rule: PlantSequence
    snapshot: Snapshot
    layout: Layout
    seconds: float
    seen: Mapping[str, Seen]
    logs: Mapping[str, Log]
    water: WaterSight

    def loads(self) -> dict[str, float]:
        """% by machine, of those that run and tell."""
        return {
            id_: load
            for id_, one in self.layout.machines.items()
            if self.seen[id_].running and (load := self.snapshot.number_of(one.equipment, "load")) is not None
        }


def bypass_is_ours(picture: Picture) -> bool:
    """Whether the sequence moves the bypass.

    Own addition: coils that shut take the flow away within seconds. Who looks more seldom leaves a valve that has a controller of its
    own (a change-over) to that.
    """
    one = picture.layout.bypass
    if one is None or picture.rule.bypass_by_itself:
        return False
    model = picture.snapshot.model
    point = model.points.get(one.roles.get("valve_command", ""))
    return not (point is not None and point.has_device_timeout and model.area.tick > QUICK)


def lowest_lift(picture: Picture, machine: str) -> float:
    told = picture.layout.machines[machine].minimum_lift
    return picture.rule.lift_min if told is None else told
