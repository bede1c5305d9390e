"""The whole chiller plant by ASHRAE Guideline 36-2021, section 5.20: which machines run, how they come and go, and their water.

Names and defaults of the parameters are the guideline's, in SI; those that it leaves to design or commissioning say so. The README
beside this file names the file of every clause. Without a load that can be measured the plant is given back to its own control.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from agent.calc.timers import passed
from agent.core.command import Command
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.chiller_plant.adoption import adopted
from policies.chiller_plant.capacity import Capacity
from policies.chiller_plant.efficiency import cooled, efficiency_step
from policies.chiller_plant.emergency_word import in_emergency
from policies.chiller_plant.fleet import log_of, remember, see
from policies.chiller_plant.optimiser_wish import called
from policies.chiller_plant.plant_enable import Asked, plant_enable
from policies.chiller_plant.plant_layout import Layout, read_layout
from policies.chiller_plant.plant_sight import water_sight
from policies.chiller_plant.requests import requests
from policies.chiller_plant.sequence_reset import reset_wanted
from policies.chiller_plant.sequence_roles import CLAIMS, READS
from policies.chiller_plant.sequence_staging import economised, followed, required, staged
from policies.chiller_plant.sequence_state import Picture, SequenceDraft, SequenceState
from policies.chiller_plant.sequence_water import bypassed, condensed, pumped, towered
from policies.chiller_plant.sequence_wishes import commands, relinquished

_PATIENCE = 3.0  # ticks; a longer gap counts as this long: nobody saw what happened in it
_PUMP_PROOF = 60.0  # s a pump or fan may be missing before another one takes its place
_GIVEN_BACK = "the plant is left to its own control"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantSequence:
    """Guideline 36 for one chilled-water plant with water-cooled parallel chillers."""

    kind: ClassVar[str] = "chiller_plant.sequence"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = READS
    claims: ClassVar[tuple[RoleClaim, ...]] = CLAIMS

    name: str = parameter("", help="name of this policy in the site file")
    # 5.20.2 plant enable
    ignored_plant_requests: float = parameter(
        0.0, low=0.0, high=100.0, help="plant requests that do not count"
    )
    lockout_temperature: float = parameter(
        4.3, unit="degC", low=-30.0, high=30.0, help="no machine below it outdoors"
    )
    plant_time: float = parameter(
        900.0, unit="s", low=0.0, high=7200.0, help="plant stays on, or off, at least"
    )
    request_time: float = parameter(
        180.0, unit="s", low=0.0, high=7200.0, help="without requests before it stops"
    )
    schedule_start: float = parameter(
        0.0, unit="h", low=0.0, high=24.0, help="local time from which it may run"
    )
    schedule_end: float = parameter(
        24.0, unit="h", low=0.0, high=24.0, help="local time until which it may run"
    )
    # 5.20.4 staging
    average_period: float = parameter(
        300.0, unit="s", low=0.0, high=3600.0, help="mean of the required capacity"
    )
    stage_time: float = parameter(900.0, unit="s", low=0.0, high=7200.0, help="each stage lasts at least")
    efficiency_delay: float = parameter(
        900.0,
        unit="s",
        low=0.0,
        high=7200.0,
        help="part load calls so long",
        restarts=("stage.efficient", "stage.low"),
    )
    efficiency_margin: float = parameter(
        0.05,
        low=0.0,
        high=0.3,
        help="part load above the ratio that calls for more",
        restarts=("stage.efficient", "stage.low"),
    )
    failsafe_delay: float = parameter(
        900.0,
        unit="s",
        low=0.0,
        high=7200.0,
        help="too warm or too weak so long",
        restarts=("stage.warm", "stage.weak"),
    )
    failsafe_temperature: float = parameter(
        1.0, unit="K", low=0.2, high=5.0, help="supply above set-point: too warm", restarts=("stage.warm",)
    )
    failsafe_pressure: float = parameter(
        13.8, unit="kPa", low=1.0, high=100.0, help="below set-point: too weak", restarts=("stage.weak",)
    )
    constant_speed_ratio: float = parameter(
        0.90, low=0.3, high=1.1, help="SPLR of constant-speed centrifugals"
    )
    positive_displacement_ratio: float = parameter(0.80, low=0.3, high=1.1, help="SPLR of screws and scrolls")
    variable_speed_ratio_min: float = parameter(0.45, low=0.2, high=1.0, help="least SPLR of variable speed")
    variable_speed_ratio_max: float = parameter(
        0.90, low=0.2, high=1.1, help="highest SPLR of variable speed"
    )
    lift_min: float = parameter(
        12.0, unit="K", low=2.0, high=30.0, help="lowest lift of a machine (nameplate wins)"
    )
    lift_max: float = parameter(18.0, unit="K", low=5.0, high=50.0, help="lift of the highest SPLR")
    # 5.20.4.16-17 stage change
    demand_reduction: float = parameter(
        0.75, low=0.3, high=1.0, help="of its load is left to a machine that gives way; 1: none gives way"
    )
    demand_reached: float = parameter(
        0.80, low=0.3, high=1.0, help="of its load proves that it has given way"
    )
    demand_wait: float = parameter(300.0, unit="s", low=0.0, high=1800.0, help="for that proof at most")
    minimum_flow_ramp: float = parameter(
        300.0, unit="s", low=0.0, high=1800.0, help="change of the minimum flow"
    )
    minimum_flow_settle: float = parameter(60.0, unit="s", low=0.0, high=1800.0, help="settling after it")
    condenser_wait: float = parameter(10.0, unit="s", low=0.0, high=600.0, help="after the condenser pump")
    head_wait: float = parameter(
        30.0, unit="s", low=0.0, high=600.0, help="after head-pressure control is enabled"
    )
    isolation_time: float = parameter(
        300.0, unit="s", low=0.0, high=1800.0, help="stroke of isolation valves"
    )
    prove_time: float = parameter(300.0, unit="s", low=0.0, high=1800.0, help="the new machine proves itself")
    proof_within: float = parameter(300.0, unit="s", low=30.0, high=1800.0, help="no proof by then: given up")
    close_after: float = parameter(
        180.0, unit="s", low=0.0, high=1800.0, help="valves shut, where no stop is seen"
    )
    # 5.20.5 reset
    reset_initial: float = parameter(1.0, low=0.0, high=1.0, help="plant reset to begin with")
    reset_delay: float = parameter(900.0, unit="s", low=0.0, high=7200.0, help="before the first trim")
    reset_step: float = parameter(300.0, unit="s", low=10.0, high=3600.0, help="between two trims")
    reset_ignored: float = parameter(2.0, low=0.0, high=100.0, help="requests that do not count")
    reset_trim: float = parameter(-0.02, low=-1.0, high=0.0, help="each step without requests")
    reset_respond: float = parameter(0.03, low=0.0, high=1.0, help="each request that counts")
    reset_respond_max: float = parameter(0.07, low=0.0, high=1.0, help="in one step at most")
    supply_min: float = parameter(7.0, unit="degC", low=2.0, high=20.0, help="coldest supply (design)")
    supply_max: float = parameter(15.6, unit="degC", low=3.0, high=25.0, help="warmest supply")
    humid_dew_point: float = parameter(
        13.0, unit="degC", low=-20.0, high=40.0, help="damper outdoors: coils must dry"
    )
    humid_supply_max: float = parameter(
        10.0, unit="degC", low=3.0, high=25.0, help="warmest supply on damp days"
    )
    pressure_min: float = parameter(34.5, unit="kPa", low=5.0, high=300.0, help="lowest remote pressure")
    pressure_max: float = parameter(
        60.0, unit="kPa", low=10.0, high=500.0, help="highest remote pressure (balancing)"
    )
    # 5.20.6-9 pumps
    pump_margin: float = parameter(
        0.03, low=0.0, high=0.3, help="of the flow ratio at which pumps come and go"
    )
    pump_delay: float = parameter(
        600.0, unit="s", low=0.0, high=3600.0, help="for which the flow ratio must call"
    )
    pump_speed_min: float = parameter(
        20.0, unit="%", low=0.0, high=100.0, help="slowest chilled-water pump (balancing)"
    )
    pump_gain: float = parameter(0.3, low=0.0, high=10.0, help="of the pressure loop (tuning)")
    pump_reset: float = parameter(60.0, unit="s", low=1.0, high=3600.0, help="of the pressure loop (tuning)")
    bypass_gain: float = parameter(0.6, low=0.0, high=10.0, help="of the minimum-flow loop (tuning)")
    bypass_reset: float = parameter(
        60.0, unit="s", low=1.0, high=3600.0, help="of the minimum-flow loop (tuning)"
    )
    bypass_by_itself: bool = parameter(False, help="the bypass has its own controller: it is not commanded")
    bypass_speed: float = parameter(
        70.0,
        unit="%",
        low=0.0,
        high=100.0,
        help="the open bypass passes all minimum flow (balancing); 0: off",
    )
    flow_margin: float = parameter(0.2, low=0.0, high=0.5, help="kept above the machines' minimum flow")
    condenser_speed: float = parameter(
        100.0, unit="%", low=20.0, high=100.0, help="condenser pumps (balancing)"
    )
    condenser_flow_ratio: float = parameter(
        1.0, low=0.4, high=1.2, help="of the design condenser flow, where measured"
    )
    condenser_speed_min: float = parameter(50.0, unit="%", low=5.0, high=100.0, help="slowest condenser pump")
    condenser_gain: float = parameter(0.2, low=0.0, high=10.0, help="of the condenser-flow loop (tuning)")
    condenser_reset: float = parameter(300.0, unit="s", low=1.0, high=3600.0, help="of that loop (tuning)")
    economiser_pumps: int = parameter(0, low=0, high=10, help="condenser pumps more with the economiser on")
    # 5.20.10 head pressure
    head_gain: float = parameter(0.1, low=0.0, high=10.0, help="per K of lift (tuning)")
    head_reset: float = parameter(300.0, unit="s", low=1.0, high=3600.0, help="of the lift loop (tuning)")
    condenser_valve_min: float = parameter(
        30.0, unit="%", low=5.0, high=100.0, help="head-pressure valve stays open"
    )
    # 5.20.12 towers
    condenser_return_design: float = parameter(
        37.0, unit="degC", low=20.0, high=50.0, help="to the towers (design)"
    )
    condenser_rise_design: float = parameter(
        5.0, unit="K", low=2.0, high=12.0, help="in the condensers (design)"
    )
    close_coupled: bool = parameter(True, help="fans hold the return; false: the supply, for towers far away")
    tower_start_offset: float = parameter(
        5.6, unit="K", low=0.0, high=20.0, help="below design return after a start"
    )
    tower_start_hold: float = parameter(600.0, unit="s", low=0.0, high=3600.0, help="for which that is held")
    tower_start_ramp: float = parameter(600.0, unit="s", low=0.0, high=3600.0, help="from there to the law")
    fan_speed_min: float = parameter(10.0, unit="%", low=0.0, high=60.0, help="slowest fan")
    fan_minimum_time: float = parameter(
        300.0, unit="s", low=0.0, high=3600.0, help="at it before the fans stop"
    )
    fan_off_time: float = parameter(60.0, unit="s", low=0.0, high=3600.0, help="fans stay off at least")
    fan_deadband: float = parameter(
        0.56, unit="K", low=0.0, high=5.0, help="around the set-point of fans on and off"
    )
    fan_gain: float = parameter(0.06, low=0.0, high=10.0, help="of the fan loop per K (tuning)")
    fan_reset: float = parameter(300.0, unit="s", low=1.0, high=3600.0, help="of the fan loop (tuning)")
    cell_flow_min: float = parameter(0.5, low=0.1, high=1.0, help="of a cell's design flow wets its fill")
    cell_valve_time: float = parameter(300.0, unit="s", low=0.0, high=1800.0, help="stroke of a cell's valve")
    # 5.20.3 waterside economiser
    economiser_time: float = parameter(1200.0, unit="s", low=0.0, high=7200.0, help="on, or off, at least")
    economiser_on: float = parameter(
        2.0, unit="K", low=0.0, high=10.0, help="return above its predicted water: on"
    )
    economiser_off: float = parameter(
        1.0, unit="K", low=0.0, high=10.0, help="taken off the return, less: off"
    )
    economiser_off_delay: float = parameter(
        120.0, unit="s", low=0.0, high=3600.0, help="for which it is less"
    )
    economiser_warm: float = parameter(
        1.0, unit="K", low=0.2, high=5.0, help="supply too warm with it alone (twice that: half the time)"
    )
    economiser_warm_delay: float = parameter(
        1200.0, unit="s", low=0.0, high=7200.0, help="for which it is: machines"
    )
    economiser_supply_low: float = parameter(
        13.0, unit="degC", low=5.0, high=20.0, help="coldest supply that it makes by a pump of its own"
    )
    economiser_supply_high: float = parameter(
        17.0, unit="degC", low=6.0, high=25.0, help="warmest supply with which it goes on without machines"
    )
    economiser_pump_min: float = parameter(
        45.0, unit="%", low=10.0, high=100.0, help="slowest pump of its own (balancing: over the lift)"
    )
    economiser_pump_max: float = parameter(
        70.0, unit="%", low=20.0, high=100.0, help="fastest pump of its own: fans at full speed"
    )
    basin_min: float = parameter(
        5.0, unit="degC", low=1.0, high=20.0, help="coldest basin with a pump of its own: no ice"
    )
    handover_time: float = parameter(
        360.0, unit="s", low=0.0, high=1800.0, help="machines may have nothing to do before it goes alone"
    )
    wet_bulb_design: float = parameter(28.0, unit="degC", low=0.0, high=35.0, help="of the towers (design)")
    tower_approach_design: float = parameter(4.0, unit="K", low=1.0, high=15.0, help="of the towers (design)")
    fault_delay: float = parameter(600.0, unit="s", low=0.0, high=7200.0, help="blind so long: given back")

    def __post_init__(self) -> None:
        for low, high in (
            ("supply_min", "supply_max"),
            ("pressure_min", "pressure_max"),
            ("lift_min", "lift_max"),
            ("economiser_supply_low", "economiser_supply_high"),
            ("economiser_pump_min", "economiser_pump_max"),
        ):
            if getattr(self, low) >= getattr(self, high):
                raise ValueError(f"{low} must lie below {high}")

    def initial_state(self) -> SequenceState:
        return SequenceState()

    def decide(self, snapshot: Snapshot, state: SequenceState) -> tuple[Sequence[Command], SequenceState]:
        layout = read_layout(snapshot.model)
        if layout.nameless or not layout.machines:
            lost = ", ".join(layout.nameless) or "no chiller"
            reason = f"no capacity on the nameplate of {lost}: {_GIVEN_BACK}"
            return relinquished(snapshot, layout, self.name, reason), SequenceState()
        picture, draft = self._look(snapshot, layout, state)
        draft.elapsed = snapshot.elapsed
        self._lead(picture, draft)
        state = draft.finished()
        capacity = state.capacity
        if capacity.required is None or capacity.blind > self.fault_delay:
            reason = f"load not known ({capacity.source}): {_GIVEN_BACK}"
            kept = SequenceState(capacity=Capacity(blind=capacity.blind), memory=state.memory)
            return relinquished(snapshot, layout, self.name, reason), kept
        return commands(picture, state), state

    def _look(
        self, snapshot: Snapshot, layout: Layout, state: SequenceState
    ) -> tuple[Picture, SequenceDraft]:
        """See everything once; a state that is new goes on from what is seen."""
        fleet = layout.fleet
        seen = {one.id: see(snapshot, one, self.name) for one in fleet}
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        if state.elapsed is None:
            state = adopted(self, snapshot, layout, seen, state)
        urgent = bool(in_emergency(snapshot))  # what stands without power has not failed
        wanted = {*state.on, *state.chilled.on, *state.secondary.on, *state.condenser_pumps}
        memory = {
            one.id: remember(
                seen[one.id],
                state.memory.get(one.id),
                seconds,
                wanted=one.id in wanted,
                within=self.proof_within if urgent or one.id in layout.machines else _PUMP_PROOF,
            )
            for one in fleet
        }
        running = [
            id_
            for id_ in layout.machines
            if seen[id_].running is not False and (seen[id_].running or id_ in state.on)
        ]
        watered = [id_ for id_, one in state.water.items() if one.opening > 0.0]
        picture = Picture(
            rule=self,
            snapshot=snapshot,
            layout=layout,
            seconds=seconds,
            seen=seen,
            logs={one.id: log_of(snapshot, one, seen[one.id], memory[one.id]) for one in fleet},
            water=water_sight(snapshot, layout, running, watered),
        )
        draft = SequenceDraft.of(state)
        draft.memory = memory
        return picture, draft

    def _lead(self, picture: Picture, state: SequenceDraft) -> None:
        """One tick of everything, in the order in which one thing needs the other."""
        snapshot, layout, seconds = picture.snapshot, picture.layout, picture.seconds
        call = called(snapshot, layout.loop)
        state.requests = asked = requests(snapshot, layout.consumers, state.requests, seconds)
        state.plant = plant_enable(
            self,
            state.plant,
            seconds,
            asked=Asked(requests=asked.plant, called=call, served=_serves(picture, state)),
            outdoor=picture.water.outdoor,
            scheduled=self._scheduled(snapshot) or call,
            switch=_switch(snapshot, layout),
        )
        changing = state.change.active
        followed(picture, state)
        economised(picture, state)
        reset_wanted(picture, state)  # before whatever goes by the set-point
        required(picture, state)
        staged(picture, state)
        if state.change.active and not changing:
            state.capacity = replace(state.capacity, held=0.0)
        for step in (bypassed, pumped, condensed, towered):
            step(picture, state)
        others = (*layout.chilled.all, *layout.secondary.all, *layout.condenser.all, *layout.towers)
        state.efficiency = efficiency_step(
            snapshot,
            state.efficiency,
            seconds,
            delivered=cooled(snapshot, picture.water.flow, picture.water.supply, picture.water.back),
            machines=[one.equipment for one in layout.machines.values()],
            others=others,
        )

    def _scheduled(self, snapshot: Snapshot) -> bool:
        """5.20.2.1; a clock that is not trusted never keeps a building warm."""
        if not snapshot.utc_trusted or (self.schedule_start <= 0.0 and self.schedule_end >= 24.0):
            return True
        local = datetime.fromtimestamp(snapshot.utc, ZoneInfo(snapshot.model.place.timezone))
        hour = local.hour + local.minute / 60.0
        if self.schedule_start <= self.schedule_end:
            return self.schedule_start <= hour < self.schedule_end
        return hour >= self.schedule_start or hour < self.schedule_end


def _serves(picture: Picture, state: SequenceDraft) -> bool:
    """More is made than the smallest machine needs to run at all."""
    least = min((one.minimum_capacity for one in picture.layout.machines.values()), default=0.0)
    return (state.capacity.present or 0.0) > least


def _switch(snapshot: Snapshot, layout: Layout) -> bool | None:
    """The operator's word for the whole plant: an override of `enable` on equipment of kind `plant`."""
    decided = None if layout.switch is None else snapshot.decided(layout.switch, "enable")
    return None if decided is None else bool(decided)
