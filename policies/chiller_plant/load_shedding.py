"""Chiller load shedding: the redundant machine goes when the load is low, and is back before temperature is lost.

The rule (YOFC headquarters): below `shed_below` of the running capacity, and with the rest at or below
`remaining_limit` of what they can give at present, one machine goes, its pumps after it. It never goes while supply
temperature is at risk. It comes back when the load or the supply temperature asks for it, or when a required
reading is lost. It learns the plant's load by time of day: a machine that the usual rise will want back before it could be
back does not go, and one comes back ahead of that rise; without anything learned it decides by what it sees. Without any load measurement the plant is left to its own control.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.calc.timers import passed
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.learning import History, Learning
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.serial import from_plain
from agent.core.snapshot import Snapshot
from policies.chiller_plant.auxiliaries import (
    Auxiliary,
    auxiliary_wish,
    idle_times,
    read_auxiliaries,
    unable,
    water_missing,
)
from policies.chiller_plant.emergency_word import in_emergency
from policies.chiller_plant.load_profile import LEARNING, LoadProfile, Outlook, learn_profile
from policies.chiller_plant.plant_load import PlantLoad, plant_load, supply_of
from policies.chiller_plant.shedding_picture import Rule, SheddingState, judge
from policies.chiller_plant.shedding_rule import followed, staged, timed
from policies.chiller_plant.shedding_words import why_on
from policies.chiller_plant.unit_stance import Stance, UnitState
from policies.chiller_plant.units import Unit, read_unit

_PATIENCE = 3.0  # ticks; a longer gap counts as this long: nobody saw what happened in it
_RELINQUISHED = "relinquished, all units left to the plant's own control"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadShedding:
    """Stops the redundant chiller with its pumps, and starts it again in time."""

    kind: ClassVar[str] = "chiller_plant.load_shedding"
    version: ClassVar[int] = 2
    state_version: ClassVar[int] = 1
    learning: ClassVar[Learning] = LEARNING
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("status", "chiller", without="no shedding, all available machines are started"),
        RoleNeed("load", "chiller", required=False, without="load is taken from the loop alone"),
        RoleNeed("alarm", "chiller", required=False, without="faults are seen by the run status alone"),
        RoleNeed("local_mode", "chiller", required=False, without="taken as under remote control"),
        RoleNeed("available", "chiller", required=False, without="taken as ready"),
        RoleNeed("flow_proof", "chiller", required=False, without="pump status and lead time must do"),
        RoleNeed("condenser_entering_temp", "chiller", required=False, without="nameplate capacity holds"),
        RoleNeed("chilled_water_setpoint", "chiller", required=False, without="`supply_setpoint` holds"),
        RoleNeed("status", "pump", required=False, without="the lead time must do"),
        RoleNeed("chilled_water_flow", "loop", required=False, without="the machines' own load is used"),
        RoleNeed("chilled_water_supply_temp", "loop", required=False, without="restart by load alone"),
        RoleNeed(
            "chilled_water_return_temp", "loop", required=False, without="the machines' own load is used"
        ),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("enable", "chiller", Priority.LOAD_SHEDDING),
        RoleClaim("enable", "pump", Priority.LOAD_SHEDDING),
        RoleClaim("enable", "tower", Priority.LOAD_SHEDDING),
    )

    name: str = parameter("", help="name of this policy in the site file")
    shed_below: float = parameter(
        60.0,
        unit="%",
        low=10.0,
        high=90.0,
        help="load against running capacity below which a machine goes",
        restarts=("below",),
    )
    remaining_limit: float = parameter(
        90.0,
        unit="%",
        low=20.0,
        high=100.0,
        help="the rest must stay at or below this without it",
        restarts=("below",),
    )
    restart_above: float = parameter(
        95.0,
        unit="%",
        low=25.0,
        high=110.0,
        help="load against running capacity above which one comes back",
        restarts=("above",),
    )
    hysteresis: float = parameter(
        5.0,
        unit="%",
        low=0.0,
        high=20.0,
        help="the dwell goes on while load is above `shed_below` by less",
        restarts=("below",),
    )
    dwell: float = parameter(
        900.0,
        unit="s",
        low=60.0,
        high=14400.0,
        help="low load must last so long, and so long between changes",
        restarts=("below",),
    )
    minimum_units: int = parameter(
        1, low=1, high=20, help="machines that stay in any case", restarts=("below",)
    )
    spare_units: int = parameter(
        0,
        low=0,
        high=5,
        help="machines that may fail without losing the load (1 is N+1)",
        restarts=("below", "above"),
    )
    supply_setpoint: float = parameter(
        7.0,
        unit="degC",
        low=1.0,
        high=20.0,
        help="supply temperature wanted, where no set-point can be read",
        restarts=("lost",),
    )
    deviation: float = parameter(
        1.0,
        unit="K",
        low=0.2,
        high=5.0,
        help="supply temperature above set-point that brings a machine back",
        restarts=("below", "lost"),
    )
    look_ahead: float = parameter(
        600.0,
        unit="s",
        low=0.0,
        high=3600.0,
        help="the trend of the supply temperature is believed so far",
        restarts=("lost",),
    )
    restart_delay: float = parameter(
        120.0,
        unit="s",
        low=0.0,
        high=1800.0,
        help="a reason to bring a machine back must last so long",
        restarts=("above", "lost"),
    )
    settle: float = parameter(
        300.0, unit="s", low=0.0, high=3600.0, help="what a start or stop needs to show in the temperatures"
    )
    proof_within: float = parameter(
        300.0, unit="s", low=30.0, high=1800.0, help="a started machine that does not run by then is given up"
    )
    pump_lead: float = parameter(
        20.0, unit="s", low=0.0, high=600.0, help="pumps run so long before their machine is enabled"
    )
    run_on: float = parameter(
        60.0, unit="s", low=0.0, high=3600.0, help="pumps and towers run on so long after their machine"
    )
    fault_delay: float = parameter(
        60.0,
        unit="s",
        low=0.0,
        high=1800.0,
        help="a lost reading is waited for so long before all machines start",
        restarts=("fault",),
    )
    start_spacing: float = parameter(
        60.0, unit="s", low=0.0, high=1800.0, help="between two starts when all machines are to run"
    )
    by_profile: bool = parameter(
        True, help="look ahead by the load that was learned for the time of day, where there is one"
    )

    def __post_init__(self) -> None:
        if self.restart_above <= self.remaining_limit:
            raise ValueError("restart_above must lie above remaining_limit, or machines would come and go")

    def initial_state(self) -> SheddingState:
        return SheddingState()

    def decide(self, snapshot: Snapshot, state: SheddingState) -> tuple[Sequence[Command], SheddingState]:
        chillers = [one for one in snapshot.equipment("chiller") if "enable" in one.roles]
        units = {one.id: read_unit(snapshot, one, self.name, self.supply_setpoint) for one in chillers}
        auxiliaries = read_auxiliaries(snapshot, tuple(units.values()), self.name, self.run_on)
        load = plant_load(snapshot, tuple(units.values()))
        if reason := _blind(units, load) or _urgent(snapshot):
            return self._relinquish(chillers, auxiliaries, reason), SheddingState(elapsed=snapshot.elapsed)
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        supply, outlook = supply_of(snapshot, self.supply_setpoint), self._outlook(snapshot)
        picture, state = judge(units, load, supply, outlook, state, seconds)
        state = followed(picture, state, seconds, self.proof_within)
        state = timed(self.rule, picture, state, seconds)
        state = staged(self.rule, picture, state, {id_: _bar(units[id_], auxiliaries) for id_ in units})
        state = replace(
            state,
            elapsed=snapshot.elapsed,
            units={id_: self._enabled(snapshot, id_, one, auxiliaries) for id_, one in state.units.items()},
            idle=idle_times(state.idle, auxiliaries, units, state.units, seconds),
        )
        why = why_on(self.rule, picture, state)
        commands = [
            self._command(one.roles["enable"], *self._wish(snapshot, units[one.id], state, auxiliaries, why))
            for one in chillers
        ]
        commands += [
            self._command(one.point, *auxiliary_wish(one, units, state.units, state.idle[one.id]))
            for one in auxiliaries
        ]
        return commands, state

    def learn(self, history: History) -> LoadProfile:
        """The load by time of day. Raises NothingToLearnError while too few days are measured."""
        return learn_profile(history, self.supply_setpoint)

    @property
    def rule(self) -> Rule:
        """The parameters as the rule wants them: shares of one, seconds, kelvin."""
        return Rule(
            shed_below=self.shed_below / 100.0,
            remaining=self.remaining_limit / 100.0,
            restart_above=self.restart_above / 100.0,
            hysteresis=self.hysteresis / 100.0,
            dwell=self.dwell,
            minimum=self.minimum_units,
            spare=self.spare_units,
            deviation=self.deviation,
            look_ahead=self.look_ahead,
            restart_delay=self.restart_delay,
            settle=self.settle,
            fault_delay=self.fault_delay,
            start_spacing=self.start_spacing,
            start_time=self.restart_delay + self.pump_lead + self.settle,
        )

    def _outlook(self, snapshot: Snapshot) -> Outlook | None:
        """What was learned, while it is younger than the past it was learned from and the time of day is sure."""
        learned = snapshot.learned(self.name, LEARNING.kind, LEARNING.version, LEARNING.window)
        if learned is None or not self.by_profile or not snapshot.utc_trusted:
            return None
        profile = from_plain(LoadProfile, learned.content)
        return Outlook(profile=profile, utc=snapshot.utc, timezone=snapshot.model.place.timezone)

    def _enabled(
        self, snapshot: Snapshot, unit: str, state: UnitState, auxiliaries: Sequence[Auxiliary]
    ) -> UnitState:
        """A starting machine is enabled once its water is there, and stays enabled then."""
        if state.stance is not Stance.STARTING or state.go or state.held < self.pump_lead:
            return state
        return replace(state, go=not water_missing(snapshot, unit, auxiliaries))

    def _wish(
        self,
        snapshot: Snapshot,
        unit: Unit,
        state: SheddingState,
        auxiliaries: Sequence[Auxiliary],
        why: str,
    ) -> tuple[bool | None, str]:
        own = state.units[unit.id]
        if own.stance is Stance.SHED:
            return False, own.reason
        if own.stance is Stance.STARTING and own.go:
            return True, own.reason
        if own.stance is Stance.STARTING:
            waits = water_missing(snapshot, unit.id, auxiliaries) or f"pumps lead by {self.pump_lead:g} s"
            return False, f"{own.reason}; {waits}"
        if own.stance is Stance.ON and unit.managed:
            return None, f"left to {unit.managed}; {why}"
        if own.stance is Stance.ON:
            return True, why
        return None, own.reason

    def _relinquish(
        self, chillers: Iterable[Equipment], auxiliaries: Iterable[Auxiliary], reason: str
    ) -> Sequence[Command]:
        points = [one.roles["enable"] for one in chillers] + [one.point for one in auxiliaries]
        return [self._command(point, None, reason) for point in points]

    def _command(self, point: str, value: bool | None, reason: str) -> Command:
        return Command(
            point=point, priority=Priority.LOAD_SHEDDING, source=self.name, value=value, reason=reason
        )


def _blind(units: Mapping[str, Unit], load: PlantLoad) -> str:
    """Why the rule cannot be applied on this plant at all; empty when it can."""
    nameless = [id_ for id_, unit in units.items() if unit.capacity is None]
    if nameless:
        return f"no capacity on the nameplate of {', '.join(nameless)}: {_RELINQUISHED}"
    return f"no load measurement: {_RELINQUISHED}" if load.missing else ""


def _urgent(snapshot: Snapshot) -> str:
    urgent = in_emergency(snapshot)
    return f"{urgent}: {_RELINQUISHED}" if urgent else ""


def _bar(unit: Unit, auxiliaries: Sequence[Auxiliary]) -> str:
    return unit.barred or unable(unit.id, auxiliaries)
