"""The data hall: its design point, its balance, and the same heat at any step."""

import pytest

from hil.plant.data_hall import DataHalls, HallDesign
from hil.plant.load import Outdoors
from hil.plant.variables import LITRE_MASS, WATER_CP
from hil.plant.weather import Weather

DESIGN = HallDesign(name="hall_1", load=1000.0)
MILD = Outdoors(0.0, Weather(20.0, 10.0, 50.0, 0.0, 14.0))


def halls(share=1.0):
    return DataHalls([DESIGN], lambda _utc: share)


def run(one: DataHalls, hours: float, dt: float = 60.0, supply: float = 15.0, inputs=None):
    """Water as the valve asks, linear in its opening; the mean of heat taken in the last hour, kW."""
    taken = []
    for _ in range(round(hours * 3600.0 / dt)):
        opening = one.openings(dt, inputs or {}, MILD, [100.0])[0]
        flow = opening * one.branches[0].flow
        taken += one.absorb(dt, supply, [flow])
    last = taken[-round(3600.0 / dt) :]
    return sum(last) / len(last)


def test_at_design_the_coil_supplies_23_degrees_from_35():
    one = halls()
    heat = run(one, 12.0)
    outputs = one.outputs()
    fans = DESIGN.fan * DESIGN.load
    assert heat == pytest.approx(1000.0 + fans, rel=0.01)
    assert outputs["hall_1.zone_temp"] == pytest.approx(23.0, abs=0.3)
    # a fifth more air than the load needs: the rise is 12 K / 1.2
    assert float(outputs["hall_1.return_air_temp"]) - float(outputs["hall_1.zone_temp"]) == pytest.approx(
        10.0, abs=0.2
    )


def test_conductance_is_that_of_the_logarithmic_mean_difference():
    # 35 -> 23 degC against 21 <- 15: 14 K at one end, 8 at the other, mean 10.72 K (Incropera, chapter 11)
    assert pytest.approx(1.2 * 1035.0 / 10.722, rel=1e-3) == DESIGN.conductance
    assert pytest.approx(1035.0 / (6.0 * WATER_CP * LITRE_MASS)) == DESIGN.water


@pytest.mark.parametrize("dt", [10.0, 60.0])
def test_no_heat_is_lost(dt):
    one = halls(0.6)
    before = one.stored()["hall_1.air"]
    taken = 0.0
    for _ in range(round(6 * 3600.0 / dt)):
        opening = one.openings(dt, {}, MILD, [100.0])[0]
        taken += sum(one.absorb(dt, 15.0, [opening * one.branches[0].flow])) * dt / 3600.0
    made = 6.0 * (600.0 + DESIGN.fan * DESIGN.load)
    assert taken - made == pytest.approx(one.stored()["hall_1.air"] - before, abs=0.01 * made)


def test_no_water_no_cooling_and_the_hot_seconds_count():
    one = halls()
    run(one, 3.0)
    cool = one.hot_seconds
    for _ in range(10):
        one.openings(60.0, {}, MILD, [0.0])
        assert one.absorb(60.0, 15.0, [0.0]) == [0.0]
    # 1,035 kW into 10 kWh/K: 17 K in ten minutes
    assert one.outputs()["hall_1.zone_temp"] == pytest.approx(33.0 + 17.25, abs=1.0)
    assert one.hot_seconds - cool == pytest.approx(600.0)


def test_a_warmer_setpoint_needs_less_water():
    cold, warm = halls(0.8), halls(0.8)
    run(cold, 6.0)
    run(warm, 6.0, inputs={"hall_1.zone_setpoint": 25.0})
    assert (
        warm.openings(60.0, {"hall_1.zone_setpoint": 25.0}, MILD, [1.0])[0]
        < cold.openings(60.0, {}, MILD, [1.0])[0]
    )
    assert warm.commands() == ["hall_1.zone_setpoint"]
