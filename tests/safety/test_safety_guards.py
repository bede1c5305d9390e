"""The equipment guards, one at a time: what a machine is spared, and what people are told meanwhile."""

import pytest

from agent.core.command import Priority
from agent.core.decision import Stage
from agent.core.point import Access, Point, SafeEnd, ValueKind
from agent.core.reading import Quality
from agent.safety.wording import lasting
from tests.safety.rig import Rig, aged, ask, machine, number, sensor, switch, trip

EN = "ch1.enable"


def on(point=EN, **how):
    return ask(point, True, **how)


def off(point=EN, **how):
    return ask(point, False, **how)


def limitation(rig, point=EN):
    return rig.decisions[point].limited_by[-1]


def test_unknown_history_counts_as_just_stopped():
    rig = Rig([machine("ch1", minimum_off=300)])
    rig.see("ch1.status", False)
    decision = rig.tick(on(reason="load"), after=100.0)[EN]
    assert decision.value is False
    assert limitation(rig).stage is Stage.GUARD
    assert limitation(rig).by == "minimum_off"
    assert decision.reason == (
        "off instead of on: starts in 5 min: minimum off 5 min; wanted by sequence (priority 15): load"
    )
    assert rig.value(EN, on(), after=100.0) is False
    assert limitation(rig).reason == "starts in 3 min 20 s: minimum off 5 min"
    rig.tick(on(), after=100.0)
    assert rig.value(EN, on(), after=99.0) is False
    assert rig.value(EN, on(), after=1.0) is True


def test_minimum_on_counts_from_the_proven_start():
    rig = aged(machine("ch1", minimum_on=300))
    assert rig.value(EN, on()) is True
    rig.tick(on(), after=60.0)
    rig.see("ch1.status", True)
    rig.tick(on(), after=60.0)  # proven two minutes after the command
    assert rig.value(EN, off(), after=100.0) is True
    assert limitation(rig).reason == "may stop in 3 min 20 s: minimum on 5 min"
    rig.tick(off(), after=100.0)
    assert rig.value(EN, off(), after=100.0) is False


def test_a_start_that_is_never_proven_may_be_given_up_after_the_minimum_on():
    rig = aged(machine("ch1", minimum_on=300))
    rig.tick(on())
    for _ in range(2):
        assert rig.value(EN, off(), after=100.0) is True
    assert rig.value(EN, off(), after=100.0) is False


def test_a_stop_assumed_in_the_tick_of_the_start_does_not_excuse_the_next():
    rig = Rig([machine("ch1", minimum_on=300)])
    rig.see("ch1.status", False)
    rig.tick(on())  # seen for the first time: it counts as just stopped, and is started
    assert rig.value(EN, off()) is True


def test_a_machine_that_stopped_by_itself_may_be_switched_off():
    rig = aged(machine("ch1", minimum_on=300))
    rig.tick(on())
    rig.see("ch1.status", True)
    rig.tick(on())
    rig.see("ch1.status", False)
    assert rig.value(EN, off()) is False


def test_without_feedback_the_timers_run_on_the_decided_value():
    rig = aged(machine("ch1", status=False, minimum_on=60, minimum_off=60))
    assert rig.value(EN, on()) is True
    assert rig.value(EN, off(), after=59.0) is True
    assert rig.value(EN, off(), after=1.0) is False
    assert rig.value(EN, on(), after=59.0) is False
    assert rig.value(EN, on(), after=1.0) is True


def test_start_to_start():
    rig = aged(machine("ch1", status=False, start_to_start=100))
    rig.tick(on())
    rig.tick(off())
    assert rig.value(EN, on(), after=98.0) is False
    assert limitation(rig).reason == "starts in 1 s: start to start 1 min 40 s"
    assert rig.value(EN, on(), after=1.0) is True


def test_starts_per_hour_slide():
    rig = aged(machine("ch1", status=False, starts_per_hour=2))
    first = rig.now + 1
    for _ in range(2):
        assert rig.value(EN, on()) is True
        rig.tick(off())
    assert rig.value(EN, on()) is False
    assert limitation(rig).by == "starts_per_hour"
    assert limitation(rig).reason == "starts in 59 min 56 s: no more than 2 starts an hour"
    while rig.now < first + 3599:
        assert rig.value(EN, on(), after=min(100.0, first + 3599 - rig.now)) is False
    assert rig.value(EN, on()) is True


def test_starts_beyond_the_quota_made_by_others_count_from_the_latest_allowed():
    rig = aged(machine("ch1", starts_per_hour=1))
    for status in (True, False, True, False):
        rig.see("ch1.status", status)
        rig.tick(off(), after=100.0)
    second = rig.now - 100.0
    while rig.now < second + 3599:
        assert rig.value(EN, on(), after=min(100.0, second + 3599 - rig.now)) is False
        left = lasting(second + 3600 - rig.now)
        assert limitation(rig).reason == f"starts in {left}: no more than 1 starts an hour"
    assert rig.value(EN, on()) is True


