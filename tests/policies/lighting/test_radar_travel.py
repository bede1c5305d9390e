"""Light that runs ahead: timed by the measured pace, in the direction of travel, with nobody left out on a side."""

from __future__ import annotations

import pytest

from policies.lighting.radar_map import lamp_map
from tests.policies.lighting.garage_bench import after, garage, garage_model, lit, seen
from tests.policies.snapshots import machine, model

TICK = 0.1


def enter(bench, *rows):
    """Rows of (seconds, groups)."""
    for seconds, *groups in rows:
        after(bench, seconds, *groups)


def test_dead_ends_and_ways_follow_from_who_is_next_to_whom():
    plan = lamp_map(garage_model())
    ends = {one for one, dead in zip(plan.ids, plan.dead_end, strict=True) if dead}
    assert ends == {"ramp", "bays", "stairs"}
    lane = plan.places["lane_3"]
    assert [plan.ids[n] for n in plan.ends[lane]] == ["bays"]
    assert {plan.ids[n] for n in plan.ways[lane]} == {"lane_2", "lane_4"}
    assert plan.beyond[lane][plan.places["lane_2"]] == (plan.places["lane_4"],)
    assert lamp_map(garage_model()) is not plan
    model = garage_model()
    assert lamp_map(model) is lamp_map(model)


def test_what_lies_at_the_end_where_somebody_came_in_is_behind_him():
    """A junction: three lanes and stairs meet in one point; who comes from one into another leaves two behind."""
    roles = ("presence", "lamp_level")
    plan = lamp_map(
        model(
            machine("a", "lamp_group", roles, next_to=("b", "c", "stairs")),
            machine("b", "lamp_group", roles, next_to=("c", "stairs", "beyond")),
            machine("c", "lamp_group", roles, next_to=("stairs",)),
            machine("stairs", "lamp_group", roles),
            machine("beyond", "lamp_group", roles, next_to=("far",)),
            machine("far", "lamp_group", roles),
        )
    )
    place = plan.places
    assert plan.dead_end[place["stairs"]]
    assert plan.beyond[place["b"]][place["a"]] == (place["beyond"],)


@pytest.mark.parametrize(("seconds", "due"), [(4.0, 0.0), (13.0, 7.4)], ids=["car", "on foot"])
def test_the_next_lane_is_lit_three_seconds_before_somebody_reaches_it(seconds, due):
    """16 m in so many seconds; a sensor that missed him may have told of him when a fifth of it was behind him."""
    bench = garage(tick=TICK)
    enter(bench, (seconds, "lane_1"), (seconds, "lane_1", "lane_2"))
    seen(bench, "lane_2", "lane_3")
    lit_after = None
    for step in range(200):
        bench.run(TICK)
        if "lane_4" in lit(bench):
            lit_after = step * TICK
            break
    assert lit_after == pytest.approx(due, abs=2.5 * TICK)


def test_the_reason_names_who_comes_from_where_and_when():
    bench = garage(tick=TICK)
    enter(bench, (4, "lane_1"), (4, "lane_1", "lane_2"), (1, "lane_2", "lane_3"))
    assert bench.reason("lane_4.lamp_level") == "lane 4: car from lane 3 expected in 2 s"
    assert bench.reason("lane_3.lamp_level") == "lane 3: car from lane 2"
    assert bench.reason("bays.lamp_level") == "bays: car in lane 3 may come in"
    assert bench.reason("ramp.lamp_level") == "ramp: nobody here or on the way; dimmed to 10 %"


def test_without_a_pace_both_sides_are_lit_at_once():
    bench = garage(tick=TICK)
    enter(bench, (5, "bays"), (TICK, "bays", "lane_3"))
    assert set(lit(bench)) >= {"lane_2", "lane_4"}
    assert bench.reason("lane_2.lamp_level") == "lane 2: somebody from lane 3 expected now"


def test_somebody_on_either_side_leaves_no_direction_dark():
    bench = garage(tick=TICK)
    enter(bench, (4, "lane_2"), (1, "lane_2", "lane_4"), (TICK, "lane_2", "lane_3", "lane_4"))
    assert set(lit(bench)) >= {"lane_2", "lane_3", "lane_4", "bays"}
    assert bench.state.groups["lane_3"].origin == ""


