"""A computer room with two split units and two sensors.

Split unit: capacity and power over outdoor dry bulb and entering wet bulb by the DX curves of EnergyPlus' example files
(HPACCoolCapFT and HPACCoolEIRFT, in every release), cycling losses by its PLF = 0.75 + 0.25 PLR as a slow start of the
cooling. The compressor's own lock of 3 minutes and the unit's own thermostat are local: a command only allows it to run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

from hil.plant.load import Outdoors
from hil.plant.meter import EnergyRegister
from hil.plant.variables import Inputs, Outputs, number, outputs_of, switch
from hil.plant.weather_air import wet_bulb

_CAPACITY = (0.766956, 0.0107756, -0.0000414703, 0.00134961, -0.000261144, 0.000457488)
_INPUT = (0.297145, 0.0430933, -0.000748766, 0.00597727, 0.000482112, -0.000956448)
_LOCK = 180.0  # s a compressor stands after it ran (makers of split units: 3 min)
_SOAK = 60.0  # s: time constant with which a started unit comes to its capacity
_HUMIDITY = 45.0  # %, held by the coil itself: the room is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDesign:
    """One unit: kW at 27/19 degC inside and 35 degC outside (GB/T 7725), and its power there."""

    name: str
    capacity: float = 12.0
    power: float = 4.0
    fan: float = 0.25  # kW of the indoor fan
    setpoint: float = 22.0  # degC of the unit's own thermostat
    band: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomDesign:
    """The room. kW of equipment, kWh/K of air and of what is in it, kW/K to outside and between them."""

    name: str
    equipment: float = 9.0
    air: float = 0.15
    inventory: float = 0.9
    exchange: float = (
        3.0  # 100 m2 of walls and floor at 8 W/m2K, and the metal in the air stream of the racks
    )
    envelope: float = 0.08
    units: tuple[SplitDesign, ...] = (SplitDesign(name="split_1"), SplitDesign(name="split_2"))
    hot_spot: float = 1.5  # K by which the second sensor (hot aisle side) stands above the first


def bicubic(c: Sequence[float], wet: float, dry: float) -> float:
    return c[0] + c[1] * wet + c[2] * wet * wet + c[3] * dry + c[4] * dry * dry + c[5] * wet * dry


class Split:
    """One split unit: allowed or not, its compressor with lock and thermostat, and what can break."""

    def __init__(self, design: SplitDesign) -> None:
        self.design = design
        self.allowed = True
        self.running = False
        self.tripped = False
        self.fouling = 0.0  # share of the capacity lost
        self.starts = 0
        self.runtime = 0.0  # h
        self.cooling = 0.0
        self.power = 0.0
        self.setpoint = design.setpoint
        self.energy = EnergyRegister()
        self._standing = _LOCK
        self._warm = 1.0  # how far the unit still is from its capacity

    def step(self, dt: float, inputs: Inputs, room: float, outdoor: float) -> float:
        """KW of cooling, mean over the step."""
        design = self.design
        self.allowed = switch(inputs, f"{design.name}.enable", True)
        self.setpoint = number(inputs, f"{design.name}.zone_setpoint", design.setpoint, 16.0, 30.0)
        self._switch(dt, room)
        if not self.running:
            self.cooling = 0.0
            self.power = design.fan if self.allowed and not self.tripped else 0.0
        else:
            wet = wet_bulb(room, _HUMIDITY)
            capacity = design.capacity * bicubic(_CAPACITY, wet, outdoor) * (1.0 - self.fouling)
            passed = (1.0 - exp(-dt / _SOAK)) * _SOAK / dt  # mean of the decay over the step
            self.cooling = capacity * (1.0 - self._warm * passed)
            self._warm *= exp(-dt / _SOAK)
            self.power = (
                design.power * bicubic(_CAPACITY, wet, outdoor) * bicubic(_INPUT, wet, outdoor) + design.fan
            )
            self.runtime += dt / 3600.0
        self.energy.count(dt, self.power)
        return self.cooling

    def _switch(self, dt: float, room: float) -> None:
        low, high = self.setpoint - self.design.band / 2.0, self.setpoint + self.design.band / 2.0
        wanted = room > (low if self.running else high)
        if self.running:
            if not (wanted and self.allowed) or self.tripped:
                self.running, self._standing = False, 0.0
        elif wanted and self.allowed and not self.tripped and self._standing >= _LOCK:
            self.running, self._warm = True, 1.0
            self.starts += 1
        if not self.running:
            self._standing += dt

    def outputs(self) -> Outputs:
        quantities = {
            "enable": self.allowed,
            "status": self.running,
            "alarm": self.tripped,
            "available": not self.tripped,
            "zone_setpoint": self.setpoint,
            "cooling": self.cooling,
            "power": self.power,
            "energy": self.energy.value,
            "runtime": self.runtime,
            "starts": float(self.starts),
        }
        return outputs_of(self.design.name, quantities)


class ComputerRoom:
    """Air and inventory of a closed room, its equipment and its units. Fulfils `Failing` and `Storing`."""

    def __init__(self, design: RoomDesign, temperature: float = 24.0) -> None:
        self.design = design
        self.air = temperature
        self.inventory = temperature
        self.equipment = design.equipment
        self.units = tuple(Split(unit) for unit in design.units)
        self.into = 0.0  # kWh of heat since the start
        self.out = 0.0
        self.hot_seconds = 0.0  # s with room air above 27 degC: truth for the KPI

    @property
    def heat(self) -> float:
        """KWh above 0 degC."""
        return self.design.air * self.air + self.design.inventory * self.inventory

    def stored(self) -> Mapping[str, float]:
        """Cold below 25 degC."""
        whole = self.design.air + self.design.inventory
        return {self.design.name: 25.0 * whole - self.heat}

    @property
    def power(self) -> float:
        """KW of equipment and units at the end of the step."""
        return self.equipment + sum(unit.power for unit in self.units)

    def step(self, dt: float, inputs: Inputs, outdoors: Outdoors) -> None:
        """Any step; cut into pieces of 10 s, since compressors switch."""
        left = dt
        while left > 1e-9:
            part = min(left, 10.0)
            left -= part
            self._piece(part, inputs, outdoors.weather.dry_bulb)

    def _piece(self, dt: float, inputs: Inputs, outdoor: float) -> None:
        design, hours = self.design, dt / 3600.0
        cooling = sum(unit.step(dt, inputs, self.air, outdoor) for unit in self.units)
        fans = sum(unit.design.fan for unit in self.units if unit.allowed and not unit.tripped)
        gains = self.equipment + fans - cooling
        a11 = 1.0 + hours * (design.exchange + design.envelope) / design.air
        a22 = 1.0 + hours * design.exchange / design.inventory
        b1 = self.air + hours * (gains + design.envelope * outdoor) / design.air
        cross = hours * design.exchange
        determinant = a11 * a22 - cross * cross / (design.air * design.inventory)
        air = (b1 * a22 + cross / design.air * self.inventory) / determinant
        self.inventory = (a11 * self.inventory + cross / design.inventory * b1) / determinant
        self.air = air
        self.into += hours * (self.equipment + fans + design.envelope * (outdoor - self.air))
        self.out += hours * cooling
        if self.air > 27.0:
            self.hot_seconds += dt

    def failures(self) -> Mapping[str, str]:
        result = {f"{self.design.name}.load_surge": "equipment takes this many kW more"}
        for unit in self.units:
            result[f"{unit.design.name}.trip"] = "the unit stands until somebody resets it"
            result[f"{unit.design.name}.fouling"] = "share of the capacity that is lost"
        return result

    def fail(self, name: str, amount: float) -> None:
        """Raises KeyError for what cannot break."""
        self._set(name, amount)

    def mend(self, name: str) -> None:
        self._set(name, 0.0)

    def _set(self, name: str, amount: float) -> None:
        if name not in self.failures():
            raise KeyError(name)
        thing, _, what = name.rpartition(".")
        if what == "load_surge":
            self.equipment = self.design.equipment + amount
            return
        unit = next(one for one in self.units if one.design.name == thing)
        if what == "trip":
            unit.tripped = amount > 0.0
        else:
            unit.fouling = min(max(amount, 0.0), 1.0)

    def outputs(self) -> Outputs:
        """Two sensors: `<room>_1` in the return air, `<room>_2` on the warm side of the racks."""
        name = self.design.name
        result = outputs_of(
            name, {"zone_temp": self.air, "power": self.power, "hot_seconds": self.hot_seconds}
        )
        result |= outputs_of(f"{name}_1", {"zone_temp": self.air})
        result |= outputs_of(
            f"{name}_2",
            {"zone_temp": self.air + self.design.hot_spot * self.equipment / self.design.equipment},
        )
        for unit in self.units:
            result |= unit.outputs()
        return result

    def commands(self) -> list[str]:
        return [f"{unit.design.name}.{what}" for unit in self.units for what in ("enable", "zone_setpoint")]