def test_a_quota_below_one_counts_as_one():
    rig = aged(machine("ch1", status=False, starts_per_hour=0))
    assert rig.value(EN, on()) is True


def test_starts_at_the_machines_own_panel_count():
    rig = aged(machine("ch1", starts_per_hour=1))
    rig.see("ch1.status", True)
    rig.tick(off())
    rig.see("ch1.status", False)
    rig.tick(off())
    assert rig.value(EN, on()) is False
    assert limitation(rig).by == "starts_per_hour"


def test_our_own_start_is_counted_once_though_commanded_and_proven():
    rig = aged(machine("ch1", starts_per_hour=2))
    rig.tick(on())
    rig.see("ch1.status", True)
    rig.tick(on())
    rig.tick(off())
    rig.see("ch1.status", False)
    rig.tick(off())
    assert rig.value(EN, on()) is True


def test_of_several_guards_the_longest_is_named():
    rig = Rig([machine("ch1", status=False, minimum_off=60, start_to_start=600)])
    rig.tick(on())
    assert limitation(rig).by == "start_to_start"


def test_missing_feedback_counts_as_just_stopped_for_a_start():
    rig = aged(machine("ch1", minimum_off=10))
    rig.lose("ch1.status")
    assert rig.value(EN, on()) is False
    assert "run feedback" in limitation(rig).reason
    rig.see("ch1.status", False)
    assert rig.value(EN, on()) is True  # a short gap leaves the history standing
    rig.tick(off())
    assert rig.value(EN, on(), after=1000.0) is False  # unseen for long: it may have run meanwhile
    assert limitation(rig).by == "minimum_off"


def test_a_machine_unseen_for_long_counts_as_just_stopped_when_it_is_seen_again():
    rig = aged(machine("ch1", minimum_off=10))
    rig.lose("ch1.status")
    for _ in range(4):
        rig.tick(off(), after=40.0)
    rig.see("ch1.status", False)
    assert rig.value(EN, on()) is False
    assert limitation(rig).reason == "starts in 10 s: minimum off 10 s"


def test_missing_feedback_hinders_nothing_where_no_timer_is_set():
    rig = aged(machine("ch1"))
    rig.lose("ch1.status")
    assert rig.value(EN, on()) is True


@pytest.mark.parametrize("nonsense", ["running", float("nan")])
def test_nonsense_is_no_feedback(nonsense):
    rig = aged(machine("ch1", minimum_off=10))
    rig.see("ch1.status", nonsense)
    assert rig.value(EN, on()) is False


def test_a_feedback_may_be_a_number():
    rig = aged(machine("ch1", minimum_on=10))
    rig.see("ch1.status", 1)
    rig.tick(on())
    assert rig.value(EN, off()) is True


def test_an_old_reading_is_no_feedback():
    rig = aged(machine("ch1", minimum_off=10))
    rig.freeze("ch1.status", False)
    assert rig.value(EN, on(), after=121.0) is False


FLOW = sensor("io.flow", ValueKind.SWITCH)


def chiller_with_flow(**more):
    return aged(machine("ch1", proof_of_flow="io.flow", minimum_on=300, **more), points=[FLOW])


def test_no_start_before_flow_is_proven():
    rig = chiller_with_flow()
    assert rig.value(EN, on()) is False
    assert limitation(rig).reason == "starts when flow is proven: io.flow shows nothing"
    rig.see("io.flow", False)
    rig.tick(on())
    assert limitation(rig).reason == "starts when flow is proven: io.flow shows no flow"
    rig.see("io.flow", True)
    assert rig.value(EN, on()) is True


def test_lost_flow_stops_the_machine_whatever_its_minimum_on():
    rig = chiller_with_flow()
    rig.see("io.flow", True)
    rig.tick(on())
    rig.see("io.flow", False)
    assert rig.value(EN, on()) is False
    assert limitation(rig).reason == "stopped: io.flow shows that flow is lost"


def test_without_flow_nothing_holds_a_machine_on_that_wants_to_stop():
    rig = chiller_with_flow()
    rig.see("io.flow", True)
    rig.tick(on())
    assert rig.value(EN, off()) is True  # minimum on
    rig.see("io.flow", False)
    assert rig.value(EN, off()) is False


def test_flow_that_cannot_be_read_stops_the_machine_after_a_grace():
    rig = chiller_with_flow()
    rig.see("io.flow", True)
    rig.tick(on())
    rig.lose("io.flow")
    assert rig.value(EN, on(), after=10.0) is True
    assert rig.value(EN, on(), after=0.1) is False
    assert limitation(rig).reason == "stopped: io.flow has shown nothing for over 10 s"


