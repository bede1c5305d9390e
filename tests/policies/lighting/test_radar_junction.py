"""Whoever comes to a junction, turns back, or walks behind somebody slower: the way he takes is lit though his first radar misses him."""

from __future__ import annotations

from policies.lighting.radar import Radar
from tests.policies.lighting.garage_bench import after, garage, lit
from tests.policies.snapshots import Bench, machine, model

TICK = 0.1
# a cross lane along the west, an aisle that leaves it at the corner of west_2 and west_3
LANES = {
    "west_1": ("west_2",),
    "west_2": ("west_3", "aisle_1"),
    "west_3": ("west_4", "aisle_1"),
    "west_4": (),
    "aisle_1": ("aisle_2",),
    "aisle_2": (),
}


def junction() -> Bench:
    """Empty, and past its start."""
    groups = [
        machine(name, "lamp_group", ("presence", "lamp_level"), next_to=beside, length=16.0)
        for name, beside in LANES.items()
    ]
    values = {f"{name}.presence": False for name in LANES}
    bench = Bench(Radar(name="lights"), model(*groups, tick=700.0), values)
    bench.run(1400)
    assert not lit(bench)
    bench.area = model(*groups, tick=TICK)
    return bench


def walk(bench: Bench, *rows: tuple[float | str, ...]) -> None:
    """Seconds, and in which groups somebody is seen."""
    for seconds, *where in rows:
        bench.values = {f"{name}.presence": name in where for name in LANES}
        bench.run(float(seconds))


def test_a_radar_that_looks_across_the_junction_does_not_say_which_way_he_took():
    bench = junction()
    walk(bench, (12.0, "west_1"), (10.0, "west_1", "west_2"), (2.0, "west_2", "aisle_1"), (TICK, "aisle_1"))
    assert bench.reason("west_3.lamp_level").startswith("west 3: somebody was lost next door in west 2")
    walk(bench, (4.5, "aisle_1"))
    assert "west_3" in lit(bench), "his own radar may have missed him so long"
    walk(bench, (1.0, "aisle_1"))
    assert "west_3" not in lit(bench)


def test_where_the_other_way_has_seen_him_nothing_more_is_lit():
    bench = junction()
    walk(bench, (12.0, "west_1"), (10.0, "west_1", "west_2"), (2.0, "west_2", "west_3"), (1.0, "west_3"))
    assert "west_1" not in lit(bench)
    assert {"west_3", "west_4"} <= set(lit(bench))


def test_who_stays_far_longer_than_his_pace_may_turn_back():
    """A car's pace is known; what stays so long is no car any more, or not the same one."""
    bench = garage(tick=TICK)
    for seconds, *where in ((4, "lane_1"), (4, "lane_1", "lane_2"), (4, "lane_2", "lane_3"), (9, "lane_3")):
        after(bench, seconds, *where)
    assert "lane_2" not in lit(bench)
    after(bench, 2.0, "lane_3")  # 15 s in a lane of four
    assert "lane_2" in lit(bench)


def test_a_pace_slower_than_people_walk_is_no_pace():
    """One lingers in the first lane, another walks through both: he is not waited for as for the first."""
    bench = garage(tick=TICK)
    after(bench, 5, "lane_1")
    after(bench, 18, "lane_1", "lane_2")
    after(bench, TICK, "lane_2", "lane_3")
    assert {"lane_4", "bays"} <= set(lit(bench)), "sixteen metres in eighteen seconds"
