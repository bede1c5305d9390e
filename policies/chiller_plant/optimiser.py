"""The optimiser that learns the machines: every five minutes the cheapest way to carry the load, over all sets of machines.

It knows what each machine, pump and tower draws from their own past (see optimiser_learning), looks at every set of machines with its
best supply temperature, fan and condenser-pump speed, and publishes which machines had best run (see optimiser_wish) and the settings
for those that do run. Starting and stopping, order, proofs, pressure and chilled-water pumps stay with the sequence. Supply is never
set warmer than what the sequence's trim and respond allows. While the curves are not learned, do not fit, or disagree with the
meters it commands nothing, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.calc.timers import passed, smoothed
from agent.core.command import Command, Priority
from agent.core.learning import History, Learning
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.chiller_plant.fleet import remember
from policies.chiller_plant.optimiser_choosing import chosen
from policies.chiller_plant.optimiser_curves import LEARNING, PlantCurves, read_curves
from policies.chiller_plant.optimiser_learning import learn_plant
from policies.chiller_plant.optimiser_sight import Sight, look
from policies.chiller_plant.optimiser_state import OptimiserState, Targets
from policies.chiller_plant.optimiser_trust import Doubt, compared, disagreement, eased, unknown
from policies.chiller_plant.optimiser_wish import ROLE
from policies.chiller_plant.optimiser_wishes import commands, relinquished
from policies.chiller_plant.plant_layout import Layout, read_layout

_PATIENCE = 3.0  # ticks; a longer gap counts as this long: nobody saw what happened in it
_LOAD_LAG = 300.0  # s


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimiser:
    """Says which machines had best run, and sets supply temperature, fans and condenser pumps of those that do."""

    kind: ClassVar[str] = "chiller_plant.optimiser"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    learning: ClassVar[Learning] = LEARNING
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("status", "chiller", without="not optimised: left to the sequence"),
        RoleNeed("power", "chiller", without="its curve cannot be learned: left to the sequence"),
        RoleNeed("chilled_water_flow", "loop", required=False, without="the machines' own load is used"),
        RoleNeed(
            "chilled_water_supply_temp", "loop", required=False, without="the machines' own load is used"
        ),
        RoleNeed(
            "chilled_water_return_temp", "loop", required=False, without="the machines' own load is used"
        ),
        RoleNeed("condenser_entering_temp", "chiller", required=False, without="the loop's is used"),
        RoleNeed(
            "condenser_flow", "loop", required=False, without="condenser pumps are left to the sequence"
        ),
        RoleNeed("condenser_return_temp", "loop", required=False, without="fans are left to the sequence"),
        RoleNeed("outdoor_humidity", "weather", required=False, without="fans are left to the sequence"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("chilled_water_setpoint", "chiller", Priority.OPTIMISER),
        RoleClaim("speed_command", "pump", Priority.OPTIMISER),
        RoleClaim("speed_command", "tower", Priority.OPTIMISER),
        RoleClaim("enable", "tower", Priority.OPTIMISER),
        RoleClaim(ROLE, "loop", Priority.OPTIMISER),
    )

    name: str = parameter("", help="name of this policy in the site file")
    every: float = parameter(300.0, unit="s", low=60.0, high=3600.0, help="time between two decisions")
    supply_low: float = parameter(6.0, unit="degC", low=2.0, high=20.0, help="coldest supply it sets")
    supply_high: float = parameter(
        9.0,
        unit="degC",
        low=3.0,
        high=20.0,
        help="warmest supply, where the sequence does not say what is allowed",
    )
    fan_low: float = parameter(20.0, unit="%", low=0.0, high=100.0, help="slowest fans")
    pump_low: float = parameter(50.0, unit="%", low=20.0, high=100.0, help="slowest condenser pumps")
    flow_low: float = parameter(
        60.0,
        unit="%",
        low=20.0,
        high=100.0,
        help="condenser flow a machine needs, where its nameplate does not say",
    )
    flow_margin: float = parameter(
        20.0,
        unit="%",
        low=0.0,
        high=50.0,
        help="by which the bypass keeps chilled water above the machines' minimum",
    )
    lift_min: float = parameter(
        12.0,
        unit="K",
        low=2.0,
        high=30.0,
        help="condenser leaving above chilled supply, where no nameplate says",
    )
    coldest: float = parameter(
        16.0, unit="degC", low=5.0, high=30.0, help="coldest condenser water it aims at"
    )
    hottest: float = parameter(
        40.0, unit="degC", low=25.0, high=60.0, help="hottest water leaving a condenser"
    )
    spread: float = parameter(
        1.0,
        unit="K",
        low=0.0,
        high=3.0,
        help="by which unlike machines' set-points may differ to share the load",
    )
    spare_units: int = parameter(
        0, low=0, high=5, help="machines that may fail without losing the load (1 is N+1)"
    )
    start_cost: float = parameter(
        10.0,
        unit="kWh",
        low=0.0,
        high=500.0,
        help="what one start costs, in energy and wear, spread over an hour",
    )
    switch_gain: float = parameter(
        2.0, unit="%", low=0.0, high=20.0, help="another set of machines must save so much"
    )
    confirm: int = parameter(3, low=1, high=12, help="decisions in a row that must say so")
    dwell: float = parameter(1800.0, unit="s", low=0.0, high=14400.0, help="between two changes of the wish")
    look_ahead: float = parameter(
        1800.0, unit="s", low=0.0, high=14400.0, help="the forecast load must be within reach so far ahead"
    )
    margin: float = parameter(5.0, unit="%", low=0.0, high=50.0, help="of the load kept in reach above it")
    curve_error: float = parameter(
        10.0, unit="%", low=1.0, high=50.0, help="CV-RMSE of a curve that is still used"
    )
    disagreement: float = parameter(
        12.0, unit="%", low=2.0, high=50.0, help="meters against curves beyond which it stands back"
    )
    patience: float = parameter(1800.0, unit="s", low=60.0, high=14400.0, help="for which they must disagree")
    correction: float = parameter(
        10.0, unit="%", low=0.0, high=30.0, help="a curve follows its meter by at most"
    )
    memory: float = parameter(43200.0, unit="s", low=3600.0, high=604800.0, help="time that following takes")
    speed_ramp: float = parameter(10.0, unit="%/min", low=1.0, high=100.0, help="of fans and pumps")
    supply_ramp: float = parameter(0.3, unit="K/min", low=0.05, high=5.0, help="of the supply set-point")
    curve_age: float = parameter(
        1_209_600.0, unit="s", low=3600.0, high=7_776_000.0, help="curves older than this are not used"
    )

    def __post_init__(self) -> None:
        if self.supply_low >= self.supply_high:
            raise ValueError("supply_low must lie below supply_high")

    def initial_state(self) -> OptimiserState:
        return OptimiserState()

    def learn(self, history: History) -> PlantCurves:
        """The curves of everything. Raises NothingToLearnError while too little has run."""
        return learn_plant(history)

    def decide(self, snapshot: Snapshot, state: OptimiserState) -> tuple[Sequence[Command], OptimiserState]:
        layout = read_layout(snapshot.model)
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        sight = look(snapshot, layout, self.name, self.supply_high)
        state = self._lived(layout, sight, state, snapshot.elapsed, seconds)
        artefact = snapshot.learned(self.name, LEARNING.kind, LEARNING.version, self.curve_age)
        curves = None if artefact is None else read_curves(artefact)
        if curves is not None:
            state = compared(curves, layout, sight, state, seconds, self.doubt)
        reason = self._stands_back(curves, layout, sight, state)
        if reason or curves is None or artefact is None:
            state = replace(state, since=1e6, targets=Targets(), wish=(), why=reason, votes=0, running=())
            return relinquished(self.name, snapshot, layout, reason), state
        moved = state.running != sight.running or state.digest != artefact.digest
        if moved or state.since >= self.every - 0.5:
            state = chosen(self, snapshot, layout, sight, curves, state)
            state = replace(state, since=0.0, digest=artefact.digest, running=sight.running)
        return commands(self, snapshot, layout, sight, state, seconds), state

    @property
    def doubt(self) -> Doubt:
        """The limits of trust as shares of one."""
        return Doubt(
            error=self.curve_error / 100.0,
            disagreement=self.disagreement / 100.0,
            patience=self.patience,
            memory=self.memory,
            correction=self.correction / 100.0,
        )

    def _lived(
        self, layout: Layout, sight: Sight, state: OptimiserState, elapsed: float, seconds: float
    ) -> OptimiserState:
        """Times and filters of this tick."""
        lowest = self.lowest_lift(layout)
        lifts = [
            one.leaving - one.supply
            for one in sight.machines.values()
            if one.leaving is not None and one.supply is not None
        ]
        slack = 0.0 if state.held > 0.0 else -1.0  # K: given back below, taken again at the limit
        low = bool(lifts) and min(lifts) < lowest + slack
        return replace(
            state,
            elapsed=elapsed,
            since=state.since + seconds,
            wished=state.wished + seconds,
            held=state.held + max(seconds, 1e-3) if low else 0.0,
            load=state.load if sight.load is None else smoothed(state.load, sight.load, seconds, _LOAD_LAG),
            eased=eased(
                state.eased, sight, {id_: one.capacity for id_, one in layout.machines.items()}, seconds
            ),
            memory={
                id_: remember(one, state.memory.get(id_), seconds, wanted=False, within=1e9)
                for id_, one in sight.seen.items()
            },
        )

    def lowest_lift(self, layout: Layout) -> float:
        """K that every machine needs."""
        told = (one.minimum_lift for one in layout.machines.values())
        return max((self.lift_min if one is None else one for one in told), default=self.lift_min)

    def _stands_back(
        self, curves: PlantCurves | None, layout: Layout, sight: Sight, state: OptimiserState
    ) -> str:
        """Why nothing is commanded; empty: something is."""
        if layout.nameless or not layout.machines:
            return f"no capacity on the nameplate of {', '.join(layout.nameless) or 'any chiller'}: left to the sequence"
        if curves is None:
            return "no curves learned yet, or too old: left to the sequence"
        if sight.emergency:
            return f"{sight.emergency}: left to the sequence"
        if not sight.running:
            return "no machine runs: left to the sequence"
        if sight.free_cooling:
            return "free cooling is on, whose share no curve knows: left to the sequence"
        if sight.load is None:
            return f"{sight.fault}: left to the sequence"
        thin = unknown(curves, sight.running, self.doubt)
        if thin:
            return f"{thin}: left to the sequence"
        return "" if state.trusted else disagreement(state)
