"""All variables of a central plant under their names: what instruments could show, and some truths beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hil.plant.chiller import Phase
from hil.plant.variables import Outputs, Variable

if TYPE_CHECKING:
    from hil.plant.central_plant import CentralPlant

CHILLER = (
    "enable", "chilled_water_setpoint", "demand_limit", "status", "alarm", "alarm_code", "available", "local_mode",
    "load", "available_capacity", "cooling", "power", "energy", "chilled_water_supply_temp", "chilled_water_return_temp",
    "chilled_water_flow", "condenser_entering_temp", "condenser_leaving_temp", "condenser_flow", "flow_proof",
    "chilled_valve_command", "chilled_valve", "condenser_valve_command", "condenser_valve", "runtime", "starts",
    "extrapolated",
)  # fmt: skip
CELL = (
    "condenser_entering_temp",
    "condenser_return_temp",
    "condenser_flow",
    "valve_command",
    "valve",
    "extrapolated",
)
LOOP = (
    "chilled_water_supply_temp", "chilled_water_return_temp", "chilled_water_flow", "differential_pressure",
    "header_pressure", "condenser_entering_temp", "condenser_return_temp", "condenser_flow", "makeup_flow",
    "outdoor_wet_bulb", "cooling", "power", "cooling_energy", "energy", "requests", "plant_requests",
)  # fmt: skip
BRANCH = ("valve", "chilled_water_flow", "cooling", "requests", "plant_requests")
ECONOMISER = ("enable", "status", "cooling", "power", "condenser_flow", "chilled_water_setpoint")
TANK = (
    "charge", "discharge", "flow_command", "status", "tank_flow", "state_of_charge", "stored", "power",
    "tank_bottom_temp", "tank_middle_temp", "tank_top_temp",
)  # fmt: skip
COMMANDS = (
    "enable", "speed_command", "chilled_water_setpoint", "demand_limit", "chilled_valve_command",
    "condenser_valve_command", "valve_command", "charge", "discharge", "flow_command",
)  # fmt: skip
"""Quantities that may be commanded."""

RESET_ON, RESET_OFF, PLANT_OFF = 0.95, 0.85, 0.10
"""Valve openings that raise and clear requests (ASHRAE Guideline 36-2021, 5.16 and 5.20: cooling requests)."""


class CentralPanel:
    """Names are made once; values are picked up after every step."""

    def __init__(self, plant: CentralPlant) -> None:
        self._plant = plant
        self._chillers = [_names(f"chiller_{place}", CHILLER) for place in range(1, len(plant.chillers) + 1)]
        self._cells = [_names(cell.name, CELL) for cell in plant.condenser.cells]
        self._branches = [_names(branch.name, BRANCH) for branch in plant.chilled.branches]
        self._loop = _names("loop", LOOP)
        self._economiser = _names("economiser", ECONOMISER)
        self._tank = _names("tank", TANK)
        self._asking = [(False, False)] * len(plant.chilled.branches)

    def outputs(self) -> Outputs:
        plant = self._plant
        result = plant.chilled.pumps.outputs()
        result.update(plant.condenser.outputs())
        if plant.chilled.secondary:
            result.update(plant.chilled.secondary.outputs())
        for place, names in enumerate(self._chillers):
            result.update(zip(names, self._chiller(place), strict=True))
        for place, names in enumerate(self._cells):
            result.update(zip(names, self._cell(place), strict=True))
        for place, names in enumerate(self._branches):
            result.update(zip(names, self._branch(place), strict=True))
        result.update(zip(self._loop, self._loop_values(), strict=True))
        if not plant.chilled.secondary:
            bypass = plant.chilled.bypass
            result["bypass.valve"] = 100.0 * bypass.opening
            result["bypass.valve_command"] = 100.0 * bypass.wanted
            result["bypass.chilled_water_flow"] = plant.chilled.flows.bypass
        if plant.design.economiser:
            result.update(zip(self._economiser, self._economiser_values(), strict=True))
        if plant.tank:
            result.update(zip(self._tank, self._tank_values(), strict=True))
        return result

    def _chiller(self, place: int) -> Sequence[Variable]:
        plant = self._plant
        machine, one = plant.chillers[place], plant.machines[place]
        enable, setpoint, limit = plant.wishes[place]
        chilled, condenser = plant.chilled.flows.machines[place], plant.condenser.machines[place]
        valve, other = plant.chilled.valves[place], plant.condenser.valves[place]
        tripped = machine.phase is Phase.TRIPPED
        return (
            enable, setpoint, limit, machine.phase is Phase.RUNNING, tripped, float(machine.cause),
            plant.powered and not tripped, False,
            min(100.0 * one.cooling / one.available, 110.0), one.available, one.cooling, one.power,
            plant.energies[place].value, one.chilled_leaving, plant.entering, chilled, plant.left_basin,
            one.condenser_leaving, condenser, machine.flow_proven(chilled, condenser),
            100.0 * valve.wanted, 100.0 * valve.opening, 100.0 * other.wanted, 100.0 * other.opening,
            machine.running_hours, float(machine.starts), one.extrapolated,
        )  # fmt: skip

    def _cell(self, place: int) -> Sequence[Variable]:
        side = self._plant.condenser
        cell = side.cells[place]
        return (
            cell.point.leaving, side.hot, cell.flow, 100.0 * cell.valve.wanted, 100.0 * cell.valve.opening,
            cell.point.extrapolated,
        )  # fmt: skip

    def _branch(self, place: int) -> Sequence[Variable]:
        plant = self._plant
        opening = plant.openings[place]
        reset, running = self._asking[place]
        reset = opening > (RESET_OFF if reset else RESET_ON)
        running = opening > (PLANT_OFF if running else RESET_ON)
        self._asking[place] = (reset, running)
        flow = plant.chilled.flows.branches[place]
        return 100.0 * opening, flow, plant.heats[place], float(reset), float(running)

    def _loop_values(self) -> Sequence[Variable]:
        plant = self._plant
        flows, side, balance = plant.chilled.flows, plant.condenser, plant.balance
        return (
            plant.leaving_supply, plant.returning, flows.load, flows.remote, flows.header, plant.left_basin, side.hot,
            side.flow, side.makeup, plant.wet_bulb, plant.delivered, plant.power, balance.delivered,
            balance.electricity, float(sum(reset for reset, _ in self._asking)),
            float(sum(running for _, running in self._asking)),
        )  # fmt: skip

    def _economiser_values(self) -> Sequence[Variable]:
        plant = self._plant
        side = plant.condenser
        return (
            side.economiser, plant.economiser_heat > 0.0, plant.economiser_heat, side.economiser_power,
            side.economiser_flow, plant.economiser_setpoint,
        )  # fmt: skip

    def _tank_values(self) -> Sequence[Variable]:
        plant = self._plant
        tank, storage, flows = plant.tank, plant.design.storage, plant.chilled.flows
        if tank is None or storage is None:
            return ()
        wanted = plant.chilled.flow_command
        return (
            wanted > 0.0, wanted < 0.0, 100.0 * abs(wanted) / storage.pump.design_flow,
            flows.charge + flows.discharge > 0.0, flows.charge - flows.discharge, 100.0 * tank.charge, tank.cooling,
            plant.chilled.tank_power, tank.bottom, tank.temperature(0.5), tank.top,
        )  # fmt: skip


def _names(owner: str, quantities: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{owner}.{quantity}" for quantity in quantities)
