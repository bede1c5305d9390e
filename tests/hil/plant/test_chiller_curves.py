"""Every coefficient set against its own reference point, and against figures worked out by another program."""

from dataclasses import replace
from math import isfinite
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.plant.chiller_curves import ChillerCurves, heat_rate, minimum_load, operating_point
from tests.hil.plant.central_cases import TRANE, YORK, data, machine

NAMES = sorted(data("chillers.json")["machines"])
SETS = [(name, reformulated) for name in NAMES for reformulated in (False, True)]

# The published cubic fits of these sets do not meet their own reference point within 4 % (capacity, then efficiency).
LOOSE = {("Carrier 23XL 1196kW/6.39COP/Valve", True): 0.045, ("York YS 1758kW/5.84COP/Valve", True): 0.045}


def entering(curves: ChillerCurves) -> float:
    """Condenser water entering at the reference point."""
    if not curves.leaving:
        return curves.reference_condenser
    return curves.reference_condenser - curves.capacity * (1.0 + 1.0 / curves.cop) / heat_rate(
        curves.condenser_flow
    )


def cop(curves: ChillerCurves, supply: float, condenser: float, part_load: float) -> float:
    cooling = part_load * curves.capacity
    for _ in range(8):  # the capacity of the reformulated model depends on the load
        point = operating_point(curves, cooling, supply, condenser)
        cooling = part_load * point.available
    return point.cooling / point.power


def test_all_seventeen_machines_are_there_in_both_forms() -> None:
    assert len(NAMES) == 17
    assert sum(machine(name).variable_speed for name in NAMES) == 5
    assert {machine(name).centrifugal for name in NAMES} == {True, False}


@pytest.mark.parametrize(("name", "reformulated"), SETS)
def test_a_set_meets_its_reference_point(name: str, reformulated: bool) -> None:
    # EnergyPlus data set Chillers.idf: curves are normalised there, 4 % is the scatter of the published fits
    curves = machine(name, reformulated=reformulated)
    tolerance = LOOSE.get((name, reformulated), 0.04)
    full = operating_point(curves, curves.capacity, curves.reference_supply, entering(curves))
    assert full.available == pytest.approx(curves.capacity, rel=tolerance)
    at_full = operating_point(curves, full.available, curves.reference_supply, entering(curves))
    assert at_full.cooling / at_full.power == pytest.approx(curves.cop, rel=tolerance)


@pytest.mark.parametrize(
    ("name", "supply", "condenser", "part_load", "expected"),
    [
        # worked out from the coefficients by a parser of the EnergyPlus file, inside the measured range
        ("York YK 2771kW/6.84COP/VSD", 7.0, 19.0, 0.25, 11.64),
        ("York YK 2771kW/6.84COP/VSD", 7.0, 26.0, 0.75, 8.0),
        ("Carrier 19EX 5148kW/6.34COP/Vanes", 7.0, 19.0, 0.25, 5.72),
        ("Carrier 19EX 5148kW/6.34COP/Vanes", 7.0, 26.0, 0.75, 6.53),
        (YORK, 7.0, 30.0, 1.0, 5.86),
        (YORK, 7.0, 26.0, 0.75, 6.75),
        (YORK, 7.0, 19.0, 0.25, 5.60),
        (TRANE, 7.0, 30.0, 1.0, 5.94),
        (TRANE, 7.0, 23.0, 0.5, 8.86),
        ("York YS 781kW/5.42COP/Valve", 7.0, 23.0, 0.5, 6.76),
        ("York YS 1758kW/5.84COP/Valve", 7.0, 30.0, 1.0, 5.79),
        ("Carrier 19XR 1407kW/6.04COP/VSD", 10.0, 26.0, 0.75, 7.61),
    ],
)
def test_efficiency_of_real_machines(
    name: str, supply: float, condenser: float, part_load: float, expected: float
) -> None:
    assert cop(machine(name), supply, condenser, part_load) == pytest.approx(expected, rel=0.002)


@pytest.mark.parametrize("name", [YORK, "York YK 2275kW/6.32COP/Vanes", "York YS 781kW/5.42COP/Valve"])
@pytest.mark.parametrize(("condenser", "part_load"), [(30.0, 1.0), (26.0, 0.75), (23.0, 0.5)])
def test_both_models_of_one_machine_agree(name: str, condenser: float, part_load: float) -> None:
    # two regressions of the same manufacturer's data: they differ by their own residuals, not by more
    plain, leaving = (
        cop(machine(name, reformulated=form), 7.0, condenser, part_load) for form in (False, True)
    )
    assert leaving == pytest.approx(plain, rel=0.035)


@given(
    name=st.sampled_from(NAMES),
    load=st.floats(0.0, 1.2),
    supply=st.floats(4.5, 16.0),
    condenser=st.floats(12.0, 40.0),
    reformulated=st.booleans(),
)
def test_the_condenser_water_carries_the_cooling_and_the_power(
    name: str, load: float, supply: float, condenser: float, reformulated: bool
) -> None:
    curves = machine(name, reformulated=reformulated)
    point = operating_point(curves, load * curves.capacity, supply, condenser)
    carried = heat_rate(curves.condenser_flow) * (point.condenser_leaving - condenser)
    assert carried == pytest.approx(point.cooling + point.power, rel=1e-3, abs=1e-3)
    assert point.cooling <= curves.maximum_part_load * point.available * (1 + 1e-9)
    assert point.power >= 0.0


