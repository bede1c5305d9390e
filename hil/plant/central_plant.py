"""A whole chilled-water plant: chillers, both circuits, towers, and what a design adds (free cooling, tank).

One step runs once round the water: load, return header, economiser, chillers, supply header; then condensers, towers,
basin. Every pipe's heat is counted once and used at both of its ends, so that none is lost whatever the step. Steps
are cut at 60 s and where a header would turn over more than once and a half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from hil.plant.central_design import CentralDesign
from hil.plant.central_faults import CentralFaults
from hil.plant.central_panel import COMMANDS, CentralPanel
from hil.plant.chilled_side import ChilledFlows, ChilledSide
from hil.plant.chiller import Chiller, ChillerInputs, ChillerOutputs, Phase
from hil.plant.chiller_curves import heat_rate
from hil.plant.condenser_side import CondenserSide
from hil.plant.load import LoadSide, Outdoors
from hil.plant.meter import EnergyRegister
from hil.plant.tank import Tank
from hil.plant.variables import LITRE_MASS, WATER_CP, Inputs, Outputs, Storing, number, switch
from hil.plant.water import Node

FINEST = 60.0  # s: the longest part of a step
TURNS = 1.5  # of a header in one part
SETPOINTS = (3.0, 20.0)  # degC a chiller's panel takes


@dataclass(slots=True)
class Balance:
    """Heat in kWh since the start, for the proof that none is lost."""

    coil: float = 0.0  # into the water at the coils
    surge: float = 0.0  # and from a load surge
    machines: float = 0.0  # electrical energy that became heat in the water
    ambient: float = 0.0  # through the tank's wall
    rejected: float = 0.0  # out to the air
    delivered: float = 0.0  # cooling the coils took
    electricity: float = 0.0  # of all cold-source equipment

    @property
    def gained(self) -> float:
        """By how much the water must have got warmer."""
        return self.coil + self.surge + self.machines + self.ambient - self.rejected


class CentralPlant:
    """The machines and the water of one design, with a load side behind the coil valves."""

    def __init__(self, design: CentralDesign, load: LoadSide) -> None:
        setpoint = design.local.setpoint
        self.design = design
        self.load = load
        self.chillers = tuple(
            Chiller(unit.curves, running=True, timing=unit.timing) for unit in design.chillers
        )
        self.energies = tuple(EnergyRegister(digits=8) for _ in design.chillers)
        self.chilled = ChilledSide(design, load.branches)
        self.condenser = CondenserSide(design)
        self.tank = Tank(design.storage.tank, charged=design.storage.charged) if design.storage else None
        self.supply = Node(design.header, setpoint)
        self.back = Node(design.header, setpoint + 5.0)
        self.balance = Balance()
        self.machines: list[ChillerOutputs] = []
        self.wishes: list[tuple[bool, float, float]] = []
        self.heats: Sequence[float] = (0.0,) * len(load.branches)
        self.economiser_heat = 0.0
        self.openings: Sequence[float] = (0.0,) * len(load.branches)
        # mean temperatures of the last part of a step, degC
        self.leaving_supply = setpoint  # of what the coils got
        self.returning = self.entering = setpoint + 5.0  # of what they gave back; of what the chillers got
        self.left_basin = self.wet_bulb = design.local.basin
        self.surge = 0.0  # kW of unforeseen heat into the return
        self.powered = True
        self.faults = CentralFaults(self)
        self._panel = CentralPanel(self)
        self._towards = setpoint  # what came from the chillers last
        self.economiser_setpoint = setpoint
        self._names = tuple(
            (f"chiller_{n}.enable", f"chiller_{n}.chilled_water_setpoint", f"chiller_{n}.demand_limit")
            for n in range(1, len(design.chillers) + 1)
        )
        self._read_commands({})
        self.machines = [machine.idle(_reaching(self, place)) for place, machine in enumerate(self.chillers)]

    @property
    def delivered(self) -> float:
        """Cooling the coils take, kW."""
        return sum(self.heats)

    @property
    def power(self) -> float:
        """Electrical power of all cold-source equipment, kW."""
        return sum(one.power for one in self.machines) + self.chilled.power + self.condenser.power

    @property
    def heat_in_water(self) -> float:
        """All heat held above 0 degC, kWh."""
        water = self.supply.stored + self.back.stored + self.condenser.basin.stored
        return water + (self.tank.stored if self.tank else 0.0)

    def stored(self) -> Mapping[str, float]:
        """Cooling held, in kWh: the chilled water below its design return temperature, the tank below warm, the load's."""
        warm = self.design.local.setpoint + 5.0
        volume = self.supply.volume + self.back.volume
        full = volume * LITRE_MASS * WATER_CP * warm / 3600.0
        held = {"chilled_water": full - self.supply.stored - self.back.stored}
        held |= {"tank": self.tank.cooling} if self.tank else {}
        return {**held, **(self.load.stored() if isinstance(self.load, Storing) else {})}

    def commands(self) -> Sequence[str]:
        """Names of the variables that may be commanded, the load's among them."""
        shown = self._panel.outputs()
        return [*(name for name in shown if name.rpartition(".")[2] in COMMANDS), *self.load.commands()]

    def failures(self) -> Mapping[str, str]:
        """What can fail, with a word on each."""
        return self.faults.names()

    def fail(self, name: str, amount: float) -> None:
        """Raises KeyError for a name that is not among `failures`."""
        self.faults.fail(name, amount)

    def mend(self, name: str) -> None:
        self.faults.mend(name)

    def step(self, dt: float, inputs: Inputs, outdoors: Outdoors) -> None:
        busiest = max(self.chilled.flows.plant, self.chilled.flows.load, 1e-3)
        longest = min(FINEST, TURNS * self.supply.volume / busiest)
        parts = max(ceil(dt / longest - 1e-9), 1)
        for _ in range(parts):
            self._part(dt / parts, inputs, outdoors)

    def outputs(self) -> Outputs:
        """Every variable, as of the last step."""
        return self._panel.outputs() | self.load.outputs()

    def _part(self, dt: float, inputs: Inputs, outdoors: Outdoors) -> None:
        self._read_commands(inputs)
        enabled = [
            enable or machine.phase is Phase.RUNNING
            for (enable, _, _), machine in zip(self.wishes, self.chillers, strict=True)
        ]
        self.condenser.actuate(dt, inputs, enabled, powered=self.powered)
        free = self.condenser.economiser and not any(enabled)
        self.chilled.actuate(dt, inputs, [one or free for one in enabled], powered=self.powered)
        self.openings = self.load.openings(dt, inputs, outdoors, self.chilled.offered)
        flows = self.chilled.run(dt, self.openings, economiser=self.condenser.economiser)
        self.condenser.run(dt)
        self.left_basin = self.condenser.leaving_basin(dt)
        self.wet_bulb = outdoors.weather.wet_bulb
        self.entering = self._return_side(dt, flows, outdoors)
        self._run_chillers(dt)
        self._supply_side(dt, flows, outdoors)
        _condenser_side(self, dt)
        _account(self, dt)

    def _read_commands(self, inputs: Inputs) -> None:
        setpoint = self.design.local.setpoint
        self.wishes = [
            (
                switch(inputs, enable, local=True),
                number(inputs, wanted, setpoint, *SETPOINTS),
                number(inputs, limit, 100.0, low=10.0),
            )
            for enable, wanted, limit in self._names
        ]
        self.economiser_setpoint = number(
            inputs, "economiser.chilled_water_setpoint", self.wishes[0][1], *SETPOINTS
        )

    def _return_side(self, dt: float, flows: ChilledFlows, outdoors: Outdoors) -> float:
        """Coils, economiser and return header; the temperature at which the return header's water leaves."""
        outgoing = flows.load + flows.charge + max(flows.bypass, 0.0)
        self.leaving_supply = self.supply.outlook(outgoing * dt / self.supply.volume, self._towards)
        self.heats = self.load.absorb(dt, self.leaving_supply, flows.branches)
        coming = self.leaving_supply
        if flows.load > 0.0:
            coming += sum(self.heats) / heat_rate(flows.load)
        self.returning = coming
        self.economiser_heat = _free_cooling(self, flows.load, coming, self.left_basin)
        heat = (flows.load + max(flows.bypass, 0.0)) * self.leaving_supply
        if flows.charge > 0.0:
            heat += flows.charge * _tank_step(self, dt, flows.charge, self.leaving_supply, outdoors)
        extra = sum(self.heats) - self.economiser_heat + self.surge + self.chilled.to_water
        if outgoing <= 0.0:
            self.back.heat(dt, extra)
            return self.back.temperature
        return self.back.through(dt, outgoing, heat / outgoing + extra / heat_rate(outgoing))

    def _run_chillers(self, dt: float) -> None:
        self.machines = []
        for place, machine in enumerate(self.chillers):
            one = machine.step(dt, _reaching(self, place))
            self.machines.append(one)
            self.energies[place].count(dt, one.power)

    def _supply_side(self, dt: float, flows: ChilledFlows, outdoors: Outdoors) -> None:
        backwards = max(-flows.bypass, 0.0)
        coming = sum(flows.machines) + flows.discharge + backwards
        carried = sum(
            flow * one.chilled_leaving for flow, one in zip(flows.machines, self.machines, strict=True)
        )
        carried += backwards * self.entering
        if flows.discharge > 0.0:
            carried += flows.discharge * _tank_step(self, dt, -flows.discharge, self.entering, outdoors)
        elif flows.charge <= 0.0:
            _tank_step(self, dt, 0.0, self.entering, outdoors)
        if coming > 0.0:
            self._towards = carried / coming
            self.supply.settle(dt, coming, self._towards, self.leaving_supply)


