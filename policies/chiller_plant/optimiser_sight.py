"""What the optimiser sees in one tick: weather, water, and what each machine carries and draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.calc.cooling import cooling
from agent.calc.psychrometrics import wet_bulb
from agent.core.command import Priority
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot
from policies.chiller_plant.emergency_word import in_emergency
from policies.chiller_plant.fleet import Seen, see
from policies.chiller_plant.plant_layout import Layout, Machine
from policies.chiller_plant.plant_load import plant_load
from policies.chiller_plant.tank_sight import tank_gives
from policies.chiller_plant.units import read_unit

Readings = Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSight:
    """One running machine, as far as it is measured: kW, degC, l/s."""

    load: float | None
    power: float | None
    supply: float | None
    entering: float | None
    flow: float | None
    leaving: float | None
    setpoint: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The plant now. `fault`: why its load is not known."""

    load: float | None
    fault: str
    wet_bulb: float | None
    entering: float | None  # degC of condenser water
    running: tuple[str, ...]
    seen: Mapping[str, Seen]
    machines: Mapping[str, MachineSight]  # those that run
    cells: int  # with water
    warmest: float | None  # supply that somebody weaker asks for: trim and respond
    emergency: str = ""  # why all that saves has to wait
    free_cooling: bool = False  # the economiser takes a part of the load, and the fans


def look(snapshot: Snapshot, layout: Layout, name: str, setpoint: float) -> Sight:
    """`name` is the policy's own."""
    seen = {id_: see(snapshot, one.equipment, name) for id_, one in layout.machines.items()}
    running = tuple(id_ for id_, one in seen.items() if one.running)
    units = [read_unit(snapshot, one.equipment, "", setpoint) for one in layout.machines.values()]
    load = plant_load(snapshot, units)
    if load.kw is not None:  # what a tank gives need not be made, what it takes must
        load = replace(load, kw=max(load.kw - tank_gives(snapshot), 0.0))
    total = sum(layout.machines[id_].chilled_flow for id_ in running)
    machines = {}
    for id_ in running:
        one = layout.machines[id_]
        share = one.chilled_flow / total
        machines[id_] = _machine(snapshot, layout, one, None if load.kw is None else load.kw * share)
    entering = [one.entering for one in machines.values() if one.entering is not None]
    return Sight(
        load=load.kw,
        fault=load.fault or ("load is not measured" if load.kw is None else ""),
        wet_bulb=wet_bulb_of(snapshot, layout),
        entering=sum(entering) / len(entering)
        if entering
        else _loop(snapshot, layout, "condenser_entering_temp"),
        running=running,
        seen=seen,
        machines=machines,
        cells=max(sum(has_water(snapshot, one) for one in layout.towers), 1),
        warmest=min(
            (
                value
                for id_ in running
                if (value := _weaker(snapshot, layout.machines[id_].equipment)) is not None
            ),
            default=None,
        ),
        emergency=in_emergency(snapshot),
        free_cooling=_economised(snapshot, layout.economiser),
    )


def _economised(snapshot: Snapshot, one: Equipment | None) -> bool:
    if one is None:
        return False
    value = snapshot.value(one, "status") if "status" in one.roles else snapshot.decided(one, "enable")
    return value is not None and bool(value)


def wet_bulb_of(snapshot: Snapshot, layout: Layout) -> float | None:
    """Measured, else from dry bulb and humidity; degC."""
    for one in (layout.weather, layout.loop):
        value = None if one is None else snapshot.number_of(one, "outdoor_wet_bulb")
        if value is not None:
            return value
    one = layout.weather
    dry = None if one is None else snapshot.number_of(one, "outdoor_dry_bulb")
    damp = None if one is None else snapshot.number_of(one, "outdoor_humidity")
    if dry is None or damp is None or not 1.0 < damp <= 105.0 or not -30.0 < dry < 55.0:
        return None
    return wet_bulb(dry, min(damp, 100.0))


def has_water(snapshot: Snapshot, cell: Equipment) -> bool:
    """By its valve, else taken as open."""
    for role in ("valve", "valve_command"):
        value = snapshot.number_of(cell, role) if role in cell.roles else None
        if value is not None:
            return value > 50.0
    return True


def own_load(
    readings: Readings, capacity: float, loop_supply: float | None, back: float | None
) -> float | None:
    """Cooling of one machine in kW by its heat meter, its own flow, or its load display; None: not measured.

    `readings` by role of the machine, `loop_supply` and `back` the loop's temperatures in degC.
    """
    meter = readings.get("cooling")
    if meter is not None and meter >= 0.0:
        return meter
    flow = readings.get("chilled_water_flow")
    supply = readings.get("chilled_water_supply_temp")
    entering = readings.get("chilled_water_return_temp")
    supply = loop_supply if supply is None else supply
    entering = back if entering is None else entering
    if flow is not None and supply is not None and entering is not None:
        return cooling(flow, supply, entering).kw
    share = readings.get("load")
    return None if share is None or not 0.0 <= share <= 130.0 else share / 100.0 * capacity


LOAD_ROLES = (
    *("cooling", "chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp", "load"),
)


def _machine(snapshot: Snapshot, layout: Layout, one: Machine, share: float | None) -> MachineSight:
    own = one.equipment
    readings = {role: snapshot.number_of(own, role) for role in LOAD_ROLES if role in own.roles}
    loop_supply = _loop(snapshot, layout, "chilled_water_supply_temp")
    back = _loop(snapshot, layout, "chilled_water_return_temp")
    flow_known = "chilled_water_flow" in readings or "cooling" in readings
    load = own_load(readings, one.capacity, loop_supply, back) if flow_known else share
    supply = readings.get("chilled_water_supply_temp")
    entering = snapshot.number_of(own, "condenser_entering_temp")
    leaving = snapshot.number_of(own, "condenser_leaving_temp")
    return MachineSight(
        load=share if load is None else load,
        power=snapshot.number_of(own, "power"),
        supply=loop_supply if supply is None else supply,
        entering=_loop(snapshot, layout, "condenser_entering_temp") if entering is None else entering,
        flow=snapshot.number_of(own, "condenser_flow"),
        leaving=_loop(snapshot, layout, "condenser_return_temp") if leaving is None else leaving,
        setpoint=_setpoint(snapshot, own),
    )


def _setpoint(snapshot: Snapshot, own: Equipment) -> float | None:
    """What was decided last, else what the machine shows: many show none."""
    decided = snapshot.decided(own, "chilled_water_setpoint")
    if decided is None or isinstance(decided, str):
        return snapshot.number_of(own, "chilled_water_setpoint")
    return float(decided)


def _loop(snapshot: Snapshot, layout: Layout, role: str) -> float | None:
    return None if layout.loop is None else snapshot.number_of(layout.loop, role)


def _weaker(snapshot: Snapshot, machine: Equipment) -> float | None:
    """The set-point that the sequence would write here."""
    decision = snapshot.decisions.get(machine.roles.get("chilled_water_setpoint", ""))
    if decision is None:
        return None
    claims = (*(() if decision.winner is None else (decision.winner,)), *decision.losers)
    found = (one for one in claims if one.priority > Priority.OPTIMISER and one.value is not None)
    first = min(found, key=lambda one: one.priority, default=None)
    return None if first is None or isinstance(first.value, str) else float(first.value or 0.0)
