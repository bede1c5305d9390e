"""policies.lighting.radar: scripted rows, sensor faults, restarts, and what must hold whatever comes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.decision import Decision
from agent.core.reading import Quality, Reading
from policies.lighting.radar import Radar
from tests.policies.lighting.garage_bench import GROUPS, after, garage, garage_model, lit, seen
from tests.policies.snapshots import Bench, bad, machine, model, snapshot

WALK = [
    # somebody parks his car long ago, walks from the bays to the stairs: seconds, seen in, lit then
    (1, ("bays",), {"bays", "lane_3"}),
    (3, ("bays", "lane_3"), {"bays", "lane_3", "lane_2", "lane_4"}),
    (3, ("lane_3",), {"bays", "lane_3", "lane_2", "lane_4"}),
    (3, ("lane_3", "lane_4"), {"bays", "lane_2", "lane_3", "lane_4", "lane_5"}),
    (1, ("lane_4",), {"lane_3", "lane_4", "lane_5"}),
    (1, ("lane_4",), {"lane_3", "lane_4", "lane_5"}),  # he may still be in its last metres
    (9, ("lane_4", "lane_5"), {"lane_4", "lane_5", "stairs"}),
    (2, ("lane_5",), {"lane_5", "stairs"}),
    (5, ("lane_5", "stairs"), {"lane_4", "lane_5", "stairs"}),  # it may be another who comes in
    (2, ("stairs",), {"lane_5", "stairs"}),
    (1, (), {"stairs"}),  # nobody was seen to go on from there: through the door, or he stands still
    (60, (), {"stairs"}),
    (2, (), set()),
]


def test_a_walk() -> None:
    bench = garage()
    for row, (seconds, where, expected) in enumerate(WALK):
        assert after(bench, seconds, *where) == expected, f"row {row}"


def test_nobody_is_dimmed_and_everybody_is_bright() -> None:
    bench = garage(dim_level=5.0, presence_level=90.0, ahead_level=70.0)
    after(bench, 1, "lane_1")
    assert lit(bench) == {"lane_1": 90.0, "ramp": 70.0, "lane_2": 70.0}
    assert bench.wishes["bays.lamp_level"].value == 5.0


@pytest.mark.parametrize(
    "lost", [bad("no answer"), Reading(False, 0.0, 0.0, Quality.UNCERTAIN, "doubtful"), "text"], ids=str
)
def test_a_radar_that_cannot_be_believed_lights_its_group_and_only_that(lost: Any) -> None:
    bench = garage()
    assert after(bench, 600, lane_2=lost) == {"lane_2"}
    assert "silent" in bench.reason("lane_2.lamp_level")
    assert after(bench, 62) == {"lane_2"}, "after the fault nobody knows who is there"
    assert after(bench, 1) == set()


def test_the_reason_of_a_lost_radar_is_the_buses_own() -> None:
    bench = garage()
    after(bench, 1, ramp=bad("unit 10: no answer within 1 s"))
    assert "unit 10: no answer within 1 s" in bench.reason("ramp.lamp_level")


def test_old_presence_is_unknown_when_a_limit_is_set() -> None:
    bench = garage(stale_after=5.0)
    bench.values["ramp.presence"] = Reading(False, 0.0, bench.elapsed - 3.0)
    bench.run(1)
    assert not lit(bench)
    bench.run(2)
    assert set(lit(bench)) == {"ramp"}


def test_a_group_without_any_radar_is_lit() -> None:
    bench = Bench(Radar(name="lights"), model(machine("bay", "lamp_group", ("lamp_level",)), tick=1.0), {})
    assert bench.run(600) == {"bay.lamp_level": 100.0}


def test_a_stuck_radar_is_named_stays_lit_and_leads_nobody() -> None:
    bench = garage(stuck_after=600.0)
    assert after(bench, 590, "lane_2") == {"lane_1", "lane_2", "lane_3"}
    assert after(bench, 20, "lane_2") == {"lane_2"}, "the neighbours are not lit for a radar that is stuck"
    assert "may be stuck" in bench.reason("lane_2.lamp_level")
    assert "10 min" in bench.reason("lane_2.lamp_level")
    after(bench, 2)
    lit_again = {"ramp", "lane_1", "lane_2", "lane_3", "bays"}  # he may have been missed in lane 1 or 3
    assert after(bench, 1, "lane_2") == lit_again, "one break ends the suspicion"


def test_who_is_lost_beside_a_stuck_radar_is_not_taken_for_seen_there() -> None:
    bench = garage(stuck_after=60.0)
    after(bench, 70, "lane_3")
    after(bench, 10, "lane_3", "lane_2")
    assert "lane_2" in after(bench, 50, "lane_3")


def test_a_start_lights_all_for_as_long_as_somebody_may_be_hidden() -> None:
    bench = garage(started=False)
    bench.run(62)
    assert set(lit(bench)) == set(GROUPS)
    assert "just started" in bench.reason("bays.lamp_level")
    bench.run(1)
    assert not lit(bench)


@pytest.mark.parametrize("new_elapsed", [0.0, 50_000.0], ids=["clock began anew", "long pause"])
def test_a_restart_never_cuts_a_hold_short(new_elapsed: float) -> None:
    bench = garage(lost_hold=30.0)
    after(bench, 10, "stairs")
    after(bench, 10)
    bench.elapsed = new_elapsed
    bench.run(15)
    assert set(lit(bench)) == {"stairs"}, "5 s of the pause are counted at most"
    bench.run(8)
    assert not lit(bench)


def test_a_new_group_starts_lit_beside_known_ones() -> None:
    bench = garage()
    extra = machine("store", "lamp_group", ("presence", "lamp_level"))
    bench.area = model(*bench.area.equipment.values(), extra, tick=1.0)
    bench.values["store.presence"] = False
    bench.run()
    assert set(lit(bench)) == {"store"}


def test_a_neighbour_that_is_no_more_harms_nothing() -> None:
    bench = garage()
    after(bench, 4, "lane_1")
    after(bench, 1, "lane_1", "lane_2")
    bench.area = model(*(one for one in bench.area.equipment.values() if one.id != "lane_1"), tick=1.0)
    bench.run()
    assert "lane_2" in lit(bench)


def test_light_goes_down_by_and_by_and_up_at_once() -> None:
    bench = garage(dim_level=10.0, fade=9.0, lost_hold=5.0)
    after(bench, 10, "stairs")
    levels = []
    seen(bench)
    for _ in range(17):
        bench.run(1)
        levels.append(bench.wishes["stairs.lamp_level"].value)
        bench.decisions = decided(bench)
    assert levels == [100.0] * 5 + [pytest.approx(90.0 - 10.0 * n) for n in range(8)] + [10.0] * 4
    assert after(bench, 1, "stairs") == {"stairs", "lane_5"}


def decided(bench: Bench) -> dict[str, Decision]:
    return {
        point: Decision(point=point, value=command.value, winner=command)
        for point, command in bench.wishes.items()
    }


def test_where_nobody_is_a_schedule_may_say_more_and_never_less() -> None:
    bench = garage(started=False, dim_level=5.0, yields=True)
    bench.run(70)
    empty = bench.wishes["bays.lamp_level"]
    assert (empty.value, empty.low) == (None, 5.0)
    assert empty.bounds_only
    after(bench, 1, "bays")
    assert bench.wishes["bays.lamp_level"].value == 100.0


readings = st.sampled_from([True, False, "bad", "uncertain"])


@settings(max_examples=100)
@given(
    script=st.lists(st.tuples(st.floats(0, 90), *(readings for _ in GROUPS)), min_size=1, max_size=12),
    dim=st.floats(0, 100),
    presence=st.floats(1, 100),
    ahead=st.none() | st.floats(0, 100),
    hold=st.floats(0, 120),
)
def test_light_wherever_somebody_is_or_may_be(
    script: list[Any], dim: float, presence: float, ahead: float | None, hold: float
) -> None:
    policy = Radar(name="lights", dim_level=dim, presence_level=presence, ahead_level=ahead, hold=hold)
    area, state, elapsed = garage_model(), policy.initial_state(), 0.0
    kinds = {"bad": bad(), "uncertain": Reading(False, 0.0, 0.0, Quality.UNCERTAIN)}
    for step, *seen_by in script:
        elapsed += step
        given_values = dict(zip(GROUPS, seen_by, strict=True))
        values = {f"{group}.presence": kinds.get(value, value) for group, value in given_values.items()}
        commands, state = policy.decide(snapshot(area, values, elapsed), state)
        for group, command in zip(GROUPS, commands, strict=True):
            assert dim <= command.value <= max(dim, presence, ahead or 0.0)
            if given_values[group] is not False:
                assert command.value >= presence
