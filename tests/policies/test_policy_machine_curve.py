"""policies.chiller_plant.machine_curve and curve_fit: curves of real machines found from noisy readings, and what lies beyond them."""

from __future__ import annotations

import random
from dataclasses import replace
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.library import load_chiller
from hil.plant.chiller_curves import ChillerCurves, operating_point
from policies.chiller_plant.curve_fit import ENOUGH, Correction, Sample, fit_machine
from policies.chiller_plant.machine_curve import (
    PARTS,
    SUPPLY,
    MachineCurve,
    capacity_share,
    part_of,
    through,
    usual_curve,
)
from policies.chiller_plant.plant_layout import Compressor

MACHINES = {
    "Carrier 19EX 5148kW/6.34COP/Vanes": Compressor.CONSTANT_SPEED,
    "McQuay PEH 1895kW/6.42COP/Vanes": Compressor.CONSTANT_SPEED,
    "York YT 1881kW/6.77COP/VSD": Compressor.VARIABLE_SPEED,
    "Trane CVHE 1442kW/6.61COP/VSD": Compressor.VARIABLE_SPEED,
    "York YS 781kW/5.42COP/Valve": Compressor.POSITIVE_DISPLACEMENT,
}


def samples(machine: ChillerCurves, number: int, seed: int = 1, noise: float = 1.0) -> list[Sample]:
    """A fortnight's wandering of load and water: 2 % of load, 0.1 K, 1 % of power."""
    rng = random.Random(seed)
    found = []
    for _ in range(number):
        load = machine.capacity * rng.uniform(0.3, 1.0)
        supply, entering = rng.uniform(6.5, 9.5), rng.uniform(24.0, 31.0)
        flow = machine.condenser_flow * rng.uniform(0.65, 1.0)
        now = operating_point(machine, load, supply, entering, flow)
        found.append(
            Sample(
                load=now.cooling * rng.gauss(1.0, 0.02 * noise),
                supply=supply + rng.gauss(0.0, 0.1 * noise),
                entering=entering + rng.gauss(0.0, 0.1 * noise),
                flow=flow,
                power=now.power * rng.gauss(1.0, 0.01 * noise),
            )
        )
    return found


def start(machine: ChillerCurves, kind: Compressor) -> MachineCurve:
    return usual_curve(kind, machine.capacity, machine.capacity / machine.cop)


def misses(machine: ChillerCurves, curve: MachineCurve, *, inside: bool) -> float:
    """Root mean square against the truth, at places that are, or are not, covered by the readings."""
    rng = random.Random(7)
    found = []
    for _ in range(600):
        load, supply, entering = (
            machine.capacity * rng.uniform(0.3, 0.95),
            rng.uniform(6, 11),
            rng.uniform(20, 32),
        )
        flow = machine.condenser_flow * rng.uniform(0.65, 1.0)
        now = operating_point(machine, load, supply, entering, flow)
        y = curve.condenser(entering, now.cooling, flow)
        if curve.covers(now.cooling, supply - SUPPLY, y) is inside:
            found.append(curve.draws(now.cooling, supply - SUPPLY, y) / now.power - 1.0)
    assert len(found) > 100
    return sqrt(sum(one * one for one in found) / len(found))


@pytest.mark.parametrize(("name", "kind"), MACHINES.items())
def test_a_machine_is_found_from_a_few_days_of_noisy_readings(name: str, kind: Compressor) -> None:
    machine = load_chiller(name)
    before = start(machine, kind)
    curve = fit_machine(samples(machine, 1500), before)
    assert curve.error is not None
    assert curve.error < 0.05  # CV-RMSE, most of it the noise
    assert misses(machine, curve, inside=True) < 0.025
    assert misses(machine, curve, inside=False) < 0.04
    assert misses(machine, curve, inside=True) < 0.5 * misses(
        machine, replace(curve, part=before.part, heat=before.heat), inside=True
    )


@pytest.mark.parametrize("mix", [0.0, 1.0])
def test_machines_that_see_the_entering_water_are_told_from_those_that_see_the_leaving_water(
    mix: float,
) -> None:
    """Readings of a machine of exactly this form, its condenser flow going up and down."""
    truth = replace(usual_curve(Compressor.VARIABLE_SPEED, 1000.0), mix=mix)
    rng = random.Random(5)
    rows = []
    for _ in range(1500):
        load, supply, entering = rng.uniform(300.0, 950.0), rng.uniform(6.5, 9.5), rng.uniform(22.0, 31.0)
        flow = rng.uniform(30.0, 57.0)
        power = truth.draws(load, supply - SUPPLY, truth.condenser(entering, load, flow)) * rng.gauss(
            1.0, 0.02
        )
        rows.append(Sample(load=load, supply=supply, entering=entering, flow=flow, power=power))
    assert fit_machine(rows, usual_curve(Compressor.VARIABLE_SPEED, 1000.0)).mix == mix


