"""Whatever the building, the weather and broken machines do: least times are kept, nothing runs that is not needed, frost is met."""

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.heating_plant.dispatch_state import SourceState
from policies.heating_plant.merit_order import Wanted, chosen, merit_order
from policies.heating_plant.sources import FuelPrices, priced, read_sources
from tests.policies.heating.heating_bench import TARIFF, bench
from tests.policies.snapshots import bad, snapshot

QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MINUTES = st.sampled_from([3, 7, 20, 45])
HAPPENING = st.tuples(
    st.sampled_from(["take", "outside", "tank", "alarm", "lost", "back"]),
    st.floats(0.0, 1.0),
    st.sampled_from(["ground", "air_1", "boiler"]),
    MINUTES,
)
SIGNALS = ("loop.hot_water_flow", "tank.tank_top_temp", "tank.tank_bottom_temp", "weather.outdoor_dry_bulb")


def happen(plant, what, amount, name):
    if what == "take":
        plant.take(900.0 * amount)
    elif what == "outside":
        plant.outside(-20.0 + 35.0 * amount)
    elif what == "tank":
        plant.tank(30.0 + 25.0 * amount, 28.0 + 25.0 * amount * amount, 26.0)
    elif what == "alarm":
        plant.values[f"{name}.alarm"] = amount > 0.5
    elif what == "lost":
        plant.values[SIGNALS[int(3.99 * amount)]] = bad()
    else:
        plant.outside(0.0)
        plant.take(300.0)
        plant.tank(45.0, 40.0, 35.0)


@QUICK
@given(st.lists(HAPPENING, min_size=1, max_size=6))
def test_least_times_are_kept_and_one_change_at_a_time(story):
    plant = bench(tariff=TARIFF, minimum_on=900.0, minimum_off=600.0, between=300.0)
    plant.run(60.0)
    since = dict.fromkeys([one.id for one in plant.sources()], (False, 1e9))
    for what, amount, name, minutes in story:
        happen(plant, what, amount, name)
        for _ in range(minutes):
            plant.run(60.0)
            begun = 0
            for id_, (on, held) in since.items():
                now = plant.wishes[f"{id_}.enable"].value
                forced = plant.values[f"{id_}.alarm"] or plant.state.freezing
                if now is on:
                    since[id_] = (on, held + 60.0)
                    continue
                begun += now and not plant.state.freezing
                if not forced and not plant.state.sources[id_].rest:
                    assert held + 60.0 >= (900.0 if on else 600.0), (id_, on, held)
                since[id_] = (now, 0.0)
            assert begun <= 1


@QUICK
@given(
    st.floats(-25.0, 2.9),
    st.floats(-5.0, 20.0),
    st.sampled_from([None, *SIGNALS]),
    st.sampled_from(["", "ground", "boiler"]),
)
def test_when_it_freezes_and_the_water_is_cold_something_runs(outdoor, water, lost, broken):
    plant = bench(tariff=TARIFF)
    plant.outside(outdoor)
    plant.take(300.0, supply=water)
    plant.tank(water, water, water)
    if lost:
        plant.values[lost] = bad()
    if broken:
        plant.values[f"{broken}.alarm"] = True
    assert plant.go(12)
    if water < 8.0 and lost != "weather.outdoor_dry_bulb":
        assert len(plant.on()) == 5 - bool(broken)


@given(
    st.floats(0.0, 1500.0),
    st.floats(0.0, 1500.0),
    st.floats(0.0, 1.0),
    st.floats(0.05, 3.0),
    st.sets(st.sampled_from(["ground", "air_1", "air_2", "boiler"])),
)  # fmt: skip
def test_without_the_last_source_it_would_not_be_enough(kw, fill, worth, price, running):
    plant = bench()
    picture = snapshot(plant.area, plant.values)
    sources = priced(
        read_sources(picture, 42.0, 0.0, {}, {}), FuelPrices(electricity=price, gas=0.3), 0.0, {}
    )
    states = {one.id: SourceState(on=one.id in running) for one in sources}
    order = merit_order(sources, states, behind=False, wanted_share=0.0, stays=0.08)
    wanted = Wanted(kw=kw, fill=fill, worth=worth)
    names = chosen(order, states, wanted, 0)
    able = {one.id: one for one in order}
    costs = [able[name].cost * (0.92 if states[name].on else 1.0) for name in names]
    assert all(one <= after * 1.03 for one, after in pairwise(costs))  # cheapest first
    if names:
        *others, last = names
        assert sum(able[name].capacity for name in others) < wanted.of(able[last])
    assert "heater" not in names
