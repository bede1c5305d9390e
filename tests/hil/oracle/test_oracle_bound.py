"""The bound: never beaten on the true plant, and nearly reached by whoever does what it says."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import Phase as Stage
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.oracle.axes import ABLATION, Axes, Freedom
from hil.oracle.bound import TOLERANCE, Bound, axes_for, plant_bound, rounding
from hil.oracle.needs import EmissionNeed, TracedNeed
from hil.oracle.preview import ablation, best_ways, steady_trace
from hil.oracle.trace import Trace
from hil.plant.central_design import CentralDesign
from hil.plant.variables import Variable
from tests.hil.oracle.oracle_cases import commanded, plant_of, ran, shape
from tests.hil.plant.central_cases import TRANE, YORK, design

SHAPES = ("dedicated", "headered", "secondary", "free", "fixed")


def bound_of(of: CentralDesign, trace: Trace) -> Bound:
    return plant_bound(of, trace, TracedNeed(trace, of.branch_flow))


def steady(of: CentralDesign, share: float, wet: float) -> Trace:
    loads = np.array([share * of.capacity])
    return steady_trace(loads, np.full(1, wet))


def bound_at(of: CentralDesign, trace: Trace, freedom: Freedom | None = None) -> Bound:
    return plant_bound(of, trace, EmissionNeed(trace, of.branch_flow), freedom=freedom)


@st.composite
def courses(draw: st.DrawFn) -> dict[str, Variable]:
    """Random but not foolish: machines with their pumps, every speed and set-point on its own."""
    result: dict[str, Variable] = {"economiser.enable": draw(st.booleans())}
    first = draw(st.integers(1, 3))
    for place in range(1, 4):
        on = place == first or draw(st.booleans())
        result |= {
            f"chiller_{place}.enable": on,
            f"chiller_{place}.chilled_water_setpoint": draw(st.floats(6.0, 11.0)),
            f"chilled_pump_{place}.enable": on,
            f"condenser_pump_{place}.enable": on,
            f"chilled_pump_{place}.speed_command": draw(st.floats(55.0, 100.0)),
            f"condenser_pump_{place}.speed_command": draw(st.floats(60.0, 100.0)),
            f"tower_{place}.speed_command": draw(st.floats(25.0, 100.0)),
            f"secondary_pump_{place}.speed_command": draw(st.floats(50.0, 100.0)),
        }
    return result


@settings(max_examples=12, phases=(Stage.explicit, Stage.reuse, Stage.generate), deadline=None)
@given(
    name=st.sampled_from(SHAPES),
    course=st.lists(courses(), min_size=1, max_size=2),
    loads=st.tuples(st.floats(250.0, 900.0), st.floats(1000.0, 2600.0)),
    wet=st.floats(4.0, 27.0),
)
def test_nobody_beats_the_bound(
    name: str, course: list[dict[str, Variable]], loads: tuple[float, float], wet: float
) -> None:
    of = shape(name)
    trace = ran(plant_of(of, *loads), course, 4.0, wet)
    bound = bound_of(of, trace)
    drawn = trace.drawn
    assert bound.kwh <= drawn * (1.0 + TOLERANCE)
    if trace.delivered > 1000.0 and wet > 15.0:
        assert bound.kwh > 0.1 * drawn, "a bound that says nothing"


@pytest.mark.parametrize(("share", "wet"), [(0.5, 12.0), (0.5, 25.0), (0.8, 20.0)])
def test_who_does_what_the_bound_says_comes_close_to_it_and_not_below(share: float, wet: float) -> None:
    of = design((YORK, YORK))
    of = replace(of, chillers=tuple(replace(one, minimum_flow=0.42) for one in of.chillers))
    (way,) = best_ways(of, [share * of.capacity], [wet])
    trace = steady(of, way.load / of.capacity, wet)
    bound = bound_at(of, trace)
    assert way.power == pytest.approx(bound.power[0], rel=0.005)
    found = []
    for chilled, condenser in product(np.linspace(45.0, 100.0, 8), (48.0, 60.0)):
        one = plant_of(of, way.load, way.load)
        run = ran(one, [commanded(way, of, float(chilled), condenser)], 1.0, wet, settle=3.0)
        if run.delivered == pytest.approx(way.load, rel=0.002):
            found.append(bound_of(of, run).kwh / run.drawn)
    assert found, "no speed carries the load"
    assert max(found) <= 1.0 + TOLERANCE
    assert max(found) > 0.95, "a bound that nobody comes near is no measure"


def test_a_plant_that_takes_turns_with_itself_does_not_beat_it() -> None:
    of = shape("dedicated")
    off: dict[str, Variable] = {f"{name}_{n}.enable": False for n in (1, 2, 3)
           for name in ("chiller", "chilled_pump", "condenser_pump", "tower")}  # fmt: skip
    on: dict[str, Variable] = off | {f"{name}_2.enable": True for name in ("chiller", "chilled_pump", "condenser_pump", "tower")}  # fmt: skip
    trace = ran(plant_of(of, 300.0, 400.0), [on, off] * 6, 0.25, 22.0)
    assert trace.delivered > 300.0
    assert bound_of(of, trace).kwh <= trace.drawn * (1.0 + TOLERANCE)


def test_nothing_to_do_costs_what_stands() -> None:
    of = shape("dedicated")
    assert bound_at(of, steady(of, 0.0, 20.0)).kwh == pytest.approx(3 * 0.6)


def test_whatever_becomes_free_saves_and_so_does_colder_air() -> None:
    of = shape("dedicated")
    trace = steady_trace(np.linspace(0.1, 0.9, 9) * of.capacity, np.full(9, 24.0))
    kwh = [bound_at(of, trace, freedom).kwh for _, freedom in ABLATION]
    assert all(before > after for before, after in pairwise(kwh))
    colder = bound_at(of, steady_trace(trace.cooling, np.full(9, 16.0)))
    assert colder.kwh < kwh[-1]


def test_the_ablation_of_a_trace_ends_at_its_bound() -> None:
    of = shape("dedicated")
    trace = steady_trace(np.linspace(0.1, 0.9, 9) * of.capacity, np.full(9, 24.0))
    need = EmissionNeed(trace, of.branch_flow)
    steps = ablation(of, trace, need, axes_for(of, trace))
    assert list(steps) == ["staging", "pumps", "reset", "tower"]
    assert steps["tower"] == pytest.approx(bound_at(of, trace).kwh)


def test_free_cooling_is_used_when_it_is_cold_and_only_then() -> None:
    with_plates, without = shape("free"), shape("dedicated")
    free, cooled = (bound_at(of, steady(of, 0.4, 4.0)).kwh for of in (with_plates, without))
    assert free < 0.3 * cooled
    free, cooled = (bound_at(of, steady(of, 0.4, 24.0)).kwh for of in (with_plates, without))
    assert free == pytest.approx(cooled, rel=1e-6)


def test_finer_nodes_change_little() -> None:
    of = shape("dedicated")
    trace = steady_trace(np.linspace(0.08, 0.93, 12) * of.capacity, np.linspace(20.0, 21.0, 12))
    need = EmissionNeed(trace, of.branch_flow)
    assert 0.0 < rounding(of, trace, need) < 0.004


def test_cold_that_was_stored_is_owed_and_prices_are_counted() -> None:
    of = shape("dedicated")
    trace = steady(of, 0.5, 22.0)
    need = EmissionNeed(trace, of.branch_flow)
    plain = plant_bound(of, trace, need, price=lambda _: 2.0)
    assert plain.cost == pytest.approx(2.0 * plain.kwh)
    owing = plant_bound(of, replace(trace, stored_change=0.1 * trace.delivered), need)
    assert owing.kwh == pytest.approx(1.1 * plain.kwh)
    assert plain.eer_sys == pytest.approx(trace.delivered / plain.kwh)
    assert plain.peak_kw == pytest.approx(plain.power[0])


def test_cells_without_valves_are_all_open() -> None:
    of = shape("dedicated")
    held = replace(of, towers=replace(of.towers, isolated=False))
    assert Axes.of(held, (6.0, 10.0), (20.0, 22.0)).cells == (3,)
    assert Axes.of(of, (6.0, 10.0), (20.0, 22.0)).cells[-1] == 3


def test_constant_speed_machine_sets_are_told_in_the_preview() -> None:
    of = design((YORK, TRANE))
    ways = best_ways(of, [0.1 * of.capacity, 0.9 * of.capacity], [18.0, 24.0])
    assert len(ways) == 4
    assert ways[1].machines == "1+2"
    assert ways[0].machines in {"1", "2"}
    for way in ways:
        parts = way.chillers + way.chilled_pumps + way.condenser_pumps + way.fans
        assert way.power == pytest.approx(parts)
        assert 3.0 < way.eer_sys < 13.0
