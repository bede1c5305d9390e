"""The chilled-water circuit of a central plant: its pumps, valves and pipes, and who gets what flow.

Primary only (with the bypass that holds the chillers' minimum flow) or primary and secondary with a decoupler. The
coil branches hang behind the mains; the remote pressure sensor sits across them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from hil.plant.central_design import CentralDesign, PumpGroup
from hil.plant.drive import Drive
from hil.plant.hydraulics import Demand, Flows, solve
from hil.plant.load import BranchDesign
from hil.plant.meter import EnergyRegister
from hil.plant.pump import GRAVITY
from hil.plant.valve import Valve
from hil.plant.variables import Inputs, Outputs, commanded, number, switch

_FREE = 1e6  # l/s per square root of kPa: no machine in the way


class Pumps:
    """One group of pumps with their drives and meters."""

    def __init__(self, name: str, group: PumpGroup, quantity: str = "chilled_water_flow") -> None:
        """`quantity`: what the flow of these pumps is called."""
        self.group = group
        self.drives = tuple(
            Drive(f"{name}_{place}", minimum=group.minimum, variable=group.variable)
            for place in range(1, len(group.pumps) + 1)
        )
        self.energies = tuple(EnergyRegister() for _ in group.pumps)
        self.flows = Flows(0.0, (), (0.0,) * len(group.pumps), (0.0,) * len(group.pumps))
        self.powers = [0.0] * len(group.pumps)
        self.power = 0.0
        self.to_water = 0.0
        self._names = tuple((f"{drive.name}.{quantity}", f"{drive.name}.flow_proof") for drive in self.drives)

    @property
    def speeds(self) -> tuple[float, ...]:
        return tuple(drive.speed / 100.0 for drive in self.drives)

    def command(self, dt: float, inputs: Inputs, *, powered: bool) -> None:
        for drive in self.drives:
            drive.powered = powered
            drive.step(dt, inputs)

    def run(self, machines: Sequence[float], demand: Demand) -> Flows:
        """Flows at the drives' present speeds; powers follow."""
        pumps, speeds = self.group.pumps, self.speeds
        self.flows = flows = solve(pumps, speeds, machines, demand, dedicated=self.group.dedicated)
        self.power = self.to_water = 0.0
        for place, pump in enumerate(pumps):
            power = pump.power(flows.pumps[place], flows.heads[place], speeds[place])
            self.powers[place] = power
            self.power += power
            self.to_water += power * pump.to_water
        return flows

    def count(self, dt: float) -> None:
        for register, power in zip(self.energies, self.powers, strict=True):
            register.count(dt, power)

    def outputs(self) -> Outputs:
        result: Outputs = {}
        for place, drive in enumerate(self.drives):
            result.update(drive.outputs(self.powers[place], self.energies[place].value))
            flow, proof = self._names[place]
            result[flow] = self.flows.pumps[place]
            result[proof] = self.flows.pumps[place] > 1.0
        return result


@dataclass(slots=True)
class ChilledFlows:
    """What flows where, l/s; pressures kPa."""

    machines: tuple[float, ...]
    branches: tuple[float, ...]
    load: float = 0.0  # through all branches
    bypass: float = 0.0  # supply to return; negative: return to supply (a decoupler only)
    charge: float = 0.0
    discharge: float = 0.0
    header: float = 0.0
    remote: float = 0.0

    @property
    def plant(self) -> float:
        return sum(self.machines)