def test_a_machine_out_of_reach_is_not_judged_by_flow_that_nobody_sees():
    rig = chiller_with_flow()
    rig.see("ch1.status", True)
    rig.see("io.flow", True)
    rig.tick(on())
    for point in ("io.flow", "ch1.status", EN):  # the whole line is cut: it could not be told to stop either
        rig.lose(point)
    assert rig.value(EN, on(), after=900.0) is True
    rig.see("ch1.status", True)  # it is back before the flow switch: the grace begins
    assert rig.value(EN, on(), after=10.0) is True
    assert rig.value(EN, on(), after=0.1) is False
    rig = chiller_with_flow()
    rig.see("io.flow", True)
    rig.tick(on())
    rig.see("io.flow", False)  # seen to be lost is another thing
    rig.lose("ch1.status")
    assert rig.value(EN, on(), after=5.0) is False


def test_flow_may_be_a_measurement():
    rig = chiller_with_flow(flow_minimum=20.0)
    rig.see("io.flow", 20.0)
    assert rig.value(EN, on()) is False
    rig.see("io.flow", 20.1)
    assert rig.value(EN, on()) is True


@pytest.mark.parametrize(
    ("priority", "safe_end", "wanted", "passes"),
    [
        (Priority.MANUAL_LIFE_SAFETY, None, True, True),
        (Priority.AUTOMATIC_LIFE_SAFETY, None, True, True),
        (Priority.CRITICAL_SERVICE, SafeEnd.HIGH, True, True),
        (Priority.CRITICAL_SERVICE, SafeEnd.LOW, True, False),
        (Priority.CRITICAL_SERVICE, None, True, False),
        (Priority.OPERATOR, SafeEnd.HIGH, True, False),
    ],
)
def test_who_passes_the_guards(priority, safe_end, wanted, passes):
    rig = Rig([machine("ch1", minimum_off=300)], [switch(EN, safe_end=safe_end)])
    rig.see("ch1.status", False)
    assert rig.value(EN, ask(EN, wanted, priority)) is (wanted if passes else not wanted)


def test_a_life_safety_bound_passes_the_guards_though_the_schedule_won():
    rig = Rig([machine("ch1", minimum_off=300)])
    rig.see("ch1.status", False)
    smoke = ask(EN, None, 2, "smoke", low=1)
    assert rig.value(EN, on(), smoke) is True


def test_a_stop_by_an_interlock_starts_the_minimum_off():
    rig = aged(machine("ch1", minimum_off=300, minimum_on=300), interlocks=[trip()])
    rig.see("io.alarm", False)
    rig.tick(on())
    rig.see("io.alarm", True)
    assert rig.value(EN, on()) is False
    rig.see("io.alarm", False)
    assert rig.value(EN, on()) is False
    assert limitation(rig).by == "minimum_off"


def test_a_machine_that_appears_in_the_configuration_counts_as_just_stopped():
    rig = Rig([machine("ch1", status=False, minimum_off=10)])
    rig.state = Rig().state
    assert rig.value(EN, on()) is None


def test_a_history_from_the_future_counts_as_just_stopped_and_holds_no_longer_than_that():
    rig = aged(machine("ch1", minimum_off=300))
    rig.tick(on())
    rig.tick(off())
    rig.now = 0.0  # the site's elapsed clock was lost and starts anew
    assert rig.value(EN, on()) is False
    assert limitation(rig).reason == "starts in 5 min: minimum off 5 min"
    rig.tick(off(), after=100.0)
    rig.tick(off(), after=100.0)
    assert rig.value(EN, on(), after=100.0) is True


def test_equipment_without_a_command_of_ours_is_not_guarded():
    read_only = Point(id="ch1.enable", kind=ValueKind.SWITCH, access=Access.READ)
    rig = Rig([machine("ch1", minimum_off=300)], [read_only])
    assert rig.tick() == {}
    assert rig.state.guards == {}


def test_a_command_that_is_no_switch_is_not_guarded():
    rig = Rig([machine("ch1", minimum_off=300)], [number(EN)])
    assert rig.value(EN, ask(EN, 0.0)) == 0.0
    assert rig.state.guards == {}


def test_two_machines_on_one_switch_are_both_spared():
    both = (
        machine("ch1", status=False, minimum_off=10, enable="io.relay"),
        machine("ch2", status=False, minimum_off=50, enable="io.relay"),
    )
    rig = Rig(both)
    rig.see("io.relay", False)
    assert rig.value("io.relay", on("io.relay"), after=20.0) is False
    assert rig.value("io.relay", on("io.relay"), after=30.0) is False
    assert rig.value("io.relay", on("io.relay"), after=30.0) is True


def test_uncertain_feedback_is_feedback():
    rig = aged(machine("ch1", minimum_off=10))
    rig.see("ch1.status", False, Quality.UNCERTAIN)
    assert rig.value(EN, on()) is True
