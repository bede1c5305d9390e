"""The chilled-water plant: chillers with their own pumps in parallel, one tower cell, two headers, one basin.

Local control, where nobody commands a machine from outside, is that of an unretrofitted plant: every chiller and
pump runs, 7 degC is supplied, the tower fan holds its basin temperature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

from hil.plant.chiller import Chiller, ChillerInputs, ChillerOutputs, Phase
from hil.plant.chiller_curves import ChillerCurves
from hil.plant.drive import Drive
from hil.plant.hydraulics import Demand, solve
from hil.plant.meter import EnergyRegister
from hil.plant.pump import GRAVITY, PumpCurve
from hil.plant.tower import Tower, TowerPoint
from hil.plant.variables import Inputs, Outputs, number, outputs_of, switch
from hil.plant.water import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantDesign:
    """Sizes. Heads in m at design flow; volumes in litres."""

    chiller: ChillerCurves
    units: int
    tower: Tower
    chilled_head: float = 30.0
    condenser_head: float = 24.0
    tower_lift: float = 4.0  # static head of the open side
    header_volume: float = 9000.0
    basin_volume: float = 12000.0
    basin_target: float = 26.0  # degC, local fan control
    setpoint: float = 7.0


@dataclass(frozen=True, slots=True)
class PumpingPoint:
    """What a group of pumps settles at: total flow (l/s), head (m), each pump's flow and kW."""

    flow: float
    head: float
    flows: tuple[float, ...]
    powers: tuple[float, ...]


def _settle(pump: PumpCurve, speeds: tuple[float, ...], demand: Demand) -> PumpingPoint:
    """Equal pumps, the machines' resistance counted with the pipes'."""
    solved = solve((pump,) * len(speeds), speeds, (1e6,) * len(speeds), demand, dedicated=True)
    powers = tuple(
        pump.power(flow, head, speed)
        for flow, head, speed in zip(solved.pumps, solved.heads, speeds, strict=True)
    )
    return PumpingPoint(solved.total, solved.pressure / GRAVITY, solved.pumps, powers)


class Circuit:
    """Equal pumps in parallel on one system curve."""

    def __init__(self, names: Sequence[str], pump: PumpCurve, static: float) -> None:
        self.drives = tuple(Drive(name) for name in names)
        self.point = PumpingPoint(0.0, static, (0.0,) * len(names), (0.0,) * len(names))
        self.energies = tuple(EnergyRegister(180_000.0 + 7_000.0 * place) for place in range(len(names)))
        spare = (pump.design_head - static) * GRAVITY
        demand = Demand(conductance=pump.design_flow * len(names) / sqrt(spare), static=static * GRAVITY)
        self._settle = lru_cache(maxsize=256)(lambda speeds: _settle(pump, speeds, demand))

    def step(self, dt: float, inputs: Inputs) -> PumpingPoint:
        for drive in self.drives:
            drive.step(dt, inputs)
        self.point = self._settle(tuple(round(drive.relative, 3) for drive in self.drives))
        for register, power in zip(self.energies, self.point.powers, strict=True):
            register.count(dt, power)
        return self.point

    @property
    def power(self) -> float:
        return sum(self.point.powers)

    def outputs(self) -> Outputs:
        parts = zip(self.drives, self.point.flows, self.point.powers, self.energies, strict=True)
        result: Outputs = {}
        for drive, flow, power, energy in parts:
            result |= drive.outputs(power, energy.value)
            result |= outputs_of(drive.name, {"chilled_water_flow": flow, "flow_proof": flow > 1.0})
        return result