def _free_cooling(plant: CentralPlant, flow: float, warm: float, basin: float) -> float:
    """Heat in kW that the economiser takes out of the return water, never below its set-point."""
    design = plant.design.economiser
    if design is None or not plant.condenser.economiser:
        return 0.0
    possible = design.exchanger.heat(warm, flow, basin, plant.condenser.economiser_flow)
    return min(possible, max(heat_rate(flow) * (warm - plant.economiser_setpoint), 0.0))


def _tank_step(plant: CentralPlant, dt: float, flow: float, entering: float, outdoors: Outdoors) -> float:
    """Positive flow charges. The mean temperature of what leaves the other end."""
    storage = plant.design.storage
    if plant.tank is None or storage is None:
        return entering
    ambient = outdoors.weather.dry_bulb if storage.ambient is None else storage.ambient
    leaving, gained = plant.tank.step(dt, flow, entering, ambient)
    plant.balance.ambient += gained * dt / 3600.0
    return leaving


def _reaching(plant: CentralPlant, place: int) -> ChillerInputs:
    """What commands and water reach one chiller."""
    enable, setpoint, limit = plant.wishes[place]
    return ChillerInputs(
        enable=enable,
        setpoint=setpoint,
        chilled_entering=plant.entering,
        chilled_flow=plant.chilled.flows.machines[place],
        condenser_entering=plant.left_basin,
        condenser_flow=plant.condenser.machines[place],
        demand_limit=limit,
        powered=plant.powered,
    )


def _condenser_side(plant: CentralPlant, dt: float) -> None:
    side, left = plant.condenser, plant.left_basin
    heat = sum(one.heat_of_compression + one.cooling for one in plant.machines) + plant.economiser_heat
    hot = left + heat / heat_rate(side.flow) if side.flow > 0.0 else left
    side.reject(dt, hot, left, plant.wet_bulb)


def _account(plant: CentralPlant, dt: float) -> None:
    hours, balance = dt / 3600.0, plant.balance
    compression = sum(one.heat_of_compression for one in plant.machines)
    balance.coil += hours * plant.delivered
    balance.surge += hours * plant.surge
    balance.machines += hours * (compression + plant.chilled.to_water + plant.condenser.to_water)
    balance.rejected += hours * plant.condenser.rejected
    balance.delivered += hours * plant.delivered
    balance.electricity += hours * plant.power
