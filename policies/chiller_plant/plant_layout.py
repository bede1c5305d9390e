"""What the plant is made of, as the site file says it: machines with their sizes, pumps by circuit, towers, the rest.

Pumps tell their circuit by the setting `circuit: chilled | secondary | condenser | economiser`; where that is missing by the flow
they measure, and else by their name. A pump that serves one chiller is dedicated to it, one that serves several or none hangs on a header.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.calc.cooling import WATER
from agent.core.equipment import AreaModel, Equipment

RISE = 5.0  # K of chilled water at design, GB/T 18430.1: 7/12 degC
CONDENSER_RISE = 5.0  # K of condenser water at design: 30/35 degC
REJECTION = 1.2  # heat rejected over cooling at design, a COP of 5
MINIMUM_FLOW = 0.5  # of design flow through an evaporator, where the nameplate says nothing
MINIMUM_LOAD = 0.2  # of capacity: minimum cycling load, where the nameplate says nothing


class Compressor(StrEnum):
    """The three classes of the guideline's staging table."""

    POSITIVE_DISPLACEMENT = "positive_displacement"
    VARIABLE_SPEED = "variable_speed_centrifugal"
    CONSTANT_SPEED = "constant_speed_centrifugal"


_COMPRESSORS = {
    **{one.value: one for one in Compressor},
    **dict.fromkeys(("screw", "scroll", "piston"), Compressor.POSITIVE_DISPLACEMENT),
    **dict.fromkeys(("centrifugal", "constant_speed"), Compressor.CONSTANT_SPEED),
    **dict.fromkeys(("variable_speed", "vsd", "magnetic_bearing"), Compressor.VARIABLE_SPEED),
}


