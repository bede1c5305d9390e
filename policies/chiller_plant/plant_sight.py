"""The plant's water and weather as the picture of this tick shows them; None for what is not bound or cannot be believed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from agent.calc.cooling import WATER
from agent.calc.psychrometrics import dew_point, wet_bulb
from agent.core.equipment import Equipment
from agent.core.frozen import quick
from agent.core.snapshot import Snapshot
from policies.chiller_plant.plant_layout import Layout, Machine


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class WaterSight:
    """Temperatures degC, flows l/s, pressure kPa."""

    supply: float | None
    back: float | None
    flow: float | None  # of the loop
    pressure: float | None
    condenser_return: float | None
    condenser_supply: float | None
    economiser_gain: float | None  # K that the economiser takes off
    machine_flow: float | None  # l/s through all machines that have water
    condenser_flow: float | None
    outdoor: float | None
    wet_bulb: float | None
    dew_point: float | None


def water_sight(
    snapshot: Snapshot, layout: Layout, running: Sequence[str], watered: Sequence[str]
) -> WaterSight:
    """`running`: machines proven on; `watered`: machines with open valves."""
    loop = layout.loop
    on = [layout.machines[id_].equipment for id_ in running]
    open_ = [layout.machines[id_] for id_ in watered]
    flow = _of(snapshot, loop, "chilled_water_flow")
    through = _flows(snapshot, open_, "chilled_water_flow")
    outdoor, damp = (
        _weather(snapshot, layout, "outdoor_dry_bulb"),
        _weather(snapshot, layout, "outdoor_humidity"),
    )
    wet = _weather(snapshot, layout, "outdoor_wet_bulb")
    known = outdoor is not None and damp is not None and damp > 1.0
    if wet is None and outdoor is not None and known and layout.economiser is not None:
        wet = wet_bulb(outdoor, damp or 0.0)
    supply = _of(snapshot, loop, "chilled_water_supply_temp")
    return WaterSight(
        supply=_warmest(snapshot, on, "chilled_water_supply_temp") if supply is None else supply,
        back=_of(snapshot, loop, "chilled_water_return_temp"),
        flow=flow,
        pressure=_of(snapshot, loop, "differential_pressure"),
        condenser_return=_loop_or_mean(snapshot, loop, on, "condenser_return_temp", "condenser_leaving_temp"),
        condenser_supply=_loop_or_mean(
            snapshot, loop, on, "condenser_entering_temp", "condenser_entering_temp"
        ),
        economiser_gain=_economiser(snapshot, layout.economiser, flow),
        machine_flow=flow if through is None else through,
        condenser_flow=_condenser(snapshot, loop, open_),
        outdoor=outdoor,
        wet_bulb=wet,
        dew_point=dew_point(outdoor, min(damp or 0.0, 100.0)) if outdoor is not None and known else None,
    )


def lift_of(snapshot: Snapshot, machine: Machine, water: WaterSight) -> float | None:
    """Condenser leaving less chilled supply of one machine, K."""
    own = machine.equipment
    leaving = snapshot.number_of(own, "condenser_leaving_temp")
    supply = snapshot.number_of(own, "chilled_water_supply_temp")
    leaving = water.condenser_return if leaving is None else leaving
    supply = water.supply if supply is None else supply
    return None if leaving is None or supply is None else leaving - supply


def mean_of(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _of(snapshot: Snapshot, one: Equipment | None, role: str) -> float | None:
    return None if one is None else snapshot.number_of(one, role)


def _warmest(snapshot: Snapshot, machines: Sequence[Equipment], role: str) -> float | None:
    known = [value for one in machines if (value := snapshot.number_of(one, role)) is not None]
    return max(known, default=None)


def _loop_or_mean(
    snapshot: Snapshot, loop: Equipment | None, machines: Sequence[Equipment], role: str, own: str
) -> float | None:
    value = _of(snapshot, loop, role)
    return mean_of(snapshot.number_of(one, own) for one in machines) if value is None else value


def _flows(snapshot: Snapshot, machines: Sequence[Machine], role: str) -> float | None:
    """All of them together; None unless each is measured."""
    values = [snapshot.number_of(one.equipment, role) for one in machines]
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _condenser(snapshot: Snapshot, loop: Equipment | None, machines: Sequence[Machine]) -> float | None:
    own = _flows(snapshot, machines, "condenser_flow")
    return _of(snapshot, loop, "condenser_flow") if own is None else own


def _weather(snapshot: Snapshot, layout: Layout, role: str) -> float | None:
    for one in (layout.weather, layout.loop):
        value = _of(snapshot, one, role)
        if value is not None:
            return value
    return None


def _economiser(snapshot: Snapshot, one: Equipment | None, flow: float | None) -> float | None:
    """From its own two temperatures, else from its heat and the flow."""
    if one is None:
        return None
    before, after = (
        snapshot.number_of(one, role) for role in ("chilled_water_return_temp", "chilled_water_supply_temp")
    )
    if before is not None and after is not None:
        return before - after
    heat = snapshot.number_of(one, "cooling")
    return heat / (flow * WATER) if heat is not None and flow is not None and flow > 0.0 else None
