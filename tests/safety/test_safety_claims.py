"""Who wins a point, who is refused, and what silence does: rows that read like sentences."""

import math

import pytest

from agent.core.command import Command
from agent.core.decision import Stage
from agent.core.point import Access, OnLoss, Point, SafeEnd, ValueKind
from agent.core.priority_array import PriorityArray
from agent.safety.safety_state import Loss, Refusal, after_restart, forget_source
from tests.safety.rig import Rig, ask, number, sensor, switch

SET = number("ch1.setpoint", unit="degC", relinquish_default=12.0, on_loss=OnLoss.DEFAULT)
BARE = number("ch1.bare")


def rig_with(*points):
    return Rig(points=points)


def test_the_lowest_number_wins_and_the_others_are_losers():
    rig = rig_with(SET)
    strong, weak = ask(SET.id, 7.0, 8, "operator:anna"), ask(SET.id, 9.0, 15)
    decision = rig.tick(weak, strong)[SET.id]
    assert decision.value == 7.0
    assert decision.winner is not None
    assert decision.winner.source == "operator:anna"
    assert [one.source for one in decision.losers] == ["sequence"]


def test_the_decision_says_why_in_one_sentence():
    rig = rig_with(SET)
    decision = rig.tick(ask(SET.id, 7.0, 8, "operator:anna", reason="hall is hot"))[SET.id]
    assert decision.reason == "7 degC: operator:anna (priority 8): hall is hot"
    assert decision.wanted == 7.0
    assert (decision.elapsed, decision.utc) == (rig.now, rig.now)


def test_relinquished_falls_back_to_the_default_or_to_nothing():
    rig = rig_with(SET, BARE)
    rig.tick(ask(SET.id, 7.0), ask(BARE.id, 1.0))
    decisions = rig.tick(heard=["sequence"])
    assert decisions[SET.id].value == 12.0
    assert decisions[SET.id].reason == "12 degC: the relinquish default, since nobody asks for a value"
    assert decisions[BARE.id].value is None
    assert decisions[BARE.id].reason == "released: left to local control, since nobody asks for a value"


def test_a_relinquishing_command_gives_up_its_slot_even_when_its_source_is_not_heard():
    rig = rig_with(SET)
    rig.tick(ask(SET.id, 7.0))
    assert rig.value(SET.id, ask(SET.id), heard=[]) == 12.0
    assert rig.state.claims == {}


def test_a_silent_source_keeps_its_value_until_it_expires():
    rig = rig_with(SET)
    rig.tick(ask(SET.id, 7.0, expires=5.0))
    assert rig.value(SET.id, heard=[], after=3.9) == 7.0
    assert rig.value(SET.id, heard=[], after=0.1) == 12.0


def test_a_command_without_an_end_lives_a_few_ticks():
    rig = rig_with(SET)
    rig.tick(ask(SET.id, 7.0))
    assert rig.value(SET.id, heard=[], after=4.9) == 7.0
    assert rig.value(SET.id, heard=[], after=0.2) == 12.0


@pytest.mark.parametrize("end", [math.inf, math.nan])
def test_a_command_that_would_live_for_ever_does_not(end):
    rig = rig_with(SET)
    rig.tick(ask(SET.id, 7.0, expires=end))
    assert rig.value(SET.id, heard=[], after=6.0) == 12.0


def test_what_people_no_longer_ask_for_ends_at_once():
    rig = rig_with(SET)
    rig.tick(ask(SET.id, 7.0, 8, "operator:anna", expires=7200.0))
    assert rig.value(SET.id, heard=[]) == 12.0


def test_a_family_that_is_heard_covers_its_members():
    rig = rig_with(SET)
    rig.tick(ask(SET.id, 7.0, 12, "cloud:north", expires=7200.0))
    assert rig.value(SET.id, heard=["sequence"]) == 7.0
    assert rig.value(SET.id, heard=["cloud"]) == 12.0


