"""Stand-ins for the devices of any site file, so that a site can be tried before its devices are there.

They speak as their profiles say and hold plausible values; what is written is read back, a machine runs while it is
enabled, energy counts up. No physics: that is the demonstration's.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.core.site import Site
from hil.plant.variables import Inputs, Outputs, VariableInfo, number
from hil.servers.device import Look, Wiring, constant, variable
from hil.typical import typical


class StandInPlant:
    """Every variable as it was given, commands on top. Fulfils `hil.plant.variables.Plant`."""

    def __init__(self, values: Outputs) -> None:
        self._values = values

    def variables(self) -> Mapping[str, VariableInfo]:
        return {name: VariableInfo(input=True) for name in self._values}

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        for name in self._values:
            owner, _, role = name.rpartition(".")
            if role == "energy" and f"{owner}.power" in self._values:
                power = number(self._values, f"{owner}.power", 0.0, high=1e6)
                self._values[name] = float(self._values[name]) + power * dt / 3600.0
            if role == "status" and f"{owner}.enable" in inputs:
                self._values[name] = bool(inputs[f"{owner}.enable"])
        return {**self._values, **inputs}


def stand_ins(site: Site) -> tuple[Outputs, dict[str, Wiring]]:
    """First values of all variables, and how each device is bound to its own."""
    values: Outputs = {}
    wiring: dict[str, Wiring] = {}
    for device in site.devices.values():
        profile = device.profile
        owners = {group: f"{device.id}/{group}" for group in ("", *profile.groups.values())}
        looks: dict[str, Look] = {}
        for name, point in profile.points.items():
            value = typical(point)
            if point.role is None or isinstance(value, str):
                looks.setdefault(name, constant(value))
                continue
            role = f"{owners[profile.groups.get(name, '')]}.{point.role}"
            values[role] = value
            if point.writing.feedback:  # another point shows what became of the command
                looks[point.writing.feedback] = variable(role)
        wiring[device.id] = Wiring(objects=owners, looks=looks)
    return values, wiring
