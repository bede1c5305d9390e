"""Areas on one mains start by turns: no two starts of two areas together, whatever the ticks."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.app.build import rests_after_restart
from agent.core.equipment import Area, StartTurn
from tests.safety.rig import Rig, ask, machine

NAMES = ("ch1", "ch2")


def turn(place, areas=2, spacing=60.0, tick=10.0):
    return StartTurn(place=place, areas=areas, length=spacing + 1.5 * tick, window=1.5 * tick)


def starts(rig, seconds):
    """Site time at which each machine, always wanted, was told to start; machines do as they are told."""
    found = {}
    for _ in range(seconds):
        names = list(rig.model.equipment)
        decisions = rig.tick(*[ask(f"{name}.enable", True, source=f"schedule_{name}") for name in names])
        for name in names:
            on = decisions[f"{name}.enable"].value is True
            rig.see(f"{name}.status", on)
            if on:
                found.setdefault(name, rig.now)
    return found


def rig_of(place, *machines):
    """Everything has stood still, under watch, for long; elapsed 1500 s begins a turn of the first of two areas."""
    rig = Rig(machines)
    area = replace(rig.model.area, start_turn=turn(place), start_spacing=20.0)
    rig.model = replace(rig.model, area=area)
    rig.arbiter = type(rig.arbiter)(rig.model, ())
    rig.state = rig.arbiter.initial_state(0.0)
    for one in machines:
        rig.see(one.roles["status"], False)
    while rig.now < 1499.0:
        rig.tick(after=min(100.0, 1499.0 - rig.now))
    return rig


@given(
    st.integers(2, 5),
    st.sampled_from([5.0, 10.0, 30.0, 60.0]),
    st.floats(1.0, 600.0),
    st.lists(st.tuples(st.integers(0, 4), st.floats(0.0, 1e6)), min_size=2, max_size=2),
)
def test_starts_of_two_areas_lie_apart(areas, tick, spacing, wishes):
    at = []
    for place, now in wishes:
        one = turn(place % areas, areas, spacing, tick)
        at.append((place % areas, now + one.wait(now)))
        assert one.wait(at[-1][1] + 1e-3) < 1e-9 or one.wait(at[-1][1] + 1e-3) > 0.0
        assert one.wait(now) <= areas * one.length
    (first, a), (second, b) = at
    if first != second:
        assert abs(a - b) >= spacing - 1e-3


@pytest.mark.parametrize("place", [0, 1])
def test_a_start_waits_for_the_turn_of_its_area(place):
    rig = rig_of(place, *map(machine, NAMES))
    at = starts(rig, 400)
    windows = [now % 150.0 - 75.0 * place for now in at.values()]
    assert len(at) == 2
    assert all(-1e-6 <= one <= 15.0 for one in windows), windows
    decisions = rig.tick(*[ask(f"{name}.enable", True) for name in NAMES], after=30.0)
    assert decisions["ch1.enable"].value is True  # what runs is left alone


def test_only_machines_that_the_mains_feel_wait():
    heavy = replace(machine("ch1"), nameplate={"rated_power": 300.0})
    rig = rig_of(1, heavy, machine("pump"))
    at = starts(rig, 200)
    assert at["pump"] < 1505.0
    assert at["ch1"] > 1560.0
    rig = rig_of(1, heavy, machine("pump"))
    decision = rig.tick(ask("ch1.enable", True))["ch1.enable"]
    assert "other plants on the same mains have their turn" in decision.limited_by[0].reason


def test_after_a_power_failure_areas_come_back_beside_each_other():
    rests = [rests_after_restart(rig_of(place, *map(machine, NAMES)).model) for place in (0, 1)]
    assert [one["ch1.enable"] for one in rests] == [0.0, 75.0]
    assert [one["ch2.enable"] for one in rests] == [150.0, 225.0]


def test_a_bench_with_slow_ticks_keeps_the_distance_and_opens_the_turn_for_one_of_them():
    area = Area(id="a", tick=10.0, start_turn=turn(1))
    assert area.slowed(5.0) == area
    slow = area.slowed(60.0)
    assert slow.tick == 60.0
    assert slow.start_turn == StartTurn(place=1, areas=2, length=150.0, window=90.0)
    assert any(slow.start_turn.wait(60.0 * n) == 0.0 for n in range(10))
    assert Area(id="b", tick=10.0).slowed(60.0) == Area(id="b", tick=60.0)
