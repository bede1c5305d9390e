"""Sensors that miss somebody: nobody is in the dark for it, as far as the neighbours know of him."""

from __future__ import annotations

from policies.lighting.radar import Radar
from tests.policies.lighting.garage_bench import after, garage, lit
from tests.policies.snapshots import Bench, machine, model

TICK = 0.1


def enter(bench, *rows):
    for seconds, *groups in rows:
        after(bench, seconds, *groups)


def test_the_bays_beyond_are_lit_for_who_is_overdue():
    """Through three lanes in four seconds each; the sensors at the begin of the fourth miss him, and bays lie there."""
    roles = ("presence", "lamp_level")
    lanes = {
        "z": ("a",),
        "a": ("b",),
        "b": ("c",),
        "c": ("d",),
        "d": ("e", "bays"),
        "e": ("f",),
        "f": (),
        "bays": (),
    }
    groups = [
        machine(name, "lamp_group", roles, next_to=beside, length=16.0) for name, beside in lanes.items()
    ]
    bench = Bench(
        Radar(name="lights"), model(*groups, tick=700.0), {f"{name}.presence": False for name in lanes}
    )
    bench.run(1400)
    bench.area = model(*groups, tick=TICK)
    for seconds, *where in ((4, "a"), (4, "a", "b"), (4, "b", "c"), (0.1, "c")):
        bench.values = {f"{name}.presence": name in where for name in lanes}
        bench.run(seconds)
    assert "d" in lit(bench)
    assert "bays" not in lit(bench)
    bench.run(0.4)
    assert (
        bench.reason("bays.lamp_level") == "bays: somebody from c should be next door by now and may come in"
    )


def test_the_last_metres_of_a_lane_stay_lit_after_its_radar_has_let_go():
    """The next lane sees him three metres before he is there; the sensor at the end of this one has missed him."""
    bench = garage(tick=TICK)
    enter(bench, (13, "lane_1"), (12, "lane_1", "lane_2"), (0.5, "lane_2", "lane_3"))
    enter(bench, (4, "lane_3"))
    assert "lane_2" in lit(bench)
    enter(bench, (1.5, "lane_3"))
    assert "lane_2" not in lit(bench)


def test_who_has_come_up_the_stairs_is_waited_for_though_somebody_else_is_seen():
    bench = garage(tick=TICK)
    enter(bench, (20, "lane_4"), (4, "lane_4", "stairs"), (2, "lane_4", "stairs", "lane_5"), (1, "lane_5"))
    assert "lane_5" in lit(bench)
    bench = garage(tick=TICK)
    enter(bench, (5, "stairs", "lane_5"), (TICK, "lane_5"), (4, "lane_5"))
    assert {"lane_5", "stairs"} <= set(lit(bench))


def test_entrances_are_kept_lit_and_brighter_when_somebody_comes():
    bench = garage(started=False, dim_level=5.0, entrances=("stairs", "ramp"), entrance_level=86.0)
    bench.run(1400)
    assert lit(bench) == {"stairs": 86.0, "ramp": 86.0}
    assert bench.reason("stairs.lamp_level") == "stairs: people come in here from outside; kept at 86 %"
    after(bench, 1, "stairs")
    assert bench.wishes["stairs.lamp_level"].value == 100.0


def test_an_entrance_without_a_level_of_its_own_has_that_of_presence():
    bench = garage(started=False, presence_level=90.0, entrances=("stairs",), yields=True)
    bench.run(1400)
    assert bench.wishes["stairs.lamp_level"].value == 90.0
    assert bench.wishes["ramp.lamp_level"].bounds_only


def test_a_group_has_the_level_that_was_measured_there():
    bench = garage(machine("store", "lamp_group", ("presence", "lamp_level"), lit_level=74.0), started=False)
    bench.values["store.presence"] = True
    bench.values["lane_1.presence"] = True
    bench.run(1)
    assert lit(bench)["store"] == 74.0
    assert lit(bench)["lane_1"] == 100.0
