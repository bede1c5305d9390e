"""Random small plants in random steady operation: no operating point draws less than the oracle for the same service."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase as Stage
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.oracle import machines
from hil.oracle.bound import TOLERANCE, plant_bound
from hil.oracle.grids import Array
from hil.oracle.needs import TracedNeed
from hil.oracle.preview import best_ways
from hil.oracle.trace import Trace
from hil.plant.central_design import CentralDesign, ChillerUnit
from hil.plant.chiller_curves import ChillerCurves
from hil.plant.variables import Variable
from tests.hil.oracle.oracle_cases import commanded, plant_of, ran
from tests.hil.plant.central_cases import MCQUAY, TRANE, YORK, design

KINDS = (YORK, MCQUAY, TRANE)


@st.composite
def plants(draw: st.DrawFn) -> CentralDesign:
    """One to three machines, dropped and standing as makers vary them, pumps and fans on converters or not."""
    of = design(tuple(draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))))
    standing, drop = draw(st.floats(0.0, 1.5)), draw(st.floats(30.0, 60.0))

    def varied(unit: ChillerUnit) -> ChillerUnit:
        return replace(unit, evaporator_drop=drop, timing=replace(unit.timing, standing=standing))

    return replace(
        of,
        chillers=tuple(varied(unit) for unit in of.chillers),
        chilled=replace(of.chilled, variable=draw(st.booleans())),
        towers=replace(of.towers, variable=draw(st.booleans()), isolated=draw(st.booleans())),
    )


@st.composite
def operations(draw: st.DrawFn) -> dict[str, Variable]:
    """Any machine at any set-point, each pump and each fan at a speed of its own."""
    result: dict[str, Variable] = {}
    for place in (1, 2, 3):
        on = place == 1 or draw(st.booleans())
        result |= {f"{name}_{place}.enable": on for name in ("chiller", "chilled_pump", "condenser_pump")}
        result |= {
            f"chiller_{place}.chilled_water_setpoint": draw(st.floats(5.0, 13.0)),
            f"chilled_pump_{place}.speed_command": draw(st.floats(45.0, 100.0)),
            f"condenser_pump_{place}.speed_command": draw(st.floats(50.0, 100.0)),
            f"tower_{place}.speed_command": draw(st.floats(10.0, 100.0)),
            f"tower_{place}.valve_command": draw(st.sampled_from([0.0, 100.0])) if place > 1 else 100.0,
        }
    return result


def bound_and_drawn(
    of: CentralDesign, load: float, wet: float, course: Mapping[str, Variable]
) -> tuple[float, Trace]:
    trace = ran(plant_of(of, load, load), [course], 0.5, wet, settle=2.0)
    return plant_bound(of, trace, TracedNeed(trace, of.branch_flow)).kwh, trace


@settings(max_examples=20, phases=(Stage.explicit, Stage.reuse, Stage.generate), deadline=None)
@given(of=plants(), share=st.floats(0.05, 0.9), wet=st.floats(8.0, 28.0), course=operations())
def test_no_operating_point_draws_less(
    of: CentralDesign, share: float, wet: float, course: dict[str, Variable]
) -> None:
    bound, trace = bound_and_drawn(of, share * of.capacity, wet, course)
    if abs(trace.stored_change) < 0.02 * trace.delivered:  # steady: not living on what is in the pipes
        assert bound <= trace.drawn * (1.0 + TOLERANCE)


def test_an_oracle_whose_machines_draw_too_much_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    of = design((YORK, YORK))
    of = replace(of, chillers=tuple(replace(one, minimum_flow=0.42) for one in of.chillers))
    (way,) = best_ways(of, [0.6 * of.capacity], [22.0])
    course = commanded(way, of, 60.0, 60.0)
    bound, trace = bound_and_drawn(of, way.load, 22.0, course)
    assert 0.93 < bound / trace.drawn <= 1.0 + TOLERANCE
    true = machines.power_of

    def dear(curves: ChillerCurves, cooling: Array, supply: Array, condenser: Array, ratio: Array) -> Array:
        return np.asarray(1.1 * true(curves, cooling, supply, condenser, ratio))

    monkeypatch.setattr(machines, "power_of", dear)
    broken = plant_bound(of, trace, TracedNeed(trace, of.branch_flow)).kwh
    assert broken > trace.drawn * (1.0 + TOLERANCE)
