"""policies.chiller_plant.storage_program and what stands before it: plans that can be run, and what a demand target is worth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import cos, pi

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.calc.columns import MemoryHistory
from agent.core.learning import DAY, NothingToLearnError, run_learner
from agent.core.reading import Reading
from agent.core.serial import from_plain
from policies.chiller_plant.plant_layout import read_layout
from policies.chiller_plant.storage import Storage
from policies.chiller_plant.storage_plan import SLOT, StoragePlan
from policies.chiller_plant.storage_power import Conditions, Way, candidate_sets, ways
from policies.chiller_plant.storage_program import Hour, Month, Program, Solved, Store, solve
from tests.policies.snapshots import machine, model

BIG = Way(machines=("c1",), least=600.0, most=2000.0, fixed=60.0, slope=0.16)
BOTH = Way(machines=("c1", "c2"), least=1800.0, most=4000.0, fixed=120.0, slope=0.16)
WAYS = (Way(), BIG, BOTH)
PRICES = (0.33,) * 8 + (0.65,) * 2 + (1.08,) * 2 + (0.65,) * 2 + (1.08,) * 5 + (0.65,) * 5
LOADS = (300.0,) * 7 + (2500.0,) * 14 + (300.0,) * 3


def program(
    store: Store,
    *,
    loads: tuple[float, ...] = LOADS,
    prices: tuple[float, ...] = PRICES,
    month: Month | None = None,
    whole: int = 24,
) -> Program:
    dearest = max(prices)
    slots = [
        Hour(
            price=price, load=load, ways=WAYS, dearer=0.01, block=number, discharge=3000.0,
            charge=0.0 if price == dearest else 3000.0,
        )
        for number, (price, load) in enumerate(zip(prices, loads, strict=True))
    ]  # fmt: skip
    return Program(slots=slots, months=[month or Month()], store=store, hours=1.0, whole=whole)


def powers(one: Program, found: Solved) -> list[float]:
    """Drawn by the plant, kW."""
    return [
        way.power(made) + hour.dearer * into + one.store.pump * out if made > 1.0 else one.store.pump * out
        for hour, way, made, into, out in zip(
            one.slots, found.ways, found.made, found.charge, found.discharge, strict=True
        )
    ]


def test_the_night_charges_and_the_peak_is_carried_by_the_tank():
    one = program(Store(now=2000.0, least=1000.0, most=16_000.0, worth=0.05))
    found = solve(one)
    into = [number for number, kw in enumerate(found.charge) if kw > 10.0]
    assert not set(into) & {10, 11, 14, 15, 16, 17, 18}, "never at the dearest hours"
    assert sum(found.charge[:8]) > 10_000.0
    assert sum(found.discharge[number] for number in (10, 11, 14, 15, 16, 17, 18)) > 10_000.0


@settings(max_examples=15, deadline=None)
@given(
    now=st.floats(0.0, 20_000.0),
    loads=st.lists(st.floats(0.0, 4500.0), min_size=24, max_size=24),
    least=st.floats(0.0, 4000.0),
)
def test_every_plan_keeps_to_the_tank_and_carries_the_load(now, loads, least):
    one = program(Store(now=now, least=least, most=16_000.0, worth=0.05), loads=tuple(loads), whole=8)
    found = solve(one)
    held = one.store.begin
    for number, hour in enumerate(one.slots):
        assert found.discharge[number] <= hour.discharge + 1e-3
        assert found.charge[number] <= hour.charge + 1e-3
        assert least - 1.0 <= found.stored[number] <= 16_001.0
        assert found.made[number] <= 4000.0 + 1e-3
        given_up = hour.load - found.made[number] - found.discharge[number] + found.charge[number]
        assert given_up <= max(hour.load - 4000.0, 0.0) + 1.0 or held <= least + 1.0
        if number < one.whole:
            assert not found.made[number] or found.made[number] <= found.ways[number].most + 1e-3
        kept = least + (held - least) * (1.0 - one.store.loss)
        assert found.stored[number] == pytest.approx(
            kept + found.charge[number] - found.discharge[number], abs=1.0
        )
        held = found.stored[number]


def test_the_target_is_held_where_that_costs_less_than_raising_it():
    store = Store(now=9000.0, least=1000.0, most=16_000.0, worth=0.05)
    free = solve(program(store))
    peak = max(powers(program(store), free))
    held = solve(program(store, month=Month(target=0.8 * peak, price=40.0, daily=1.3)))
    assert held.peaks[0] <= 0.8 * peak + 1.0
    assert held.cost < free.cost + 40.0 * 0.2 * peak
    past = solve(program(store, month=Month(target=0.8 * peak, peak=peak, price=40.0, daily=0.0)))
    assert past.cost == pytest.approx(free.cost, rel=0.02), (
        "what the month has seen already costs nothing more"
    )


def test_a_target_that_cannot_be_held_is_raised_and_no_load_is_dropped():
    store = Store(now=1000.0, least=1000.0, most=1001.0)
    found = solve(program(store, month=Month(target=100.0, price=40.0, daily=1.3)))
    assert found.peaks[0] > 400.0
    assert all(made >= load - 1.0 for made, load in zip(found.made, LOADS, strict=True))


CHILLERS = {"c1": 2000.0, "c2": 2000.0, "c3": 700.0}
AREA = model(
    *(machine(id_, "chiller", ("enable", "status", "power"), capacity=kw) for id_, kw in CHILLERS.items()),
    machine("loop", "loop", ("chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp")),
    machine("tank", "tank", ("charge", "discharge", "state_of_charge", "tank_flow"), holds=16_000.0, rated_flow=120.0),
    machine("air", "weather", ("outdoor_dry_bulb", "outdoor_humidity")),
)  # fmt: skip
MIDNIGHT = datetime(2026, 6, 10, 16, 0, tzinfo=UTC).timestamp()  # Thursday 11 June in China
RULE = Storage(
    name="tank_policy",
    tariff=("0:00-8:00 0.33", "10:00-12:00 14:00-19:00 1.08", "otherwise 0.65"),
    demand_price=39.0,
    reserve=15.0,
)


def past(days: float, level: float = 30.0) -> MemoryHistory:
    """An office's load, measured every quarter of an hour until midnight."""
    samples: dict[str, list[tuple[float, float]]] = {}
    for number in range(int(days * 96)):
        utc = MIDNIGHT - days * DAY + 900.0 * (number + 0.5)
        hour = (utc + 8 * 3600.0) % DAY / 3600.0
        load = 300.0 + (2400.0 - 600.0 * cos((hour - 3.0) / 12.0 * pi) if 8.0 <= hour < 20.0 else 0.0)
        for point, value in {
            "loop.chilled_water_flow": load / 4.19 / 6.0,
            "loop.chilled_water_supply_temp": 7.0,
            "loop.chilled_water_return_temp": 13.0,
            "c1.power": load / 5.0,
            "air.outdoor_dry_bulb": 29.0,
            "air.outdoor_humidity": 75.0,
        }.items():
            samples.setdefault(point, []).append((utc, value))
    readings: Mapping[str, Reading] = {"tank.state_of_charge": Reading(level, MIDNIGHT, 0.0)}
    return MemoryHistory(
        model=AREA, since=MIDNIGHT - days * DAY, until=MIDNIGHT, samples=samples, readings=readings
    )


