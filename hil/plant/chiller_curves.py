"""Coefficients of one chiller, and what they say it draws: the EIR model of DOE-2 and its reformulated kin.

Equations: EnergyPlus Engineering Reference, Chiller:Electric:EIR and Chiller:Electric:ReformulatedEIR. The former sees
the condenser water entering, the latter the water leaving, which depends on the power and is found by iteration.
Everything here is pure: an oracle may call `operating_point` as often as it likes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hil.plant.variables import LITRE_MASS, WATER_CP

Biquadratic = tuple[float, float, float, float, float, float]
KELVIN = 273.15
LEAST_LIFT = 5.0  # K: at less no machine is measured
_EDGE = 1e-6  # K: the edge belongs to the range


@dataclass(frozen=True, slots=True)
class Surface:
    """c1 + c2 x + c3 x2 + c4 y + c5 y2 + c6 xy, evaluated inside its measured range only.

    x: leaving chilled water, y: condenser water, degC.
    """

    c: Biquadratic
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    def at(self, x: float, y: float) -> float:
        x = min(max(x, self.x_range[0]), self.x_range[1])
        y = min(max(y, self.y_range[0]), self.y_range[1])
        c1, c2, c3, c4, c5, c6 = self.c
        return c1 + c2 * x + c3 * x * x + c4 * y + c5 * y * y + c6 * x * y

    def covers(self, x: float, y: float) -> bool:
        (cold, warm), (cool, hot) = self.x_range, self.y_range
        return cold - _EDGE <= x <= warm + _EDGE and cool - _EDGE <= y <= hot + _EDGE

    def beyond(self, x: float, y: float, lift: float) -> float:
        """By how much the ideal machine's input at this lift in K exceeds its input at the edge of the range.

        A measured edge that is held would beat Carnot soon; so outside, towards the higher lift, the machine keeps the
        share of Carnot that it has at the edge. Towards the lower lift the edge holds: the safe side.
        """
        colder, hotter = max(self.x_range[0] - x, 0.0), max(y - self.y_range[1], 0.0)
        if colder + hotter <= 0.0:
            return 1.0
        at_edge = max(lift - colder - hotter, LEAST_LIFT)
        return max(lift / at_edge * (x + colder + KELVIN) / (x + KELVIN), 1.0)


@dataclass(frozen=True, slots=True)
class PartLoad:
    """Share of the full-load input over part load y; for the reformulated model also over leaving temperature x.

    c1 + c2 x + c3 x2 + c4 y + c5 y2 + c6 xy + c7 x3 + c8 y3 + c9 x2y + c10 xy2, inside its range only.
    """

    c: tuple[float, ...]
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    @staticmethod
    def from_mapping(data: Mapping[str, Any]) -> PartLoad:
        c: Sequence[float] = data["c"]
        if data["form"] == "quadratic":
            return PartLoad.over_load(c, data["plr_range"])
        return PartLoad(tuple(c), tuple(data["x_range"]), tuple(data["y_range"]))

    @staticmethod
    def over_load(c: Sequence[float], load_range: tuple[float, float]) -> PartLoad:
        """A quadratic or a cubic in the load alone."""
        cubed = c[3] if len(c) > 3 else 0.0
        return PartLoad((c[0], 0.0, 0.0, c[1], c[2], 0.0, 0.0, cubed, 0.0, 0.0), (0.0, 0.0), load_range)

    def at(self, x: float, y: float) -> float:
        x = min(max(x, self.x_range[0]), self.x_range[1])
        y = min(max(y, self.y_range[0]), self.y_range[1])
        c1, c2, c3, c4, c5, c6, c7, c8, c9, c10 = self.c
        return c1 + x * (c2 + x * (c3 + c7 * x + c9 * y) + y * (c6 + c10 * y)) + y * (c4 + y * (c5 + c8 * y))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChillerCurves:
    """One machine's coefficient set; capacities in kW, flows in l/s, temperatures in degC."""

    name: str
    capacity: float
    cop: float
    reference_supply: float  # leaving chilled water at the reference point
    reference_condenser: float  # condenser water there: entering, or leaving for the reformulated model
    chilled_flow: float
    condenser_flow: float
    minimum_part_load: float
    maximum_part_load: float
    minimum_unloading: float
    capacity_curve: Surface
    eir_curve: Surface
    part_load_curve: PartLoad
    leaving: bool = False  # the curves see the condenser water leaving: reformulated EIR
    variable_speed: bool = False
    centrifugal: bool = True

    @staticmethod
    def from_mapping(name: str, machine: Mapping[str, Any], *, reformulated: bool = False) -> ChillerCurves:
        """From one entry of data/chillers.json (SI units: W, m3/s)."""
        data = machine["reformulated" if reformulated else "eir"]
        return ChillerCurves(
            name=name,
            capacity=data["ref_capacity_W"] / 1e3,
            cop=data["ref_cop"],
            reference_supply=data["ref_T_chw_leaving_C"],
            reference_condenser=data["ref_T_cond_leaving_C" if reformulated else "ref_T_cond_entering_C"],
            chilled_flow=data["ref_chw_flow_m3s"] * 1e3,
            condenser_flow=data["ref_cw_flow_m3s"] * 1e3,
            minimum_part_load=data["min_plr"],
            maximum_part_load=data["max_plr"],
            minimum_unloading=data["min_unload"],
            capacity_curve=_surface(data["cap_f_t"]),
            eir_curve=_surface(data["eir_f_t"]),
            part_load_curve=PartLoad.from_mapping(data["eir_f_plr"]),
            leaving=reformulated,
            variable_speed=machine["unloading"] == "VSD",
            centrifugal=machine["compressor"] == "Centrifugal",
        )

    def sized(
        self,
        *,
        capacity: float | None = None,
        chilled_flow: float | None = None,
        condenser_flow: float | None = None,
    ) -> ChillerCurves:
        """The same machine at another size, or built for other flows (other tube passes). Flows follow the size."""
        scale = (capacity or self.capacity) / self.capacity
        return replace(
            self,
            capacity=self.capacity * scale,
            chilled_flow=chilled_flow or self.chilled_flow * scale,
            condenser_flow=condenser_flow or self.condenser_flow * scale,
        )

    @property
    def reference_lift(self) -> float:
        """K between leaving condenser and leaving chilled water at the reference point."""
        rise = (
            0.0 if self.leaving else self.capacity * (1.0 + 1.0 / self.cop) / heat_rate(self.condenser_flow)
        )
        return self.reference_condenser + rise - self.reference_supply

    def full_lift(self, supply: float, condenser: float) -> float:
        """K between the leaving waters at full load, `condenser` being the water its curves see."""
        return self.reference_lift + (condenser - self.reference_condenser) - (supply - self.reference_supply)