@pytest.mark.parametrize(
    ("on_loss", "value", "words"),
    [
        (OnLoss.HOLD, 7.0, "held as it was, since sequence fell silent"),
        (OnLoss.DEFAULT, 12.0, "the relinquish default, since sequence fell silent"),
        (OnLoss.RELEASE, None, "given back to local control, since sequence fell silent"),
    ],
)
def test_a_value_lost_by_silence_does_what_the_point_declares(on_loss, value, words):
    point = number("p.x", relinquish_default=12.0, on_loss=on_loss)
    rig = rig_with(point)
    rig.tick(ask(point.id, 7.0, expires=3.0))
    for _ in range(3):  # and it stays so
        decision = rig.tick(heard=[], after=4.0)[point.id]
        assert decision.value == value
        assert words in decision.reason


def test_a_loss_ends_when_the_silent_one_speaks_again_or_gives_up():
    point = number("p.x", relinquish_default=12.0, on_loss=OnLoss.HOLD)
    for words, value in (((), 12.0), ((ask(point.id, 8.0),), 8.0)):
        rig = rig_with(point)
        rig.tick(ask(point.id, 7.0, expires=3.0))
        assert rig.value(point.id, heard=[], after=4.0) == 7.0
        assert rig.value(point.id, *words, heard=["sequence"]) == value
        assert rig.state.lost == {}


@pytest.mark.parametrize("on_loss", [OnLoss.HOLD, OnLoss.DEFAULT])
def test_a_loss_with_nothing_to_fall_back_on_is_left_to_local_control(on_loss):
    point = number("p.x", on_loss=on_loss)
    rig = rig_with(point)
    decision = rig.tick(ask(point.id, 7.0, expires=0.5))[point.id]  # over before it came
    assert decision.value is None
    assert decision.reason == "released: left to local control, since sequence fell silent"


def test_bounds_of_a_silent_source_latch_and_clamp_the_default_until_they_are_removed():
    rig = rig_with(SET)
    rig.tick(ask(SET.id, priority=9, source="comfort", high=10.0, expires=2.0))
    decision = rig.tick(heard=[], after=1e6)[SET.id]
    assert decision.value == 10.0
    assert decision.limited_by[0].stage is Stage.BOUND
    rig.state = forget_source(rig.state, "comfort")
    assert rig.value(SET.id, heard=[]) == 12.0


def test_a_claim_of_value_and_bounds_loses_its_value_only():
    rig = rig_with(SET)
    rig.tick(ask(SET.id, 7.0, high=9.0, expires=2.0))
    assert rig.value(SET.id, heard=[], after=10.0) == 9.0


def test_forgetting_a_source_leaves_the_others():
    rig = rig_with(SET, BARE)
    rig.tick(ask(SET.id, 7.0), ask(SET.id, 8.0, 14, "optimiser"), ask(BARE.id, 1.0))
    state = forget_source(rig.state, "sequence")
    assert [one.source for one in state.claims[SET.id]] == ["optimiser"]
    assert BARE.id not in state.claims


def test_points_that_are_gone_from_the_configuration_take_their_claims_with_them():
    rig = rig_with(SET, BARE)
    rig.tick(ask(SET.id, 7.0), ask(BARE.id, 1.0))
    smaller = rig_with(SET)
    smaller.state = rig.state
    assert list(smaller.tick(heard=[])) == [SET.id]
    assert BARE.id not in smaller.state.claims


ENUM = Point(id="p.mode", kind=ValueKind.ENUM, access=Access.WRITE, choices=("auto", "day"))
FREE = Point(id="p.free", kind=ValueKind.ENUM, access=Access.WRITE)
TEXT = Point(id="p.text", kind=ValueKind.TEXT, access=Access.WRITE)
LAMP = switch("p.lamp")
READ = sensor("p.read")