def test_a_plan_is_learned_from_two_days():
    artefact = run_learner(RULE, past(2.0), 1000.0)
    plan = from_plain(StoragePlan, artefact.content)
    assert len(plan.slots) == 96
    night, peak = plan.slots[:16], (*plan.slots[20:24], *plan.slots[28:38])
    assert sum(-one.tank for one in night if one.tank < 0.0) * SLOT / 3600.0 > 5000.0
    assert sum(one.tank for one in peak) * SLOT / 3600.0 > 5000.0
    assert all(one.tank >= -1.0 for one in peak)
    assert min(one.stored for one in plan.slots) >= RULE.least(16_000.0, 4700.0) - 1.0, "the reserve"
    assert plan.cost < 0.9 * plan.without
    assert plan.target is not None
    assert 100.0 < plan.target < 1000.0
    assert plan.peak == pytest.approx(660.0, abs=20.0)
    assert plan.source == "as the days before"
    assert len(artefact.content["slots"]) * 120 < 1_000_000


def test_without_a_day_of_load_there_is_nothing_to_plan():
    with pytest.raises(NothingToLearnError, match="a day is needed"):
        RULE.learn(past(0.5))


def test_without_a_content_there_is_nothing_to_plan():
    history = past(2.0)
    blind = MemoryHistory(model=AREA, since=history.since, until=history.until, samples=history.samples)
    with pytest.raises(NothingToLearnError, match="content is not known"):
        RULE.learn(blind)


def test_sets_are_one_for_each_capacity():
    assert candidate_sets(read_layout(AREA)) == (
        ("c3",),
        ("c1",),
        ("c1", "c3"),
        ("c1", "c2"),
        ("c1", "c2", "c3"),
    )


def test_the_power_of_sets_rises_with_the_load_and_with_colder_water():
    plain = ways(read_layout(AREA), None, Conditions(wet_bulb=26.0, supply=(6.0, 9.0)))
    cold = ways(read_layout(AREA), None, Conditions(wet_bulb=26.0, supply=(5.0, 5.0), storing=True))
    assert plain[0] == Way()
    for one, other in zip(plain[1:], cold[1:], strict=True):
        assert one.power(one.least) < one.power(one.most)
        assert other.power(other.most) / other.most > one.power(one.most) / one.most
