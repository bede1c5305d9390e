"""The machines of an area whose power is known by a meter: what each drew where it was, and would have drawn elsewhere.

Pumps, fans and lamps go by their own position. Chillers share the plant's load: the cooling that was delivered is laid on those that
would have run. What only moves a set-point is not estimated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from agent.core.equipment import AreaModel, Equipment
from agent.core.point import Value
from agent.preview.curves import LoadCurve, PositionCurve

SWITCHES = ("enable", "lamp_switch")
LEVELS = ("speed_command", "lamp_level")
MOVING = (*SWITCHES, *LEVELS)

Values = Mapping[str, Value | None]
"""By point: where it was, or would have been."""


class Machine(Protocol):
    """One estimate: taught by what was measured, asked for what would have been."""

    @property
    def name(self) -> str: ...

    @property
    def method(self) -> str: ...

    def learn(self, seen: Values, places: Values) -> None: ...

    def power(self, seen: Values, places: Values, would: Values | None) -> float | None:
        """In kW by the curve; `would` None: where it was. None: not known."""
        ...

    def measured(self, seen: Values) -> float | None: ...

    def moved(self, places: Values, would: Values) -> bool: ...


@dataclass(slots=True)
class Positioned:
    """Machines on one meter that draw by their position: one pump, or all lamp groups of a garage."""

    name: str
    meter: str
    parts: tuple[tuple[Equipment, float], ...]  # and their weight
    curve: PositionCurve = field(default_factory=PositionCurve)
    method: str = "mean metered power by position"

    def learn(self, seen: Values, places: Values) -> None:
        power, position = self.measured(seen), self._position(places)
        if power is not None and position is not None:
            self.curve.see(position, power)

    def power(self, seen: Values, places: Values, would: Values | None) -> float | None:
        del seen  # it draws by its position, whatever it serves
        position = self._position(places if would is None else {**places, **_known(would)})
        return None if position is None else self.curve.power(position)

    def measured(self, seen: Values) -> float | None:
        return _number(seen.get(self.meter))

    def moved(self, places: Values, would: Values) -> bool:
        return self._position(places) != self._position({**places, **_known(would)})

    def _position(self, places: Values) -> float | None:
        total = weights = 0.0
        for one, weight in self.parts:
            part = position_of(one, places)
            if part is None:
                return None
            total, weights = total + weight * part, weights + weight
        return total / weights if weights else None


@dataclass(slots=True)
class Cooling:
    """Chillers that share one load."""

    name: str
    chillers: tuple[Equipment, ...]
    curves: dict[str, LoadCurve] = field(default_factory=dict)
    method: str = "metered power over cooling load; the load delivered is shared by those that would have run"

    def learn(self, seen: Values, places: Values) -> None:
        for one in self.chillers:
            load, power = cooling_of(one, seen), _number(seen.get(one.roles["power"]))
            if load and power and position_of(one, places):
                self.curves.setdefault(one.id, LoadCurve()).see(load, power)

    def power(self, seen: Values, places: Values, would: Values | None) -> float | None:
        loads = {one.id: cooling_of(one, seen) for one in self.chillers}
        if any(load is None for load in loads.values()):
            return None
        running = self._running(places)
        wanted = running if would is None else self._running({**places, **_known(would)})
        if running is None or wanted is None:
            return None
        if wanted != running:
            total = sum(load or 0.0 for load in loads.values())
            capacity = sum(one.nameplate["capacity"] for one in self.chillers if one.id in wanted)
            if total > 0.0 and not capacity:
                return None  # nobody would have cooled: no saving that counts
            loads = {
                one.id: total * one.nameplate["capacity"] / capacity if one.id in wanted else 0.0
                for one in self.chillers
            }
        drawn = [self._draws(name, loads[name] or 0.0) for name in wanted]
        return None if None in drawn else sum(one or 0.0 for one in drawn)

    def measured(self, seen: Values) -> float | None:
        powers = [_number(seen.get(one.roles["power"])) for one in self.chillers]
        return None if None in powers else sum(one or 0.0 for one in powers)

    def moved(self, places: Values, would: Values) -> bool:
        return self._running(places) != self._running({**places, **_known(would)})

    def _running(self, places: Values) -> frozenset[str] | None:
        positions = {one.id: position_of(one, places) for one in self.chillers}
        if None in positions.values():
            return None
        return frozenset(name for name, position in positions.items() if position)

    def _draws(self, name: str, load: float) -> float | None:
        curve = self.curves.get(name)
        return None if curve is None else curve.power(load)


def machines_of(model: AreaModel) -> tuple[tuple[Machine, ...], dict[str, str]]:
    """What can be estimated, and why the rest cannot (by equipment)."""
    found: list[Machine] = []
    lacking: dict[str, str] = {}
    moving = [one for one in model.equipment.values() if _moves(one, model)]
    chillers = [one for one in moving if one.kind == "chiller"]
    able = [one for one in chillers if _cools_by_measure(one)]
    if able and len(able) == len(chillers):
        found.append(Cooling("chillers", tuple(able)))
    else:
        for one in chillers:
            lacking[one.id] = "needs its power, and its cooling or load with a capacity"
    others = [one for one in moving if one.kind != "chiller"]
    metered = [one for one in others if "power" in one.roles]
    found += [Positioned(one.id, one.roles["power"], ((one, 1.0),)) for one in metered]
    rest = [one for one in others if one not in metered]
    meters = [one for one in model.equipment.values() if one.kind == "meter" and "power" in one.roles]
    if rest and len(meters) == 1 and len({one.kind for one in rest}) == 1:
        parts = tuple((one, one.nameplate.get("rated_power", 1.0)) for one in rest)
        found.append(Positioned(meters[0].id, meters[0].roles["power"], parts))
    else:
        lacking |= {one.id: "no meter of its own" for one in rest}
    return tuple(found), lacking


def position_of(one: Equipment, places: Values) -> float | None:
    """0 off to 1 full, by the roles that move it; None while one of them is not known."""
    level = 1.0
    for role in MOVING:
        point = one.roles.get(role)
        if point is None or point not in places:
            continue
        value = _number(places[point])
        if value is None:
            return None
        if role in SWITCHES:
            if not value:
                return 0.0
        else:
            level = min(max(value / 100.0, 0.0), 1.0)
    return level


def cooling_of(one: Equipment, seen: Values) -> float | None:
    """Cooling of one chiller, kW."""
    if (point := one.roles.get("cooling")) is not None:
        return _number(seen.get(point))
    load = _number(seen.get(one.roles.get("load", "")))
    return None if load is None else load / 100.0 * one.nameplate["capacity"]


def _moves(one: Equipment, model: AreaModel) -> bool:
    return any(
        role in one.roles and model.points[one.roles[role]].commandable
        for role in MOVING
        if one.roles.get(role) in model.points
    )


def _cools_by_measure(one: Equipment) -> bool:
    return (
        "power" in one.roles and "capacity" in one.nameplate and bool({"cooling", "load"} & one.roles.keys())
    )


def _known(values: Values) -> dict[str, Value]:
    return {point: value for point, value in values.items() if value is not None}


def _number(value: Value | None) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)
