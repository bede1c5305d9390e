"""Plants of several shapes for the tests of the water side, made from the repository's own data."""

import json
from functools import cache
from importlib.resources import files
from math import pi, sin
from typing import Any

from hil.plant.central_design import (
    CentralDesign,
    ChillerUnit,
    EconomiserDesign,
    PumpGroup,
    StorageDesign,
    TowerGroup,
)
from hil.plant.central_plant import CentralPlant
from hil.plant.chiller_curves import ChillerCurves
from hil.plant.exchanger import Exchanger
from hil.plant.load import BranchDesign, Outdoors
from hil.plant.profile_load import ProfileLoad
from hil.plant.pump import PumpCurve
from hil.plant.tank import TankDesign
from hil.plant.tower import Tower, YorkCurve
from hil.plant.variables import Inputs, Outputs
from hil.plant.weather import Weather

YORK = "York YT 1055kW/5.96COP/Vanes"
MCQUAY = "McQuay PEH 1895kW/6.42COP/Vanes"
TRANE = "Trane CVHE 1442kW/6.61COP/VSD"


@cache
def data(name: str) -> Any:
    return json.loads(files("hil").joinpath("data", name).read_text(encoding="utf-8"))


def machine(name: str = YORK, *, reformulated: bool = False) -> ChillerCurves:
    return ChillerCurves.from_mapping(
        name, data("chillers.json")["machines"][name], reformulated=reformulated
    )


@cache
def york_curve() -> YorkCurve:
    table = data("tower_yorkcalc.json")
    limits = table["limits"]
    return YorkCurve(
        c=tuple(table["c"]),
        wet_bulb_range=tuple(limits["Twb_C"]),
        approach_range=tuple(limits["approach_K"]),
        range_range=tuple(limits["range_K"]),
        maximum_ratio=limits["max_L_over_G"],
    )


def design(names: tuple[str, ...] = (YORK, YORK), *, cells: int = 2, **changes: Any) -> CentralDesign:
    """Five kelvin on the chilled side, pumps of 30 and 24 m, cells that fit."""
    curves = [machine(name) for name in names]
    curves = [one.sized(chilled_flow=one.capacity / 4.187 / 5.0) for one in curves]
    chilled = tuple(PumpCurve(design_flow=one.chilled_flow, design_head=30.0) for one in curves)
    condenser = tuple(PumpCurve(design_flow=one.condenser_flow, design_head=24.0) for one in curves)
    flow = sum(pump.design_flow for pump in condenser)
    capacity = sum(one.capacity for one in curves)
    usual: dict[str, Any] = {
        "chillers": tuple(ChillerUnit(curves=one) for one in curves),
        "chilled": PumpGroup(pumps=chilled),
        "condenser": PumpGroup(pumps=condenser),
        "towers": TowerGroup(
            cell=Tower(model=york_curve(), design_flow=flow / cells, fan_power=0.018 * capacity / cells),
            count=cells,
        ),
        "branch_flow": sum(pump.design_flow for pump in chilled),
    }
    return CentralDesign(**(usual | changes))


def headered(group: PumpGroup, *, variable: bool = True) -> PumpGroup:
    return PumpGroup(pumps=group.pumps, dedicated=False, variable=variable)


def storage(volume: float = 800.0, charged: float = 0.0) -> StorageDesign:
    return StorageDesign(
        tank=TankDesign(volume=volume, cold=6.0, warm=13.0),
        pump=PumpCurve(design_flow=40.0, design_head=30.0),
        charged=charged,
        ambient=28.0,
    )


def economiser(flow: float) -> EconomiserDesign:
    return EconomiserDesign(
        exchanger=Exchanger(warm_flow=flow, cold_flow=flow, approach=1.5),
        pump=PumpCurve(design_flow=flow, design_head=20.0),
    )


def plant(
    of: CentralDesign | None = None, *, low: float = 600.0, high: float = 1700.0, parts: int = 3
) -> CentralPlant:
    """A load that swings between `low` and `high` kW once a day, least at three at night."""
    of = of or design()
    flow = of.branch_flow / parts
    branches = [BranchDesign(name=f"ahu_{place}", flow=flow) for place in range(1, parts + 1)]
    return CentralPlant(of, ProfileLoad(lambda utc: low + (high - low) * (0.5 + 0.5 * swing(utc)), branches))


def swing(utc: float) -> float:
    return sin(2.0 * pi * (utc / 86_400.0 - 0.375))


def weather(wet: float) -> Weather:
    return Weather(dry_bulb=wet + 4.0, dew_point=wet - 2.0, humidity=70.0, irradiance=0.0, wet_bulb=wet)


def outdoors(utc: float, wet_bulb: float = 25.0) -> Outdoors:
    wet = wet_bulb + swing(utc)
    return Outdoors(utc, weather(wet))


def run(
    of: CentralPlant,
    hours: float,
    inputs: Inputs | None = None,
    *,
    dt: float = 60.0,
    start: float = 0.0,
    wet: float = 25.0,
) -> list[Outputs]:
    rows = []
    for place in range(1, round(hours * 3600.0 / dt) + 1):
        of.step(dt, inputs or {}, outdoors(start + place * dt, wet))
        rows.append(of.outputs())
    return rows


def mean(rows: list[Outputs], name: str) -> float:
    return sum(float(row[name]) for row in rows) / len(rows)
