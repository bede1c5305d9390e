"""Interlocks and the maintenance lock-out: the last words."""

import pytest

from agent.core.decision import Stage
from agent.core.equipment import Equipment
from agent.core.interlock import Comparison
from agent.core.point import Limits, SafeEnd
from agent.core.reading import Quality
from tests.safety.rig import Rig, ask, machine, number, switch, trip

EN = "ch1.enable"


def rig_with(*interlocks, **more):
    rig = Rig(points=[switch(EN, **more)], interlocks=interlocks)
    rig.see("io.alarm", False)
    return rig


def test_a_tripped_interlock_has_the_last_word():
    rig = rig_with(trip())
    assert rig.value(EN, ask(EN, True)) is True
    rig.see("io.alarm", True)
    decision = rig.tick(ask(EN, True, 8, "operator:anna", reason="test"))[EN]
    assert decision.value is False
    assert decision.limited_by[-1].stage is Stage.INTERLOCK
    assert decision.limited_by[-1].by == "stop_on_alarm"
    assert decision.reason == (
        "off instead of on: alarm (io.alarm is on, == on); wanted by operator:anna (priority 8): test"
    )


@pytest.mark.parametrize(
    ("comparison", "threshold", "reading", "tripped"),
    [
        (Comparison.BELOW, 3.0, 2.9, True),
        (Comparison.BELOW, 3.0, 3.0, False),
        (Comparison.AT_MOST, 3.0, 3.0, True),
        (Comparison.ABOVE, 3.0, 3.0, False),
        (Comparison.ABOVE, 3.0, 3.1, True),
        (Comparison.AT_LEAST, 3.0, 3.0, True),
        (Comparison.EQUAL, "fire", "fire", True),
        (Comparison.NOT_EQUAL, "normal", "fire", True),
        (Comparison.NOT_EQUAL, "normal", "normal", False),
        (Comparison.BELOW, 3.0, "cold", True),  # cannot be compared: as good as lost
        (Comparison.BELOW, 3.0, float("nan"), True),
    ],
)
def test_comparisons(comparison, threshold, reading, tripped):
    rig = rig_with(trip(comparison=comparison, threshold=threshold))
    rig.see("io.alarm", reading)
    assert rig.value(EN, ask(EN, True)) is not tripped


@pytest.mark.parametrize("trips", [True, False])
@pytest.mark.parametrize("how", ["bad", "never", "old", "nonsense"])
def test_loss_of_the_watched_reading_is_the_worst_assumption_unless_declared_otherwise(how, trips):
    rig = rig_with(trip(comparison=Comparison.ABOVE, threshold=3.0, trip_on_loss=trips, max_age=30.0))
    rig.see("io.alarm", 1.0)
    rig.tick(ask(EN, True))
    if how == "bad":
        rig.lose("io.alarm")
    elif how == "never":
        del rig.readings["io.alarm"]
    elif how == "old":
        rig.freeze("io.alarm", 1.0)
        assert rig.value(EN, ask(EN, True), after=30.0) is True
    else:
        rig.see("io.alarm", "open circuit")
    assert rig.value(EN, ask(EN, True)) is not trips


def test_it_stays_tripped_for_its_hold_time():
    rig = rig_with(trip(hold=60.0))
    rig.see("io.alarm", True)
    rig.tick(ask(EN, True))
    rig.see("io.alarm", False)
    assert rig.value(EN, ask(EN, True), after=59.0) is False
    assert "stays tripped 1 s more" in rig.decisions[EN].reason
    assert rig.value(EN, ask(EN, True), after=1.0) is True
    assert rig.value(EN, ask(EN, True), after=1.0) is True


def test_a_hold_time_from_the_future_is_counted_from_now():
    rig = rig_with(trip(hold=60.0))
    rig.now = 9000.0
    rig.see("io.alarm", True)
    rig.tick(ask(EN, True))
    rig.now = 0.0  # the site's elapsed clock was lost and starts anew
    rig.see("io.alarm", False)
    assert rig.value(EN, ask(EN, True)) is False
    assert rig.value(EN, ask(EN, True), after=60.0) is True


def test_only_when_limits_it_to_commands_of_that_value():
    point = number("p.x")
    rig = Rig(points=[point], interlocks=[trip(point=point.id, value=10.0, only_when=50.0)])
    rig.see("io.alarm", True)
    assert rig.value(point.id, ask(point.id, 50.0)) == 10.0
    assert rig.value(point.id, ask(point.id, 40.0)) == 40.0
    assert rig.value(point.id, heard=["sequence"]) is None


def test_it_takes_a_point_that_nobody_claims():
    rig = rig_with(trip(value=True))
    rig.see("io.alarm", True)
    decision = rig.tick()[EN]
    assert decision.value is True
    assert decision.reason.startswith("on instead of released: alarm")