def _surface(curve: Mapping[str, Any]) -> Surface:
    return Surface(tuple(curve["c"]), tuple(curve["x_range"]), tuple(curve["y_range"]))


def heat_rate(flow: float) -> float:
    """The kW that l/s of water carry per kelvin."""
    return flow * LITRE_MASS * WATER_CP


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What the machine does at one load: kW; temperatures degC."""

    power: float
    available: float  # capacity at these temperatures
    part_load: float
    condenser_leaving: float
    extrapolated: bool

    @property
    def cooling(self) -> float:
        return self.part_load * self.available


def operating_point(
    curves: ChillerCurves,
    cooling: float,
    supply: float,
    condenser: float,
    condenser_flow: float | None = None,
    *,
    fouling: float = 0.0,
) -> OperatingPoint:
    """Power at `cooling` kW, leaving chilled water and ENTERING condenser water in degC, condenser l/s.

    More cooling than the machine has is cut to what it has (`cooling` of the result). `fouling`: K by which dirty
    tubes raise the condensing temperature at the reference load. Curves over entering water hold at the reference flow
    only: at another flow they are read where the reference flow would leave as warm, since the condensing temperature
    follows the leaving water (why the reformulated model was made; EnergyPlus Engineering Reference, ReformulatedEIR).
    """
    rate = heat_rate(condenser_flow or curves.condenser_flow)
    dirt = fouling * min(cooling / curves.capacity, 1.0)
    rejected = min(cooling, curves.maximum_part_load * curves.capacity) * (1.0 + 1.0 / curves.cop)
    leaving = condenser + rejected / rate
    if not curves.leaving:
        entering = leaving - rejected / heat_rate(curves.condenser_flow)
        power, available, part_load, inside = _draws(curves, cooling, supply, entering + dirt, leaving + dirt)
        leaving = condenser + (part_load * available + power) / rate
        return OperatingPoint(power, available, part_load, leaving, not inside)
    for _ in range(20):
        power, available, part_load, inside = _draws(curves, cooling, supply, leaving + dirt, leaving + dirt)
        before, leaving = leaving, condenser + (part_load * available + power) / rate
        if abs(leaving - before) < 1e-5:
            break
    return OperatingPoint(power, available, part_load, leaving, not inside)


def _draws(
    curves: ChillerCurves, cooling: float, supply: float, condenser: float, leaving: float
) -> tuple[float, float, float, bool]:
    """Power and available capacity (kW), part load, and whether the curves were measured there.

    `condenser` is what the curves see, `leaving` what the water leaves with; both with the dirt's temperature.
    """
    available = curves.capacity * curves.capacity_curve.at(supply, condenser)
    part_load = min(cooling / available, curves.maximum_part_load)
    cycling = min(part_load / curves.minimum_part_load, 1.0)
    loaded = max(part_load, minimum_load(curves, leaving - supply))
    shape = curves.part_load_curve.at(condenser, loaded)
    full = available / curves.cop * curves.eir_curve.at(supply, condenser)
    full *= curves.eir_curve.beyond(supply, condenser, curves.full_lift(supply, condenser))
    # the last hand: whatever a fit says in a corner of its range, nothing is better than Carnot
    least = part_load * available * max(leaving - supply, 0.0) / (supply + KELVIN)
    power = max(full * shape * cycling, least)
    return power, available, part_load, curves.eir_curve.covers(supply, condenser)


def minimum_load(curves: ChillerCurves, lift: float) -> float:
    """Part load below which the machine loads itself falsely (hot gas) at this lift in K.

    The sets are measured down to `minimum_unloading` at up to the reference lift. Above it a centrifugal compressor
    would surge, the more the higher the lift (ASHRAE Handbook, HVAC Systems and Equipment, liquid chillers); its hot
    gas valve is taken to hold half the excess of the lift in load: an own, mild choice, for the figure is the maker's.
    """
    if not curves.centrifugal:
        return curves.minimum_unloading
    excess = lift / curves.reference_lift - 1.0
    return curves.minimum_unloading + 0.5 * min(max(excess, 0.0), 0.6)
