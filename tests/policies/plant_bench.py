"""A plant of chillers with their own pumps, one tower and a loop, as a bench for the shedding policy.

The machines obey: what is wished happens in the next tick, unless a test sets `follows` to False. A status that a test
has replaced by a Reading stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.core.equipment import Equipment
from policies.chiller_plant.load_shedding import LoadShedding
from tests.policies.snapshots import Bench, machine, model

CHILLER = ("enable", "status", "alarm", "local_mode", "load")
LOOP = ("chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp")


@dataclass
class PlantBench(Bench):
    """`capacities` in kW by chiller. The load is set by `carry`."""

    follows: bool = True

    def tick(self, **more: Any) -> None:
        super().tick(**more)
        if not self.follows:
            return
        for one in self.area.equipment.values():
            command = self.wishes.get(f"{one.id}.enable")
            status = self.values.get(f"{one.id}.status")
            if command is not None and command.value is not None and isinstance(status, bool):
                self.values[f"{one.id}.status"] = command.value

    def carry(self, kw: float, *, supply: float = 7.0) -> None:
        """The loop carries so much; 5 K between supply and return."""
        self.values["loop.chilled_water_flow"] = kw / 4.19 / 5.0
        self.values["loop.chilled_water_supply_temp"] = supply
        self.values["loop.chilled_water_return_temp"] = supply + 5.0

    def on(self) -> tuple[str, ...]:
        """The chillers that are not held off."""
        return tuple(one.id for one in self.chillers() if self.wishes[f"{one.id}.enable"].value is not False)

    def chillers(self) -> tuple[Equipment, ...]:
        return tuple(one for one in self.area.equipment.values() if one.kind == "chiller")


def chiller(id_: str, capacity: float, roles: tuple[str, ...] = CHILLER, **more: Any) -> Equipment:
    return machine(id_, "chiller", roles, capacity=capacity, **more)


def plant(
    capacities: Mapping[str, float],
    *,
    running: str = "",
    roles: tuple[str, ...] = CHILLER,
    loop: tuple[str, ...] = LOOP,
    pumps: bool = True,
    guards: Mapping[str, float] | None = None,
    **parameters: Any,
) -> PlantBench:
    """Chillers `capacities`, those named in `running` (all when empty) run and nothing is wrong."""
    machines = [chiller(id_, kw, roles, **(guards or {})) for id_, kw in capacities.items()]
    if pumps:
        machines += [machine(f"p{id_}", "pump", ("enable", "status"), serves=(id_,)) for id_ in capacities]
        machines.append(machine("tower", "tower", ("enable", "status"), serves=tuple(capacities)))
    if loop:
        machines.append(machine("loop", "loop", loop))
    bench = PlantBench(LoadShedding(name="shed", **parameters), model(*machines), {})
    for id_ in capacities:
        runs = not running or id_ in running.split()
        state = {"status": runs, "alarm": False, "local_mode": False, "load": 50.0 if runs else 0.0}
        bench.values |= {f"{id_}.{role}": value for role, value in state.items() if role in roles}
        if pumps:
            bench.values[f"p{id_}.status"] = runs
    bench.values["tower.status"] = True
    if loop:
        bench.carry(0.75 * sum(capacities.values()))
    return bench