@pytest.mark.parametrize("beats", [True, False])
@pytest.mark.parametrize("priority", [1, 2])
def test_each_says_whether_it_beats_life_safety(priority, beats):
    rig = rig_with(trip(beats_life_safety=beats))
    rig.see("io.alarm", True)
    assert rig.value(EN, ask(EN, True, priority)) is not beats


@pytest.mark.parametrize("beats", [True, False])
def test_life_safety_bounds_hold_against_those_that_do_not_beat_it(beats):
    rig = rig_with(trip(beats_life_safety=beats))
    rig.see("io.alarm", True)
    smoke = ask(EN, None, 2, "smoke", low=1)
    assert rig.value(EN, ask(EN, True), smoke) is not beats


def test_it_goes_past_engineering_limits_since_its_value_is_declared():
    point = number("p.x", limits=Limits(high=50.0, raise_rate=1.0))
    rig = Rig(points=[point], interlocks=[trip(point=point.id, value=60.0)])
    rig.see("io.alarm", False)
    rig.tick(ask(point.id, 10.0))
    rig.see("io.alarm", True)
    assert rig.value(point.id, ask(point.id, 10.0)) == 60.0


@pytest.mark.parametrize(("safe_end", "value"), [(SafeEnd.LOW, False), (SafeEnd.HIGH, True), (None, False)])
def test_of_two_tripped_ones_the_safe_end_wins(safe_end, value):
    pair = [trip(id="a", value=True), trip(id="b", value=False)]
    for interlocks in (pair, pair[::-1]):
        rig = rig_with(*interlocks, safe_end=safe_end)
        rig.see("io.alarm", True)
        assert rig.value(EN, ask(EN, True)) is value


def test_one_that_beats_life_safety_comes_before_one_that_does_not():
    rig = rig_with(trip(id="a", value=False), trip(id="b", value=True, beats_life_safety=True))
    rig.see("io.alarm", True)
    assert rig.value(EN, ask(EN, True)) is True


def test_names_go_by_name():
    point = number("p.x")
    pair = [trip(id="b", point=point.id, value="b"), trip(id="a", point=point.id, value="a")]
    rig = Rig(points=[point], interlocks=pair)
    rig.see("io.alarm", True)
    assert rig.value(point.id) == "a"


def test_one_for_a_point_of_another_area_is_not_ours():
    assert Rig(points=[switch(EN)], interlocks=[trip(point="far.enable")]).value(EN) is None


def test_uncertain_readings_count():
    rig = rig_with(trip())
    rig.see("io.alarm", True, Quality.UNCERTAIN)
    assert rig.value(EN, ask(EN, True)) is False


# --- maintenance lock-out


def locked(*equipment, interlocks=(), points=()):
    rig = Rig(equipment, points, interlocks)
    rig.locked_out = frozenset(one.id for one in equipment)
    return rig


def test_a_locked_out_machine_is_off_whoever_wants_it_on():
    rig = locked(machine("ch1"), interlocks=[trip(value=True, beats_life_safety=True)])
    rig.see("io.alarm", True)
    rig.see("ch1.status", True)
    for priority in (1, 2, 5, 8, 15):
        decision = rig.tick(ask(EN, True, priority))[EN]
        assert decision.value is False
        assert decision.limited_by[-1].stage is Stage.LOCK_OUT
        assert "ch1 is locked out for maintenance" in decision.reason


def test_nobody_asking_a_locked_out_machine_stays_released():
    assert locked(machine("ch1")).value(EN) is None


def test_other_points_of_a_locked_out_machine_are_left_alone():
    lamp = Equipment(
        id="aisle",
        kind="lamp_group",
        area="plant",
        roles={"lamp_switch": "l.on", "lamp_level": "l.level", "presence": "l.radar"},
    )
    rig = locked(lamp, points=[switch("l.on"), number("l.level"), number("other.level")])
    decisions = rig.tick(ask("l.on", True), ask("l.level", 80.0), ask("other.level", 10.0))
    assert [decisions[point].value for point in ("l.on", "l.level", "other.level")] == [False, None, 10.0]


def test_a_point_that_is_started_by_one_role_and_read_by_another_is_held_off():
    twin = Equipment(id="fan", kind="fan", area="plant", roles={"enable": "f.on", "lamp_level": "f.on"})
    rig = locked(twin, points=[switch("f.on")])
    assert rig.value("f.on", ask("f.on", True)) is False


def test_a_locked_out_name_that_is_unknown_here_changes_nothing():
    rig = Rig(points=[switch(EN)])
    rig.locked_out = frozenset({"chiller_of_another_area"})
    assert rig.value(EN, ask(EN, True)) is True
