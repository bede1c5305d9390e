"""Heat pumps on a stratified heating tank, from which a building draws: air and ground machines side by side.

Each machine has its charging pump of fixed flow from the tank's bottom back to its top; the load draws from the top and
gives back to the bottom. Local control, where nobody commands: every machine by the tank's own thermostat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from hil.plant.chiller_curves import heat_rate
from hil.plant.ground import Ground, GroundDesign
from hil.plant.heat_pump import HeatPump, HeatPumpInputs, HeatPumpOutputs, HeatPumpTable
from hil.plant.load import Outdoors
from hil.plant.meter import EnergyRegister
from hil.plant.tank import Tank, TankDesign
from hil.plant.variables import Inputs, Outputs, number, outputs_of, switch

FINEST = 60.0  # s: the longest part of a step
RISE = 5.0  # K over a machine at full load, by which its pump is sized (EN 14511 rating)
PUMPS = 0.02  # of the heat moved: power of charging and source pumps (EN 14825 allowances are of this size)
INDOORS = 20.0  # degC around the tank
SETPOINTS = (25.0, 65.0)  # degC


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatingDesign:
    """What the plant is made of. `wanted`: kW of heat at an instant (UTC seconds)."""

    machines: tuple[HeatPumpTable, ...]
    wanted: Callable[[float], float]
    tank: TankDesign
    ground: GroundDesign | None = None
    setpoint: float = 45.0
    band: float = 5.0  # K of the tank's thermostat
    back: float = 30.0  # degC of the water that comes back from the building

    def __post_init__(self) -> None:
        if self.ground is None and not all(machine.air for machine in self.machines):
            raise ValueError("a brine machine needs its boreholes")


@dataclass(slots=True)
class HeatBalance:
    """Heat in kWh since the start."""

    made: float = 0.0
    delivered: float = 0.0
    ambient: float = 0.0
    electricity: float = 0.0
    undelivered: float = 0.0


@dataclass(slots=True)
class _Unit:
    """One machine, what it did, its meter."""

    pump: HeatPump
    flow: float  # l/s of its charging pump
    wanted: bool = False
    setpoint: float = 0.0
    out: HeatPumpOutputs | None = None
    source: float = 0.0
    broken: bool = False
    energy: EnergyRegister = field(default_factory=EnergyRegister)

    @property
    def power(self) -> float:
        if self.out is None or not self.out.running:
            return 0.0
        return self.out.power + PUMPS * max(self.out.heating, 0.0)


class HeatingPlant:
    """Machines, tank and ground, stepped together. A part of premises; fulfils `Storing` and `Failing`."""

    def __init__(self, design: HeatingDesign) -> None:
        self.design = design
        self.tank = Tank(design.tank)
        self.ground = Ground(design.ground) if design.ground else None
        self.balance = HeatBalance()
        self.heating = 0.0  # kW delivered
        self.supply = design.tank.warm
        self.flow = 0.0
        self._units = tuple(
            _Unit(HeatPump(table), max(table.heating[0]) / heat_rate(1.0) / RISE) for table in design.machines
        )

    @property
    def power(self) -> float:
        return sum(unit.power for unit in self._units)

    @property
    def machines(self) -> Sequence[HeatPumpOutputs | None]:
        """What each machine did last."""
        return [unit.out for unit in self._units]

    def stored(self) -> Mapping[str, float]:
        """Heat in kWh, negative as cold: a full heating tank is stored heat, and cold is positive here."""
        floor = self.design.tank.volume * heat_rate(1e3) * self.design.back / 3600.0
        held = {"heating_tank": floor - self.tank.stored}
        return held | ({"ground": -self.ground.stored} if self.ground else {})

    def commands(self) -> Sequence[str]:
        """Names of what may be commanded."""
        units = range(1, len(self._units) + 1)
        return [f"heat_pump_{unit}.{what}" for unit in units for what in ("enable", "hot_water_setpoint")]

    def failures(self) -> Mapping[str, str]:
        """What can break."""
        units = range(1, len(self._units) + 1)
        return {f"heat_pump_{unit}.trip": "the machine's own protection has tripped" for unit in units}

    def fail(self, name: str, amount: float) -> None:
        """Raises KeyError for what cannot break here."""
        units = dict(zip(self.failures(), self._units, strict=True))
        units[name].broken = amount > 0.0

    def mend(self, name: str) -> None:
        self.fail(name, 0.0)

    def step(self, dt: float, inputs: Inputs, outdoors: Outdoors) -> None:
        parts = max(ceil(dt / FINEST - 1e-9), 1)
        for _ in range(parts):
            self._part(dt / parts, inputs, outdoors)

    def _part(self, dt: float, inputs: Inputs, outdoors: Outdoors) -> None:
        charge = self._run_machines(dt, inputs, outdoors.weather.dry_bulb)
        wanted = max(self.design.wanted(outdoors.utc), 0.0)
        self.supply = self.tank.top
        for _ in range(12):  # what is drawn depends on how much
            before = self.supply
            self.flow = wanted / heat_rate(max(before - self.design.back, 1.0))
            self.supply = self.tank.outlook(dt, self.flow)
            if abs(self.supply - before) < 1e-3:
                break
        drawn, gained = self.tank.step(dt, self.flow, self.design.back, INDOORS)
        self.heating = heat_rate(self.flow) * (drawn - self.design.back)
        hours, balance = dt / 3600.0, self.balance
        balance.made += charge * hours
        balance.delivered += self.heating * hours
        balance.ambient += gained * hours
        balance.undelivered += (wanted - self.heating) * hours
        balance.electricity += self.power * hours

    def _run_machines(self, dt: float, inputs: Inputs, air: float) -> float:
        """Heat in kW they gave to the tank."""
        from_ground = made = 0.0
        for place, unit in enumerate(self._units, start=1):
            name = f"heat_pump_{place}"
            unit.setpoint = number(inputs, f"{name}.hot_water_setpoint", self.design.setpoint, *SETPOINTS)
            unit.wanted = switch(inputs, f"{name}.enable", self._thermostat(unit))
            table = unit.pump.table
            unit.source = air
            if not table.air and self.ground:
                heat = unit.out.source_heat if unit.out else 0.0
                unit.source = self.ground.brine(heat, unit.flow)
            entering = self.tank.outlook(dt, -unit.flow)
            unit.out = unit.pump.step(
                dt,
                HeatPumpInputs(
                    enable=unit.wanted and not unit.broken,
                    setpoint=min(unit.setpoint, entering + 2.0 * RISE),
                    entering=entering,
                    flow=unit.flow,
                    source=unit.source,
                ),
            )
            unit.energy.count(dt, unit.power)
            if unit.out.heating != 0.0:  # its water goes from the tank's bottom to the top
                self.tank.push(dt, -unit.flow, unit.out.leaving)
            made += unit.out.heating
            from_ground += 0.0 if table.air else unit.out.source_heat
        if self.ground:
            self.ground.step(dt, from_ground)
        return made

    def _thermostat(self, unit: _Unit) -> bool:
        """On below the band at the tank's middle, off when warm to the bottom of its upper half."""
        middle = self.tank.temperature(0.5)
        return middle < unit.setpoint - (0.0 if unit.wanted else self.design.band)

    def outputs(self) -> Outputs:
        result = outputs_of(
            "heating",
            {
                "hot_water_supply_temp": self.supply,
                "hot_water_return_temp": self.design.back,
                "hot_water_flow": self.flow,
                "heating": self.heating,
                "heating_energy": self.balance.delivered,
                "power": self.power,
                "energy": self.balance.electricity,
                "tank_top_temp": self.tank.top,
                "tank_middle_temp": self.tank.temperature(0.5),
                "tank_bottom_temp": self.tank.bottom,
            },
        )
        for place, unit in enumerate(self._units, start=1):
            result |= outputs_of(f"heat_pump_{place}", _quantities(unit))
        return result


def _quantities(unit: _Unit) -> Mapping[str, float | bool]:
    out = unit.out
    return {
        "enable": unit.wanted,
        "status": out is not None and out.running,
        "alarm": unit.broken,
        "available": not unit.broken,
        "hot_water_setpoint": unit.setpoint,
        "hot_water_supply_temp": unit.setpoint if out is None else out.leaving,
        "source_entering_temp": unit.source,
        "heating": 0.0 if out is None else out.heating,
        "power": unit.power,
        "energy": unit.energy.value,
        "defrost": out is not None and out.defrost,
        "load": 0.0 if out is None else 100.0 * max(out.heating, 0.0) / out.capacity,
        "runtime": unit.pump.running_hours,
        "starts": float(unit.pump.starts),
    }
