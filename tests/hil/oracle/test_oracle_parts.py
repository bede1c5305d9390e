"""The parts of a bound are the very components of the plant, on grids and turned round."""

import numpy as np
import pytest

from hil.oracle.axes import Axes
from hil.oracle.free_cooling import exchanged
from hil.oracle.grids import Array, along_first, look_up, lower_envelope, places
from hil.oracle.machines import Machines, power_of, set_power
from hil.oracle.power_table import PlantSide, power_table
from hil.oracle.pumping import Circuits, pump_power
from hil.oracle.towers import air_needed, fan_power
from hil.plant.central_design import CentralDesign
from hil.plant.chiller import Chiller, ChillerInputs
from hil.plant.chiller_curves import operating_point
from hil.plant.exchanger import Exchanger
from hil.plant.hydraulics import Demand, solve
from hil.plant.pump import GRAVITY, PumpCurve
from hil.plant.tower import Merkel, Tower, TowerModel
from tests.hil.oracle.oracle_cases import shape
from tests.hil.plant.central_cases import MCQUAY, TRANE, YORK, data, design, machine, york_curve

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize("name", [YORK, MCQUAY, TRANE, "Trane CVHF 4610kW/6.34COP/Vanes"])
@pytest.mark.parametrize("reformulated", [False, True])
def test_chillers_on_a_grid_draw_what_one_chiller_draws(name: str, reformulated: bool) -> None:
    if reformulated and "reformulated" not in data("chillers.json")["machines"][name]:
        pytest.skip("no such coefficients")
    curves = machine(name, reformulated=reformulated)
    for _ in range(60):
        supply, basin, ratio = RANDOM.uniform(4, 14), RANDOM.uniform(12, 40), RANDOM.uniform(0.5, 1.1)
        flow = ratio * curves.condenser_flow
        load = RANDOM.uniform(0.02, 0.85) * curves.capacity
        one = operating_point(curves, load, supply, basin, flow)
        if one.cooling < load - 1e-6:
            continue  # more than it has: a bound may overload it at a price
        grid = power_of(curves, *(np.array(x) for x in (load, supply, basin, ratio)))
        assert float(grid) == pytest.approx(one.power, rel=1e-5)


@pytest.mark.parametrize(
    "model", [york_curve(), Merkel.for_design(flow=60.0, entering=37.0, leaving=32.0, wet_bulb=28.0)]
)
def test_a_cell_with_the_air_it_is_said_to_need_cools_as_wanted(model: TowerModel) -> None:
    tower = Tower(model=model, design_flow=60.0, fan_power=20.0)
    missed = []
    for wet in (10.0, 18.0, 24.0, 27.5):
        air = air_needed(tower, wet)
        for _ in range(60):
            water, speed = RANDOM.uniform(0.4, 1.2), RANDOM.uniform(0.25, 1.0)
            hot = wet + RANDOM.uniform(5.0, 14.0)
            point = tower.point(hot, water * 60.0, wet, speed)
            approach = point.leaving - wet
            if not approach > 1.3:
                continue
            needed = air(*(np.array(x) for x in (water, hot - point.leaving, approach)))
            drawn = float(fan_power(tower, needed, variable=True))
            missed.append(abs(drawn - point.fan_power) / 20.0)
    exact = model == york_curve()
    assert max(missed) < (1e-6 if exact else 0.15), (
        "share of the full fan; the table of Merkel is coarse at its edge"
    )
    assert np.quantile(missed, 0.9) < (1e-6 if exact else 0.02)


def test_a_fan_that_knows_on_and_off_is_dearer_than_one_that_turns_slowly() -> None:
    tower = Tower(model=york_curve(), design_flow=60.0, fan_power=20.0)
    needed = np.linspace(0.1, 1.0, 10)
    slow, fast = (fan_power(tower, needed, variable=one) for one in (True, False))
    assert (slow[1:-1] < fast[1:-1]).all()
    assert slow[-1] == pytest.approx(20.0)
    assert fast[-1] == pytest.approx(20.0)
    assert fan_power(tower, np.array(1.2), variable=True) > 20.0 * 1.2**3


def test_pumps_at_the_lowest_speed_draw_what_the_circuit_s_solution_draws() -> None:
    pump = PumpCurve(design_flow=50.0, design_head=30.0)
    conductance, behind = 50.0 / 60.0**0.5, 50.0 / (30.0 * GRAVITY - 60.0) ** 0.5
    for speed in (0.4, 0.7, 1.0):
        flows = solve([pump], [speed], [conductance], Demand(conductance=behind), dedicated=True)
        flow = flows.total
        pressure = np.array((flow / conductance) ** 2 + (flow / behind) ** 2)
        found = pump_power(pump, np.array(flow), pressure, variable=True, slowest=0.2)
        assert float(found) == pytest.approx(pump.power(flow, flows.heads[0], speed), rel=1e-6)


