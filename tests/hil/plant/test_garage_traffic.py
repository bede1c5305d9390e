"""Cars and people: the right number at the right hours, on real ways at real speeds, always the same for a seed."""

from datetime import date
from itertools import pairwise
from random import Random

import pytest

from hil.plant.garage_map import GarageMap, GroupKind, LampPlan
from hil.plant.garage_routes import Network
from hil.plant.garage_sites import HallDesign, hall_map
from hil.plant.radar import RadarDesign, RadarField, chord, merged
from hil.plant.traffic import ARRIVALS, Traffic, TrafficDesign
from hil.plant.walkers import driving, walking

HALL = hall_map(HallDesign())
NET = Network(HALL)
MONDAY, SUNDAY = date(2026, 7, 13), date(2026, 7, 12)
NAMES = [group.name for group in HALL.groups]


def test_the_shortest_way_passes_the_groups_in_order() -> None:
    bay = HALL.groups[NAMES.index("bays_3_2_n")].stations(6)[0]
    route = NET.route(HALL.gates[0], bay, on_foot=False)
    assert [NAMES[group] for group, _, _ in route.crossings] == [
        "ramp_1", "ramp_2", "west_1", "west_2", "aisle_3_1", "aisle_3_2", "bays_3_2_n",
    ]  # fmt: skip
    # 40 m of ramp, two pitches up, 16 m and a bit along the aisle, half a lane and half a bay across
    assert route.length == pytest.approx(40.0 + 2 * 16.6 + 16.0 + 16.0 / 12.0 + 5.65)
    back = NET.route(bay, HALL.gates[0], on_foot=False)
    assert [group for group, _, _ in back.crossings] == [group for group, _, _ in route.crossings][::-1]
    assert back.length == pytest.approx(route.length)


def test_cars_take_no_stairs_and_people_do() -> None:
    bay = NET.bays[0][1]
    with pytest.raises(ValueError, match="no way"):
        NET.route(HALL.doors[0], bay, on_foot=False)
    walk = NET.route(HALL.doors[0], bay, on_foot=True)
    assert HALL.groups[walk.crossings[0][0]].kind is GroupKind.STAIRS


def test_every_bay_of_every_map_can_be_reached() -> None:
    small = hall_map(HallDesign(aisles=2, pieces=3, lamps=3, ramp_pieces=3))
    net = Network(small)
    assert len(net.bays) == sum(group.bays for group in small.groups)
    for _, bay in net.bays:
        assert net.route(small.gates[0], bay, on_foot=False).length > small.groups[0].length
    assert "aisle_1_2" in small.next_to("aisle_1_1")
    assert small.next_to("bays_1_2_n") == ("aisle_1_2",)


def test_two_groups_of_one_name_are_refused() -> None:
    plan = LampPlan(name="a", kind=GroupKind.AISLE, path=((0.0, 0.0), (1.0, 0.0)), lamps=())
    with pytest.raises(ValueError, match="same name"):
        GarageMap(groups=(plan, plan), gates=(), doors=())


def test_a_movement_is_exact_both_ways() -> None:
    route = NET.route(HALL.gates[0], NET.bays[17][1], on_foot=False)
    for movement in (driving(route, 100.0, 3.0, 12.0), driving(route, 100.0, 3.0, 12.0, outward=True), walking(route, 100.0, 1.2)):  # fmt: skip
        for metres in (0.0, 1.0, 6.0, 40.0, route.length - 1.0, route.length):
            assert movement.metres_at(movement.time_at(metres)) == pytest.approx(metres)
        visits = list(movement.visits())
        assert visits[0][1] == 100.0
        assert visits[-1][2] == pytest.approx(movement.ends)
        assert all(one[2] == other[1] for one, other in pairwise(visits)), "no gap"
    assert driving(route, 0.0, 3.0, 12.0).ends == pytest.approx((route.length - 5.0) / 3.0 + 12.0)


