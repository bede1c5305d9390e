"""What makes heat on a tank: heat pumps and other sources, each with its charging pump from the tank's bottom back to its top.

Local control, where nobody commands: every source by the tank's own thermostat, the later in the list the colder. With lifting
valves a source gives its set-point to the tank: less water passes, and what comes in is lifted by what it gives out. A thaw is then
taken from the machine's own water and given back by its next heat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hil.plant.chiller_curves import heat_rate
from hil.plant.ground import Ground
from hil.plant.heat_pump import HeatPump, HeatPumpInputs, HeatPumpOutputs, HeatPumpTable
from hil.plant.heat_source import HeatSource, SourceDesign
from hil.plant.meter import EnergyRegister
from hil.plant.tank import Tank
from hil.plant.variables import Inputs, Outputs, number, outputs_of, switch

RISE = 5.0  # K over a machine at full load, by which its pump is sized (EN 14511 rating)
PUMPS = 0.02  # of the heat moved: power of charging and source pumps (EN 14825 allowances are of this size)
SETPOINTS = (25.0, 65.0)  # degC of a heat pump
HOT = (25.0, 90.0)  # degC of a boiler


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalThermostats:
    """degC, K: what sources do by themselves, and how their water gets into the tank."""

    setpoint: float = 45.0
    band: float = 5.0
    later: float = 0.0
    lifted: bool = False


@dataclass(slots=True)
class Unit:
    """One machine, what it did, its meter."""

    pump: HeatPump
    flow: float  # l/s of its charging pump
    wanted: bool = False
    setpoint: float = 0.0
    out: HeatPumpOutputs | None = None
    source: float = 0.0
    broken: bool = False
    owed: float = 0.0  # kWs that a thaw took and that the next heat gives back, behind a lifting valve
    energy: EnergyRegister = field(default_factory=EnergyRegister)

    @property
    def power(self) -> float:
        if self.out is None or not self.out.running:
            return 0.0
        return self.out.power + PUMPS * max(self.out.heating, 0.0)


class HeatMakers:
    """All sources of one tank, in the order of their list: heat pumps first."""

    def __init__(
        self,
        machines: Sequence[HeatPumpTable],
        sources: Sequence[SourceDesign],
        local: LocalThermostats,
        tank: Tank,
        ground: Ground | None,
    ) -> None:
        self.local = local
        self.tank = tank
        self.ground = ground
        self.sources = tuple(HeatSource(one) for one in sources)
        self.units = tuple(
            Unit(HeatPump(table), max(table.heating[0]) / heat_rate(1.0) / RISE) for table in machines
        )

    @property
    def power(self) -> float:
        return sum(unit.power for unit in self.units) + sum(one.power for one in self.sources)

    @property
    def renewable(self) -> float:
        """Heat in kW out of air and ground."""
        return sum(unit.out.source_heat for unit in self.units if unit.out)

    def commands(self) -> Sequence[str]:
        """Names of what may be commanded."""
        names = [f"heat_pump_{unit}" for unit in range(1, len(self.units) + 1)]
        names += [one.design.name for one in self.sources]
        return [f"{name}.{what}" for name in names for what in ("enable", "hot_water_setpoint")]

    def breakable(self) -> Mapping[str, Unit | HeatSource]:
        units = {f"heat_pump_{place}.trip": unit for place, unit in enumerate(self.units, start=1)}
        return {**units, **{f"{one.design.name}.trip": one for one in self.sources}}

    def run(self, dt: float, inputs: Inputs, air: float) -> float:
        """Heat in kW they gave to the tank."""
        return self._run_machines(dt, inputs, air) + self._run_sources(dt, inputs)

    def _run_sources(self, dt: float, inputs: Inputs) -> float:
        """Heat in kW they gave to the tank."""
        made = 0.0
        for place, one in enumerate(self.sources, start=len(self.units)):
            name = one.design.name
            one.setpoint = number(inputs, f"{name}.hot_water_setpoint", self._own(place), *HOT)
            one.wanted = switch(inputs, f"{name}.enable", self._cold(one.setpoint, one.wanted))
            highest = min(one.setpoint, one.design.highest)
            heat = one.step(dt, self._entering(dt, one.design.flow, highest - one.design.rise))
            if heat > 0.0:
                self._charge(dt, heat, one.design.flow, one.leaving)
            made += heat
        return made

    def _entering(self, dt: float, flow: float, lifted: float) -> float:
        """Water that comes into a source, degC: from the tank's bottom, or lifted by its valve."""
        bottom = self.tank.outlook(dt, -flow)
        return max(bottom, lifted) if self.local.lifted else bottom

    def _charge(self, dt: float, heat: float, flow: float, leaving: float) -> None:
        """`heat` kW from the tank's bottom to its top, with all of the pump's flow or what a lifting valve lets out."""
        if self.local.lifted:
            rise = leaving - self.tank.outlook(dt, -flow)
            flow = min(flow, heat / heat_rate(max(rise, 1.0)))
            leaving = self.tank.outlook(dt, -flow) + heat / heat_rate(flow)
        self.tank.push(dt, -flow, leaving)

    def _charge_by(self, dt: float, unit: Unit, out: HeatPumpOutputs) -> float:
        """Heat in kW that a machine gave to the tank."""
        if not self.local.lifted:
            if out.heating != 0.0:
                self._charge(dt, out.heating, unit.flow, out.leaving)
            return out.heating
        unit.owed -= out.heating * dt
        heat = max(-unit.owed, 0.0) / dt
        if heat > 0.0:
            self._charge(dt, heat, unit.flow, out.leaving)
            unit.owed = 0.0
        return heat

    def _own(self, place: int) -> float:
        """Set-point of a source's own thermostat."""
        return self.local.setpoint - place * self.local.later

    def _run_machines(self, dt: float, inputs: Inputs, air: float) -> float:
        """Heat in kW they gave to the tank."""
        from_ground = made = 0.0
        for place, unit in enumerate(self.units, start=1):
            name = f"heat_pump_{place}"
            unit.setpoint = number(inputs, f"{name}.hot_water_setpoint", self._own(place - 1), *SETPOINTS)
            unit.wanted = switch(inputs, f"{name}.enable", self._cold(unit.setpoint, unit.wanted))
            table = unit.pump.table
            unit.source = air
            if not table.air and self.ground:
                heat = unit.out.source_heat if unit.out else 0.0
                unit.source = self.ground.brine(heat, unit.flow)
            entering = self._entering(dt, unit.flow, min(unit.setpoint, table.highest) - RISE)
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
            made += self._charge_by(dt, unit, unit.out)
            from_ground += 0.0 if table.air else unit.out.source_heat
        if self.ground:
            self.ground.step(dt, from_ground)
        return made

    def _cold(self, setpoint: float, on: bool) -> bool:
        """On below the band at the tank's middle, off when warm to the bottom of its upper half."""
        return self.tank.temperature(0.5) < setpoint - (0.0 if on else self.local.band)

    def outputs(self) -> Outputs:
        result: Outputs = {}
        for place, unit in enumerate(self.units, start=1):
            result |= outputs_of(f"heat_pump_{place}", _quantities(unit))
        for one in self.sources:
            result |= outputs_of(one.design.name, one.quantities())
        return result


def _quantities(unit: Unit) -> Mapping[str, float | bool]:
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