def test_below_minimum_load_the_machine_cycles() -> None:
    tenth, twentieth = (operating_point(machine(), share * 1055.0, 6.67, 25.0).power for share in (0.1, 0.05))
    assert twentieth == pytest.approx(tenth / 2.0, rel=0.05)


def test_outside_the_measured_range_towards_less_lift_the_edge_holds_and_all_is_flagged() -> None:
    curves = machine()
    edge, beyond = (operating_point(curves, 500.0, 7.0, condenser) for condenser in (12.78, 8.0))
    assert beyond.power == pytest.approx(edge.power, rel=1e-9)
    assert (edge.extrapolated, beyond.extrapolated) == (False, True)
    assert operating_point(curves, 500.0, 7.0, 40.0).extrapolated
    warm, warmer = (operating_point(curves, 500.0, supply, 25.0) for supply in (8.89, 15.0))
    assert warmer.power == pytest.approx(warm.power, rel=1e-9)
    assert warmer.extrapolated


MEASURED_TO_35 = [name for name in NAMES if machine(name).eir_curve.y_range[1] >= 34.9]


@pytest.mark.parametrize("part_load", [0.4, 0.6, 0.8])
def test_beyond_the_range_the_share_of_carnot_meets_machines_that_were_measured_there(
    part_load: float,
) -> None:
    # Machines whose makers measured up to 35 degC, as if they had stopped at 29.44 like the others: 4.6 K beyond, the rule
    # misses what was measured by -1 to 12 %, most by less than 5; an edge that is held misses it by more, to the cheap side.
    missed, held = [], []
    for name in MEASURED_TO_35:
        curves = machine(name)
        measured = curves.eir_curve
        stopped = replace(curves, eir_curve=replace(measured, y_range=(measured.y_range[0], 29.44)))
        load = part_load * 0.9 * curves.capacity
        true, guessed = (operating_point(one, load, 7.0, 34.0).power for one in (curves, stopped))
        missed.append(guessed / true - 1.0)
        held.append(operating_point(stopped, load, 7.0, 29.44).power / true - 1.0)
    assert -0.01 <= min(missed) < max(missed) <= 0.12
    assert mean(missed) < 0.04
    assert mean(held) < -0.07


@given(
    name=st.sampled_from(NAMES),
    load=st.floats(0.0, 1.3),
    supply=st.floats(3.0, 20.0),
    condenser=st.floats(4.0, 48.0),
    flow=st.floats(0.4, 1.5),
    reformulated=st.booleans(),
)
def test_no_machine_beats_carnot_anywhere(
    name: str, load: float, supply: float, condenser: float, flow: float, reformulated: bool
) -> None:
    curves = machine(name, reformulated=reformulated)
    litres = flow * curves.condenser_flow
    point = operating_point(curves, load * curves.capacity, supply, condenser, litres)
    assert isfinite(point.power)
    assert point.power >= 0.0
    assert 0.2 < point.available / curves.capacity < 1.5
    lift = point.condenser_leaving - supply
    assert point.cooling * max(lift - 1.0, 0.0) <= 0.97 * point.power * (supply + 273.15)


def test_a_high_lift_keeps_a_centrifugal_machine_loaded_and_a_screw_free() -> None:
    screw = machine("York YS 781kW/5.42COP/Valve")
    curves = machine()
    assert minimum_load(curves, curves.reference_lift) == curves.minimum_unloading
    assert minimum_load(curves, 1.4 * curves.reference_lift) == pytest.approx(curves.minimum_unloading + 0.2)
    assert minimum_load(screw, 2.0 * screw.reference_lift) == screw.minimum_unloading


def test_dirty_tubes_cost_power_by_their_temperature() -> None:
    curves = machine()
    clean = operating_point(curves, 900.0, 7.0, 28.0)
    dirty = operating_point(curves, 900.0, 7.0, 28.0, fouling=3.0)
    warmer = operating_point(curves, 900.0, 7.0, 28.0 + 3.0 * 900.0 / 1055.0)
    assert dirty.power == pytest.approx(warmer.power, rel=1e-9)
    assert dirty.power > 1.03 * clean.power


def test_a_machine_of_another_size_has_the_same_efficiency() -> None:
    curves = machine()
    big = curves.sized(capacity=2110.0, chilled_flow=100.0)
    assert (big.chilled_flow, big.condenser_flow) == (100.0, 2.0 * curves.condenser_flow)
    one, other = operating_point(curves, 700.0, 7.0, 28.0), operating_point(big, 1400.0, 7.0, 28.0)
    assert other.power == pytest.approx(2.0 * one.power, rel=1e-9)


def test_less_condenser_water_costs_what_the_warmer_leaving_water_costs() -> None:
    curves = machine()
    whole, half = (
        operating_point(curves, 700.0, 7.0, 28.0, share * curves.condenser_flow) for share in (1, 0.5)
    )
    rise = 700.0 * (1.0 + 1.0 / curves.cop) / heat_rate(curves.condenser_flow)  # K at the reference flow
    assert half.power == pytest.approx(operating_point(curves, 700.0, 7.0, 28.0 + rise).power, rel=1e-9)
    assert 1.05 < half.power / whole.power < 1.3
    assert half.condenser_leaving - whole.condenser_leaving == pytest.approx(rise, rel=0.1)
