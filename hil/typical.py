"""Plausible values for what nothing stands behind, and what can be derived from what is known of the same device.

A meter on a machine of the plant shows currents that fit its power; a drive shows the frequency of its speed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from agent.core.device_profile import DeviceProfile
from agent.core.point import Point, Value, ValueKind
from hil.plant.variables import Variable
from hil.servers.device import Look, VariableLook, constant

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
BY_NAME: tuple[tuple[str, Variable], ...] = (
    ("alarm", 0.0), ("fault", 0.0), ("warning", 0.0), ("bits", 0.0), ("word", 0.0), ("heartbeat", 0.0), ("_thd", 2.0),
    ("phase_angle", 25.8), ("evaporator_refrigerant", 4.0), ("evaporating", 4.0), ("condenser_refrigerant", 37.0),
    ("condensing", 37.0), ("heatsink", 41.0), ("ready", True), ("bus_control", True),
)  # fmt: skip
"""What a name tells where role and unit do not: a healthy machine at work."""
POWER_FACTOR = 0.9
REACTIVE = (1.0 - POWER_FACTOR**2) ** 0.5 / POWER_FACTOR  # kvar per kW
VOLTS = 230.0  # phase to neutral
_PHASE = re.compile(r"_l[123]$")
_BETWEEN = re.compile(r"_l[123]_?l[123]$")
# what one kW or kWh of a device gives in another unit
_FROM_POWER = {"kW": 1.0, "kVA": 1.0 / POWER_FACTOR, "kvar": REACTIVE}
_FROM_ENERGY = {"kWh": 1.0, "kVAh": 1.0 / POWER_FACTOR, "kvarh": REACTIVE}
RATED_FREQUENCY, RATED_VOLTAGE = 50.0, 400.0


def typical(point: Point) -> Value:
    """A value such a point could have on an ordinary day, within what is plausible for it."""
    if point.kind is ValueKind.TEXT:
        return ""
    if point.kind is ValueKind.ENUM:
        return point.choices[0] if point.choices else ""
    known = BY_ROLE.get(point.role or "")
    if known is None and not point.commandable:
        known = next((value for part, value in BY_NAME if part in point.id), None)
    if point.kind is ValueKind.SWITCH:
        return bool(known)
    value = float(known if known is not None else BY_UNIT.get(point.unit, 1.0))
    low, high = point.plausible or (value, value)
    return min(max(value, low), high)


def derived(profile: DeviceProfile, name: str, known: Mapping[str, VariableLook]) -> Look | None:
    """What follows from the device's own power, energy or speed (`known` by role); None: nothing does."""
    point = profile.points[name]
    if point.commandable or point.kind is not ValueKind.NUMBER:
        return None
    if "power_factor" in name:
        return constant(POWER_FACTOR) if known else None
    if "speed" in known and "power" not in name and (look := _of_drive(point.unit, name, known["speed"])):
        return look
    three = any(_PHASE.search(one) for one in profile.points)
    share = 1.0 / 3.0 if three and _PHASE.search(name) else 1.0
    if "export" in name:
        return constant(0.0) if known else None
    if point.unit == "A":
        amperes = 1000.0 / (VOLTS * POWER_FACTOR * (3.0 if three or "speed" in known else 1.0))
        return _times(known.get("power"), amperes)
    if point.unit in _FROM_POWER:
        return _times(known.get("power"), share * _FROM_POWER[point.unit])
    if point.unit in _FROM_ENERGY:
        return _times(known.get("energy"), share * _FROM_ENERGY[point.unit])
    if point.unit == "V" and _BETWEEN.search(name):
        return constant(RATED_VOLTAGE)
    return None


def _of_drive(unit: str, name: str, speed: VariableLook) -> Look | None:
    if unit == "Hz":
        return _times(speed, RATED_FREQUENCY / 100.0)
    if unit == "V":
        return constant(565.0) if "dc" in name else _times(speed, RATED_VOLTAGE / 100.0)
    return None


def _times(look: VariableLook | None, factor: float) -> Look | None:
    return None if look is None else VariableLook(look.name, look.factor * factor)
