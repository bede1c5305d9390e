"""The condenser-water circuit of a central plant: pumps, valves, tower cells with their fans, and the basin."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from hil.plant.central_design import CentralDesign, FanControl, PumpGroup
from hil.plant.chilled_side import Pumps
from hil.plant.drive import Drive
from hil.plant.hydraulics import Demand
from hil.plant.meter import EnergyRegister
from hil.plant.pump import GRAVITY
from hil.plant.tower import TowerPoint
from hil.plant.valve import Valve
from hil.plant.variables import Inputs, Outputs, switch
from hil.plant.water import Node

LATENT = 2430.0  # kJ/kg of evaporation near 30 degC (steam tables)
EVAPORATIVE = (
    0.85  # share of the heat that leaves by evaporation (ASHRAE Handbook, cooling towers: 0.8 to 0.9)
)
CYCLES = 4.0  # of concentration; blow-down is evaporation / (cycles - 1)


class Cell:
    """One tower cell: fan, valve, meter, and what fouls it."""

    def __init__(self, name: str, *, variable: bool) -> None:
        self.name = name
        self.fan = Drive(name, minimum=10.0, variable=variable)
        self.valve = Valve(f"{name}.valve_command")
        self.energy = EnergyRegister()
        self.fouled = 0.0
        self.flow = 0.0
        self.point = TowerPoint(leaving=28.0, rejected=0.0, fan_power=0.0, extrapolated=False)


class CondenserSide:
    """Everything between the condensers and the outdoor air."""

    def __init__(self, design: CentralDesign) -> None:
        units = design.chillers
        self.design = design
        self.pumps = Pumps("condenser_pump", design.condenser, "condenser_flow")
        self.valves = tuple(Valve(f"chiller_{n}.condenser_valve_command") for n in range(1, len(units) + 1))
        self.cells = tuple(
            Cell(f"tower_{n}", variable=design.towers.variable) for n in range(1, design.towers.count + 1)
        )
        self.basin = Node(design.basin, design.local.basin + 2.0)
        self.economiser = False  # wanted
        self.hot = self.basin.temperature  # water on its way to the cells
        self.flow = 0.0
        self.machines: tuple[float, ...] = (0.0,) * len(units)
        self.economiser_flow = 0.0
        self._economiser_pump: Pumps | None = None
        if design.economiser:
            group = PumpGroup(pumps=(design.economiser.pump,), dedicated=False)
            self._economiser_pump = Pumps("economiser_pump", group, "condenser_flow")
        self._towards = self.basin.temperature - 0.5  # what came from the cells last
        self._machines = tuple(unit.curves.condenser_flow / sqrt(unit.condenser_drop) for unit in units)
        self._lift = design.towers.lift * GRAVITY
        self._riser = design.riser_drop / design.condenser.flow**2
        self._nozzle = design.towers.nozzle_drop / (design.condenser.flow / design.towers.count) ** 2

    @property
    def power(self) -> float:
        return self.pumps.power + self.fan_power + self.economiser_power

    @property
    def economiser_power(self) -> float:
        return self._economiser_pump.power if self._economiser_pump else 0.0

    @property
    def fan_power(self) -> float:
        return sum(cell.point.fan_power for cell in self.cells)

    @property
    def rejected(self) -> float:
        """Heat given to the outdoor air, kW."""
        return sum(cell.point.rejected for cell in self.cells)

    @property
    def to_water(self) -> float:
        own = self._economiser_pump.to_water if self._economiser_pump else 0.0
        return self.pumps.to_water + own

    @property
    def makeup(self) -> float:
        """Water in l/s that replaces evaporation and blow-down."""
        return max(self.rejected, 0.0) * EVAPORATIVE / LATENT * CYCLES / (CYCLES - 1.0)

    def actuate(self, dt: float, inputs: Inputs, enabled: Sequence[bool], *, powered: bool) -> None:
        local = self.design.local
        self.pumps.command(dt, inputs, powered=powered)
        for valve, wanted in zip(self.valves, enabled, strict=True):
            valve.step(dt, inputs, float(wanted or not local.isolation))
        speed = 100.0
        if local.fans is FanControl.THERMOSTAT:
            speed = min(max((self.basin.temperature - local.basin) / local.band * 100.0, 0.0), 100.0)
        for cell in self.cells:
            running = cell.fan.running and speed > 0.0  # one switched on stays on until the water is cold
            cell.fan.powered = powered
            cell.fan.step(dt, inputs, local_on=speed > 33.0 or running, local_speed=speed)
            if self.design.towers.isolated:
                cell.valve.step(dt, inputs, 1.0)
        if self._economiser_pump:
            self.economiser = switch(inputs, "economiser.enable", local=False)
            ours = {"economiser_pump_1.enable": self.economiser}
            self._economiser_pump.command(dt, {**inputs, **ours}, powered=powered)

    def run(self, dt: float) -> None:
        """Find the flows through condensers, cells and economiser."""
        opened = sum(cell.valve.passage for cell in self.cells)
        conductance = 1.0 / sqrt(self._riser + self._nozzle / opened**2) if opened > 0.0 else 0.0
        machines = [one * valve.passage for one, valve in zip(self._machines, self.valves, strict=True)]
        demand = Demand(conductance=conductance, static=self._lift)
        flows = self.pumps.run(machines, demand)
        self.pumps.count(dt)
        self.machines = flows.machines
        self.economiser_flow = self._run_economiser(dt)
        self.flow = flows.total + self.economiser_flow
        for cell in self.cells:
            cell.flow = self.flow * cell.valve.passage / opened if opened > 0.0 else 0.0

    def _run_economiser(self, dt: float) -> float:
        """Its pump has a riser of its own, sized for it."""
        design, pump = self.design.economiser, self._economiser_pump
        if design is None or pump is None:
            return 0.0
        own = design.pump.design_head * GRAVITY - design.condenser_drop - self._lift
        demand = Demand(conductance=design.pump.design_flow / sqrt(max(own, 1.0)), static=self._lift)
        plates = design.pump.design_flow / sqrt(design.condenser_drop)
        flow = pump.run((plates,), demand).total
        pump.count(dt)
        return flow

    def leaving_basin(self, dt: float) -> float:
        """Mean temperature at which water leaves the basin in this step."""
        return self.basin.outlook(self.flow * dt / self.basin.volume, self._towards)

    def reject(self, dt: float, hot: float, left: float, wet_bulb: float) -> None:
        """Water of `hot` degC goes over the cells into the basin, out of which it went at `left`."""
        self.hot = hot
        known: dict[tuple[float, float, float], TowerPoint] = {}
        carried = 0.0
        for cell in self.cells:
            state = (cell.flow, cell.fan.speed, cell.fouled)
            if state not in known:
                known[state] = self.design.towers.cell.point(
                    hot, cell.flow, wet_bulb, cell.fan.relative, fouled=cell.fouled
                )
            cell.point = known[state]
            cell.energy.count(dt, cell.point.fan_power)
            carried += cell.flow * cell.point.leaving
        if self.flow > 0.0:
            self._towards = carried / self.flow
            self.basin.settle(dt, self.flow, self._towards, left)
        self.basin.heat(dt, self.to_water)

    def outputs(self) -> Outputs:
        """Of pumps and fans."""
        result = self.pumps.outputs()
        if self._economiser_pump:
            result.update(self._economiser_pump.outputs())
        for cell in self.cells:
            result.update(cell.fan.outputs(cell.point.fan_power, cell.energy.value))
        return result
