"""A plant's past in columns of five minutes: readings by role, who ran, and what each machine carried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isnan
from typing import TYPE_CHECKING

from agent.calc.cooling import WATER
from agent.core.learning import History
from policies.chiller_plant.optimiser_sight import LOAD_ROLES, own_load
from policies.chiller_plant.plant_layout import Layout, Machine, read_layout

if TYPE_CHECKING:
    from agent.core.equipment import Equipment

STEP = 300.0
_ROLES = (
    *LOAD_ROLES,
    *("status", "power", "condenser_entering_temp", "condenser_leaving_temp", "condenser_return_temp"),
    *(
        "condenser_flow",
        "speed",
        "speed_command",
        "valve",
        "outdoor_dry_bulb",
        "outdoor_humidity",
        "outdoor_wet_bulb",
    ),
)


class Past:
    """The columns of one plant; None where nothing is known at a step."""

    def __init__(self, history: History) -> None:
        self.layout: Layout = read_layout(history.model)
        points = {
            point
            for one in history.model.equipment.values()
            for role, point in one.roles.items()
            if role in _ROLES and point in history.model.points
        }
        self._columns = history.columns(sorted(points), STEP)
        self.steps = min((len(one.values) for one in self._columns.values()), default=0)

    def at(self, one: Equipment | None, role: str, step: int) -> float | None:
        column = None if one is None else self._columns.get(one.roles.get(role, ""))
        value = float("nan") if column is None else column.values[step]
        return None if isnan(value) else value

    def runs(self, one: Equipment, step: int) -> bool:
        return (self.at(one, "status", step) or 0.0) > 0.99

    def free_cooling(self, step: int) -> bool:
        """Whether an economiser took a part of the load, and of the towers, that no curve knows."""
        one = self.layout.economiser
        on = None if one is None else self.at(one, "status", step)
        return on is not None and on > 0.0

    def steady(self, machines: Iterable[Machine], step: int) -> bool:
        """The same machines ran all through this step and its neighbours."""
        if not 0 < step < self.steps - 1:
            return False
        for one in machines:
            now = self.at(one.equipment, "status", step)
            if now is None or 0.01 < now < 0.99:
                return False
            if any(self.at(one.equipment, "status", near) != now for near in (step - 1, step + 1)):
                return False
        return True


def carried(
    past: Past,
    machine: Machine,
    readings: Mapping[str, float | None],
    loop: tuple[float | None, float | None],
    step: int,
) -> float | None:
    """Its own measurement; else its share of the loop's by design flow; else its display."""
    known = readings["cooling"] is not None or readings["chilled_water_flow"] is not None
    if not known:
        total = loop_load(past, step)
        if total is not None:
            return total * _share(past, machine, step)
    return own_load(readings, machine.capacity, *loop)


def loop_load(past: Past, step: int) -> float | None:
    loop = past.layout.loop
    flow, supply, back = (
        past.at(loop, role, step)
        for role in ("chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp")
    )
    if flow is None or supply is None or back is None or flow <= 0.0 or back <= supply:
        return None
    return WATER * flow * (back - supply)


def _share(past: Past, machine: Machine, step: int) -> float:
    running = [one for one in past.layout.machines.values() if past.runs(one.equipment, step)]
    return machine.chilled_flow / sum(one.chilled_flow for one in running)


def condenser_share(past: Past, machine: Machine, step: int) -> float:
    total = past.at(past.layout.loop, "condenser_flow", step)
    running = [one for one in past.layout.machines.values() if past.runs(one.equipment, step)]
    design = sum(one.condenser_flow for one in running)
    return machine.condenser_flow if not total else total * machine.condenser_flow / design


def machine_flow(past: Past, step: int) -> float | None:
    """Chilled water through all machines that run, l/s; the loop's where they do not measure it."""
    running = [one for one in past.layout.machines.values() if past.runs(one.equipment, step)]
    own = [past.at(one.equipment, "chilled_water_flow", step) for one in running]
    known = [one for one in own if one is not None]
    return (
        sum(known)
        if known and len(known) == len(own)
        else past.at(past.layout.loop, "chilled_water_flow", step)
    )
