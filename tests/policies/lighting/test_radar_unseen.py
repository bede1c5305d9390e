"""Two who look like one, sensors that missed somebody twice, and what is known of a pace: in doubt there is light."""

from __future__ import annotations

import pytest

from policies.lighting.radar import Radar
from tests.policies.lighting.garage_bench import LENGTH, NEIGHBOURS, after, garage, garage_model, lit, seen
from tests.policies.lighting.test_radar_junction import junction, walk
from tests.policies.snapshots import Bench, machine, model

TICK = 0.1
ON_FOOT = ((13, "lane_1"), (13, "lane_1", "lane_2"))


def enter(bench, *rows):
    for seconds, *groups in rows:
        after(bench, seconds, *groups)


def pace(bench, group):
    return bench.state.groups[group].pace


@pytest.mark.parametrize(("seconds", "due"), [(4.0, 0.95), (13.0, 9.0)], ids=["car", "on foot"])
def test_the_time_ahead_counts_from_the_edge_where_it_is_known_how_far_radars_see(seconds, due):
    bench = garage(tick=TICK, sight=2.5)
    enter(bench, (seconds, "lane_1"), (seconds, "lane_1", "lane_2"))
    seen(bench, "lane_2", "lane_3")
    steps = 0
    while "lane_4" not in lit(bench):
        bench.run(TICK)
        steps += 1
    assert steps * TICK == pytest.approx(due, abs=2.5 * TICK)


def test_a_sensor_that_sees_him_late_does_not_make_him_much_slower():
    bench = garage(tick=TICK)
    enter(bench, *ON_FOOT, (16, "lane_2", "lane_3"), (TICK, "lane_3", "lane_4"))
    assert pace(bench, "lane_3") == pytest.approx(LENGTH / 13.0, rel=0.02)
    assert pace(bench, "lane_4") == pytest.approx(0.9 * LENGTH / 13.0, rel=0.02)


@pytest.mark.parametrize(
    ("doors", "seconds", "known"), [(("ramp",), 13.0, 1.23), ((), 13.0, 0.0), (("ramp",), 4.0, 0.0)]
)
def test_who_comes_through_a_door_has_a_pace_after_one_lane_unless_he_may_drive(doors, seconds, known):
    """The door may lie half way along the lane: what looks like a car may be somebody on foot."""
    bench = garage(tick=700.0, entrances=doors, started=False)
    bench.run(1400)
    bench.area = garage_model(tick=TICK)
    enter(bench, (2, "ramp"), (seconds, "ramp", "lane_1"), (TICK, "lane_1", "lane_2"))
    assert pace(bench, "lane_2") == pytest.approx(known, rel=0.02)


def test_the_bays_next_door_are_lit_for_who_was_lost_before_them():
    bench = garage(tick=TICK)
    enter(bench, *ON_FOOT, (1, "lane_2"), (TICK,))
    assert {"lane_1", "lane_2", "lane_3", "bays", "ramp"} == set(lit(bench))
    bench.run(12.2)
    assert {"lane_1", "lane_2", "lane_3"} == set(lit(bench))


def test_who_has_no_pace_is_overdue_when_somebody_on_foot_would_be():
    bench = garage(tick=TICK)
    enter(bench, (3, "bays"), (5, "bays", "lane_3"), (4, "lane_3"), (11, "lane_3", "lane_2"))
    assert pace(bench, "lane_2") == 0.0
    assert "ramp" not in lit(bench)
    enter(bench, (1.5, "lane_2", "lane_3"))
    assert bench.reason("ramp.lamp_level").startswith("ramp: somebody from lane 2 should be next door")


def test_nobody_is_at_both_ends_of_a_lane_at_once():
    bench = garage(tick=TICK)
    enter(bench, *ON_FOOT, (TICK, "lane_2", "lane_3", "lane_4"))
    assert bench.state.groups["lane_3"].mixed is True


def test_bays_do_not_see_who_walks_past_them():
    bench = garage(tick=TICK)
    enter(bench, *ON_FOOT, (1, "lane_2", "lane_3"), (TICK, "lane_2", "lane_3", "bays"))
    assert bench.state.groups["lane_3"].mixed is True


def test_who_comes_out_of_the_bays_in_a_flicker_is_another():
    bench = garage(tick=TICK)
    enter(bench, (4, "lane_1"), (4, "lane_1", "lane_2"), (2.5, "lane_2", "lane_3"), (TICK, "bays", "lane_2"))
    enter(bench, (0.5, "bays"), (TICK, "bays", "lane_3"))
    assert "lane_2" in lit(bench)


