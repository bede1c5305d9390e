"""A stationary battery behind its converter: power, energy, losses, and how it wears.

Sources: efficiencies and life of lithium iron phosphate systems from NREL's Storage Futures Study (Augustine and Blair 2021,
NREL/TP-5700-78694: round trip 85-86 % of the whole system; 15 years) and the 80 % / 6,000-cycle figure that makers of such
cells publish; fading is linear in throughput and in time, the simplest law that keeps both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hil.plant.load import Outdoors
from hil.plant.meter import EnergyRegister
from hil.plant.variables import Inputs, Outputs, number, outputs_of

_YEAR = 8766.0  # h


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryDesign:
    """Nameplate: kWh, kW on the AC side, and what goes lost."""

    name: str
    capacity: float
    power: float
    one_way: float = 0.9274  # 86 % for the round trip
    lowest: float = 0.10  # of the capacity: the battery's own protection
    highest: float = 0.95
    taper: float = 0.10  # over this last part of the window charging slows to a tenth (constant voltage)
    idle: float = 0.002  # of `power`: electronics and cooling, always drawn
    self_discharge: float = 0.02  # of the content a month
    cycle_life: float = 6000.0  # full cycles until a fifth is gone
    calendar_life: float = 15.0  # years until another fifth is gone


class Battery:
    """One battery. Local control: it rests. A command is AC kW, positive charges."""

    def __init__(self, design: BatteryDesign, state_of_charge: float = 50.0) -> None:
        """Raises ValueError for a charge outside the battery's window."""
        if not 100.0 * design.lowest <= state_of_charge <= 100.0 * design.highest:
            raise ValueError(f"{design.name}: {state_of_charge:g} % lies outside its window")
        self.design = design
        self.content = design.capacity * state_of_charge / 100.0
        self.charged = EnergyRegister()
        self.discharged = EnergyRegister()
        self.lost = 0.0  # kWh: conversion, idle, self-discharge
        self.throughput = 0.0  # kWh out of the cells
        self.age = 0.0  # h
        self.power = 0.0
        self.command = 0.0

    @property
    def health(self) -> float:
        """Share of the first capacity that is left."""
        worn = 0.2 * self.throughput / (self.design.capacity * self.design.cycle_life)
        return max(1.0 - worn - 0.2 * self.age / (self.design.calendar_life * _YEAR), 0.0)

    @property
    def capacity(self) -> float:
        """KWh today."""
        return self.design.capacity * self.health

    @property
    def state_of_charge(self) -> float:
        return 100.0 * self.content / self.capacity

    def stored(self) -> Mapping[str, float]:
        """KWh in the cells."""
        return {self.design.name: self.content}

    def step(self, dt: float, inputs: Inputs, _outdoors: Outdoors | None = None) -> float:
        """AC kW, mean over the step; positive is drawn from the house."""
        design = self.design
        hours = dt / 3600.0
        wanted = number(inputs, f"{design.name}.power_command", 0.0, -design.power, design.power)
        self.command = wanted
        leaked = self.content * design.self_discharge / 730.5 * hours
        self.content -= leaked
        moved = self._charge(hours, wanted) if wanted >= 0.0 else -self._discharge(hours, -wanted)
        idle = design.idle * design.power
        self.lost += leaked + idle * hours
        self.power = moved + idle
        self.age += hours
        self.charged.count(dt, self.power)
        self.discharged.count(dt, -self.power)
        return self.power

    def _charge(self, hours: float, wanted: float) -> float:
        design = self.design
        full = design.highest * self.capacity
        start = full - design.taper * self.capacity
        power = wanted
        if self.content > start:  # constant voltage: power falls with what is missing
            power = min(power, design.power * max((full - self.content) / (full - start), 0.1))
        room = max(full - self.content, 0.0)
        taken = min(power * hours, room / design.one_way)
        self.content += taken * design.one_way
        self.lost += taken * (1.0 - design.one_way)
        return taken / hours if hours > 0.0 else 0.0

    def _discharge(self, hours: float, wanted: float) -> float:
        design = self.design
        left = max(self.content - design.lowest * self.capacity, 0.0)
        drawn = min(wanted * hours / design.one_way, left)
        self.content -= drawn
        self.throughput += drawn
        self.lost += drawn * (1.0 - design.one_way)
        return drawn * design.one_way / hours if hours > 0.0 else 0.0

    def outputs(self) -> Outputs:
        quantities = {
            "power": self.power,
            "power_command": self.command,
            "state_of_charge": self.state_of_charge,
            "health": 100.0 * self.health,
            "cycles": self.throughput / self.design.capacity,
            "energy_charged": self.charged.value,
            "energy_discharged": self.discharged.value,
        }
        return outputs_of(self.design.name, quantities)

    def commands(self) -> list[str]:
        return [f"{self.design.name}.power_command"]
