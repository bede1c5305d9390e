"""A tank under perfect forecast: never dearer than without, no more than it holds, nothing out of nothing."""

from dataclasses import replace

import numpy as np
import pytest

from hil.oracle.bound import plant_bound
from hil.oracle.needs import EmissionNeed
from hil.oracle.storage import StorageBound, storage_bound
from hil.oracle.trace import Trace
from hil.plant.central_design import CentralDesign
from tests.hil.plant.central_cases import design, storage


def week(of: CentralDesign, days: int = 4) -> Trace:
    hour = np.arange(24.0 * days)
    busy = (hour % 24 >= 8) & (hour % 24 < 19)
    cooling = np.where(busy, 0.6 * of.capacity, 0.05 * of.capacity)
    return Trace(
        utc=hour * 3600.0, hours=np.ones_like(hour), cooling=cooling, supply=np.full_like(hour, 7.0),
        flow=cooling / 20.0, wet_bulb=24.0 + np.sin(hour / 4.0), power=np.zeros_like(hour),
    )  # fmt: skip


def price(utc: float) -> float:
    hour = utc / 3600.0 % 24.0
    return 0.3 if hour < 8.0 else 1.3 if 10.0 <= hour < 12.0 or 14.0 <= hour < 19.0 else 0.8


def solved(volume: float = 600.0, *, use_tank: bool = True, demand_price: float = 0.0) -> StorageBound:
    of = design(storage=storage(volume))
    trace = week(of)
    need = EmissionNeed(trace, of.branch_flow)
    return storage_bound(of, trace, need, price, demand_price=demand_price, use_tank=use_tank)


def test_a_tank_saves_and_a_bigger_one_saves_more() -> None:
    bills = [solved(use_tank=False).cost, solved(200.0).cost, solved(800.0).cost]
    assert bills[0] > bills[1] > bills[2]
    assert bills[1] < 0.97 * bills[0]


def test_without_the_tank_it_is_the_plant_s_own_bound() -> None:
    of = design()
    trace = week(of)
    plain = plant_bound(of, trace, EmissionNeed(trace, of.branch_flow), price=price)
    bound = solved(use_tank=False)
    assert bound.cost <= plain.cost * 1.005 if plain.cost else False
    assert bound.cost == pytest.approx(plain.cost, rel=0.025), "a relaxation, but not a loose one"


def test_it_holds_no_more_than_its_volume_and_ends_as_it_began() -> None:
    volume = 300.0
    found = solved(volume)
    warmest = 14.0  # K between return and supply at most, with coils that meet 25 degC air
    assert found.stored.max() <= volume * 1.163 * warmest
    assert found.stored.max() > 0.3 * volume * 1.163 * 7.0, "it is used"
    assert found.kwh > 0.95 * solved(use_tank=False).kwh, "no cold out of nothing"


def test_a_demand_charge_flattens() -> None:
    dear = solved(demand_price=60.0)
    assert dear.peak_kw < 0.9 * solved().peak_kw
    assert dear.cost == pytest.approx(
        float(np.array([price(1800.0 + 3600.0 * n) for n in range(96)]) @ dear.power) + 60.0 * dear.peak_kw,
        rel=1e-4,
    )


def test_a_flat_price_moves_little() -> None:
    of = design(storage=storage(600.0))
    trace = week(of)
    need = EmissionNeed(trace, of.branch_flow)
    with_tank, without = (
        storage_bound(of, trace, need, lambda _: 1.0, use_tank=one).kwh for one in (True, False)
    )
    assert 0.85 * without < with_tank <= without


def test_days_apart_do_not_lend_to_each_other() -> None:
    of = design(storage=storage(600.0))
    near = week(of, 2)
    apart = replace(near, utc=near.utc + np.where(np.arange(48) >= 24, 10 * 86_400.0, 0.0))
    bills = [storage_bound(of, one, EmissionNeed(one, of.branch_flow), price).cost for one in (near, apart)]
    assert bills[1] >= bills[0] - 1e-6


def test_a_plant_without_a_tank_is_refused() -> None:
    of = design()
    trace = week(of, 1)
    with pytest.raises(ValueError, match="no tank"):
        storage_bound(of, trace, EmissionNeed(trace, of.branch_flow), price)
