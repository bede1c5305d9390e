"""Plants run in all ways, and what a bound has to say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from hil.bench.watched import Moment
from hil.compare.trace import Tracing
from hil.oracle.preview import Way
from hil.oracle.trace import NAMES, Trace, recorded
from hil.plant.central_design import CentralDesign
from hil.plant.central_plant import CentralPlant
from hil.plant.load import BranchDesign
from hil.plant.profile_load import ProfileLoad
from hil.plant.variables import Variable
from tests.hil.plant.central_cases import TRANE, YORK, design, economiser, headered, outdoors

THREE = (YORK, TRANE, YORK)


def shape(name: str) -> CentralDesign:
    plain = design(THREE, cells=3)
    if name == "headered":
        return replace(plain, chilled=headered(plain.chilled), condenser=headered(plain.condenser))
    if name == "secondary":
        return replace(plain, chilled=headered(plain.chilled), secondary=headered(plain.chilled))
    if name == "free":
        return replace(plain, economiser=economiser(plain.branch_flow))
    if name == "fixed":
        return replace(
            plain,
            chilled=replace(plain.chilled, variable=False),
            condenser=replace(plain.condenser, variable=False),
            towers=replace(plain.towers, variable=False),
        )
    return plain


def plant_of(of: CentralDesign, low: float, high: float) -> CentralPlant:
    branch = BranchDesign(name="coils", flow=of.branch_flow)

    def wanted(utc: float) -> float:
        return low + (high - low) * (0.5 - 0.5 * np.cos(2.0 * np.pi * utc / 43_200.0))

    return CentralPlant(of, ProfileLoad(wanted, [branch]))


def ran(
    one: CentralPlant,
    courses: Sequence[Mapping[str, Variable]],
    hours: float,
    wet: float,
    settle: float = 2.0,
) -> Trace:
    """Each course of commands for so many hours; what came before is not in the trace."""
    tracing, step = Tracing(NAMES), 60.0
    time = 0.0
    for _ in range(round(settle * 60)):
        time += step
        one.step(step, courses[0], outdoors(time, wet))
    before = sum(one.stored().values())
    for course in courses:
        for _ in range(round(hours * 60)):
            time += step
            one.step(step, course, outdoors(time, wet))
            tracing.stepped(Moment(time, time, step, one.outputs()))
    return recorded([tracing.trace], sum(one.stored().values()) - before)


def commanded(way: Way, of: CentralDesign, chilled: float, condenser: float) -> dict[str, Variable]:
    """A way to run as commands, the pumps of the machines at these speeds in %."""
    result: dict[str, Variable] = {}
    on = {int(one) for one in way.machines.split("+")}
    for place in range(1, len(of.chillers) + 1):
        runs = place in on
        result |= {
            f"chiller_{place}.enable": runs,
            f"chiller_{place}.chilled_water_setpoint": way.supply,
            f"chilled_pump_{place}.enable": runs,
            f"condenser_pump_{place}.enable": runs,
            f"chilled_pump_{place}.speed_command": chilled,
            f"condenser_pump_{place}.speed_command": condenser,
        }
    for cell in range(1, of.towers.count + 1):
        result |= {
            f"tower_{cell}.enable": cell <= way.cells and way.fan > 0.05,
            f"tower_{cell}.speed_command": 100.0 * way.fan,
            f"tower_{cell}.valve_command": 100.0 * (cell <= way.cells),
        }
    return result
