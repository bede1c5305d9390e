"""Coils that are known by one point only, asked for another: against the coils of buildings and halls themselves."""

import numpy as np
import pytest

from hil.oracle.needs import EmissionNeed, HallNeed, TracedNeed
from hil.oracle.trace import Trace
from hil.plant.coil import Coil, CoilDesign
from hil.plant.data_hall import HallDesign
from tests.hil.plant.central_cases import plant, run

DESIGN = CoilDesign(capacity=100.0, air=100.0 / 17.5, water=100.0 / 4.187 / 5.0)


def point(cooling: float, supply: float, flow: float) -> Trace:
    one = np.ones(1)
    return Trace(
        utc=0.0 * one, hours=one, cooling=cooling * one, supply=supply * one, flow=flow * one,
        wet_bulb=22.0 * one, power=one,
    )  # fmt: skip


def needed(coil: Coil, heat: float, air: tuple[float, float], supply: float) -> float:
    low, high = 0.0, 4.0 * DESIGN.water
    for _ in range(60):
        middle = 0.5 * (low + high)
        less = coil.cool(air[0], air[1], DESIGN.air, supply, middle).total < heat
        low, high = (middle, high) if less else (low, middle)
    return high


def test_its_own_point_is_always_given_back() -> None:
    for cooling, supply, flow in ((50.0, 7.0, 2.0), (90.0, 9.0, 5.5), (10.0, 6.0, 0.3)):
        need = TracedNeed(point(cooling, supply, flow), DESIGN.water)
        assert need.flow(1.0, supply)[0] == pytest.approx(flow, rel=1e-3)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_wet_coils_of_a_building_need_about_what_is_said(load: float) -> None:
    coil, air = Coil(DESIGN), (26.0, 0.0115)
    heat = load * coil.cool(*air, DESIGN.air, 7.0, DESIGN.water).total
    here = needed(coil, heat, air, 7.0)
    need = TracedNeed(point(heat, 7.0, here), DESIGN.water)
    for supply in (6.0, 8.0, 9.0):
        told = float(need.flow(1.0, supply)[0])
        assert told == pytest.approx(needed(coil, heat, air, supply), rel=0.12)


def test_coils_of_a_given_load_are_met_exactly() -> None:
    one = plant(low=800.0, high=800.0)
    run(one, 3.0)
    trace = point(one.delivered, one.leaving_supply, one.chilled.flows.load)
    exact = EmissionNeed(trace, one.design.branch_flow)
    assert exact.flow(1.0, one.leaving_supply)[0] == pytest.approx(one.chilled.flows.load, rel=0.01)
    traced = TracedNeed(trace, one.design.branch_flow)
    for supply in (6.0, 9.0, 11.0):
        assert traced.flow(1.0, supply)[0] == pytest.approx(float(exact.flow(1.0, supply)[0]), rel=0.02)


def test_more_heat_or_warmer_water_wants_more_flow() -> None:
    need = TracedNeed(point(50.0, 7.0, 2.0), DESIGN.water)
    flows = [float(need.flow(times, supply)[0]) for times, supply in ((1.0, 6.0), (1.0, 8.0), (1.3, 8.0))]
    assert flows == sorted(flows)
    assert flows[0] < flows[1] < flows[2]
    assert need.flow(1.0, 60.0)[0] == pytest.approx(4.0 * DESIGN.water), (
        "warmer than the air: as much as can be"
    )


def test_halls_need_what_their_coils_need() -> None:
    halls = [HallDesign(name=f"hall_{n}", load=2000.0) for n in (1, 2)]

    def taken(flow: float, air: float, supply: float) -> float:
        return 2.0 * halls[0].passing(0.5 * flow) * (air - supply)

    heat = taken(100.0, 31.0, 15.0)
    need = HallNeed(point(heat, 15.0, 100.0), halls)
    for supply in (11.0, 15.0, 17.0, 19.0):
        flow = float(need.flow(1.0, supply)[0])
        assert taken(flow, 31.0, supply) == pytest.approx(heat, rel=2e-3)
    assert need.flow(1.0, 30.0)[0] == pytest.approx(4.0 * 2.0 * 1.2 * halls[0].water), "warmer than can be"
