"""What a central plant is made of: one frozen description, checked as a whole when it is made.

Pressure drops that are not given are what is left of the pumps' design head: nobody builds a circuit whose pumps do
not fit it, and so no head can be lost between two numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hil.plant.chiller import ChillerTiming
from hil.plant.chiller_curves import ChillerCurves
from hil.plant.exchanger import Exchanger
from hil.plant.pump import GRAVITY, PumpCurve
from hil.plant.tank import TankDesign
from hil.plant.tower import Tower


@dataclass(frozen=True, slots=True, kw_only=True)
class ChillerUnit:
    """One chiller with what its piping adds. 60 kPa a bundle is a usual two-pass drop (AHRI 550/590 ratings)."""

    curves: ChillerCurves
    timing: ChillerTiming = field(default_factory=ChillerTiming)
    evaporator_drop: float = 60.0  # kPa at the reference flow
    condenser_drop: float = 60.0
    minimum_flow: float = 0.5  # of the reference flow: what the bypass holds


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpGroup:
    """Pumps of one duty, one curve each. `dedicated`: pump n feeds machine n; else all feed a common header."""

    pumps: tuple[PumpCurve, ...]
    dedicated: bool = True
    variable: bool = True  # frequency converters
    minimum: float = 20.0  # % of speed

    @property
    def flow(self) -> float:
        return sum(pump.design_flow for pump in self.pumps)

    @property
    def pressure(self) -> float:
        """Design head in kPa: the lowest of them."""
        return min(pump.design_head for pump in self.pumps) * GRAVITY


class FanControl(StrEnum):
    """What runs a tower fan before the retrofit."""

    THERMOSTAT = "thermostat"  # on the basin's temperature
    FIXED = "fixed"  # always at full speed


@dataclass(frozen=True, slots=True, kw_only=True)
class TowerGroup:
    """Equal cells on common pipes. `lift`: static head in m from basin to sprays."""

    cell: Tower
    count: int
    variable: bool = True  # frequency converters on the fans
    isolated: bool = True  # each cell has a valve
    lift: float = 4.0
    nozzle_drop: float = 25.0  # kPa of a cell's own pipe, valve and sprays at its design flow


@dataclass(frozen=True, slots=True, kw_only=True)
class EconomiserDesign:
    """Free cooling by the towers. In series before the chillers, on its own condenser-side pump and valve.

    Own choice of type: the series place saves also where it cannot carry the whole load (integrated economiser).
    """

    exchanger: Exchanger
    pump: PumpCurve  # on the condenser side
    drop: float = 60.0  # kPa on the chilled side while it is in the circuit
    condenser_drop: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageDesign:
    """A tank between the headers: charged by the plant's pressure through a valve, discharged by its own pump."""

    tank: TankDesign
    pump: PumpCurve  # its design flow is the 100 % of `tank.flow_command`, both ways
    charged: float = 0.0  # 0..1 at the beginning
    ambient: float | None = None  # degC around it; None: outdoor air


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalControl:
    """How the plant runs where nobody commands it: as before the retrofit, everything on and nothing reset."""

    setpoint: float = 7.0
    fans: FanControl = FanControl.THERMOSTAT
    basin: float = 26.0  # degC where the fans stand still
    band: float = 3.0  # K from there to full speed
    isolation: bool = True  # a chiller's own valves follow its enable; false: they stand open
    bypass: bool = True  # the bypass holds the chillers' minimum flow; false: it stays shut


@dataclass(frozen=True, slots=True, kw_only=True)
class CentralDesign:
    """The whole plant. Volumes in litres; None: by rule of thumb, see `header` and `basin`."""

    chillers: tuple[ChillerUnit, ...]
    chilled: PumpGroup
    condenser: PumpGroup
    towers: TowerGroup
    secondary: PumpGroup | None = None
    economiser: EconomiserDesign | None = None
    storage: StorageDesign | None = None
    local: LocalControl = LocalControl()
    branch_flow: float  # l/s: all coil branches together at design
    branch_drop: float = 60.0  # kPa over the branches then
    header_volume: float | None = None
    basin_volume: float | None = None

    def __post_init__(self) -> None:
        problems = [
            problem
            for wrong, problem in (
                (not self.chillers, "a plant has at least one chiller"),
                (
                    self.chilled.dedicated and len(self.chilled.pumps) != len(self.chillers),
                    "dedicated chilled-water pumps: one for each chiller",
                ),
                (
                    self.condenser.dedicated and len(self.condenser.pumps) != len(self.chillers),
                    "dedicated condenser pumps: one for each chiller",
                ),
                (
                    self.secondary is not None and self.secondary.dedicated,
                    "secondary pumps feed a common header: dedicated must be false",
                ),
                (self.mains_drop < 0.0, "the pumps' head does not even cover machines and branches"),
                (self.riser_drop < 0.0, "the condenser pumps' head does not cover machines and tower lift"),
            )
            if wrong
        ]
        if problems:
            raise ValueError("; ".join(problems))

    @property
    def evaporator_drop(self) -> float:
        return max(unit.evaporator_drop for unit in self.chillers)

    @property
    def mains_drop(self) -> float:
        """Pressure in kPa that is left for the pipes between header and branches at `branch_flow`."""
        loop = self.secondary or self.chilled
        machines = 0.0 if self.secondary else self.evaporator_drop
        return loop.pressure - machines - self.branch_drop

    @property
    def riser_drop(self) -> float:
        """Pressure in kPa left for the common pipes to the towers at the pumps' design flow."""
        towers = self.towers
        machines = max(unit.condenser_drop for unit in self.chillers)
        return self.condenser.pressure - machines - towers.lift * GRAVITY - towers.nozzle_drop

    @property
    def capacity(self) -> float:
        """Reference capacity in kW."""
        return sum(unit.curves.capacity for unit in self.chillers)

    @property
    def header(self) -> float:
        """Litres on the supply side, and as many on the return side.

        4 l/kW each way: 8 in all, between the 3 and 6 gallons a ton that makers ask for comfort cooling and process
        (Daikin AG 31-003, chilled water system volume).
        """
        return self.header_volume or 4.0 * self.capacity

    @property
    def basin(self) -> float:
        """Litres in basins and condenser pipes: two minutes of the design flow, an own choice."""
        return self.basin_volume or 120.0 * self.condenser.flow
