"""policies.lighting.radar: scripted rows, sensor faults, restarts, and what must hold whatever comes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.reading import Quality, Reading
from policies.lighting.radar import Radar
from tests.policies.snapshots import Bench, bad, machine, model, snapshot

GROUPS = ("ramp", "aisle", "stairs")


def garage(**parameters: Any) -> Bench:
    """Three groups in a row; only the ramp names its neighbour, as installers do."""
    groups = (
        machine("ramp", "lamp_group", ("presence", "lamp_level"), next_to=("aisle",)),
        machine("aisle", "lamp_group", ("presence", "lamp_level")),
        machine("stairs", "lamp_group", ("presence", "lamp_level"), next_to=("aisle", "nowhere")),
    )
    bench = Bench(Radar(name="lights", **parameters), model(*groups, tick=1.0), {})
    seen(bench, "")
    return bench


def seen(bench: Bench, letters: str, **others: Any) -> None:
    """Somebody in the groups whose first letters are given, nobody in the others."""
    bench.values = {f"{group}.presence": group[0] in letters for group in GROUPS}
    bench.values |= {f"{group}.presence": value for group, value in others.items()}


def levels(bench: Bench, seconds: float = 0.0) -> tuple[Any, ...]:
    found = bench.run(seconds)
    return tuple(found[f"{group}.lamp_level"] for group in GROUPS)


SCRIPT = [
    # seconds, who is seen, levels of ramp, aisle, stairs, a word of the aisle's reason
    (0, "", (100, 100, 100), "just started"),
    (29, "", (100, 100, 100), "just started"),
    (1, "", (10, 10, 10), "nobody"),
    (1, "r", (100, 60, 10), "next door in ramp"),
    (3600, "r", (100, 60, 10), "next door in ramp"),
    (1, "a", (100, 100, 60), "somebody in aisle"),
    (1, "s", (100, 100, 100), "held for 30 s"),
    (28, "s", (60, 100, 100), "held for 30 s"),
    (1, "s", (10, 60, 100), "next door in stairs"),
    (1, "", (10, 60, 100), "next door in stairs"),
    (29, "", (10, 10, 10), "nobody"),
]


def test_table() -> None:
    bench = garage(ahead_level=60.0)
    for row, (seconds, who, expected, word) in enumerate(SCRIPT):
        seen(bench, who)
        assert levels(bench, seconds) == expected, f"row {row}"
        assert word in bench.reason("aisle.lamp_level"), f"row {row}: {bench.reason('aisle.lamp_level')}"


def test_neighbours_are_lit_at_the_presence_level_when_nothing_else_is_said() -> None:
    bench = garage()
    levels(bench, 60)
    seen(bench, "r")
    assert levels(bench) == (100, 100, 10)


@pytest.mark.parametrize(
    "lost", [bad("no answer"), Reading(False, 0.0, 0.0, Quality.UNCERTAIN, "doubtful"), "text"], ids=str
)
def test_a_radar_that_cannot_be_believed_lights_its_group_and_only_that(lost: Any) -> None:
    bench = garage()
    levels(bench, 60)
    seen(bench, "", ramp=lost)
    assert levels(bench, 600) == (100, 10, 10)
    assert "unknown" in bench.reason("ramp.lamp_level")
    seen(bench, "")
    assert levels(bench, 29) == (100, 10, 10), "after the fault the hold runs once more"
    assert levels(bench, 1) == (10, 10, 10)


def test_the_reason_of_a_lost_radar_is_the_buses_own() -> None:
    bench = garage()
    seen(bench, "", ramp=bad("unit 10: no answer within 1 s"))
    levels(bench)
    assert "unit 10: no answer within 1 s" in bench.reason("ramp.lamp_level")


def test_old_presence_is_unknown_when_a_limit_is_set() -> None:
    bench = garage(stale_after=5.0)
    levels(bench, 60)
    bench.values["ramp.presence"] = Reading(False, 0.0, bench.elapsed - 3.0)
    assert levels(bench) == (10, 10, 10)
    assert levels(bench, 2) == (100, 10, 10)


def test_a_group_without_any_radar_is_lit() -> None:
    bench = Bench(Radar(name="lights"), model(machine("bay", "lamp_group", ("lamp_level",)), tick=1.0), {})
    assert bench.run(600) == {"bay.lamp_level": 100.0}


def test_a_stuck_radar_is_named_and_stays_lit() -> None:
    bench = garage(stuck_after=600.0)
    seen(bench, "r")
    assert levels(bench, 590)[0] == 100
    assert "somebody" in bench.reason("ramp.lamp_level")
    assert levels(bench, 20)[0] == 100
    assert "may be stuck: presence for over 10 min" in bench.reason("ramp.lamp_level")
    seen(bench, "")
    levels(bench)
    seen(bench, "r")
    levels(bench)
    assert "somebody" in bench.reason("ramp.lamp_level"), "one break ends the suspicion"


@pytest.mark.parametrize("new_elapsed", [0.0, 50_000.0], ids=["clock began anew", "long pause"])
def test_a_restart_never_cuts_a_hold_short(new_elapsed: float) -> None:
    bench = garage()
    levels(bench, 60)
    seen(bench, "a")
    levels(bench)
    seen(bench, "")
    levels(bench, 10)
    bench.elapsed = new_elapsed
    assert levels(bench, 14) == (100, 100, 100)
    assert levels(bench, 7) == (10, 10, 10)


def test_a_new_group_starts_lit_beside_known_ones() -> None:
    bench = garage()
    levels(bench, 60)
    extra = machine("bay", "lamp_group", ("presence", "lamp_level"))
    bench.area = model(*bench.area.equipment.values(), extra, tick=1.0)
    bench.values["bay.presence"] = False
    assert bench.run() == {
        "ramp.lamp_level": 10,
        "aisle.lamp_level": 10,
        "stairs.lamp_level": 10,
        "bay.lamp_level": 100,
    }


def test_a_shorter_hold_holds_at_once() -> None:
    bench = garage(hold=600.0)
    levels(bench, 1)
    bench.policy = Radar(name="lights", hold=10.0)
    assert levels(bench, 9) == (100, 100, 100)
    assert levels(bench) == (10, 10, 10)


readings = st.sampled_from([True, False, "bad", "uncertain"])


@settings(max_examples=150)
@given(
    script=st.lists(st.tuples(st.integers(0, 90), readings, readings, readings), min_size=1, max_size=12),
    dim=st.floats(0, 100),
    presence=st.floats(1, 100),
    ahead=st.none() | st.floats(0, 100),
    hold=st.floats(0, 120),
)
def test_light_wherever_somebody_is_or_may_be(
    script: list[Any], dim: float, presence: float, ahead: float | None, hold: float
) -> None:
    policy = Radar(name="lights", dim_level=dim, presence_level=presence, ahead_level=ahead, hold=hold)
    area = garage().area
    state, elapsed = policy.initial_state(), 0.0
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
