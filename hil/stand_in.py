"""`plantroom simulate`: stand-ins for the devices of any site file, so that a site can be tried before its devices are there.

They speak as their profiles say and hold plausible values; what is written is read back, a machine runs while it is
enabled, energy counts up. No physics: that is the demonstration's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from agent.config.load import load_site
from agent.core.errors import PlantroomError
from agent.core.point import Point, Value, ValueKind
from agent.core.site import Site
from agent.plugins import find_catalogue
from hil.clock import ScaledClock
from hil.plant.variables import Inputs, Outputs, Variable, VariableInfo, number
from hil.servers.device import Look, Wiring, constant, variable
from hil.simulated_site import FaceSettings, SimulatedSite

BY_ROLE: Mapping[str, Variable] = {
    "enable": True, "status": True, "available": True, "remote_mode": True, "flow_proof": True,
    "alarm": False, "local_mode": False, "presence": False, "lamp_switch": False,
    "power": 55.0, "energy": 12_000.0, "load": 60.0, "speed": 80.0, "speed_command": 80.0, "demand_limit": 100.0,
    "chilled_water_supply_temp": 7.0, "chilled_water_return_temp": 12.0, "chilled_water_setpoint": 7.0,
    "condenser_entering_temp": 29.0, "condenser_leaving_temp": 34.0, "outdoor_dry_bulb": 30.0,
    "outdoor_humidity": 65.0, "zone_temp": 24.5, "zone_setpoint": 25.0,
}  # fmt: skip
BY_UNIT: Mapping[str, float] = {
    "degC": 24.0, "V": 230.0, "A": 80.0, "kW": 18.0, "kWh": 4_000.0, "Hz": 50.0, "kPa": 150.0, "l/s": 40.0,
    "lx": 200.0, "h": 1_000.0, "%": 50.0,
}  # fmt: skip


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


async def simulate(config: Path) -> None:
    """Runs until cancelled. Raises ConfigurationError, and PlantroomError where an address is not to be had here."""
    site = load_site(config, find_catalogue())
    values, wiring = stand_ins(site)
    simulated = SimulatedSite(site, StandInPlant(values), wiring, ScaledClock(1.0), FaceSettings())
    try:
        await simulated.start()
    except (OSError, ValueError) as error:
        raise PlantroomError(
            f"{error}; a simulated device needs an address of this machine, such as host 127.0.0.1 and a port above 1024"
        ) from error
    try:
        for bus in site.buses.values():
            devices = ", ".join(
                f"{one.id} ({one.profile.id})" for one in site.devices.values() if one.bus == bus.id
            )
            place = (
                getattr(bus.settings, "url", "") or f"{getattr(bus.settings, 'host', '')} {bus.settings.port}"
            )
            print(f"{bus.id}: {bus.kind} at {place.strip()}: {devices}", flush=True)
        print("Ctrl-C ends them.", flush=True)
        await asyncio.Event().wait()
    finally:
        await simulated.stop()


def stand_ins(site: Site) -> tuple[Outputs, dict[str, Wiring]]:
    """First values of all variables, and how each device is bound to its own."""
    values: Outputs = {}
    wiring: dict[str, Wiring] = {}
    for device in site.devices.values():
        profile = device.profile
        owners = {group: f"{device.id}/{group}" for group in ("", *profile.groups.values())}
        looks: dict[str, Look] = {}
        for name, point in profile.points.items():
            value = _typical(point)
            if point.role is None or isinstance(value, str):
                looks.setdefault(name, constant(value))
                continue
            role = f"{owners[profile.groups.get(name, '')]}.{point.role}"
            values[role] = value
            if point.writing.feedback:  # another point shows what became of the command
                looks[point.writing.feedback] = variable(role)
        wiring[device.id] = Wiring(objects=owners, looks=looks)
    return values, wiring


def _typical(point: Point) -> Value:
    if point.kind is ValueKind.TEXT:
        return ""
    if point.kind is ValueKind.ENUM:
        return point.choices[0] if point.choices else ""
    known = BY_ROLE.get(point.role or "")
    if point.kind is ValueKind.SWITCH:
        return bool(known)
    value = float(known if known is not None else BY_UNIT.get(point.unit, 1.0))
    low, high = point.plausible or (value, value)
    return min(max(value, low), high)