REFUSED = [
    (ask("p.none", 1.0), "no such point in this area"),
    (ask("p.read", 1.0), "the point cannot be written"),
    (ask("p.bare", 1.0, 6), "priority 6 belongs to the equipment guards"),
    (ask("p.bare", 1.0, 0), "priority 0 is not one of 1 to 16"),
    (ask("p.bare", 1.0, 17), "priority 17 is not one of 1 to 16"),
    (ask("p.bare", math.nan), "nan is not a number"),
    (ask("p.bare", -math.inf), "-inf is not a number"),
    (ask("p.bare", "warm"), "'warm' is not a number"),
    (ask("p.bare", True), "True is not a number"),
    (ask("p.bare", low=math.nan), "bounds nan to None are not numbers"),
    (ask("p.bare", high=math.inf), "bounds None to inf are not numbers"),
    (ask("p.lamp", 1), "1 is neither on nor off"),
    (ask("p.text", 1), "1 is not text"),
    (ask("p.text", low=1), "a text has no bounds"),
    (ask("p.mode", "night"), "'night' is none of auto, day"),
    (ask("p.mode", 1), "1 is none of auto, day"),
    (ask("p.free", 1), "1 is none of its names"),
]


@pytest.mark.parametrize(("command", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_a_command_that_makes_no_sense_is_refused_with_a_reason(command, reason):
    rig = rig_with(number("p.bare"), ENUM, FREE, TEXT, LAMP, READ)
    decisions = rig.tick(command)
    assert rig.state.refused == (Refusal(command.point, "sequence", int(command.priority), reason),)
    assert all(one.winner is None for one in decisions.values())
    if command.point in decisions:
        assert decisions[command.point].reason.endswith(f"; refused sequence: {reason}")
    rig.tick()
    assert rig.state.refused == ()


@pytest.mark.parametrize(
    ("point", "value"), [(ENUM, "day"), (FREE, "anything"), (TEXT, "words"), (LAMP, True), (SET, 7)]
)
def test_each_kind_of_point_takes_its_own_kind_of_value(point, value):
    rig = rig_with(point)
    assert rig.value(point.id, ask(point.id, value)) == value


def test_a_refused_command_does_not_loosen_what_its_source_said_before():
    rig = rig_with(SET)
    rig.tick(ask(SET.id, priority=9, source="comfort", high=10.0))
    assert rig.value(SET.id, ask(SET.id, priority=9, source="comfort", high=math.nan)) == 10.0


@pytest.mark.parametrize(("safe_end", "value"), [(SafeEnd.LOW, 3.0), (SafeEnd.HIGH, 8.0), (None, 3.0)])
def test_values_of_one_priority_take_the_safe_end(safe_end, value):
    point = number("p.x", safe_end=safe_end)
    for order in (1, -1):
        rig = rig_with(point)
        wishes = [ask(point.id, 8.0, source="a"), ask(point.id, 3.0, source="b")][::order]
        assert rig.value(point.id, *wishes) == value


def test_names_of_one_priority_take_the_first_source():
    rig = rig_with(TEXT)
    assert rig.value(TEXT.id, ask(TEXT.id, "x", source="b"), ask(TEXT.id, "y", source="a")) == "y"


def test_one_source_may_say_value_and_bounds_in_two_commands():
    rig = rig_with(SET)
    assert rig.value(SET.id, ask(SET.id, 20.0), ask(SET.id, high=15.0)) == 15.0


def test_after_a_restart_claims_and_limits_stand_but_authority_is_taken_anew():
    rig = rig_with(SET)
    rig.tick(ask(SET.id, priority=9, source="comfort", high=10.0))
    state = after_restart(rig.state)
    assert state.claims == rig.state.claims
    assert state.authority.value == "bms"


def test_two_silent_sources_are_both_named():
    point = number("p.x", on_loss=OnLoss.HOLD)
    rig = rig_with(point)
    rig.tick(ask(point.id, 7.0, source="b", expires=2.0), ask(point.id, 7.0, 14, "a", expires=2.0))
    assert "a and b fell silent" in rig.tick(heard=[], after=5.0)[point.id].reason
    assert rig.state.lost[point.id] == Loss(("a", "b"), 7.0)
    assert rig.tick(heard=["a"])[point.id].value == 7.0
    assert rig.tick(heard=["a", "b"])[point.id].value is None


def test_an_array_of_equal_claims_holds_one():
    claim = Command(point="p", priority=8, source="a", reason="")
    assert PriorityArray.of([claim, claim]).claims == (claim,)
