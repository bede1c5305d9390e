"""Heat pumps for heating water from tables of measured points, with part load, defrost and their start.

Heat and power over source and supply temperature come from EN 14511 (air) or EN 255 (brine) points of real machines;
between points linear, outside the edge holds and is flagged. Air machines: the points already contain the defrosts of
the test, so the model gives the same means but shows the defrosts as they come.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hil.plant.chiller_curves import heat_rate

CYCLING = 0.9  # EN 14825, 8.5.2: degradation of a water machine below its lowest steady load
DEFROST_BELOW = 5.0  # degC of air: a coil below it can ice up (EN 14511-3: frosting test at 2 degC)
DEFROST_EVERY, DEFROST_TAKES = 2700.0, 240.0  # s; usual demand-defrost figures, own choice


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPumpTable:
    """Points of one machine: kW by supply temperature (rows, degC) and source temperature (columns, degC)."""

    name: str
    source: tuple[float, ...]
    supply: tuple[float, ...]
    heating: tuple[tuple[float, ...], ...]
    power: tuple[tuple[float, ...], ...]
    air: bool
    lowest: float = 1.0  # share of capacity to which it can modulate; 1: on and off only
    highest: float = 65.0  # degC leaving, whatever it is told

    def sized(self, factor: float) -> HeatPumpTable:
        """The same machine so many times as big."""
        return replace(
            self,
            heating=tuple(tuple(one * factor for one in row) for row in self.heating),
            power=tuple(tuple(one * factor for one in row) for row in self.power),
        )


AIR_MACHINE = HeatPumpTable(
    # Alpha Innotec LW 80 M-A, EN 14511 points as tabulated in the IBPSA Modelica library (BSD), EuropeanNorm2DData
    name="Alpha Innotec LW 80 M-A",
    source=(-7.0, 2.0, 7.0, 10.0, 15.0, 20.0),
    supply=(35.0, 45.0, 50.0),
    heating=(
        (6.300, 8.000, 9.400, 10.300, 11.850, 13.190),
        (6.167, 7.733, 9.000, 9.750, 11.017, 11.730),
        (6.100, 7.600, 8.800, 9.475, 10.600, 11.000),
    ),
    power=(
        (2.625, 2.424, 2.410, 2.395, 2.347, 2.322),
        (3.136, 3.053, 3.000, 2.970, 2.912, 2.889),
        (3.486, 3.535, 3.451, 3.414, 3.365, 3.385),
    ),
    air=True,
)
GROUND_MACHINE = HeatPumpTable(
    # Viessmann Vitocal 350 BWH 113, EN 255 points as tabulated in the IBPSA Modelica library (BSD), EuropeanNorm2DData
    name="Viessmann Vitocal 350 BWH 113",
    source=(-5.0, 0.0, 5.0, 10.0, 15.0),
    supply=(35.0, 45.0, 55.0, 65.0),
    heating=(
        (14.500, 16.292, 18.042, 19.750, 21.583),
        (15.708, 17.167, 18.583, 20.083, 21.583),
        (15.708, 17.167, 18.583, 20.083, 21.583),
        (15.708, 17.167, 18.583, 20.083, 21.583),
    ),
    power=(
        (3.750, 3.750, 3.750, 3.750, 3.833),
        (4.833, 4.917, 4.958, 5.042, 5.125),
        (5.583, 5.667, 5.750, 5.833, 5.958),
        (7.000, 7.125, 7.250, 7.417, 7.583),
    ),
    air=False,
)


@dataclass(frozen=True, slots=True)
class HeatPumpPoint:
    """What the machine does at one load, kW. `source_heat` comes out of air or ground."""

    heating: float
    power: float
    capacity: float
    extrapolated: bool

    @property
    def source_heat(self) -> float:
        return self.heating - self.power


def heat_pump_point(table: HeatPumpTable, wanted: float, source: float, supply: float) -> HeatPumpPoint:
    """Power for `wanted` kW at source and supply temperatures in degC; more than it has is cut. Pure."""
    capacity = _at(table, table.heating, source, supply)
    full = _at(table, table.power, source, supply)
    heating = min(max(wanted, 0.0), capacity)
    load = heating / capacity
    inside = table.source[0] <= source <= table.source[-1] and table.supply[0] <= supply <= table.supply[-1]
    if load <= 0.0:
        return HeatPumpPoint(0.0, 0.0, capacity, not inside)
    ratio = min(load / table.lowest, 1.0)
    degraded = ratio / (CYCLING * ratio + 1.0 - CYCLING)
    return HeatPumpPoint(heating, full * load / degraded, capacity, not inside)


def _at(table: HeatPumpTable, values: Sequence[Sequence[float]], source: float, supply: float) -> float:
    column, across = _place(table.source, source)
    row, down = _place(table.supply, supply)
    low = values[row][column] + across * (values[row][column + 1] - values[row][column])
    high = values[row + 1][column] + across * (values[row + 1][column + 1] - values[row + 1][column])
    return low + down * (high - low)


def _place(marks: Sequence[float], x: float) -> tuple[int, float]:
    x = min(max(x, marks[0]), marks[-1])
    place = min(max(bisect_right(marks, x) - 1, 0), len(marks) - 2)
    return place, (x - marks[place]) / (marks[place + 1] - marks[place])


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPumpInputs:
    """Commands and water; degC and l/s. `source` is air, or brine entering."""

    enable: bool
    setpoint: float
    entering: float
    flow: float
    source: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPumpOutputs:
    """Means over the step, kW; `heating` is negative while the coil is thawed with heat from the water."""

    heating: float
    power: float
    source_heat: float
    leaving: float
    capacity: float
    defrost: bool
    running: bool
    extrapolated: bool


class HeatPump:
    """One machine with its start and, on air, its defrosts."""

    START = 60.0  # s from enable to heat
    THAW = 0.3  # of the capacity is taken back from the water while thawing (reversed cycle)

    def __init__(self, table: HeatPumpTable) -> None:
        self.table = table
        self.starts = 0
        self.running_hours = 0.0
        self._waiting = self.START
        self._since_defrost = 0.0
        self._running = False

    def step(self, dt: float, inputs: HeatPumpInputs) -> HeatPumpOutputs:
        share = self._start(dt, inputs)
        rate = heat_rate(inputs.flow)
        setpoint = min(inputs.setpoint, self.table.highest)
        wanted = rate * (setpoint - inputs.entering)
        point = heat_pump_point(self.table, wanted, inputs.source, setpoint)
        if 0.0 < point.heating < wanted:  # it does not reach its set-point: colder water, better figures
            leaving = inputs.entering + point.heating / rate
            point = heat_pump_point(self.table, wanted, inputs.source, leaving)
        thawing = self._thaw(share * dt, inputs.source) / dt
        heating, power = point.heating * share, point.power * share
        if self.table.air and inputs.source < DEFROST_BELOW and share > 0.0:
            # the mean of the table, less in the thaw and more between
            part = DEFROST_TAKES / (DEFROST_EVERY + DEFROST_TAKES)
            between = point.heating * (1.0 + self.THAW * part) / (1.0 - part)
            heating = between * (share - thawing) - self.THAW * point.heating * thawing
        self.running_hours += share * dt / 3600.0
        return HeatPumpOutputs(
            heating=heating,
            power=power,
            source_heat=heating - power,
            leaving=inputs.entering + (heating / rate if rate > 0.0 else 0.0),
            capacity=point.capacity,
            defrost=thawing > 0.0,
            running=share > 0.0,
            extrapolated=point.extrapolated,
        )

    def _start(self, dt: float, inputs: HeatPumpInputs) -> float:
        """Share of the step in which it runs."""
        if not inputs.enable or inputs.flow <= 0.0:
            self._waiting, self._running = self.START, False
            return 0.0
        waited = min(self._waiting, dt)
        self._waiting -= waited
        if self._waiting <= 0.0 and not self._running:
            self._running = True
            self.starts += 1
        return (dt - waited) / dt

    def _thaw(self, running: float, air: float) -> float:
        """Seconds of `running` that go into thawing."""
        if not self.table.air or running <= 0.0:
            return 0.0
        if air >= DEFROST_BELOW:
            self._since_defrost = 0.0
            return 0.0
        before = self._since_defrost
        after = before + running
        self._since_defrost = after % (DEFROST_EVERY + DEFROST_TAKES)
        return _thawed(after) - _thawed(before)


def _thawed(time: float) -> float:
    """Seconds of thawing in the first `time` s of cycles that end with a thaw."""
    whole, part = divmod(time, DEFROST_EVERY + DEFROST_TAKES)
    return whole * DEFROST_TAKES + max(part - DEFROST_EVERY, 0.0)
