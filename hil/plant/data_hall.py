"""A data hall as the load of a chilled-water plant: computer-room air handlers on the chilled water, no windows.

Air goes round: handlers blow `supply` into the cold aisle, the servers warm it, it comes back to the coils. Coils are dry,
by effectiveness-NTU in counterflow with films of water and air as in hil.plant.coil (EnergyPlus Coil:Cooling:Water,
flow**0.85 and air**0.8). Room air and racks are one heat capacity, solved by backward Euler.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from hil.plant.coil import counterflow
from hil.plant.load import BranchDesign, Outdoors
from hil.plant.variables import LITRE_MASS, WATER_CP, Inputs, Outputs, number, outputs_of
from hil.plant.weather_air import AIR_CP

Series = Callable[[float], float]
"""kW of electricity that servers draw at an instant (UTC seconds)."""

_INNER = 3.30  # conductance of the water film over that of the air at design, as in hil.plant.coil
_INTEGRAL = 120.0  # s, reset time of the valve's controller
_BAND = 30.0  # K: 3 % a kelvin, as slow as a coil without lag wants it at a step of a minute
_TRAVEL = 120.0  # s of the valve's stroke


@dataclass(frozen=True, slots=True, kw_only=True)
class HallDesign:
    """One hall. `load` kW at design; air and water temperatures in degC there."""

    name: str
    load: float
    cold: float = 23.0  # air supplied
    warm: float = 35.0  # air coming back
    entering: float = 15.0  # water
    leaving: float = 21.0
    spare: float = 1.2  # coils and air over what the load needs: N+1 handlers, GB 50174-2017 grade A
    capacity: float = 0.010  # kWh/K a kW of load: air, racks and raised floor, an own choice
    drop: float = 60.0  # kPa over coil and valve
    fan: float = (
        0.035  # kW a kW of load: handlers of 0.035 W/W, usual for EC fans; outside the plant's boundary
    )

    @property
    def air(self) -> float:
        """Kg/s, constant."""
        return self.spare * self.load * (1.0 + self.fan) / (AIR_CP * (self.warm - self.cold))

    @property
    def water(self) -> float:
        """l/s at design load."""
        return self.load * (1.0 + self.fan) / (WATER_CP * LITRE_MASS * (self.leaving - self.entering))

    @property
    def conductance(self) -> float:
        """UA in kW/K at design flows, by the logarithmic mean difference."""
        one, other = self.warm - self.leaving, self.cold - self.entering
        mean = one if abs(one - other) < 1e-6 else (one - other) / log(one / other)
        return self.spare * self.load * (1.0 + self.fan) / mean

    def passing(self, water: float) -> float:
        """The kW that `water` l/s take for each K between the air and the water coming in."""
        stream = water * LITRE_MASS * WATER_CP
        if stream <= 1e-6:
            return 0.0
        films = (1.0 + 1.0 / _INNER) / (1.0 + 1.0 / (_INNER * (water / (self.spare * self.water)) ** 0.85))
        air = self.air * AIR_CP
        least, most = min(air, stream), max(air, stream)
        return counterflow(self.conductance * films / least, least / most) * least


class _Hall:
    """The state of one hall."""

    __slots__ = ("back", "coil", "design", "draws", "integral", "opening", "setpoint", "supply")

    def __init__(self, design: HallDesign) -> None:
        self.design = design
        self.back = design.warm
        self.supply = design.cold
        self.setpoint = design.cold
        self.opening = 0.5
        self.integral = 0.5
        self.draws = design.load
        self.coil = 0.0

    def control(self, dt: float, inputs: Inputs) -> None:
        """Valve on the supply air, proportional with reset."""
        name = self.design.name
        self.setpoint = number(inputs, f"{name}.zone_setpoint", self.design.cold, 18.0, 30.0)
        miss = (self.supply - self.setpoint) / _BAND
        if 0.0 < miss + self.integral < 1.0 or miss * (self.integral - 0.5) < 0.0:
            self.integral = min(max(self.integral + miss * min(dt / _INTEGRAL, 0.5), 0.0), 1.0)
        reach = dt / _TRAVEL
        target = min(max(miss + self.integral, 0.0), 1.0)
        self.opening += min(max(target - self.opening, -reach), reach)

    def step(self, dt: float, entering: float, water: float) -> float:
        """The kW that `water` l/s coming in at `entering` degC took."""
        design = self.design
        air = design.air * AIR_CP
        share = design.passing(water)
        hours = dt / 3600.0
        heat = self.draws + design.fan * design.load
        capacity = design.capacity * design.load
        # backward Euler: the coil takes share * (back - entering) of what is there at the end of the step
        self.back = (capacity * self.back + hours * (heat + share * entering)) / (capacity + hours * share)
        self.coil = max(share * (self.back - entering), 0.0)
        self.supply = self.back - self.coil / air
        return self.coil


class DataHalls:
    """Halls behind a plant's pipes. Fulfils `LoadSide` and `Storing`."""

    def __init__(self, halls: Sequence[HallDesign], use: Series) -> None:
        """`use`: share 0..1 of the design load that is drawn at an instant."""
        self.branches: Sequence[BranchDesign] = tuple(
            BranchDesign(name=hall.name, flow=hall.spare * hall.water, drop=hall.drop) for hall in halls
        )
        self._halls = tuple(_Hall(hall) for hall in halls)
        self._use = use
        self.hot_seconds = (
            0.0  # with supply air above 24 degC somewhere: what a contract for such halls forbids
        )

    @property
    def designs(self) -> tuple[HallDesign, ...]:
        return tuple(one.design for one in self._halls)

    def stored(self) -> Mapping[str, float]:
        """Cold of air and racks below the design return temperature, kWh."""
        return {
            f"{one.design.name}.air": one.design.capacity * one.design.load * (one.design.warm - one.back)
            for one in self._halls
        }

    def openings(
        self, dt: float, inputs: Inputs, outdoors: Outdoors, _offered: Sequence[float]
    ) -> Sequence[float]:
        share = self._use(outdoors.utc)
        for one in self._halls:
            one.draws = share * one.design.load
            one.control(dt, inputs)
        return [one.opening for one in self._halls]

    def absorb(self, dt: float, supply: float, flows: Sequence[float]) -> Sequence[float]:
        heats = [one.step(dt, supply, flow) for one, flow in zip(self._halls, flows, strict=True)]
        if any(one.supply > 24.0 for one in self._halls):
            self.hot_seconds += dt
        return heats

    def outputs(self) -> Outputs:
        result: Outputs = {}
        for one in self._halls:
            quantities = {
                "zone_temp": one.supply,
                "return_air_temp": one.back,
                "zone_setpoint": one.setpoint,
                "occupied": True,
                "power": one.draws + one.design.fan * one.design.load,
            }
            result |= outputs_of(one.design.name, quantities)
        result["halls.hot_seconds"] = self.hot_seconds
        return result

    def commands(self) -> Sequence[str]:
        return [f"{one.design.name}.zone_setpoint" for one in self._halls]
