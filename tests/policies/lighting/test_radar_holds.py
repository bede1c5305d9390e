"""How long light stays: from the edge, by what became of whoever was there, and by what traffic is usual."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime

import pytest

from agent.core.learning import Column, NothingToLearnError
from agent.core.serial import to_plain
from agent.core.snapshot import Artefact
from policies.lighting.radar import Radar
from policies.lighting.traffic import HOURS, LEARNING, LampTraffic, learn_traffic
from tests.policies.lighting.garage_bench import GROUPS, after, garage, garage_model, lit, seen

TICK = 0.1


def dark_after(bench, group, longest=200.0):
    """Seconds from now until the group is dimmed; it is looked at ten times a second."""
    for step in range(round(longest / TICK)):
        bench.run(TICK)
        if group not in lit(bench):
            return step * TICK
    raise AssertionError(f"{group} is lit for more than {longest} s")


def test_the_hold_counts_from_the_edge_and_not_from_the_tick_before():
    """Ticks of 5 s, and one more at the very edge: the wake of the sensor."""
    bench = garage(tick=5.0, hold=8.0)
    bench.area = garage_model(tick=5.0)
    seen(bench, "lane_2")
    bench.elapsed += 3.0
    bench.tick()
    seen(bench)
    bench.elapsed += 3.9
    bench.tick()  # a false alarm of 3.9 s: no visit, the plain hold
    assert bench.state.groups["lane_2"].until == bench.elapsed + 8.0
    bench.elapsed += 7.9
    bench.tick()
    assert "lane_2" in lit(bench)
    bench.elapsed += 0.2
    bench.tick()
    assert "lane_2" not in lit(bench)


@pytest.mark.parametrize(
    ("rows", "group", "seconds"),
    [
        ([(2, "lane_2")], "lane_2", 5.0),  # out of nowhere and gone: a false alarm, by all we know
        ([(10, "stairs")], "stairs", 62.0),  # not seen to leave
        ([(10, "lane_3"), (3, "lane_3", "bays"), (2, "bays")], "bays", 62.0),  # in his car
        ([(10, "lane_3", "bays")], "lane_3", 5.0),  # both at once: he is in the bays
    ],
)
def test_what_became_of_him_decides(rows, group, seconds):
    bench = garage(tick=TICK)
    for duration, *groups in rows:
        after(bench, duration, *groups)
    seen(bench)
    assert dark_after(bench, group) == pytest.approx(seconds, abs=2 * TICK)


def test_who_was_seen_to_go_on_leaves_a_second_of_light_behind():
    bench = garage(tick=TICK, left_hold=1.0)
    for duration, *groups in ((4, "lane_1"), (4, "lane_1", "lane_2"), (6, "lane_2", "lane_3")):
        after(bench, duration, *groups)
    seen(bench, "lane_3")
    assert dark_after(bench, "lane_2") == pytest.approx(1.0, abs=2 * TICK)


def test_who_is_lost_on_a_lane_may_be_next_door_too():
    """Every sensor of the next group has missed him: all around stays lit for a minute."""
    bench = garage(tick=TICK)
    after(bench, 8, "lane_3")
    assert after(bench, 55) == {"lane_2", "lane_3", "lane_4", "bays"}
    assert bench.reason("bays.lamp_level").startswith("bays: somebody was lost next door in lane 3; lit for")
    assert not after(bench, 10)


def test_a_shorter_hold_holds_at_once():
    bench = garage(hold=600.0)
    after(bench, 2, "lane_2")
    assert after(bench, 20) == {"lane_2"}
    bench.policy = Radar(name="lights", hold=3.0)
    assert after(bench, 3) == {"lane_2"}
    assert not after(bench, 1)


NOON = datetime(2025, 3, 5, 4, 30, tzinfo=UTC).timestamp()  # a Wednesday, 12:30 in Shenzhen


class Past:
    """So many days in which somebody was in every group for this share of each hour of the day."""

    def __init__(self, days, share):
        self.model, self.since, self.until = garage_model(), NOON - days * 86400.0, NOON
        self.readings, self.artefacts = {}, {}
        self._values = array("d", [share] * int(days * 96))

    def columns(self, points, step):
        assert step == 900.0
        return {point: Column(self.since, step, self._values) for point in points}


def learned(share):
    content = to_plain(LampTraffic(shares={group: {"working": (share,) * HOURS} for group in GROUPS}))
    return {"lights": Artefact(LEARNING.kind, LEARNING.version, 0.0, f"digest {share}", content, NOON)}


def test_traffic_is_learned_by_hour_and_kind_of_day():
    found = learn_traffic(Past(14, 0.25), "cn")
    assert found.days == {"working": 10, "off": 4}
    assert set(found.shares) == set(GROUPS)
    assert found.shares["bays"]["working"] == (0.25,) * HOURS
    assert learn_traffic(Past(9, 0.5), "cn").shares["bays"]["off"] == (-1.0,) * HOURS, (
        "one week-end is no habit"
    )
    with pytest.raises(NothingToLearnError, match="of at least"):
        learn_traffic(Past(2, 0.25), "cn")


@pytest.mark.parametrize(("share", "hold"), [(0.0, 10.0), (0.02, 9.0), (0.5, 5.16)])
def test_quiet_groups_hold_longer_within_the_bounds_that_staff_set(share, hold):
    bench = garage(tick=TICK)
    more = {"utc": NOON, "artefacts": learned(share)}
    seen(bench, "lane_2")
    bench.run(2.0, **more)
    seen(bench)
    bench.run(TICK, **more)
    assert bench.state.groups["lane_2"].until - bench.elapsed == pytest.approx(hold, abs=0.01)


def test_the_dim_level_rises_with_the_traffic_when_staff_let_it():
    bench = garage(dim_level=10.0, dim_busy=30.0)
    for share, level in ((0.0, 10.0), (0.1, 20.0), (0.9, 30.0)):
        bench.run(1.0, utc=NOON, artefacts=learned(share))
        assert bench.wishes["ramp.lamp_level"].value == level
    bench.run(1.0, utc=NOON, utc_trusted=False, artefacts=learned(0.9))
    assert bench.wishes["ramp.lamp_level"].value == 10.0, "no hour without a clock"