def test_broken_readings_do_not_move_the_curve() -> None:
    machine = load_chiller("York YT 1055kW/5.96COP/Vanes")
    good = samples(machine, 900)
    odd = [replace(one, power=one.power * 2.5) if at % 15 == 0 else one for at, one in enumerate(good)]
    odd += [replace(good[0], power=float("nan")), replace(good[1], load=-5.0), replace(good[2], load=1e6)]
    first, curve = (fit_machine(rows, start(machine, Compressor.CONSTANT_SPEED)) for rows in (good, odd))
    for load in (400.0, 700.0, 950.0):
        assert curve.draws(load, 0.5, -1.0) == pytest.approx(first.draws(load, 0.5, -1.0), rel=0.02)


def test_too_few_readings_leave_the_usual_curve() -> None:
    machine = load_chiller("York YT 1055kW/5.96COP/Vanes")
    before = start(machine, Compressor.CONSTANT_SPEED)
    assert fit_machine(samples(machine, ENOUGH - 1), before) == before
    assert fit_machine([], before) == before


def test_readings_of_one_corner_leave_the_rest_as_it_usually_is() -> None:
    """All at seven tenths of load, 7 degC and 28 degC: the slopes stay usual, the level is learned."""
    machine = load_chiller("York YT 1055kW/5.96COP/Vanes")
    rng = random.Random(3)
    now = operating_point(machine, 740.0, 7.0, 28.0)
    rows = [
        Sample(
            load=740.0 * rng.gauss(1, 0.01),
            supply=7.0,
            entering=28.0,
            flow=machine.condenser_flow,
            power=now.power * 1.2,
        )
        for _ in range(300)
    ]
    before = start(machine, Compressor.CONSTANT_SPEED)
    curve = fit_machine(rows, before)
    y = curve.condenser(28.0, 740.0, machine.condenser_flow)
    assert curve.draws(740.0, 0.0, y) == pytest.approx(1.2 * now.power, rel=0.02)
    there, away = curve.draws(740.0, 0.0, y), curve.draws(740.0, 2.0, y - 4.0)
    usual = before.draws(740.0, 2.0, y - 4.0) / before.draws(740.0, 0.0, y)
    assert away / there == pytest.approx(usual, rel=0.03)
    assert not curve.covers(740.0, 2.0, y - 4.0)


@given(
    st.sampled_from(list(Compressor)),
    st.floats(1.0, 1500.0), st.floats(-6.0, 15.0), st.floats(-25.0, 20.0),
    st.tuples(st.floats(0.1, 0.5), st.floats(0.5, 1.0)),
)  # fmt: skip
def test_far_outside_the_readings_a_curve_stays_reasonable(
    kind: Compressor, load: float, x: float, y: float, loads: tuple[float, float]
) -> None:
    """Never negative, never beyond a few times the rated power, and rising with load."""
    curve = replace(
        usual_curve(kind, 1000.0), samples=100, loads=loads, supplies=(-1.0, 2.0), condensers=(-5.0, 1.0)
    )
    drawn = curve.draws(load, x, y)
    assert 0.0 < drawn < 6.0 * curve.power
    assert curve.draws(load + 50.0, x, y) >= drawn * 0.999


def test_the_edge_of_the_readings_is_no_step() -> None:
    curve = replace(
        usual_curve(Compressor.VARIABLE_SPEED, 1000.0),
        samples=100, part=(0.1, 0.3, 0.65), heat=(1.0, -0.03, 0.001, 0.02, 0.0001, 0.0),
        loads=(0.3, 0.8), supplies=(-1.0, 2.0), condensers=(-5.0, 1.0),
    )  # fmt: skip
    for x, y in ((2.0, 0.0), (0.5, 1.0), (-1.0, -5.0)):
        inside = curve.draws(500.0, x, y)
        assert curve.draws(500.0, x + 1e-6, y + 1e-6) == pytest.approx(inside, rel=1e-4)


def test_the_quadratic_goes_through_its_points_and_capacity_is_one_at_the_reference() -> None:
    values = PARTS[Compressor.CONSTANT_SPEED]
    assert [part_of(through(values), q) for q in (0.25, 0.6, 1.0)] == pytest.approx(values)
    assert capacity_share(0.0, 0.0) == 1.0
    assert capacity_share(1.0, 0.0) > 1.0 > capacity_share(0.0, 2.0)


def test_a_correction_follows_its_meter_slowly_and_not_too_far() -> None:
    now = Correction()
    for _ in range(12 * 60):
        now = now.after(108.0, 100.0, 60.0, memory=43_200.0, most=0.10)
    assert now.ratio == pytest.approx(1.08, abs=0.005)
    for _ in range(12 * 60):
        now = now.after(150.0, 100.0, 60.0, memory=43_200.0, most=0.10)
    assert now.ratio == 1.10
    assert now.after(100.0, 0.0, 60.0, memory=43_200.0, most=0.10) == now
