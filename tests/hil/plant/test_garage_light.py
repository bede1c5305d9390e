"""Light on a floor against the books: cosine law, form factors, flux balance, and what was measured in real garages."""

from math import atan, log, pi, sqrt
from statistics import fmean

import pytest

from hil.plant.garage_map import GarageMap, GroupKind, LampPlan
from hil.plant.garage_sites import HallDesign, hall_map
from hil.plant.lamp import LED_16W, TUBE_18W, Lamp, Lamps
from hil.plant.lighting_map import LightMap, Surroundings, direct, reflected

HALL = hall_map(HallDesign())
LANES = [n for n, group in enumerate(HALL.groups) if group.kind in (GroupKind.AISLE, GroupKind.CROSSING)]


def test_inverse_square_and_cosine_law() -> None:
    # textbook: 1,000 cd straight down from 3 m is 111 lx; at 45 degrees a Lambertian lamp gives cos^4 = a quarter of it
    flux = 1000.0 * pi
    assert direct(flux, 3.0, 0.0) == pytest.approx(1000.0 / 9.0)
    assert direct(flux, 3.0, 3.0) == pytest.approx(0.25 * 1000.0 / 9.0)


def form_factor(long: float, wide: float, apart: float) -> float:
    """Aligned parallel rectangles (Howell, catalogue of configuration factors, C-11)."""
    x, y = long / apart, wide / apart
    first = log(sqrt((1 + x * x) * (1 + y * y) / (1 + x * x + y * y)))
    second = x * sqrt(1 + y * y) * atan(x / sqrt(1 + y * y))
    third = y * sqrt(1 + x * x) * atan(y / sqrt(1 + x * x))
    return 2 / (pi * x * y) * (first + second + third - x * atan(x) - y * atan(y))


def test_a_ceiling_full_of_lamps_meets_the_lumen_method() -> None:
    # 20 x 10 m, 3 m high: flux times form factor over area is the mean direct illuminance of evenly spread lamps
    lamps = [(0.5 + x, 0.5 + y) for x in range(20) for y in range(10)]
    spots = [(0.25 + 0.5 * x, 0.25 + 0.5 * y) for x in range(40) for y in range(20)]
    mean = fmean(
        sum(direct(100.0, 3.0, sqrt((x - a) ** 2 + (y - b) ** 2)) for a, b in lamps) for x, y in spots
    )
    assert mean == pytest.approx(100.0 * 200 / 200.0 * form_factor(20.0, 10.0, 3.0), rel=0.01)
    assert form_factor(1.0, 1.0, 1.0) == pytest.approx(0.1998, abs=1e-4)  # the catalogue's cube


def test_an_endless_row_of_lamps_gives_flux_over_two_spacings_and_heights() -> None:
    # integral of h2/pi/(h2+x2)2 over a line: flux / (2 spacing height)
    row = tuple((4.0 * n + 2.0, 0.0) for n in range(100))
    plan = LampPlan(name="lane", kind=GroupKind.AISLE, path=((180.0, 0.0), (220.0, 0.0)), lamps=row)
    light = LightMap(GarageMap(groups=(plan,), gates=(), doors=()), 1000.0, Surroundings(reflectance=0.0))
    assert light.average(0, [1.0]) == pytest.approx(0.8 * 1000.0 / (2 * 4.0 * 2.6), rel=0.005)
    assert light.worst(0, [1.0]) < light.average(0, [1.0])


def test_reflected_light_is_sumpners_and_no_more_than_there_is() -> None:
    plan = LampPlan(name="x", kind=GroupKind.AISLE, path=((0.0, 0.0), (10.0, 0.0)), lamps=(), mounting=2.5)
    assert reflected(3000.0, plan, 0.25) == pytest.approx(3000.0 / (120.0 + 80.0) / 3.0)


def test_light_adds_up_and_walls_keep_it_out() -> None:
    light = LightMap(HALL, LED_16W.flux)
    names = [group.name for group in HALL.groups]
    stairs, lane = names.index("stairs_nw"), names.index("aisle_3_2")
    half = [0.5] * len(names)
    assert light.average(lane, half) == pytest.approx(0.5 * light.average(lane, [1.0] * len(names)))
    only = [1.0 if n == stairs else 0.0 for n in range(len(names))]
    rest = [1.0 - share for share in only]
    assert light.average(stairs, rest) == 0.0
    assert light.average(names.index("west_7"), only) == 0.0
    assert {n for n, _ in light.reached[lane]} == {g for g, row in enumerate(light.mean) if lane in dict(row)}


def test_the_garage_is_pinned_at_both_ends_of_the_acceptance_report() -> None:
    # reported: 58.9 lx under tubes that all burn; 75.8 lx afterwards, one group lit; within 5 %
    full = [1.0] * len(HALL.groups)
    before = LightMap(HALL, TUBE_18W.flux)
    assert fmean(before.average(n, full) for n in LANES) == pytest.approx(58.9, rel=0.05)
    after = LightMap(HALL, LED_16W.flux)
    alone = {
        group: after.average(group, [1.0 if n == group else 0.05 for n in range(len(full))])
        for group in range(len(full))
    }
    assert fmean(alone[n] for n in LANES) == pytest.approx(75.8, rel=0.05)
    assert min(alone.values()) > 65.0, "no group needs its neighbour's light"
    assert HALL.lamp_count == 458
    assert 24.0 * TUBE_18W.full * HALL.lamp_count / 1e3 == pytest.approx(276.03, rel=0.001)


@pytest.mark.parametrize(("light", "efficiency"), [(1.0, 0.87), (0.5, 0.85), (0.1, 0.71), (0.05, 0.59)])
def test_the_lamp_is_a_driver_with_a_fixed_loss(light: float, efficiency: float) -> None:
    # share of the input that reaches LEDs which take 0.87 of 16 W at full light
    assert 0.87 * 16.0 * light / LED_16W.power(light) == pytest.approx(efficiency, abs=0.02)
    assert LED_16W.power(0.0) <= 0.5  # networked standby, Regulation (EU) 2019/2020


def test_a_fade_takes_its_time_and_its_energy_whatever_the_step() -> None:
    lamp = Lamp(full=10.0, flux=1.0, standby=1.0, fade=2.0)
    one, many = Lamps(lamp, 100), Lamps(lamp, 100)
    for lamps in (one, many):
        lamps.ask(20.0)
        assert lamps.settling == pytest.approx(1.6)
    whole = one.step(10.0)
    assert whole == pytest.approx(sum(many.step(0.1) for _ in range(100)), rel=1e-9)
    # 1.6 s from 1.0 kW to 0.28 kW, then 8.4 s at 0.28 kW
    assert whole == pytest.approx((1.6 * 0.64 + 8.4 * 0.28) / 3600.0)
    assert one.light == many.light == 0.2


def test_tubes_know_only_on_and_off() -> None:
    tubes = Lamps(TUBE_18W, 10)
    tubes.ask(10.0)
    assert tubes.power == pytest.approx(0.251)
    tubes.ask(0.0)
    assert tubes.power == 0.0
    lamps = Lamps(LED_16W, 10)
    lamps.failed = 0.5
    assert (lamps.power, lamps.output) == (pytest.approx(0.08), 0.5)