class Circuit(StrEnum):
    """Which water a pump moves."""

    CHILLED = "chilled"
    SECONDARY = "secondary"
    CONDENSER = "condenser"
    ECONOMISER = "economiser"  # tower water of a waterside economiser that has a pump of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One chiller that can be commanded. kW, l/s."""

    id: str
    equipment: Equipment
    capacity: float
    minimum_capacity: float
    compressor: Compressor
    chilled_flow: float
    minimum_flow: float
    condenser_flow: float
    minimum_lift: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pumps:
    """The pumps of one circuit. `dedicated`: each of them serves one chiller, in `owners` by the pump's id."""

    all: tuple[Equipment, ...] = ()
    owners: Mapping[str, str]

    @property
    def dedicated(self) -> bool:
        return bool(self.all) and len(self.owners) == len(self.all)

    @property
    def variable(self) -> bool:
        return any("speed_command" in one.roles for one in self.all)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The whole plant of one area."""

    machines: Mapping[str, Machine]
    nameless: tuple[str, ...]  # chillers without a capacity: nothing can be staged with them
    chilled: Pumps
    secondary: Pumps
    condenser: Pumps
    free: tuple[Equipment, ...]  # pumps of the economiser's own
    towers: tuple[Equipment, ...]
    loop: Equipment | None
    bypass: Equipment | None
    economiser: Equipment | None
    weather: Equipment | None
    switch: Equipment | None  # equipment of kind `plant`: one touch for all of it
    consumers: tuple[Equipment, ...]  # coils, zones and air handlers that ask for cold water

    @property
    def capacity(self) -> float:
        """Design capacity of the whole plant, kW."""
        return sum(one.capacity for one in self.machines.values())

    @property
    def chilled_flow(self) -> float:
        """Design flow of the whole plant, l/s."""
        return sum(one.chilled_flow for one in self.machines.values())

    @property
    def fleet(self) -> tuple[Equipment, ...]:
        """Everything that is started and stopped."""
        rest = () if self.economiser is None else (self.economiser,)
        machines = (one.equipment for one in self.machines.values())
        return (
            *machines, *self.chilled.all, *self.secondary.all, *self.condenser.all, *self.free, *self.towers, *rest,
        )  # fmt: skip


_READ: dict[int, tuple[AreaModel, Layout]] = {}  # by the identity of the model, which never changes
_MOST_READ = 100


def read_layout(model: AreaModel) -> Layout:
    """Pure; the same for the whole life of a configuration, so it is read once and kept."""
    known = _READ.get(id(model))
    if known is not None and known[0] is model:
        return known[1]
    if len(_READ) >= _MOST_READ:
        _READ.clear()
    layout = _read(model)
    _READ[id(model)] = model, layout
    return layout


def _read(model: AreaModel) -> Layout:
    every = tuple(model.equipment.values())
    chillers = [one for one in every if one.kind == "chiller" and "enable" in one.roles]
    sized = [one for one in chillers if one.nameplate.get("capacity", 0.0) > 0.0]
    ids = {one.id for one in chillers}
    pumps = [one for one in every if one.kind == "pump" and {"enable", "speed_command"} & one.roles.keys()]
    groups = {circuit: [one for one in pumps if circuit_of(one) is circuit] for circuit in Circuit}
    first = {one.kind: one for one in reversed(every)}
    return Layout(
        machines={one.id: _machine(one) for one in sized},
        nameless=tuple(one.id for one in chillers if one not in sized),
        chilled=_pumps(groups[Circuit.CHILLED], ids),
        secondary=_pumps(groups[Circuit.SECONDARY], set()),
        condenser=_pumps(groups[Circuit.CONDENSER], ids),
        free=tuple(groups[Circuit.ECONOMISER]),
        towers=tuple(one for one in every if one.kind == "tower"),
        loop=first.get("loop"),
        bypass=first.get("bypass"),
        economiser=first.get("economiser"),
        weather=first.get("weather"),
        switch=first.get("plant"),
        consumers=tuple(one for one in every if _asks(one)),
    )


def circuit_of(pump: Equipment) -> Circuit | None:
    """None: a pump that is none of ours (fire water, heating)."""
    told = pump.settings.get("circuit")
    if told is not None:
        return next((one for one in Circuit if one.value == told), None)
    if "condenser_flow" in pump.roles:
        return Circuit.CONDENSER
    words = f"{pump.id} {pump.name}".lower()
    if "second" in words:
        return Circuit.SECONDARY
    if "chilled_water_flow" in pump.roles or "chilled" in words or "chw" in words:
        return Circuit.CHILLED
    return Circuit.CONDENSER if any(word in words for word in ("condenser", "cooling", "cwp")) else None


def _machine(one: Equipment) -> Machine:
    plate = one.nameplate
    capacity = plate["capacity"]
    flow = plate.get("rated_chilled_flow", capacity / WATER / RISE)
    rejected = plate.get("rated_condenser_flow", REJECTION * capacity / WATER / CONDENSER_RISE)
    return Machine(
        id=one.id,
        equipment=one,
        capacity=capacity,
        minimum_capacity=plate.get("minimum_capacity", MINIMUM_LOAD * capacity),
        compressor=_COMPRESSORS.get(one.settings.get("compressor", ""), Compressor.CONSTANT_SPEED),
        chilled_flow=flow,
        minimum_flow=plate.get("minimum_chilled_flow", MINIMUM_FLOW * flow),
        condenser_flow=rejected,
        minimum_lift=plate.get("minimum_lift"),
    )


def _pumps(pumps: Sequence[Equipment], chillers: set[str]) -> Pumps:
    owners = {
        one.id: one.guards.serves[0]
        for one in pumps
        if len(one.guards.serves) == 1 and one.guards.serves[0] in chillers
    }
    return Pumps(all=tuple(pumps), owners=owners)


def _asks(one: Equipment) -> bool:
    if one.kind in ("chiller", "pump", "tower", "bypass", "economiser", "tank"):
        return False
    told = {"requests", "plant_requests", "valve"} & one.roles.keys()
    return bool(told) or {"zone_temp", "zone_setpoint"} <= one.roles.keys()