class CoolingPlant:
    """Chillers, both pump groups, tower and water, stepped together."""

    def __init__(self, design: PlantDesign) -> None:
        units = range(1, design.units + 1)
        self.design = design
        self.chillers = tuple(Chiller(design.chiller, running=True) for _ in units)
        self.energies = tuple(EnergyRegister(1_200_000.0 + 90_000.0 * unit, digits=7) for unit in units)
        self.chilled = Circuit(
            [f"chilled_pump_{unit}" for unit in units],
            PumpCurve(design_flow=design.chiller.chilled_flow, design_head=design.chilled_head),
            0.0,
        )
        self.condenser = Circuit(
            [f"condenser_pump_{unit}" for unit in units],
            PumpCurve(design_flow=design.chiller.condenser_flow, design_head=design.condenser_head),
            design.tower_lift,
        )
        self.fan = Drive("tower_1", minimum=10.0)
        self.fan_energy = EnergyRegister(64_000.0)
        self.supply = Node(design.header_volume, design.setpoint)
        self.back = Node(design.header_volume, design.setpoint + 5.0)
        self.basin = Node(design.basin_volume, design.basin_target + 2.0)
        self._hot = self.basin.temperature  # water on its way to the tower
        self._last: list[ChillerOutputs] = []
        self._commands: list[tuple[bool, float, float]] = []
        self._tower = TowerPoint(leaving=28.0, rejected=0.0, fan_power=0.0, extrapolated=False)

    @property
    def stored(self) -> float:
        """Heat held in all water above 0 degC, kWh."""
        return self.supply.stored + self.back.stored + self.basin.stored

    @property
    def cooling(self) -> float:
        return sum(one.cooling for one in self._last)

    @property
    def rejected(self) -> float:
        """Heat given to the outdoor air, kW."""
        return self._tower.rejected

    @property
    def compressor_power(self) -> float:
        """Power that ends up as heat in the condenser water, kW."""
        return sum(one.rejected - one.cooling for one in self._last)

    @property
    def power(self) -> float:
        """Electrical power of all cold-source equipment, kW."""
        machines = sum(one.power for one in self._last)
        return machines + self.chilled.power + self.condenser.power + self._tower.fan_power

    def step(self, dt: float, inputs: Inputs, wet_bulb: float, coil: float) -> None:
        """`coil` kW is what the building gave to the water in this step."""
        chilled = self.chilled.step(dt, inputs)
        condenser = self.condenser.step(dt, inputs)
        self._step_chillers(dt, inputs, chilled, condenser)
        self._step_chilled_water(dt, chilled, coil)
        self._step_tower(dt, inputs, condenser, wet_bulb)

    def _step_chillers(
        self, dt: float, inputs: Inputs, chilled: PumpingPoint, condenser: PumpingPoint
    ) -> None:
        self._last, self._commands = [], []
        for place, machine in enumerate(self.chillers):
            name = f"chiller_{place + 1}"
            command = ChillerInputs(
                enable=switch(inputs, f"{name}.enable", True),
                setpoint=number(
                    inputs, f"{name}.chilled_water_setpoint", self.design.setpoint, low=4.5, high=15.0
                ),
                chilled_entering=self.back.temperature,
                chilled_flow=chilled.flows[place],
                condenser_entering=self.basin.temperature,
                condenser_flow=condenser.flows[place],
                demand_limit=number(inputs, f"{name}.demand_limit", 100.0, low=10.0),
            )
            self._commands.append((command.enable, command.setpoint, command.demand_limit))
            self._last.append(machine.step(dt, command))
            self.energies[place].count(dt, self._last[-1].power)

    def _step_chilled_water(self, dt: float, chilled: PumpingPoint, coil: float) -> None:
        supplying = self.supply.temperature
        if chilled.flow > 0.0:
            leaving = sum(
                flow * one.chilled_leaving for flow, one in zip(chilled.flows, self._last, strict=True)
            )
            self.supply.inflow(dt, chilled.flow, leaving / chilled.flow)
            self.back.inflow(dt, chilled.flow, supplying)
        self.back.heat(dt, coil + pump_heat(chilled))

    def _step_tower(self, dt: float, inputs: Inputs, condenser: PumpingPoint, wet_bulb: float) -> None:
        local = min(max((self.basin.temperature - self.design.basin_target) / 3.0 * 100.0, 0.0), 100.0)
        self.fan.step(dt, inputs, local_on=local > 5.0, local_speed=local)
        hot = self.basin.temperature
        if condenser.flow > 0.0:
            mixed = sum(
                flow * one.condenser_leaving for flow, one in zip(condenser.flows, self._last, strict=True)
            )
            hot = mixed / condenser.flow
        self._hot = hot
        self._tower = self.design.tower.point(hot, condenser.flow, wet_bulb, self.fan.relative)
        self.fan_energy.count(dt, self._tower.fan_power)
        self.basin.inflow(dt, condenser.flow, self._tower.leaving)
        self.basin.heat(dt, pump_heat(condenser))

    def outputs(self) -> Outputs:
        result = self.chilled.outputs() | self.condenser.outputs()
        result |= self.fan.outputs(self._tower.fan_power, self.fan_energy.value)
        result["tower_1.condenser_entering_temp"] = self.basin.temperature
        for place, one in enumerate(self._last):
            result |= self._chiller_outputs(place, one)
        return result | outputs_of(
            "loop",
            {
                "chilled_water_supply_temp": self.supply.temperature,
                "chilled_water_return_temp": self.back.temperature,
                "chilled_water_flow": self.chilled.point.flow,
                "differential_pressure": self.chilled.point.head * 9.81,
                "condenser_entering_temp": self.basin.temperature,
                "condenser_return_temp": self._hot,
                "condenser_flow": self.condenser.point.flow,
                "cooling": self.cooling,
                "power": self.power,
            },
        )

    def _chiller_outputs(self, place: int, one: ChillerOutputs) -> Outputs:
        machine, (enable, setpoint, limit) = self.chillers[place], self._commands[place]
        chilled, condenser = self.chilled.point.flows[place], self.condenser.point.flows[place]
        tripped = one.phase is Phase.TRIPPED
        return outputs_of(
            f"chiller_{place + 1}",
            {
                "enable": enable,
                "chilled_water_setpoint": setpoint,
                "demand_limit": limit,
                "status": one.running,
                "alarm": tripped,
                "available": not tripped,
                "local_mode": False,
                "load": min(100.0 * one.cooling / one.available, 110.0),
                "cooling": one.cooling,
                "power": one.power,
                "energy": self.energies[place].value,
                "chilled_water_supply_temp": one.chilled_leaving,
                "chilled_water_return_temp": self.back.temperature,
                "chilled_water_flow": chilled,
                "condenser_entering_temp": self.basin.temperature,
                "condenser_leaving_temp": one.condenser_leaving,
                "flow_proof": machine.flow_proven(chilled, condenser),
                "runtime": 21_000.0 + machine.running_hours,
                "starts": 3_100.0 + machine.starts,
            },
        )


def pump_heat(point: PumpingPoint) -> float:
    """Power in kW that ends up in the water: the electrical power less motor and drive losses (about one tenth)."""
    return 0.9 * sum(point.powers)
