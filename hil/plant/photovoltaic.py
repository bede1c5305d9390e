"""Photovoltaic array with its inverter, in the manner of PVWatts.

Sources: Dobos 2014, PVWatts Version 5 Manual, NREL/TP-6A20-62641 (DC power, 14.08 % of losses, inverter curve);
module temperature: King, Boyson and Kratochvil 2004, SAND2004-3535 (glass and polymer on an open rack).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from hil.plant.load import Outdoors
from hil.plant.meter import EnergyRegister
from hil.plant.variables import Inputs, Outputs, number, outputs_of
from hil.plant.weather_sun import Plane

_A, _B, _BEHIND = -3.56, -0.075, 3.0
_GLASS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayDesign:
    """An array. kW at 1,000 W/m2 and 25 degC; AC kW of the inverter; per K of cell temperature."""

    name: str
    peak: float
    plane: Plane
    inverter: float = 0.0  # 0: the array's peak over 1.1, PVWatts' ratio
    per_kelvin: float = (
        -0.0037
    )  # "standard" PVWatts says -0.0047, "premium" -0.0035; modules of today between
    losses: float = 0.1408
    efficiency: float = 0.96

    @property
    def limit(self) -> float:
        """AC kW at most."""
        return self.inverter or self.peak / 1.1


def module_temperature(outdoor: float, wind: float, irradiance: float) -> float:
    """Of the cells, degC; `irradiance` W/m2 on the plane."""
    return outdoor + irradiance * exp(_A + _B * wind) + irradiance / 1000.0 * _BEHIND


def inverter_output(design: ArrayDesign, direct: float) -> float:
    """AC kW of `direct` kW DC."""
    rated = design.limit / design.efficiency
    load = direct / rated
    if load <= 0.0:
        return 0.0
    efficiency = design.efficiency / 0.9637 * (-0.0162 * load - 0.0059 / load + 0.9858)
    return min(max(efficiency * direct, 0.0), design.limit)


class Photovoltaic:
    """One array. Local control: it gives what it can; a commanded limit curtails it."""

    def __init__(self, design: ArrayDesign) -> None:
        self.design = design
        self.energy = EnergyRegister()
        self.generation = 0.0
        self.available = 0.0
        self.temperature = 25.0

    @property
    def power(self) -> float:
        """KW drawn: negative, it gives."""
        return -self.generation

    def step(self, dt: float, inputs: Inputs, outdoors: Outdoors) -> float:
        """AC kW generated."""
        design, weather = self.design, outdoors.weather
        direct, around = design.plane.receives(weather.sky)
        cosine = design.plane.incidence(weather.sun)
        bent = max(1.0 - _GLASS * (1.0 / cosine - 1.0), 0.0) if cosine > 0.05 else 0.0
        received = direct * bent + around
        self.temperature = module_temperature(weather.dry_bulb, weather.wind, received)
        warm = 1.0 + design.per_kelvin * (self.temperature - 25.0)
        self.available = inverter_output(design, design.peak * received / 1e3 * warm * (1.0 - design.losses))
        allowed = number(inputs, f"{design.name}.power_limit", design.limit, 0.0, design.limit)
        self.generation = min(self.available, allowed)
        self.energy.count(dt, self.generation)
        return self.generation

    def outputs(self) -> Outputs:
        quantities = {
            "generation": self.generation,
            "available_power": self.available,
            "energy": self.energy.value,
            "module_temp": self.temperature,
        }
        return outputs_of(self.design.name, quantities)

    def commands(self) -> list[str]:
        return [f"{self.design.name}.power_limit"]