def test_more_flow_costs_more_and_a_fixed_speed_costs_more_than_a_free_one() -> None:
    flows = np.linspace(0.0, 120.0, 30)
    drawn = {}
    for name in ("dedicated", "headered", "fixed", "secondary"):
        of = shape(name)
        machines = Machines.of(of)
        everything = machines.sets()[-1]
        drawn[name] = Circuits(of, machines).chilled(everything, flows).power
        assert (np.diff(drawn[name]) >= -1e-9).all()
    assert (drawn["fixed"] >= drawn["dedicated"] - 1e-9).all()
    assert drawn["headered"] == pytest.approx(drawn["dedicated"], rel=0.25, abs=1.0)


def test_plates_on_a_grid_pass_what_the_plates_pass() -> None:
    plates = Exchanger(warm_flow=80.0, cold_flow=90.0, approach=1.5)
    for _ in range(40):
        warm, cold = RANDOM.uniform(20, 100), RANDOM.uniform(20, 100)
        entering, basin = RANDOM.uniform(10, 22), RANDOM.uniform(5, 16)
        grid = exchanged(plates, np.array(entering), warm, np.array(basin), cold)
        assert float(grid) == pytest.approx(plates.heat(entering, warm, basin, cold), rel=1e-6, abs=1e-9)


def test_the_envelope_lies_below_is_convex_and_touches() -> None:
    x = np.linspace(0.0, 10.0, 21)
    values = RANDOM.uniform(0.0, 5.0, (21, 3, 2)) + (x**2)[:, None, None] * 0.1
    hull = lower_envelope(x, values)
    assert (hull <= values + 1e-12).all()
    assert (np.diff(hull, n=2, axis=0) >= -1e-9).all()
    assert (np.isclose(hull, values).sum(axis=0) >= 2).all()
    convex = (x**2)[:, None]
    assert lower_envelope(x, convex) == pytest.approx(convex)


def test_tables_are_read_between_their_nodes() -> None:
    one, other = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0])
    table = one[:, None] * 2.0 + other[None, :] * 5.0
    at = look_up(table, np.broadcast_arrays(places(one, np.array([2.0, 9.0])), places(other, np.array(0.5))))
    assert at == pytest.approx([6.5, 8.5])
    assert along_first(table, one, np.array([[0.5, 2.0]])) == pytest.approx(np.array([[1.0, 14.0]]))


def test_equal_machines_are_one_class_and_a_load_is_shared_in_the_best_way() -> None:
    of: CentralDesign = design((YORK, TRANE, YORK), cells=3)
    machines = Machines.of(of)
    assert machines.classes == ((0, 2), (1,))
    assert [one.name for one in machines.sets()] == ["none", "2", "1", "1+2", "1+3", "1+2+3"]
    at = np.array([7.0]), np.array([25.0]), np.array([1.0])
    loads = np.linspace(0.0, of.capacity, 61)
    powers = machines.class_powers(*at)
    pair = next(one for one in machines.sets() if one.name == "1+2")
    best = set_power(pair, powers, loads)[:, 0, 0, 0]
    york, trane = (of.chillers[n].curves for n in (0, 1))
    for place in (10, 25, 36):
        tried = [
            operating_point(york, share * loads[place], 7.0, 25.0, york.condenser_flow).power
            + operating_point(trane, (1.0 - share) * loads[place], 7.0, 25.0, trane.condenser_flow).power
            for share in np.linspace(0.0, 1.0, 101)
            if share * loads[place] < 0.97 * york.capacity
            and (1.0 - share) * loads[place] < 0.97 * trane.capacity
        ]
        assert best[place] == pytest.approx(min(tried), rel=0.01)


@pytest.mark.parametrize("flow", [0.42, 0.6, 1.0])
@pytest.mark.parametrize("name", [YORK, MCQUAY, TRANE])
def test_a_machine_that_misses_its_set_point_draws_for_all_that_it_cools(name: str, flow: float) -> None:
    curves = machine(name)
    for condenser in (24.0, 29.0, 32.0):
        water = ChillerInputs(
            enable=True, setpoint=5.0, chilled_entering=16.0, chilled_flow=flow * curves.chilled_flow,
            condenser_entering=condenser, condenser_flow=0.6 * curves.condenser_flow,
        )  # fmt: skip
        one = Chiller(curves, running=True).step(60.0, water)
        if one.chilled_leaving < 5.1:
            continue  # it can
        point = operating_point(
            curves, one.cooling, one.chilled_leaving, condenser, 0.6 * curves.condenser_flow
        )
        assert one.cooling == pytest.approx(point.cooling, rel=1e-3), "no cold for nothing"
        assert one.power == pytest.approx(point.power, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "wet"), [("dedicated", 21.0), ("headered", 12.0), ("free", 3.0), ("free", 11.0)]
)
def test_what_is_not_looked_at_would_not_have_been_the_best(
    name: str, wet: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = shape(name)
    axes = Axes.of(of, (7.0, 13.0), (wet, wet))
    usual = power_table(PlantSide(of, axes))

    def nothing(side: PlantSide, place: int, near: slice) -> Array:
        return np.full((len(side.axes.loads), len(side.axes.supplies)), -1e3)

    monkeypatch.setattr(PlantSide, "at_least", nothing)
    whole = power_table(PlantSide(of, axes))
    assert usual.power == pytest.approx(whole.power, rel=1e-9)
    assert (usual.best[whole.raw == usual.raw] == whole.best[whole.raw == usual.raw]).all()
