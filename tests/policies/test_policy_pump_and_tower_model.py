"""policies.chiller_plant.pump_model, tower_model and optimiser_coil: pumps, towers and coils of the simulator found from readings."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from hil.library import load_tower_curve
from hil.plant.pump import GRAVITY, PumpCurve
from hil.plant.tower import Merkel, Tower
from policies.chiller_plant.optimiser_coil import CoilSide, fit_coils
from policies.chiller_plant.pump_model import (
    PressurePumps,
    PumpSample,
    SpeedPumps,
    fit_pressure_pumps,
    fit_speed_pumps,
)
from policies.chiller_plant.tower_model import AirSide, TowerModel, TowerSample, fit_tower, saturated

PUMP = PumpCurve(design_flow=80.0, design_head=25.0)
TOWERS = {
    "merkel": Merkel.for_design(flow=80.0, entering=37.0, leaving=32.0, wet_bulb=28.0),
    "york": load_tower_curve(),
}


def condenser(number: int, speed: float) -> tuple[float, float]:
    """Flow and power of all: 6 m of static lift, the rest friction in machines and common pipes."""
    static, own = 6.0 * GRAVITY, 60.0 / 80.0**2
    common = (25.0 * GRAVITY - static - 60.0) / 240.0**2
    each = (max(speed**2 * PUMP.top - static, 1.0) / (PUMP.slope + own + common * number**2)) ** 0.5
    return number * each, number * PUMP.power(each, PUMP.head(each, speed), speed)


def test_condenser_pumps_with_static_lift_are_found() -> None:
    rng = random.Random(1)
    rows = []
    for _ in range(400):
        speed, number = rng.uniform(0.6, 1.0), rng.choice((1, 2, 3))
        flow, power = condenser(number, speed)
        rows.append(
            PumpSample(
                speed=speed, running=number, flow=flow * rng.gauss(1, 0.02), power=power * rng.gauss(1, 0.01)
            )
        )
    model = fit_speed_pumps(rows, SpeedPumps(count=3, power=20.0, flow=80.0))
    for speed, number in ((0.65, 1), (0.8, 2), (1.0, 3), (0.7, 3)):
        flow, power = condenser(number, speed)
        assert number * model.each(speed, number) == pytest.approx(flow, rel=0.06)
        assert model.draws(speed, number) == pytest.approx(power, rel=0.06)
    assert model.error is not None
    assert model.error < 0.05


def test_pumps_without_enough_readings_stay_as_they_usually_are() -> None:
    start, other = SpeedPumps(count=3, power=20.0, flow=80.0), PressurePumps(count=3, power=20.0, flow=80.0)
    rows = [PumpSample(speed=0.8, running=2, flow=100.0, power=10.0)] * 10
    assert fit_speed_pumps(rows, start) == start
    assert fit_pressure_pumps(rows, other) == other
    flow_only = [
        PumpSample(speed=0.5 + 0.01 * at, running=2, flow=2.0 * at + 60.0, power=None) for at in range(50)
    ]
    found = fit_speed_pumps(flow_only, start)
    assert (found.samples, found.power) == (0, start.power)
    assert found.each(0.75, 2) == pytest.approx(55.0, rel=0.15)


def test_pumps_on_a_pressure_are_found_and_staged_by_flow() -> None:
    rng = random.Random(2)
    rows = []
    for _ in range(300):
        number = rng.choice((1, 2, 3))
        u = rng.uniform(0.4, 1.0)
        v = u * number / 3.0
        power = number * 18.0 * u * (0.3 + 0.5 * v * v + 0.2 * u * u)
        rows.append(
            PumpSample(speed=0.8, running=number, flow=number * 80.0 * u, power=power * rng.gauss(1, 0.02))
        )
    model = fit_pressure_pumps(rows, PressurePumps(count=3, power=20.0, flow=80.0))
    for number, u in ((1, 0.5), (2, 0.9), (3, 0.7)):
        v = u * number / 3.0
        truth = number * 18.0 * u * (0.3 + 0.5 * v * v + 0.2 * u * u)
        assert model.draws(number * 80.0 * u, number) == pytest.approx(truth, rel=0.08)
    assert model.draws(0.0, 1) == model.draws(50.0, 0) == 0.0
    assert [model.needed(flow) for flow in (20.0, 70.0, 80.0, 150.0, 155.0, 240.0)] == [1, 1, 2, 2, 3, 3]


def test_pumps_that_are_held_at_a_speed_never_draw_less() -> None:
    """Three pumps are kept at 25 kW for the machines' minimum flow; two of them are not."""
    rng = random.Random(4)
    rows = []
    for _ in range(300):
        number, u = rng.choice((2, 3)), rng.uniform(0.3, 1.0)
        v = u * number / 3.0
        power = number * 18.0 * u * (0.3 + 0.5 * v * v + 0.2 * u * u)
        held = max(power, 25.0) if number == 3 else power
        rows.append(
            PumpSample(speed=0.8, running=number, flow=number * 80.0 * u, power=held * rng.gauss(1, 0.01))
        )
    model = fit_pressure_pumps(rows, PressurePumps(count=3, power=20.0, flow=80.0))
    assert model.draws(70.0, 3) == pytest.approx(25.0, rel=0.05)
    assert model.draws(70.0, 2) < 0.6 * 25.0
    assert model.draws(230.0, 3) > 45.0
    assert len(model.floors) == 3