@pytest.mark.parametrize("cars", [300.0, 600.0])
def test_as_many_come_as_were_ordered_and_at_the_right_hours(cars: float) -> None:
    traffic = Traffic(TrafficDesign(cars=cars, wanderers=0.0), HALL, seed=3)
    days = [traffic.movements(date(2026, 6, 1 + n)) for n in range(5)]
    drives = [[one for one in day if one.car] for day in days]
    mean = sum(map(len, drives)) / 5
    assert mean == pytest.approx(2 * cars, abs=3.0 * (2 * cars / 5) ** 0.5)  # three standard deviations
    in_by_hour = [0] * 24
    for day in drives:
        for one in day:
            if HALL.groups[one.route.pieces[0].group].kind is GroupKind.RAMP:
                in_by_hour[int(one.starts // 3600) % 24] += 1
    expected = [5 * cars * share / sum(ARRIVALS) for share in ARRIVALS]
    chi2 = sum((seen - wanted) ** 2 / wanted for seen, wanted in zip(in_by_hour, expected, strict=True))
    assert chi2 < 51.2  # 99.9 % of 24 degrees of freedom
    speeds = [route_speed(one) for day in drives for one in day]
    assert 10.0 / 3.6 - 0.01 <= min(speeds) <= max(speeds) <= 15.0 / 3.6 + 0.01


def route_speed(one: object) -> float:
    knots = one.knots  # type: ignore[attr-defined]
    return max((b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise(knots))


def test_every_driver_walks_and_walks_at_walking_pace() -> None:
    traffic = Traffic(TrafficDesign(wanderers=0.0), HALL, seed=1)
    moves = traffic.movements(MONDAY)
    walks = [one for one in moves if not one.car]
    assert len(walks) * 2 == len(moves)
    assert all(1.0 <= one.route.length / (one.ends - one.starts) <= 1.4 for one in walks)


def test_days_differ_by_kind_date_and_seed_alone() -> None:
    def starts(seed: int, day: date, **changes: object) -> list[float]:
        design = TrafficDesign(**changes)  # type: ignore[arg-type]
        return [one.starts for one in Traffic(design, HALL, seed).movements(day)]

    assert starts(1, MONDAY) == starts(1, MONDAY)
    assert starts(1, MONDAY) != starts(2, MONDAY)
    assert starts(1, MONDAY) != starts(1, date(2026, 7, 14))
    quiet = TrafficDesign(holidays=frozenset({MONDAY}), worked=frozenset({SUNDAY}))
    assert not quiet.works(MONDAY)
    assert quiet.works(SUNDAY)
    assert not TrafficDesign().works(SUNDAY)
    assert len(starts(1, SUNDAY)) < len(starts(1, MONDAY))


def test_a_chord_is_what_geometry_says() -> None:
    route = NET.route(HALL.gates[0], NET.bays[17][1], on_foot=False)
    first = route.pieces[0]  # 20 m straight along y = 0 from x = -40
    assert chord(first, (-30.0, 3.0), 5.0) == pytest.approx((6.0, 14.0))
    assert chord(first, (-40.0, 0.0), 5.0) == pytest.approx((0.0, 5.0))
    assert chord(first, (-30.0, 5.1), 5.0) is None
    assert merged([(5.0, 6.0), (1.0, 3.0), (2.0, 4.0)]) == [(1.0, 4.0), (5.0, 6.0)]


def test_a_sensor_in_each_lamp_sees_a_walk_without_a_gap_and_a_lone_one_does_not() -> None:
    route = NET.route(HALL.doors[0], NET.bays[100][1], on_foot=True)
    nobody_errs = RadarDesign(misses=0.0)
    field = RadarField(HALL, nobody_errs, 1)
    seen = {group: (near, far) for group, near, far in field.sightings(route, Random(1), car=False)}
    for group, near, far in route.crossings:
        assert seen[group][0] <= near + 1.0, "seen as soon as inside"
        assert seen[group][1] >= far - 1.0
    lone = RadarField(HALL, RadarDesign(misses=0.0, spacing=20.0), 1)
    late = {group: near for group, near, _ in lone.sightings(route, Random(1), car=False)}
    lane = route.crossings[2]
    assert late[lane[0]] > lane[1] + 1.0, "one sensor in the middle sees people only when they are near it"
    assert RadarDesign().radius(HALL.groups[0], car=False) == pytest.approx(4.99, abs=0.01)
    assert RadarDesign().radius(HALL.groups[0], car=True) == pytest.approx(1.3 * 4.99, abs=0.02)


def test_misses_hit_the_share_that_was_ordered() -> None:
    route = NET.route(HALL.doors[0], NET.bays[100][1], on_foot=True)
    lone = RadarDesign(misses=0.02, spacing=20.0)  # one sensor a group: a miss is a whole visit
    field, random = RadarField(HALL, lone, 1), Random(5)
    groups = len({group for group, _, _ in RadarField(HALL, RadarDesign(misses=0.0, spacing=20.0), 1).sightings(route, random, car=False)})  # fmt: skip
    seen = sum(len({group for group, _, _ in field.sightings(route, random, car=False)}) for _ in range(2000))
    assert 1.0 - seen / (2000 * groups) == pytest.approx(0.02, abs=0.004)


def test_dead_sensors_are_gone_for_good() -> None:
    field = RadarField(HALL, RadarDesign(dead=0.01), 1)
    assert sum(map(len, field.places)) == 458 - 5
    assert field.places == RadarField(HALL, RadarDesign(dead=0.01), 1).places