class ChilledSide:
    """Pumps, valves and pipes between chillers and coils."""

    def __init__(self, design: CentralDesign, branches: Sequence[BranchDesign]) -> None:
        units = design.chillers
        self.design = design
        self.branches = tuple(branches)
        self.pumps = Pumps("chilled_pump", design.chilled)
        self.secondary = Pumps("secondary_pump", design.secondary) if design.secondary else None
        self.valves = tuple(Valve(f"chiller_{n}.chilled_valve_command") for n in range(1, len(units) + 1))
        self.bypass = Valve("bypass.valve_command", opening=0.0)
        self.tank_power = 0.0
        self.tank_to_water = 0.0
        self._least = [0.0] * len(units)  # l/s the chillers must have that water goes through
        self._self_acting = False  # nobody commands the bypass: it holds that flow by itself
        self.flow_command = 0.0  # l/s wanted of the tank: positive charges
        head = design.mains_drop + design.branch_drop
        self.minimum = tuple(unit.minimum_flow * unit.curves.chilled_flow for unit in units)
        self._machines = tuple(unit.curves.chilled_flow / sqrt(unit.evaporator_drop) for unit in units)
        self._mains = design.mains_drop / design.branch_flow**2
        self._economiser = design.economiser.drop / design.branch_flow**2 if design.economiser else 0.0
        self._bypass = 0.0 if design.secondary else sum(self.minimum) / sqrt(head)
        self._conductances = tuple(branch.conductance for branch in self.branches)
        self._charge = design.storage.pump.design_flow / sqrt(0.4 * head) if design.storage else 0.0
        spare = design.chilled.pressure - design.evaporator_drop
        self._primary = design.chilled.flow / sqrt(spare) if design.secondary and spare > 0.0 else _FREE
        self.flows = ChilledFlows((0.0,) * len(units), (0.0,) * len(self.branches), remote=design.branch_drop)

    @property
    def offered(self) -> list[float]:
        """What l/s each branch would have fully open at the present remote pressure."""
        root = sqrt(max(self.flows.remote, 0.0))
        return [conductance * root for conductance in self._conductances]

    @property
    def power(self) -> float:
        return self.pumps.power + self.tank_power + (self.secondary.power if self.secondary else 0.0)

    @property
    def to_water(self) -> float:
        """Pump power in kW that ends up in the water."""
        second = self.secondary.to_water if self.secondary else 0.0
        return self.pumps.to_water + self.tank_to_water + second

    def actuate(self, dt: float, inputs: Inputs, enabled: Sequence[bool], *, powered: bool) -> None:
        """Move drives and valves. `enabled`: which chillers are wanted or still turning."""
        local = self.design.local
        self.pumps.command(dt, inputs, powered=powered)
        if self.secondary:
            self.secondary.command(dt, inputs, powered=powered)
        for valve, wanted in zip(self.valves, enabled, strict=True):
            valve.step(dt, inputs, float(wanted or not local.isolation))
        # where no valve shuts a machine off, its pump is what decides: who waits for flow to be proven is not wanted yet
        self._least = [
            least * (wanted or not local.isolation)
            for least, wanted in zip(self.minimum, enabled, strict=True)
        ]
        self.bypass.step(dt, inputs, self._bypass_wanted(self.flows) if local.bypass else 0.0)
        alone = commanded(inputs, self.bypass.command) is None
        self._self_acting = local.bypass and alone and not self.bypass.stuck
        self._command_tank(inputs, powered=powered)

    def _bypass_wanted(self, flows: ChilledFlows) -> float:
        """The opening that gives each machine on the water its minimum flow, as the plant's flow is shared out now."""
        if self._bypass <= 0.0:
            return 0.0
        if flows.header <= 0.0:  # with all coil valves shut nothing would ever begin to flow
            return float(any(self._least))
        short = max(
            (least / flow for least, flow in zip(self._least, flows.machines, strict=True) if flow > 0.0),
            default=0.0,
        )
        lacking = flows.plant * short - (flows.plant - flows.bypass)
        return min(max(lacking / (self._bypass * sqrt(flows.header)), 0.0), 1.0)

    def _command_tank(self, inputs: Inputs, *, powered: bool) -> None:
        storage = self.design.storage
        if storage is None or not powered:
            self.flow_command = 0.0
            return
        charge = switch(inputs, "tank.charge", local=False)
        discharge = switch(inputs, "tank.discharge", local=False)
        flow = storage.pump.design_flow * number(inputs, "tank.flow_command", 100.0) / 100.0
        self.flow_command = 0.0 if charge == discharge else flow if charge else -flow

    def run(self, dt: float, openings: Sequence[float], *, economiser: bool) -> ChilledFlows:
        """Flows with the coil valves at these openings 0..1."""
        passages = [
            conductance * branch.passage(opening)
            for conductance, branch, opening in zip(self._conductances, self.branches, openings, strict=True)
        ]
        together = sum(passages)
        mains = self._mains + (self._economiser if economiser else 0.0)
        through = 1.0 / sqrt(mains + 1.0 / together**2) if together > 0.0 else 0.0
        machines = [
            conductance * valve.passage
            for conductance, valve in zip(self._machines, self.valves, strict=True)
        ]
        if self.secondary:
            flows = self._run_secondary(self.secondary, machines, through)
            self.secondary.count(dt)
        else:
            flows = self._run_primary(machines, through)
            if self._self_acting:
                flows = self._make_up(flows, machines, through)
        self.pumps.count(dt)
        if together > 0.0:
            flows.remote = (flows.load / together) ** 2
            flows.branches = tuple(flows.load * one / together for one in passages)
        else:
            flows.remote = flows.header
        self.flows = flows
        return flows

    def _make_up(self, flows: ChilledFlows, machines: Sequence[float], through: float) -> ChilledFlows:
        """The bypass acts within a step: its own controller is quicker than our longest one."""
        for _ in range(3):
            wanted = self._bypass_wanted(flows)
            if wanted <= self.bypass.opening + 1e-3:
                break
            self.bypass.opening = wanted
            flows = self._run_primary(machines, through)
        return flows

    def _run_primary(self, machines: Sequence[float], through: float) -> ChilledFlows:
        bypass = self._bypass * self.bypass.opening
        storage = self.design.storage
        demand = Demand(
            conductance=through + bypass,
            charge=max(self.flow_command, 0.0),
            charge_conductance=self._charge,
            discharge=max(-self.flow_command, 0.0),
            discharge_pump=storage.pump if storage else None,
        )
        solved = self.pumps.run(machines, demand)
        pressure = solved.pressure
        discharge = demand.discharged(pressure)
        self._meter_tank(discharge, pressure)
        moving = solved.total + discharge > 0.0
        root = sqrt(pressure) if moving else 0.0
        return ChilledFlows(
            solved.machines,
            (0.0,) * len(self.branches),
            load=through * root,
            bypass=bypass * root,
            charge=demand.charged(pressure) if moving else 0.0,
            discharge=discharge,
            header=pressure if moving else 0.0,
        )

    def _run_secondary(self, secondary: Pumps, machines: Sequence[float], through: float) -> ChilledFlows:
        """A decoupler ties the headers together, so both circuits find their own flow."""
        primary = self.pumps.run(machines, Demand(conductance=self._primary))
        second = secondary.run((_FREE,), Demand(conductance=through))
        charge, discharge = max(self.flow_command, 0.0), max(-self.flow_command, 0.0)
        self._meter_tank(charge + discharge, None)
        load = second.total
        return ChilledFlows(
            primary.machines,
            (0.0,) * len(self.branches),
            load=load,
            bypass=primary.total + discharge - charge - load,
            charge=charge,
            discharge=discharge,
            header=second.pressure if load > 0.0 else 0.0,
        )

    def _meter_tank(self, flow: float, pressure: float | None) -> None:
        """Power of the tank's pump, against the header pressure or (None) its own circuit only."""
        self.tank_power = self.tank_to_water = 0.0
        storage = self.design.storage
        if storage is None or flow <= 0.0:
            return
        pump = storage.pump
        share = flow / pump.design_flow
        head = pump.design_head * share * share if pressure is None else pressure / GRAVITY
        self.tank_power = pump.power(flow, head, min(pump.speed(flow, head), 1.0))
        self.tank_to_water = self.tank_power * pump.to_water
