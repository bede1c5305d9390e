"""Radars that lie or fall silent: told in one alarm, and lit."""

from __future__ import annotations

import pytest

from policies.lighting.radar_watch import BLIND_AT_LEAST, BLIND_UNKNOWN
from tests.policies.lighting.garage_bench import after, garage, lit, seen
from tests.policies.snapshots import bad, machine

ALARM = "watch.alarm"


def watched(**parameters):
    return garage(machine("watch", "lamp_watch", ("alarm",)), **parameters)


def alarm(bench):
    return bench.wishes[ALARM].value, bench.reason(ALARM)


def test_all_is_well():
    bench = watched()
    assert alarm(bench) == (False, "all radars speak and see")


def test_a_silent_radar_is_told():
    bench = watched()
    after(bench, 1, ramp=bad("time-out"))
    assert alarm(bench) == (True, "ramp is silent")
    after(bench, 1)
    assert alarm(bench)[0] is False


def test_a_radar_that_always_sees_somebody_is_told():
    bench = watched(stuck_after=60.0)
    after(bench, 59, "lane_1")
    assert alarm(bench)[0] is False
    after(bench, 3, "lane_1")
    assert alarm(bench) == (True, "lane 1 may be stuck: it sees somebody without a break")


def pass_by(bench, times):
    """Somebody in lane 2, and never in lane 3."""
    for _ in range(times):
        seen(bench, "lane_2")
        bench.run(1)
        seen(bench)
        bench.run(1)


def test_a_radar_that_never_sees_whom_its_neighbours_see_is_told_and_lit():
    bench = watched(lost_hold=0.0, hold=0.0)
    after(bench, 1, "lane_3")
    pass_by(bench, 10)
    after(bench, 1, "lane_3")
    assert 0.0 < bench.state.groups["lane_3"].usual <= 11.0
    pass_by(bench, BLIND_AT_LEAST - 1)
    seen(bench)
    bench.run(3)
    assert alarm(bench)[0] is False
    pass_by(bench, 30)
    bench.run(3)
    assert alarm(bench) == (True, "lane 3 may be blind: it sees nobody while its neighbours do")
    assert set(lit(bench)) == {"lane_3"}
    assert "may be blind" in bench.reason("lane_3.lamp_level")
    after(bench, 1, "lane_3")
    assert alarm(bench)[0] is False, "it has seen somebody"


def test_where_hardly_anybody_ever_goes_a_radar_is_not_called_blind_too_soon():
    bench = watched(lost_hold=0.0, hold=0.0)
    pass_by(bench, BLIND_AT_LEAST * 2)
    bench.run(3)
    assert alarm(bench)[0] is False
    assert BLIND_UNKNOWN > BLIND_AT_LEAST * 2


def test_many_are_counted_and_not_listed():
    bench = watched()
    names = ("ramp", "lane_1", "lane_2", "lane_3", "lane_4", "lane_5", "bays")
    after(bench, 1, **dict.fromkeys(names, bad("gateway down")))
    value, reason = alarm(bench)
    assert value
    assert reason.endswith("; lane 4 is silent and 2 more")


@pytest.mark.parametrize("present", [True, False])
def test_without_a_point_for_it_nothing_is_commanded(present):
    bench = garage()
    after(bench, 1, **({"ramp": bad()} if present else {}))
    assert ALARM not in bench.wishes