@pytest.mark.parametrize("kind", TOWERS)
def test_towers_are_found_from_readings_whatever_their_own_equation(kind: str) -> None:
    cell = Tower(model=TOWERS[kind], design_flow=80.0, fan_power=12.0)
    rng = random.Random(3)

    def places(number: int) -> list[tuple[float, float, float, float]]:
        wet = [rng.uniform(18.0, 26.5) for _ in range(number)]
        return [
            (hot, rng.uniform(48.0, 80.0), one, rng.uniform(0.4, 1.0))
            for one in wet
            for hot in [one + rng.uniform(6.0, 12.0)]
        ]

    rows = []
    for hot, flow, wet, fan in places(500):
        now = cell.point(hot, flow, wet, fan)
        rows.append(
            TowerSample(
                hot=hot + rng.gauss(0, 0.1), cold=now.leaving + rng.gauss(0, 0.1), wet_bulb=wet + rng.gauss(0, 0.2),
                flow=3.0 * flow, speed=fan, cells=3, power=3.0 * now.fan_power,
            )
        )  # fmt: skip
    model = fit_tower(rows, TowerModel(count=3, flow=80.0, power=9.0))
    off = []
    for hot, flow, wet, fan in places(200):
        now = cell.point(hot, flow, wet, fan)
        told = model.cold(AirSide(wet), 3.0 * now.rejected, 3.0 * flow, fan, 3, now.leaving + 1.0)
        off.append(told - now.leaving)
    assert sum(abs(one) for one in off) / len(off) < 0.35
    assert max(map(abs, off)) < 1.5
    assert model.draws(0.5, 3) == pytest.approx(3.0 * 12.0 * 0.125, rel=0.03)


def test_towers_that_tell_nothing_leave_the_usual_ones() -> None:
    start = TowerModel(count=2, flow=80.0, power=9.0)
    still = TowerSample(hot=30.0, cold=30.0, wet_bulb=29.9, flow=100.0, speed=0.5, cells=2)
    assert fit_tower([still] * 200, start) == start
    assert fit_tower([replace(still, flow=0.0)] * 200, start) == start


def test_air_is_followed_closely_and_never_below_the_wet_bulb() -> None:
    air = AirSide(24.0)
    for temperature in (24.0, 27.0, 31.0, 36.0, 43.0):
        assert air.enthalpy(temperature) == pytest.approx(saturated(temperature), abs=0.4)
        assert air.temperature(saturated(temperature)) == pytest.approx(temperature, abs=0.12)
    model = TowerModel(count=1, flow=80.0, power=9.0)
    assert model.cold(air, 1.0, 80.0, 1.0, 1, 25.0) >= 24.0
    assert model.cold(air, 50_000.0, 20.0, 0.1, 1, 30.0) > 43.0


def test_coils_ask_for_more_water_when_it_is_warmer() -> None:
    rng = random.Random(4)
    rows = []
    for _ in range(400):
        q, supply = rng.uniform(0.2, 1.0), rng.uniform(6.0, 11.0)
        rows.append((q * 3000.0, supply, 12.5 - 1.0 * q + 0.3 * (supply - 7.0) + rng.gauss(0, 0.2)))
    model = fit_coils(rows, CoilSide(design=3000.0))
    assert (model.a, model.b, model.c) == pytest.approx((12.5, -1.0, 0.3), abs=0.12)
    flows = [model.flow(1500.0, supply) for supply in (6.0, 8.0, 10.0)]
    assert flows == sorted(flows)
    assert model.back(3000.0, 40.0) == 41.5
    assert fit_coils(rows[:20], CoilSide(design=3000.0)) == CoilSide(design=3000.0)
