"""Electric chiller by the EIR model (DOE-2, EnergyPlus Engineering Reference, Chiller:Electric:EIR).

Capacity and efficiency depend on leaving chilled water and entering condenser water; below the minimum part load the
machine cycles, below the minimum unloading it falsely loads itself. Around the curves stands what a start looks like:
flow must be proven, the start takes its time, capacity is ramped, a lost flow trips the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from hil.plant.variables import LITRE_MASS, WATER_CP

Biquadratic = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Surface:
    """c1 + c2 x + c3 x2 + c4 y + c5 y2 + c6 xy, evaluated inside its measured range only."""

    c: Biquadratic
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    def at(self, x: float, y: float) -> float:
        x = min(max(x, self.x_range[0]), self.x_range[1])
        y = min(max(y, self.y_range[0]), self.y_range[1])
        c1, c2, c3, c4, c5, c6 = self.c
        return c1 + c2 * x + c3 * x * x + c4 * y + c5 * y * y + c6 * x * y

    def covers(self, x: float, y: float) -> bool:
        return self.x_range[0] <= x <= self.x_range[1] and self.y_range[0] <= y <= self.y_range[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChillerCurves:
    """One machine's coefficient set; capacities in kW, flows in l/s."""

    name: str
    capacity: float
    cop: float
    reference_supply: float  # degC leaving chilled water at the reference point
    reference_condenser: float  # degC entering condenser water at the reference point
    chilled_flow: float
    condenser_flow: float
    minimum_part_load: float
    maximum_part_load: float
    minimum_unloading: float
    capacity_curve: Surface
    eir_curve: Surface
    part_load_curve: tuple[float, float, float]

    @staticmethod
    def from_mapping(name: str, data: Mapping[str, Any]) -> ChillerCurves:
        """From one entry of data/chillers.json (SI units: W, m3/s)."""

        def surface(key: str) -> Surface:
            curve = data[key]
            return Surface(tuple(curve["c"]), tuple(curve["x_range"]), tuple(curve["y_range"]))

        return ChillerCurves(
            name=name,
            capacity=data["ref_capacity_W"] / 1e3,
            cop=data["ref_cop"],
            reference_supply=data["ref_T_chw_leaving_C"],
            reference_condenser=data["ref_T_cond_entering_C"],
            chilled_flow=data["ref_chw_flow_m3s"] * 1e3,
            condenser_flow=data["ref_cw_flow_m3s"] * 1e3,
            minimum_part_load=data["min_plr"],
            maximum_part_load=data["max_plr"],
            minimum_unloading=data["min_unload"],
            capacity_curve=surface("cap_f_t"),
            eir_curve=surface("eir_f_t"),
            part_load_curve=tuple(data["eir_f_plr"]["c"]),
        )


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What the machine does at one load: kW of power and of available capacity."""

    power: float
    available: float
    part_load: float
    extrapolated: bool


def operating_point(curves: ChillerCurves, cooling: float, supply: float, condenser: float) -> OperatingPoint:
    """Power at `cooling` kW, leaving chilled water and entering condenser water in degC."""
    available = curves.capacity * curves.capacity_curve.at(supply, condenser)
    part_load = min(cooling / available, curves.maximum_part_load)
    cycling = min(part_load / curves.minimum_part_load, 1.0)
    loaded = max(part_load, curves.minimum_unloading)
    a, b, c = curves.part_load_curve
    shape = a + b * loaded + c * loaded * loaded
    power = available / curves.cop * curves.eir_curve.at(supply, condenser) * shape * cycling
    inside = curves.eir_curve.covers(supply, condenser)
    return OperatingPoint(power, available, part_load, not inside)


class Phase(Enum):
    """Where the machine is in its start sequence."""

    OFF = 0
    STARTING = 1
    RUNNING = 2
    TRIPPED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChillerInputs:
    """What reaches the machine: commands and water. Temperatures degC, flows l/s."""

    enable: bool
    setpoint: float
    chilled_entering: float
    chilled_flow: float
    condenser_entering: float
    condenser_flow: float
    demand_limit: float = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChillerOutputs:
    """What the machine does with it; `rejected` and `cooling` in kW of heat."""

    phase: Phase
    cooling: float
    power: float
    rejected: float
    available: float
    chilled_leaving: float
    condenser_leaving: float
    extrapolated: bool

    @property
    def running(self) -> bool:
        return self.phase is Phase.RUNNING


class Chiller:
    """One machine with its start sequence. Times are typical of a centrifugal with pre-lubrication."""

    START_TIME = 60.0  # s from enable to rotating
    RAMP = 100.0 / 240.0  # % of capacity per s while loading after a start
    FLOW_WAIT = 45.0  # s without flow while starting before it trips
    FLOW_TRIP = 3.0  # s without flow while running before it trips
    MINIMUM_FLOW = 0.4  # of the reference flow makes the flow switch
    OIL_HEATER = 0.6  # kW while standing

    def __init__(self, curves: ChillerCurves, *, running: bool = False) -> None:
        self.curves = curves
        self.phase = Phase.RUNNING if running else Phase.OFF
        self.starts = 0
        self.running_hours = 0.0
        self._in_phase = 0.0
        self._no_flow = 0.0
        self._loading = 100.0 if running else 0.0

    def flow_proven(self, chilled_flow: float, condenser_flow: float) -> bool:
        return (
            chilled_flow >= self.MINIMUM_FLOW * self.curves.chilled_flow
            and condenser_flow >= self.MINIMUM_FLOW * self.curves.condenser_flow
        )

    def step(self, dt: float, inputs: ChillerInputs) -> ChillerOutputs:
        self._sequence(dt, inputs)
        if self.phase is not Phase.RUNNING or self._no_flow > 0.0:
            return self._idle(inputs)
        self.running_hours += dt / 3600.0
        self._loading = min(self._loading + self.RAMP * dt, 100.0)
        capacity_flow = inputs.chilled_flow * LITRE_MASS * WATER_CP  # kW/K
        wanted = max(capacity_flow * (inputs.chilled_entering - inputs.setpoint), 0.0)
        limit = min(self._loading, inputs.demand_limit) / 100.0
        probe = operating_point(self.curves, wanted, inputs.setpoint, inputs.condenser_entering)
        cooling = min(wanted, probe.available * min(limit, self.curves.maximum_part_load))
        leaving = inputs.chilled_entering - cooling / capacity_flow
        point = operating_point(self.curves, cooling, leaving, inputs.condenser_entering)
        rejected = cooling + point.power
        return ChillerOutputs(
            phase=self.phase,
            cooling=cooling,
            power=point.power,
            rejected=rejected,
            available=point.available,
            chilled_leaving=leaving,
            condenser_leaving=inputs.condenser_entering
            + rejected / (inputs.condenser_flow * LITRE_MASS * WATER_CP),
            extrapolated=point.extrapolated,
        )

    def trip(self) -> None:
        """A fault of the machine itself. Cleared by taking the enable away."""
        self._enter(Phase.TRIPPED)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self._in_phase = 0.0
        self._no_flow = 0.0
        self._loading = 0.0

    def _sequence(self, dt: float, inputs: ChillerInputs) -> None:
        self._in_phase += dt
        proven = self.flow_proven(inputs.chilled_flow, inputs.condenser_flow)
        self._no_flow = 0.0 if proven else self._no_flow + dt
        if not inputs.enable:
            if self.phase is not Phase.OFF:
                self._enter(Phase.OFF)
        elif self.phase is Phase.OFF:
            self._enter(Phase.STARTING)
        elif self.phase is Phase.STARTING:
            if self._no_flow > self.FLOW_WAIT:
                self._enter(Phase.TRIPPED)
            elif proven and self._in_phase >= self.START_TIME:
                self._enter(Phase.RUNNING)
                self.starts += 1
        elif self.phase is Phase.RUNNING and not proven and self._no_flow > self.FLOW_TRIP:
            self._enter(Phase.TRIPPED)
        if self.phase is Phase.RUNNING and not proven and self._no_flow > 0.0:
            self._loading = 0.0  # no water, no cooling, while the flow switch still makes up its mind

    def _idle(self, inputs: ChillerInputs) -> ChillerOutputs:
        available = self.curves.capacity * self.curves.capacity_curve.at(
            inputs.setpoint, inputs.condenser_entering
        )
        return ChillerOutputs(
            phase=self.phase,
            cooling=0.0,
            power=self.OIL_HEATER,
            rejected=0.0,
            available=available,
            chilled_leaving=inputs.chilled_entering,
            condenser_leaving=inputs.condenser_entering,
            extrapolated=False,
        )