def test_a_second_one_who_comes_out_of_the_bays_is_not_taken_for_the_first():
    """On foot from lane 2 through lane 3; meanwhile somebody appears in the bays, who may go back to lane 2."""
    bench = garage(tick=TICK)
    enter(bench, (13, "lane_1"), (13, "lane_1", "lane_2"), (3, "lane_2", "lane_3"), (3, "lane_3"))
    assert "lane_2" not in lit(bench)
    enter(bench, (TICK, "lane_3", "bays"))
    assert set(lit(bench)) >= {"lane_2", "lane_4"}


def test_a_car_that_drives_past_the_bays_or_into_them_keeps_its_direction_but_one_that_starts_there_has_none():
    bench = garage(tick=TICK)
    enter(bench, (4, "lane_1"), (4, "lane_1", "lane_2"), (3, "lane_2", "lane_3"), (2.5, "lane_3", "bays"))
    assert "lane_2" not in lit(bench)
    enter(bench, (3.2, "lane_3", "bays"))
    assert "lane_2" not in lit(bench), "nobody drives past for six seconds: the car that came is parking"
    enter(bench, (27, "lane_3", "bays"))
    assert "lane_2" in lit(bench), "nor does anybody park for half a minute"
    started = garage(tick=TICK)
    enter(started, (TICK, "bays"), (5.8, "lane_3", "bays"))
    assert "lane_2" in lit(started)


def test_who_comes_from_the_other_side_while_a_car_parks_is_another():
    bench = garage(tick=TICK)
    enter(bench, (4, "lane_1"), (4, "lane_1", "lane_2"), (1, "lane_2", "lane_3"), (8, "lane_3", "bays"))
    assert "lane_2" not in lit(bench)
    enter(bench, (TICK, "lane_3", "bays", "lane_4"))
    assert "lane_2" in lit(bench), "the car is in the bays: it is not the one in lane 4"


def test_a_flicker_of_the_radar_is_no_new_visit():
    bench = garage(tick=TICK)
    enter(bench, (4, "lane_1"), (4, "lane_1", "lane_2"), (1, "lane_2", "lane_3"))
    before = bench.state.groups["lane_3"]
    enter(bench, (0.5, "lane_2"), (TICK, "lane_2", "lane_3"))
    again = bench.state.groups["lane_3"]
    assert (again.rose, again.origin, again.pace) == (before.rose, before.origin, before.pace)


def test_who_overtakes_is_not_given_the_pace_of_whom_he_overtakes():
    """Somebody stands in lane 2 for a while; another drives in from lane 1 and on into lane 3: his pace is not known."""
    bench = garage(tick=TICK)
    enter(bench, (4, "lane_1"), (1, "lane_1", "lane_2"), (20, "lane_2"), (4, "lane_2", "lane_1"))
    enter(bench, (TICK, "lane_2", "lane_1", "lane_3"))
    assert bench.state.groups["lane_3"].pace == 0.0
    assert "lane_4" in lit(bench)


def test_somebody_who_comes_to_meet_another_finds_light_behind_him():
    """One walks from lane 1 through lane 2; half-way through lane 3 another comes into view in lane 4."""
    bench = garage(tick=TICK)
    enter(bench, (13, "lane_1"), (13, "lane_1", "lane_2"), (3, "lane_2", "lane_3"), (3, "lane_3"))
    assert "lane_2" not in lit(bench)
    enter(bench, (TICK, "lane_3", "lane_4"))
    assert bench.state.groups["lane_3"].mixed is True
    assert "lane_2" in lit(bench)


def test_who_stays_longer_than_the_one_before_him_is_another():
    """One drives on into lane 4; nine seconds later lane 3 still sees somebody, who may go anywhere."""
    bench = garage(tick=TICK)
    enter(bench, (4, "lane_1"), (4, "lane_1", "lane_2"), (4, "lane_2", "lane_3"), (8, "lane_3", "lane_4"))
    assert "lane_2" not in lit(bench)
    enter(bench, (1, "lane_3"))
    assert "lane_2" in lit(bench)
