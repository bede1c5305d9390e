"""The past of a plant turned into its curves. Runs in the planner; five-minute means, only where nothing was started or stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.calc.psychrometrics import wet_bulb
from agent.core.learning import History, NothingToLearnError
from policies.chiller_plant.curve_fit import Sample, fit_machine
from policies.chiller_plant.machine_curve import MachineCurve, usual_curve
from policies.chiller_plant.optimiser_coil import CoilSide, fit_coils
from policies.chiller_plant.optimiser_curves import PlantCurves
from policies.chiller_plant.optimiser_past import (
    STEP,
    Past,
    carried,
    condenser_share,
    loop_load,
    machine_flow,
)
from policies.chiller_plant.optimiser_sight import LOAD_ROLES
from policies.chiller_plant.plant_layout import Machine, Pumps
from policies.chiller_plant.pump_model import (
    PressurePumps,
    PumpSample,
    SpeedPumps,
    fit_pressure_pumps,
    fit_speed_pumps,
)
from policies.chiller_plant.tower_model import TowerModel, TowerSample, fit_tower

if TYPE_CHECKING:
    from agent.core.equipment import Equipment

AFTER = 3  # steps after free cooling until the basin is that of the machines again
HEAD = 30.0  # m of a pump whose nameplate says nothing
WIRE_TO_WATER = 0.68  # efficiency of such a pump with its motor and converter
FAN = 0.010  # kW of fan per kW rejected: 0.035 kW per m3/h (GB/T 7190.1-2018) at 5 K is 0.006; towers in use need more


def learn_plant(history: History) -> PlantCurves:
    """Raises NothingToLearnError while nothing has run long enough."""
    past = Past(history)
    layout = past.layout
    if not layout.machines:
        raise NothingToLearnError("no chiller with a capacity on its nameplate")
    steps = [
        step
        for step in range(past.steps)
        if past.steady(layout.machines.values(), step)
        and not any(past.free_cooling(near) for near in range(step - AFTER, step + 2))
        and any(past.runs(one.equipment, step) for one in layout.machines.values())
    ]
    found = {
        id_: fit_machine(machine_samples(past, one, steps), _start(one))
        for id_, one in layout.machines.items()
    }
    if not any(one.samples for one in found.values()):
        raise NothingToLearnError(
            f"machines ran steadily for {len(steps) * STEP / 3600.0:.1f} h so far: not enough"
        )
    return PlantCurves(
        machines={id_: _or_sister(one, found) for id_, one in found.items()},
        condenser=_condenser(past, steps),
        chilled=_chilled(past, steps),
        tower=_tower(past, steps),
        coils=_coils(past, steps),
        days=round(len(steps) * STEP / 86_400.0, 2),
    )


def _start(machine: Machine) -> MachineCurve:
    plate = machine.equipment.nameplate
    power = plate.get("rated_power") or (machine.capacity / plate["cop"] if plate.get("cop") else None)
    return usual_curve(machine.compressor, machine.capacity, power)


def _or_sister(one: MachineCurve, every: dict[str, MachineCurve]) -> MachineCurve:
    """A machine that has not run yet is taken to be like the one nearest in size that has."""
    if one.samples:
        return one
    known = {
        id_: other for id_, other in every.items() if other.samples and other.compressor is one.compressor
    }
    alike = {id_: other for id_, other in known.items() if 0.6 < other.capacity / one.capacity < 1.7}
    if not alike:
        return one
    name, sister = min(alike.items(), key=lambda pair: abs(pair[1].capacity - one.capacity))
    return replace(
        sister, capacity=one.capacity, power=sister.power * one.capacity / sister.capacity, of=name
    )


def machine_samples(past: Past, machine: Machine, steps: Sequence[int]) -> list[Sample]:
    """Those steps in which this machine ran and is measured."""
    own, loop = machine.equipment, past.layout.loop
    samples = []
    for step in steps:
        if not past.runs(own, step):
            continue
        readings = {role: past.at(own, role, step) for role in LOAD_ROLES}
        loop_supply = past.at(loop, "chilled_water_supply_temp", step)
        back = past.at(loop, "chilled_water_return_temp", step)
        load = carried(past, machine, readings, (loop_supply, back), step)
        supply = readings["chilled_water_supply_temp"] or loop_supply
        entering = past.at(own, "condenser_entering_temp", step) or past.at(
            loop, "condenser_entering_temp", step
        )
        power = past.at(own, "power", step)
        if load is None or supply is None or entering is None or power is None:
            continue
        flow = past.at(own, "condenser_flow", step) or condenser_share(past, machine, step)
        samples.append(Sample(load=load, supply=supply, entering=entering, flow=flow, power=power))
    return samples


def _group(past: Past, pumps: Pumps, flow: float | None, step: int) -> PumpSample | None:
    """What a group of pumps did; None when it did not run evenly."""
    running = [one for one in pumps.all if _turning(past, one, step)]
    speeds = [_speed(past, one, step) for one in running]
    if not running or max(speeds) - min(speeds) > 0.03:
        return None
    powers = [past.at(one, "power", step) for one in running]
    known = [one for one in powers if one is not None]
    power = sum(known) if len(known) == len(powers) else None
    return PumpSample(speed=sum(speeds) / len(speeds), running=len(running), flow=flow, power=power)


def _turning(past: Past, one: Equipment, step: int) -> bool:
    status = past.at(one, "status", step)
    return _speed(past, one, step) > 0.02 if status is None else status > 0.99


def _speed(past: Past, one: Equipment, step: int) -> float:
    """Share of full speed; a pump without a converter runs at full speed."""
    speed = past.at(one, "speed", step)
    speed = past.at(one, "speed_command", step) if speed is None else speed
    return 1.0 if speed is None else speed / 100.0


def _condenser(past: Past, steps: Sequence[int]) -> SpeedPumps | None:
    pumps, layout = past.layout.condenser, past.layout
    if not pumps.all:
        return None
    each = sum(one.condenser_flow for one in layout.machines.values()) / len(pumps.all)
    start = SpeedPumps(count=len(pumps.all), power=_rated(pumps, each), flow=each, variable=pumps.variable)
    found = []
    for step in steps:
        own = [past.at(one.equipment, "condenser_flow", step) for one in layout.machines.values()]
        measured = [one for one in own if one is not None]
        flow = past.at(layout.loop, "condenser_flow", step) or (
            sum(measured) if len(measured) == len(own) else None
        )
        found.append(_group(past, pumps, flow, step))
    return fit_speed_pumps([one for one in found if one is not None], start)


def _chilled(past: Past, steps: Sequence[int]) -> PressurePumps | None:
    layout = past.layout
    pumps = layout.secondary if layout.secondary.all else layout.chilled
    if not pumps.all:
        return None
    each = layout.chilled_flow / len(pumps.all)
    start = PressurePumps(count=len(pumps.all), power=_rated(pumps, each), flow=each)
    found = [_group(past, pumps, machine_flow(past, step), step) for step in steps]
    return fit_pressure_pumps([one for one in found if one is not None], start)


def _rated(pumps: Pumps, flow: float) -> float:
    """KW of one pump at design, by nameplate or by rule."""
    known = [one.nameplate["rated_power"] for one in pumps.all if one.nameplate.get("rated_power")]
    return sum(known) / len(known) if known else flow * 9.81 * HEAD / 1e3 / WIRE_TO_WATER


def _tower(past: Past, steps: Sequence[int]) -> TowerModel | None:
    layout = past.layout
    cells = layout.towers
    if not cells:
        return None
    design = sum(one.condenser_flow for one in layout.machines.values())
    known = [one.nameplate["rated_power"] for one in cells if one.nameplate.get("rated_power")]
    power = sum(known) / len(known) if known else FAN * 1.2 * layout.capacity / len(cells)
    variable = any("speed_command" in one.roles for one in cells)
    start = TowerModel(count=len(cells), flow=design / len(cells), power=power, variable=variable)
    found = [_tower_sample(past, step) for step in steps]
    return fit_tower([one for one in found if one is not None], start)


def _tower_sample(past: Past, step: int) -> TowerSample | None:
    layout = past.layout
    loop, wet = layout.loop, _wet_bulb(past, step)
    running = [one for one in layout.machines.values() if past.runs(one.equipment, step)]
    cold = past.at(loop, "condenser_entering_temp", step)
    if cold is None:
        cold = past.at(running[0].equipment, "condenser_entering_temp", step)
    own = [past.at(one.equipment, "condenser_flow", step) for one in running]
    flow = past.at(loop, "condenser_flow", step)
    if flow is None and all(one is not None for one in own):
        flow = sum(one or 0.0 for one in own)
    hot = past.at(loop, "condenser_return_temp", step)
    if hot is None and len(running) == 1:
        hot = past.at(running[0].equipment, "condenser_leaving_temp", step)
    watered = [one for one in layout.towers if (past.at(one, "valve", step) or 100.0) > 50.0]
    if wet is None or cold is None or hot is None or flow is None or not watered:
        return None
    speeds = [_speed(past, one, step) if _turning(past, one, step) else 0.0 for one in watered]
    powers = [past.at(one, "power", step) for one in watered]
    even = max(speeds) - min(speeds) < 0.03 and all(one is not None for one in powers)
    return TowerSample(
        hot=hot,
        cold=cold,
        wet_bulb=wet,
        flow=flow,
        speed=sum(speeds) / len(speeds),
        cells=len(watered),
        power=sum(one or 0.0 for one in powers) if even else None,
    )


def _wet_bulb(past: Past, step: int) -> float | None:
    layout = past.layout
    for one in (layout.weather, layout.loop):
        value = past.at(one, "outdoor_wet_bulb", step)
        if value is not None:
            return value
    dry, damp = (past.at(layout.weather, role, step) for role in ("outdoor_dry_bulb", "outdoor_humidity"))
    return None if dry is None or damp is None or damp < 1.0 else wet_bulb(dry, min(damp, 100.0))


def _coils(past: Past, steps: Sequence[int]) -> CoilSide:
    loop = past.layout.loop
    samples = []
    for step in steps:
        load = loop_load(past, step)
        supply = past.at(loop, "chilled_water_supply_temp", step)
        back = past.at(loop, "chilled_water_return_temp", step)
        if load is not None and supply is not None and back is not None:
            samples.append((load, supply, back))
    return fit_coils(samples, CoilSide(design=past.layout.capacity))
