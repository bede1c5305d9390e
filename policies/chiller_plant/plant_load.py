"""What the plant carries now, from the best measurement there is, and how warm its supply is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.calc.cooling import cooling
from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot
from policies.chiller_plant.units import Unit

_LOOP = ("chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantLoad:
    """Load in kW, or why there is none: `missing` (nothing is wired) or `fault` (it is, and it is BAD)."""

    kw: float | None = None
    source: str = ""
    missing: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Chilled-water supply temperature and its set-point, degC; `fault` when a wired sensor cannot be read."""

    temperature: float | None
    setpoint: float
    fault: str = ""


def plant_load(snapshot: Snapshot, units: Sequence[Unit]) -> PlantLoad:
    """Flow times temperature difference of the loop, else its heat meter, else the machines' own figures."""
    loop = _loop(snapshot)
    fault = ""
    if loop is not None and all(role in loop.roles for role in _LOOP):
        found = _from_water(snapshot, loop)
        if found.kw is not None:
            return found
        fault = found.fault
    if loop is not None and "cooling" in loop.roles:
        meter = snapshot.number_of(loop, "cooling")
        if meter is not None and meter >= 0.0:
            return PlantLoad(kw=meter, source="heat meter")
        fault = fault or f"heat meter: {snapshot.reading(loop, 'cooling').reason or 'no reading'}"
    return _from_machines(snapshot, units, fault)


def supply_of(snapshot: Snapshot, default_setpoint: float) -> Supply:
    """From the loop, else the warmest running machine."""
    loop = _loop(snapshot)
    chillers = [one for one in snapshot.equipment("chiller") if snapshot.value(one, "status")]
    setpoints = [
        value
        for one in ([loop] if loop is not None else []) + chillers
        if (value := snapshot.number_of(one, "chilled_water_setpoint")) is not None
    ]
    setpoint = min(setpoints, default=default_setpoint)
    if loop is not None and "chilled_water_supply_temp" in loop.roles:
        value = snapshot.number_of(loop, "chilled_water_supply_temp")
        reason = snapshot.reading(loop, "chilled_water_supply_temp").reason or "no reading"
        return Supply(
            temperature=value,
            setpoint=setpoint,
            fault="" if value is not None else f"supply temperature of {loop.id}: {reason}",
        )
    leaving = [snapshot.number_of(one, "chilled_water_supply_temp") for one in chillers]
    known = [value for value in leaving if value is not None]
    return Supply(temperature=max(known, default=None), setpoint=setpoint)


def _loop(snapshot: Snapshot) -> Equipment | None:
    """The first loop of the area: a secondary loop carries the same load once more."""
    return next(snapshot.equipment("loop"), None)


def _from_water(snapshot: Snapshot, loop: Equipment) -> PlantLoad:
    flow, supply, back = (snapshot.number_of(loop, role) for role in _LOOP)
    if flow is None or supply is None or back is None:
        lost = next(role for role in _LOOP if snapshot.number_of(loop, role) is None)
        return PlantLoad(fault=f"{lost} of {loop.id}: {snapshot.reading(loop, lost).reason or 'no reading'}")
    found = cooling(flow, supply, back)
    if found.kw is None:
        return PlantLoad(fault=f"{loop.id}: {found.fault}")
    return PlantLoad(kw=found.kw, source="flow x dT")


def _from_machines(snapshot: Snapshot, units: Sequence[Unit], fault: str) -> PlantLoad:
    chillers = {one.id: one for one in snapshot.equipment("chiller")}
    blind = [one.id for one in units if not {"load", "cooling"} & chillers[one.id].roles.keys()]
    if blind:
        return PlantLoad(missing=not fault, fault=fault)
    unknown = [one.id for one in units if one.load is None]
    if unknown:
        return PlantLoad(fault=fault or f"load of {', '.join(unknown)} not readable")
    return PlantLoad(kw=sum(one.load or 0.0 for one in units), source="the machines' own load")
