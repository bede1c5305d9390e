"""Whether a coefficient set can be a machine at all: what is wrong with it, in words, before anything is run on it.

A set is copied by hand from a catalogue or another program, and one digit makes a machine that beats Carnot or gives heat.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from hil.plant.chiller_curves import KELVIN, ChillerCurves, heat_rate, operating_point

NEAR = 0.3  # of 1: how far a curve may miss its own reference point. Published sets miss it by up to 26 %, wrong units by more
STEPS = 8  # of each axis on which the curves are looked at
PARTS = (0.25, 0.5, 0.75, 1.0)  # of the capacity


def problems(curves: ChillerCurves) -> list[str]:
    """What cannot be; empty for a machine that can."""
    return [*_numbers(curves)] or [*_reference(curves), *_envelope(curves)]


def _numbers(curves: ChillerCurves) -> Iterator[str]:
    for name, value in (
        ("capacity", curves.capacity),
        ("cop", curves.cop),
        ("chilled_flow", curves.chilled_flow),
        ("condenser_flow", curves.condenser_flow),
        ("minimum_load", curves.minimum_part_load),
    ):
        if not (isfinite(value) and value > 0.0):
            yield f"{name} must be more than nothing, not {value:g}"
    if not curves.minimum_part_load <= curves.maximum_part_load <= 1.5:
        yield "maximum_load lies between minimum_load and 150 %"
    if not 0.0 <= curves.minimum_unloading <= curves.maximum_part_load:
        yield "unloading lies between nothing and maximum_load"
    for name, one in (("capacity_curve", curves.capacity_curve), ("input_curve", curves.eir_curve)):
        if not all(isfinite(c) for c in one.c):
            yield f"{name} has a coefficient that is no number"
        if not (one.x_range[0] <= one.x_range[1] and one.y_range[0] <= one.y_range[1]):
            yield f"{name} has a range that ends before it begins"


def _reference(curves: ChillerCurves) -> Iterator[str]:
    """All three curves are shares of the reference point, so they are near 1 there."""
    x, y = curves.reference_supply, curves.reference_condenser
    mend = "; are the temperatures in degC and the reference point the one of the curves?"
    for name, value in (
        ("capacity_curve", curves.capacity_curve.at(x, y)),
        ("input_curve", curves.eir_curve.at(x, y)),
        ("part_load_curve", curves.part_load_curve.at(y, 1.0)),
    ):
        if not abs(value - 1.0) <= NEAR:
            yield f"{name} is {value:.3g} at the reference point, where it must be 1{mend}"


def _envelope(curves: ChillerCurves) -> Iterator[str]:
    """Inside its own range: some capacity everywhere, some power, and never better than Carnot."""
    lowest = max(curves.minimum_part_load, curves.minimum_unloading)
    for supply, condenser in _grid(curves):
        share = curves.capacity_curve.at(supply, condenser)
        place = f"at {supply:.1f}/{condenser:.1f} degC"
        if not 0.05 <= share <= 3.0:
            yield f"capacity_curve is {share:.3g} {place}: no machine has that"
            return
        if not curves.eir_curve.at(supply, condenser) > 0.0:
            yield f"input_curve is {curves.eir_curve.at(supply, condenser):.3g} {place}: a machine draws power"
            return
        for part in (lowest, *(one for one in PARTS if one > lowest)):
            if not curves.part_load_curve.at(condenser, part) > 0.0:
                yield f"part_load_curve is not above nothing at {part:.0%} of the load {place}"
                return
            if (better := _better_than_carnot(curves, supply, condenser, part)) > 1.0:
                yield f"at {part:.0%} of the load {place} it draws {1.0 / better:.0%} of what Carnot's machine would"
                return


def _grid(curves: ChillerCurves) -> Iterator[tuple[float, float]]:
    (cold, warm), (cool, hot) = curves.eir_curve.x_range, curves.eir_curve.y_range
    for row in range(STEPS + 1):
        for column in range(STEPS + 1):
            yield cold + (warm - cold) * row / STEPS, cool + (hot - cool) * column / STEPS


def _better_than_carnot(curves: ChillerCurves, supply: float, condenser: float, part: float) -> float:
    """Its efficiency as a share of Carnot's between the leaving waters."""
    cooling = part * curves.capacity * curves.capacity_curve.at(supply, condenser)
    entering = condenser
    if curves.leaving:  # the water that enters so that it leaves there
        entering -= cooling * (1.0 + 1.0 / curves.cop) / heat_rate(curves.condenser_flow)
    point = operating_point(curves, cooling, supply, entering)
    shape = curves.part_load_curve.at(condenser, part)
    power = point.available / curves.cop * curves.eir_curve.at(supply, condenser) * shape
    return point.cooling / power * max(point.condenser_leaving - supply, 0.0) / (supply + KELVIN)