def test_whoever_goes_to_the_bays_on_foot_is_not_waited_for_as_if_he_had_parked():
    bench = garage(tick=TICK)
    enter(bench, *ON_FOOT, (8, "lane_2", "lane_3"), (5, "lane_3", "bays"), (3, "bays"), (9.8,))
    assert "bays" in lit(bench)
    after(bench, 0.4)
    assert "bays" not in lit(bench)


def test_who_came_out_of_his_car_and_was_missed_on_the_lane_has_light_there():
    bench = garage(tick=TICK)
    enter(bench, (6, "bays"), (TICK,))
    assert bench.reason("lane_3.lamp_level").startswith("lane 3: somebody was lost next door in bays")
    bench.run(12.2)
    assert set(lit(bench)) == {"bays"}
    enter(bench, (70,), (13, "lane_2"), (3, "lane_2", "lane_3"), (3, "lane_3", "bays"), (6, "bays"), (TICK,))
    assert set(lit(bench)) == {"bays"}, "he went in there"


def test_who_comes_out_of_the_bays_has_light_at_both_ends_though_his_pace_is_known():
    """He may begin close to either end."""
    bench = garage(tick=TICK)
    enter(
        bench, *ON_FOOT, (8, "lane_2", "lane_3"), (5, "lane_3", "bays"), (2, "bays"), (TICK, "bays", "lane_3")
    )
    assert pace(bench, "lane_3") > 0.0
    enter(bench, (1, "lane_3"))
    assert {"lane_2", "lane_4"} <= set(lit(bench))


def test_a_car_that_starts_beside_one_that_drove_past_may_go_either_way():
    """The lane sees somebody all the time: first the one who drove in, then the one who comes out of his bay."""
    bench = garage(tick=TICK)
    enter(bench, (4, "lane_1"), (4, "lane_1", "lane_2"), (4, "lane_2", "lane_3"), (TICK, "lane_3", "bays"))
    assert "lane_2" in lit(bench)


def test_a_way_that_was_looked_at_before_he_can_have_been_there_stays_lit():
    """A car shows in west 3 for a moment just after he came; later the radar of the aisle looks across the junction."""
    bench = junction()
    walk(bench, (12.0, "west_1"), (1.0, "west_1", "west_2"), (0.5, "west_2", "west_3"), (9.5, "west_2"))
    walk(bench, (2.0, "west_2", "aisle_1"), (TICK, "aisle_1"))
    assert bench.reason("west_3.lamp_level").startswith("west 3: somebody was lost next door in west 2")


def test_a_lane_and_its_bays_need_less_each_once_all_of_them_are_lit():
    levels = {"lane_3": (86.0, 77.0), "bays": (85.0, 81.0)}
    groups = [
        machine(name, "lamp_group", ("presence", "lamp_level"), next_to=beside, length=LENGTH)
        for name, beside in NEIGHBOURS.items()
        if name not in levels
    ]
    groups += [
        machine(
            name,
            "lamp_group",
            ("presence", "lamp_level"),
            next_to=NEIGHBOURS[name],
            length=LENGTH,
            lit_level=alone,
            lit_level_beside=together,
        )
        for name, (alone, together) in levels.items()
    ]
    bench = Bench(Radar(name="lights"), model(*groups, tick=700.0), {})
    seen(bench)
    bench.run(1400)
    bench.area = model(*groups, tick=TICK)
    enter(bench, (0.8, "lane_3"))
    assert (lit(bench)["lane_3"], lit(bench)["bays"]) == (86.0, 85.0), "they are coming up"
    enter(bench, (0.5, "lane_3"))
    assert (lit(bench)["lane_3"], lit(bench)["bays"]) == (77.0, 81.0)
    assert lit(bench)["lane_2"] == 100.0
    enter(bench, (TICK, "lane_4"))
    assert lit(bench)["lane_3"] == 86.0
    enter(bench, (TICK, "lane_3", "lane_4"))
    assert lit(bench)["lane_3"] == 86.0, "a flicker: the bays come up again"
    enter(bench, (TICK, "lane_4"))
    enter(bench, (TICK,), (1, "bays"))
    assert lit(bench)["bays"] == 85.0, "the lane is not lit for somebody on it"
