"""Keeps a computer centre cold through a loss of the utility or of a machine: emergency tank, restart in order, and a spare that is there.

Works above everything but safety: it holds machines on that came back, takes water from the tank that nobody may sell, and says through the
role `emergency` that shedding and optimisation have to wait. Generator cap, spacing and minimum times are the area's guards; they apply.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.calc.timers import passed
from agent.core.command import Command, Priority
from agent.core.equipment import Equipment
from agent.core.parameter import parameter
from agent.core.point import Value
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from policies.chiller_plant.emergency_states import EmergencyState, Phase, Sight, spoken, stepped
from policies.chiller_plant.emergency_word import ROLE
from policies.chiller_plant.plant_layout import Layout, read_layout
from policies.chiller_plant.tank_sight import tank_of
from policies.chiller_plant.units import state_of_health

_PATIENCE = 3.0  # ticks; a longer gap counts as this long: nobody saw what happened in it

Wish = tuple[Equipment, str, Value | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """One plant with an emergency tank, under `chiller_plant.sequence`."""

    kind: ClassVar[str] = "chiller_plant.emergency"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("status", "chiller", without="no machine is seen to be back: nothing is restarted"),
        RoleNeed("status", "pump", required=False, without="a loss of the utility is told by machines alone"),
        RoleNeed(
            "chilled_water_supply_temp", "loop", without="the tank helps after a loss of the utility only"
        ),
        RoleNeed("chilled_water_flow", "loop", required=False, without="the tank gives by temperature alone"),
        RoleNeed("state_of_charge", "tank", without="the tank is not used"),
        RoleNeed("available", "chiller", required=False, without="taken as ready"),
        RoleNeed("alarm", "chiller", required=False, without="faults are seen by the run status alone"),
        RoleNeed("mains", "plant", required=False, without="lost when all that runs stands at once"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("enable", "chiller", Priority.CRITICAL_SERVICE),
        RoleClaim("charge", "tank", Priority.CRITICAL_SERVICE),
        RoleClaim("discharge", "tank", Priority.CRITICAL_SERVICE),
        RoleClaim("flow_command", "tank", Priority.CRITICAL_SERVICE),
        RoleClaim(ROLE, "loop", Priority.CRITICAL_SERVICE),
    )

    name: str = parameter("", help="name of this policy in the site file")
    supply_limit: float = parameter(
        18.0,
        unit="degC",
        low=5.0,
        high=25.0,
        help="supply above which the halls are at risk",
        restarts=("warm",),
    )
    band: float = parameter(1.0, unit="K", low=0.2, high=5.0, help="below the limit before it is over")
    warm_delay: float = parameter(
        20.0, unit="s", low=0.0, high=600.0, help="too warm so long: the tank helps", restarts=("warm",)
    )
    loss_delay: float = parameter(
        5.0, unit="s", low=0.0, high=120.0, help="all stands so long: the utility is lost", restarts=("dead",)
    )
    start_spacing: float = parameter(
        30.0,
        unit="s",
        low=0.0,
        high=600.0,
        help="from one machine's proof to the next start (guards may ask more)",
    )
    proof_within: float = parameter(
        240.0, unit="s", low=30.0, high=1800.0, help="a machine without proof by then is given up for another"
    )
    settle: float = parameter(
        300.0, unit="s", low=0.0, high=3600.0, help="cold so long before a bridge is over"
    )
    return_delay: float = parameter(
        900.0,
        unit="s",
        low=0.0,
        high=14400.0,
        help="calm on the utility before shedding and optimisation go on",
    )
    tank_flow: float = parameter(
        0.0, unit="l/s", low=0.0, high=5000.0, help="of the tank at 100 % (design); 0: no tank is used"
    )
    tank_low: float = parameter(3.0, unit="%", low=0.0, high=50.0, help="content at which it is empty")
    tank_full: float = parameter(
        99.0, unit="%", low=50.0, high=100.0, help="content to which it is filled again"
    )
    recharge: bool = parameter(True, help="fill it up again when it is calm")
    charge_flow: float = parameter(8.0, unit="%", low=1.0, high=100.0, help="with which it is filled")
    charge_below: float = parameter(
        15.3, unit="degC", low=3.0, high=25.0, help="supply that is cold enough to be stored"
    )
    spare_margin: float = parameter(
        5.0, unit="%", low=0.0, high=50.0, help="of the load within reach without the largest machine (N+1)"
    )

    def initial_state(self) -> EmergencyState:
        return EmergencyState()

    def decide(self, snapshot: Snapshot, state: EmergencyState) -> tuple[Sequence[Command], EmergencyState]:
        layout, tank = read_layout(snapshot.model), tank_of(snapshot)
        seconds = passed(snapshot.elapsed, state.elapsed, max(_PATIENCE * snapshot.model.area.tick, 5.0))
        sight = look(snapshot, layout, tank)
        if state.elapsed is None:
            state = replace(state, ran=sight.running, flow=sight.flow)
        state = replace(stepped(self, state, sight, seconds), elapsed=snapshot.elapsed)
        spare = spare_missing(snapshot, layout, sight, self.spare_margin / 100.0)
        why = spoken(self, state, sight)
        wishes = (
            *_machines(layout, sight, state, why),
            *_tank(self, tank, state, why),
            *_word(layout, state, spare, why),
        )
        return [one for wish in wishes if (one := self._command(snapshot, *wish)) is not None], state

    def _command(
        self, snapshot: Snapshot, one: Equipment, role: str, value: Value | None, reason: str
    ) -> Command | None:
        point = snapshot.model.points.get(one.roles.get(role, ""))
        if point is None or not point.commandable:
            return None
        return Command(
            point=point.id, priority=Priority.CRITICAL_SERVICE, source=self.name, value=value, reason=reason
        )


def look(snapshot: Snapshot, layout: Layout, tank: Equipment | None) -> Sight:
    """Machines and pumps by their own feedback, never by what we wish."""
    turning = standing = 0
    machines = [one.equipment for one in layout.machines.values()]
    for one in (*machines, *layout.chilled.all, *layout.secondary.all):
        runs = snapshot.value(one, "status")
        turning += runs is True
        standing += runs is False and snapshot.decided(one, "enable") is True
    running = tuple(one.id for one in machines if snapshot.value(one, "status") is True)
    still = [one for one in machines if one.id not in running]
    fallen = tuple(one.id for one in still if snapshot.decided(one, "enable") is True)
    loop = layout.loop
    utility = None if layout.switch is None else snapshot.value(layout.switch, "mains")
    return Sight(
        utility=utility if isinstance(utility, bool) else None,
        turning=turning,
        standing=standing,
        running=running,
        able=tuple(one.id for one in still if _ready(snapshot, one)),
        fallen=fallen,
        supply=None if loop is None else snapshot.number_of(loop, "chilled_water_supply_temp"),
        flow=None if loop is None else snapshot.number_of(loop, "chilled_water_flow"),
        least_flow=sum(layout.machines[id_].minimum_flow for id_ in (*running, *fallen)),
        level=None if tank is None else snapshot.number_of(tank, "state_of_charge"),
    )


def _ready(snapshot: Snapshot, one: Equipment) -> bool:
    return not state_of_health(snapshot, one)[0] and snapshot.value(one, "local_mode") is not True


def spare_missing(snapshot: Snapshot, layout: Layout, sight: Sight, margin: float) -> str:
    """N+1: what is lacking when the largest machine that runs, or may run, fails; empty when the rest would do."""
    loop = layout.loop
    back = None if loop is None else snapshot.number_of(loop, "chilled_water_return_temp")
    if sight.flow is None or back is None or sight.supply is None:
        return ""
    load = 4.19 * sight.flow * max(back - sight.supply, 0.0) * (1.0 + margin)
    sizes = [layout.machines[id_].capacity for id_ in (*sight.running, *sight.able)]
    rest = sum(sizes) - max(sizes, default=0.0)
    if rest >= load:
        return ""
    return f"no spare machine is ready: {rest:.0f} kW without the largest one, {load:.0f} kW with margin are needed"


def _machines(layout: Layout, sight: Sight, state: EmergencyState, why: str) -> Iterator[Wish]:
    """What is back stays on until it is calm, and the next one starts."""
    keeps = state.phase in (Phase.RESTART, Phase.RECOVER)
    for id_, machine in layout.machines.items():
        wanted = True if keeps and (id_ in state.wanted or id_ in sight.running) else None
        yield machine.equipment, "enable", wanted, why


def _tank(rule: Emergency, tank: Equipment | None, state: EmergencyState, why: str) -> Iterator[Wish]:
    if tank is None:
        return
    gives = state.share > 0.0
    idle = None if rule.recharge is False and not state.acute else False
    yield tank, "charge", True if state.recharging else idle, why
    yield tank, "discharge", True if gives else idle, why
    flow = 100.0 * state.share if gives else rule.charge_flow if state.recharging else None
    yield tank, "flow_command", None if flow is None else round(flow, 1), why


def _word(layout: Layout, state: EmergencyState, spare: str, why: str) -> Iterator[Wish]:
    if layout.loop is not None:
        yield layout.loop, ROLE, state.acute or bool(spare), spare if spare and not state.acute else why
